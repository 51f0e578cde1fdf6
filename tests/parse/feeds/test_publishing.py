"""What feeds say of themselves."""

from __future__ import annotations

import pytest

from harvester.parse.feeds.feed import read_feed

FEED = """<?xml version="1.0"?><rss version="2.0"
xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>Le Phare</title>%s
<item><title>Le bac</title><link>https://phare.example/bac</link></item></channel></rss>"""
URL = "https://phare.example/feed"


@pytest.mark.parametrize(
    ("stated", "interval"),
    [
        ("", (0.0, "")),
        ("<ttl>60</ttl>", (3600.0, "ttl 60")),
        ("<ttl> 5\n</ttl>", (300.0, "ttl 5")),
        ("<ttl>an hour</ttl>", (0.0, "")),
        ("<ttl>-5</ttl>", (0.0, "")),
        ("<ttl>%s</ttl>" % ("9" * 5000), (0.0, "")),
        (
            "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>"
            "<sy:updateFrequency>\n1</sy:updateFrequency>",
            (3600.0, "updated hourly"),
        ),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod>"
            "<sy:updateFrequency>4</sy:updateFrequency>",
            (21_600.0, "updated 4 daily"),
        ),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", (86_400.0, "updated daily")),
        ("<sy:updatePeriod>often</sy:updatePeriod>", (0.0, "")),
        (
            "<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>",
            (3600.0, "updated hourly"),
        ),
    ],
)
def test_how_often_a_feed_wants_to_be_polled(
    stated: str, interval: tuple[float, str]
) -> None:
    feed = read_feed((FEED % stated).encode(), "application/rss+xml", URL)
    assert (feed.interval, feed.interval_words) == interval


@pytest.mark.parametrize(
    ("stated", "new_url"),
    [
        ("https://news.phare.example/rss", "https://news.phare.example/rss"),
        ("/rss", "https://phare.example/rss"),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_where_a_feed_says_that_it_has_moved(stated: str, new_url: str) -> None:
    element = f"<itunes:new-feed-url>{stated}</itunes:new-feed-url>"
    feed = read_feed((FEED % element).encode(), "application/rss+xml", URL)
    assert feed.new_url == new_url
