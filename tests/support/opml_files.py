"""OPML as ten feed readers write it, with invented subscriptions.

Each has the same four feeds: two of the Courier in a folder, one of the Lantern in a
folder, and one of a blog beside the folders.
"""

from __future__ import annotations

from collections.abc import Mapping

COURIER = "https://www.courier.example/"
FEEDS = (
    "https://www.courier.example/rss/all.xml",
    "https://www.courier.example/rss/sport.xml?a=1&b=2",
    "https://lantern.example/feed/",
    "https://anna.blogspot.com/feeds/posts/default",
)
A, B, C, D = (feed.replace("&", "&amp;") for feed in FEEDS)

READERS: Mapping[str, str] = {
    "FreshRSS": f"""<?xml version="1.0" encoding="UTF-8"?>
<opml xmlns:frss="https://freshrss.org/opml" version="2.0">
  <head><title>FreshRSS</title><dateCreated>Sat, 06 Sep 2025 08:00:00</dateCreated></head>
  <body>
    <outline text="News">
      <outline text="The Courier" type="rss" xmlUrl="{A}" htmlUrl="{COURIER}" description="All &amp; more" frss:priority="important" frss:cssFullContent=".text"/>
      <outline text="The Courier – Sport" type="rss" xmlUrl="{B}" htmlUrl="{COURIER}sport"/>
    </outline>
    <outline text="Local"><outline text="Lantern" type="HTML+XPath" frss:xPathItem="//a" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
    <outline text="Anna's blog" type="rss" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
  </body>
</opml>""",
    "Miniflux": f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Miniflux</title></head><body>
<outline text="News">
<outline title="The Courier" text="The Courier" xmlUrl="{A}" htmlUrl="{COURIER}" type="rss"></outline>
<outline title="The Courier – Sport" text="The Courier – Sport" xmlUrl="{B}" htmlUrl="{COURIER}" type="rss"></outline>
</outline>
<outline text="Local"><outline title="Lantern" text="Lantern" xmlUrl="{C}" htmlUrl="https://lantern.example/" type="rss"></outline></outline>
<outline title="Anna's blog" text="Anna's blog" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/" type="rss"></outline>
</body></opml>""",
    "Tiny Tiny RSS": f"""<?xml version="1.0" encoding="utf-8"?><opml version="1.0"><head><dateCreated>x</dateCreated><title>Tiny Tiny RSS Feed Export</title></head><body>
<outline text="News" ttrssSortOrder="1"><outline type="rss" text="The Courier" xmlUrl="{A}" ttrssSortOrder="0" ttrssPurgeInterval="0" htmlUrl="{COURIER}"/><outline type="rss" text="The Courier – Sport" xmlUrl="{B}" htmlUrl="{COURIER}"/></outline>
<outline text="Local"><outline type="rss" text="Lantern" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
<outline type="rss" text="Anna's blog" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
<outline text="tt-rss-prefs" schema-version="146"><outline pref-name="BLACKLISTED_TAGS" value="main"/></outline>
<outline text="tt-rss-filters" schema-version="146"><outline filter-type="2"><![CDATA[{{"enabled":true}}]]></outline></outline></body></opml>""",
    "Inoreader": f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Subscriptions from Inoreader [https://www.inoreader.com]</title></head><body>
<outline text="News" title="News">
  <outline text="The Courier" title="The Courier" type="rss" xmlUrl="{A}" htmlUrl="{COURIER}"/>
  <outline text="The Courier – Sport" title="The Courier – Sport" type="rss" xmlUrl="{B}" htmlUrl="{COURIER}"/>
</outline>
<outline text="Local" title="Local"><outline text="Lantern" title="Lantern" type="rss" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
<outline text="Anna's blog" title="Anna's blog" type="rss" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
</body></opml>""",
    "Feedly": f"""<?xml version="1.0" encoding="UTF-8"?>

<opml version="1.0">
    <head><title>Someone subscriptions in feedly Cloud</title></head>
    <body>
        <outline text="News" title="News">
            <outline type="rss" text="The Courier" title="The Courier" xmlUrl="{A}" htmlUrl="{COURIER}"/>
            <outline type="rss" text="The Courier – Sport" title="The Courier – Sport" xmlUrl="{B}" htmlUrl="{COURIER}"/>
        </outline>
        <outline text="Local" title="Local"><outline type="rss" text="Lantern" title="Lantern" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
        <outline text="Blogs" title="Blogs"><outline type="rss" text="Anna's blog" title="Anna's blog" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
            <outline type="rss" text="The Courier" title="The Courier" xmlUrl="{A}" htmlUrl="{COURIER}"/></outline>
    </body>
</opml>""",
    "NewsBlur": f"""<?xml version='1.0' encoding='utf-8'?>
<opml version="1.1"><head><title>NewsBlur Feeds</title><dateCreated>2025-09-06 08:00:00</dateCreated></head><body>
<outline text="News" title="News"><outline htmlUrl="{COURIER}" text="The Courier" title="The Courier" type="rss" version="RSS" xmlUrl="{A}"/><outline htmlUrl="{COURIER}" text="The Courier – Sport" title="The Courier – Sport" type="rss" version="RSS" xmlUrl="{B}"/></outline>
<outline text="Local" title="Local"><outline htmlUrl="https://lantern.example/" text="Lantern" title="Lantern" type="rss" version="RSS" xmlUrl="{C}"/></outline>
<outline htmlUrl="https://anna.blogspot.com/" text="Anna's blog" title="Anna's blog" type="rss" version="RSS" xmlUrl="{D}"/></body></opml>""",
    "Thunderbird": f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0" xmlns:fz="urn:forumzilla:">
  <head><title>Thunderbird OPML Export - Feeds</title></head>
  <body>
    <outline title="News">
      <outline title="The Courier">
        <outline type="rss" title="The Courier" text="The Courier" version="RSS" fz:quickMode="false" fz:options='{{"version":2}}' xmlUrl="{A}" htmlUrl="{COURIER}"/>
      </outline>
      <outline title="Sport"><outline type="rss" title="The Courier – Sport" text="The Courier – Sport" version="RSS" xmlUrl="{B}" htmlUrl="{COURIER}"/></outline>
    </outline>
    <outline title="Local"><outline type="rss" title="Lantern" text="Lantern" version="RSS" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
    <outline type="rss" title="Anna's blog" text="Anna's blog" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
  </body>
</opml>""",
    "NetNewsWire": f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- OPML generated by NetNewsWire -->
<opml version="1.1">
	<head>
		<title>Subscriptions-iCloud.opml</title>
	</head>
<body>
	<outline text="News" title="News">
		<outline text="The Courier" title="The Courier" description="" type="rss" version="RSS" htmlUrl="{COURIER}" xmlUrl="{A}"/>
		<outline text="The Courier – Sport" title="The Courier – Sport" description="" type="rss" version="RSS" htmlUrl="{COURIER}" xmlUrl="{B}"/>
	</outline>
	<outline text="Local" title="Local"><outline text="Lantern" title="Lantern" type="rss" htmlUrl="https://lantern.example/" xmlUrl="{C}"/></outline>
	<outline text="Anna's blog" title="Anna's blog" description="" type="rss" version="RSS" htmlUrl="https://anna.blogspot.com/" xmlUrl="{D}"/>
	</body>
</opml>""",
    "Liferea": f"""<?xml version="1.0"?>
<opml version="1.0">
  <head><title>Liferea Feed List Export</title></head>
  <body>
    <outline title="News" text="News" description="News" type="folder">
      <outline title="The Courier" text="The Courier" description="The Courier" type="rss" sortColumn="time" xmlUrl="{A}" htmlUrl="{COURIER}" updateInterval="-1" collapsed="true"/>
      <outline title="The Courier – Sport" text="The Courier – Sport" type="rss" xmlUrl="{B}" htmlUrl="{COURIER}"/>
    </outline>
    <outline title="Local" type="folder"><outline title="Lantern" type="atom" xmlUrl="{C}" htmlUrl="https://lantern.example/"/></outline>
    <outline title="Anna's blog" type="atom" xmlUrl="{D}" htmlUrl="https://anna.blogspot.com/"/>
    <outline title="Unread" type="vfolder"><outline type="rule" text="exact"/></outline>
  </body>
</opml>""",
    # Newsboat knows no folders, and no addresses of sites.
    "Newsboat": f"""<?xml version="1.0"?>
<opml version="1.0">
  <head>
    <title>newsboat - Exported Feeds</title>
  </head>
  <body>
    <outline type="rss" xmlUrl="{A}" title="The Courier"/>
    <outline type="rss" xmlUrl="{B}" title="The Courier – Sport"/>
    <outline type="rss" xmlUrl="{C}" title="Lantern"/>
    <outline type="rss" xmlUrl="{D}" title="Anna's blog"/>
  </body>
</opml>""",
}
