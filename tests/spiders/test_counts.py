"""Every entry of a crawl is counted once, whoever answered for it."""

from __future__ import annotations

import json
from collections import Counter

from harvester.model import Outcome
from tests.support.crawl_harness import CrawlHarness, Site

OUTCOMES = {outcome.value for outcome in Outcome}
TEXT = "Le bac de midi et demi ne part pas, dit la capitainerie du port."


def test_the_outcomes_of_a_crawl_are_those_of_its_entries(
    harness: CrawlHarness, site: Site
) -> None:
    one, two = site.article("/one", "Un"), site.article("/two", "Deux")
    for path in ("/one?utm_source=rss", "/one/", "/two?utm_medium=feed"):
        site.paths[path] = site.canned_response(path[:4])
    missing = site.url("/missing")
    links = [
        *(one, f"{one}?utm_source=rss", f"{one}/"),  # one article
        *(two, f"{two}?utm_medium=feed", two),  # another one
        *(missing, f"{missing}?utm_source=rss"),  # one that is not there
        *(site.url("/"), "ftp://files.example/a"),  # what is not fetched
    ]
    site.feed("/feed", links)
    feed = site.canned_response("/feed")
    item = f"<item><guid>11</guid><description>{TEXT}</description></item>"
    feed.body = feed.body.replace(b"</channel>", f"{item}</channel>".encode())
    result = harness.once()
    counts = result.counts
    stored = Counter(
        outcome for (outcome,) in harness.rows("select outcome from entries")
    )
    assert sum(stored.values()) == 11
    assert {name: counts[name] for name in OUTCOMES if counts[name]} == dict(stored)
    assert (counts["new"], counts["refused"]) == (3, 2)
    assert counts["visits"] == counts["feeds"] + 11
    ((visits, row),) = harness.rows("select visits, counts from crawls")
    assert visits == counts["visits"]
    assert json.loads(row)["unchanged"] == counts["unchanged"] == 4


def test_what_is_known_is_not_counted_again(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [site.article("/one"), site.url("/")])
    harness.once()
    site.canned_response("/feed").body += b"<!-- another body -->"
    counts = harness.once("--force").counts
    assert counts["visits"] == 2  # the feed and the article, both asked again
    assert (counts["unchanged"], counts["refused"]) == (1, 0)
