"""A challenge page in place of a feed, a page or a stored article is ``blocked``."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.model import Capture
from tests.parse.kinds.test_challenge import CHALLENGES
from tests.support.observer import BUDGET, FEED, HTML, Observer, page

NOON = "2025-09-06T12:00:00Z"
LATER = "2025-09-08T12:00:00Z"


class Guarded(Observer):
    """A paper that shows challenge pages at some of its URLs."""

    guarded: frozenset[str] = frozenset()
    status = 200
    vendor = "Anubis"

    def _fetch(self, url: str, now: str) -> Capture:
        if url in self.guarded:
            return Capture(url, url, now, self.status, HTML, CHALLENGES[self.vendor])
        return super()._fetch(url, now)


@pytest.mark.parametrize("status", [200, 403, 404, 503])
@pytest.mark.parametrize("vendor", ["Anubis", "Cloudflare"])
def test_a_feed_behind_a_challenge(tmp_path: Path, status: int, vendor: str) -> None:
    paper = Guarded(tmp_path)
    paper.guarded, paper.status, paper.vendor = frozenset([FEED]), status, vendor
    paper.crawl(NOON)
    (feed,) = paper.rows("select outcome, reason from feeds")
    assert feed == {"outcome": "blocked", "reason": f"challenge page ({vendor})"}
    text = " ".join(paper.run("status").split())
    assert "challenges are never solved" in text and f"challenge page at {FEED}" in text
    assert "“harvester/" in text  # the User-Agent that the site is asked to exempt


@pytest.mark.parametrize("status", [200, 403, 404])
def test_an_article_behind_a_challenge_is_neither_edited_nor_removed(
    tmp_path: Path, status: int
) -> None:
    paper = Guarded(tmp_path)
    known = paper.put("/budget", page("A budget at last", BUDGET), "A budget at last")
    unseen = paper.put("/next", page("A budget at last", BUDGET), "Another one")
    paper.guarded, paper.status = frozenset([unseen]), status
    paper.crawl(NOON)
    (entry,) = paper.rows(
        "select outcome, reason, due from entries where title = 'Another one'"
    )
    assert entry["outcome"] == "blocked" and entry["due"] is not None
    assert entry["reason"] == "challenge page (Anubis)"
    paper.guarded = frozenset([known, unseen])
    for day in range(8, 20):
        paper.crawl(f"2025-09-{day:02}T12:00:00Z")
    (article,) = paper.rows("select state, versions, misses, outcome from articles")
    assert article == {
        "state": "live",
        "versions": 1,
        "misses": 0,
        "outcome": "blocked",
    }
    looks = paper.rows("select saw from looks where outcome = 'blocked'")
    assert looks and {row["saw"] for row in looks} == {"challenge page"}
    paper.check()


def test_a_full_text_in_the_feed_is_stored_all_the_same(tmp_path: Path) -> None:
    paper = Guarded(tmp_path)
    url = paper.put("/budget", page("A budget at last", BUDGET), "A budget at last")
    paper.guarded = frozenset([url])
    body = paper._feed_body().replace(
        b"</guid>",
        b"</guid><content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        + "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in BUDGET).encode()
        + b"</content:encoded>",
    )
    paper._feed_body = lambda: body  # type: ignore[method-assign]
    paper.crawl(NOON)
    assert paper.rows("select versions from articles") == [{"versions": 1}]
