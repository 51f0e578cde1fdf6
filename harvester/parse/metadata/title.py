"""The headline of a page, out of what it states as its title in several places. Pure.

Not for: what in a text is the headline and what the site's name (``headline``).
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata.headline import (
    SEPARATOR_CLASS,
    is_site_name,
    split_words,
    strip_likely_site_name,
    strip_site_name,
)
from harvester.parse.metadata.statements import PageMetadata

MAX_HEADINGS = 5
MIN_HEADING_LENGTH = 10  # characters: a heading of fewer says too little


def choose_title(
    metadata: PageMetadata,
    headings: list[HtmlElement],
    html_title: str,
    social_title: str,
    url: str,
) -> None:
    """Set ``title``, without the site's name where the page says elsewhere which part that is.

    ``headings``: the elements of the first rank; ``page``: what ``<title>`` says; ``social``: what is said for sharing.
    ``found.values`` gives ``headline`` (of the JSON-LD) and ``sites`` (names of the site).
    """
    shown = [
        text
        for one in headings[:MAX_HEADINGS]
        if (text := clean_line(one.text_content()))
    ]
    sites = metadata.values["sites"]
    head = metadata.values.pop("headline", "")
    if not set(split_words(head)) & set(
        split_words(f"{html_title} {social_title} {' '.join(shown)}")
    ):
        head = ""  # it says something else than the whole page: Wikipedia's JSON-LD names a description
    if not head:
        heading = _visible_title(shown, html_title, social_title, sites, url)
        cut = strip_site_name(social_title, sites, url)
        if (
            len(cut) > MIN_HEADING_LENGTH
            and len(cut) < len(heading)
            and cut.casefold() in heading.casefold()
        ):
            heading = (
                ""  # a kicker, a site's name or a counter stands in the heading too
            )
        metadata.add("title", heading, "text")
    for text, source in ((head, "json-ld"), (social_title, "meta")):
        if not text:
            continue
        cut = strip_site_name(text, sites, url)
        for heading in shown:  # "Headline - Site" where a heading says just "Headline"
            if (
                len(heading) > 10
                and cut.startswith(heading)
                and re.match(rf"\s*{SEPARATOR_CLASS}", cut[len(heading) :])
            ):
                cut = heading
        if not is_site_name(cut, sites, url):
            metadata.add("title", cut, source)
    short = strip_site_name(html_title, sites, url)
    for heading in shown:
        if (
            html_title.startswith(heading)
            and (len(heading) > 10 or len(shown) == 1)
            and not is_site_name(heading, sites, url)
        ):
            metadata.add("title", heading, "text")
    if (
        shown
        and (len(shown) == 1 or shown[0] in html_title)
        and not is_site_name(shown[0], sites, url)
    ):
        if (
            not short or shown[0] not in html_title[len(short) :]
        ):  # else it is the name of the site, cut off
            metadata.add("title", shown[0], "text")
    metadata.add("title", strip_likely_site_name(short), "title")
    for text, source in (
        (shown[0] if shown else "", "text"),
        (social_title, "meta"),
        (head, "json-ld"),
    ):
        metadata.add("title", text, source)


def _visible_title(
    headings: list[str],
    html_title: str,
    social_title: str,
    site_names: list[str],
    url: str,
) -> str:
    """The heading that shares half of its words with what is stated as title: what readers saw, before what was made
    for search engines and sharing. "" where there is none."""
    told = set(split_words(f"{html_title} {social_title}"))
    best, most = "", 0.5
    for heading in headings:
        if (
            len(html_title) > len(heading) + 3
            and html_title.endswith(heading)
            and heading not in social_title
        ):
            continue  # the name of the site stands there
        own = set(split_words(heading))
        share = len(own & told) / max(len(own), 1)
        if (
            share > most
            and len(heading) > MIN_HEADING_LENGTH
            and not is_site_name(heading, site_names, url)
        ):
            best, most = heading, share
    return best


def find_html_title(elements: list[HtmlElement]) -> str:
    """What ``<title>`` says; not that of a drawing."""
    for one in elements:
        parent = one.getparent()
        if parent is None or parent.tag != "svg":
            return html_to_text(one.text_content())
    return ""
