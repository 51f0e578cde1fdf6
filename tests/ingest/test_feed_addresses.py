"""Where a feed is asked after each poll."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.archive.records.feeds import FeedRow
from harvester.archive.records.record_sql import column_values
from harvester.ingest import feed_addresses
from harvester.model import Capture, Redirect

OWN, NEW, OTHER = (
    "https://paper.example/feed",
    "https://news.example/rss",
    "https://third.example/rss",
)
NOW = "2025-09-06T06:12:45Z"
FEED = FeedRow(
    url=OWN,
    outlet="paper",
    active=1,
    sha256="",
    read_at=None,
    listed=None,
    failures=0,
    reason="",
    since=NOW,
    moved_to="",
    moved_polls=0,
    gone_polls=0,
    wished_seconds=0.0,
    rhythm="{}",
)


def _capture(asked: str, *hops: tuple[int, str]) -> Capture:
    """The capture of a request with these redirects: (status, URL that it leads to)."""
    redirects, url = [], asked
    for status, target in hops:
        redirects.append(Redirect(url, status, target))
        url = target
    return Capture(asked, url, NOW, 200, redirects=tuple(redirects))


@pytest.mark.parametrize(
    ("hops", "target"),
    [
        ((), ""),
        (((301, NEW),), NEW),
        (((308, NEW),), NEW),
        (((302, NEW),), ""),
        (((301, NEW), (302, OTHER)), NEW),
        (((302, NEW), (301, OTHER)), ""),
        (((301, NEW), (301, OTHER)), OTHER),
        (((200, NEW),), ""),  # a page's refresh
    ],
)
def test_only_permanent_redirects_lead_for_good(
    hops: tuple[tuple[int, str], ...], target: str
) -> None:
    assert feed_addresses.permanent_target(_capture(OWN, *hops)) == target


class _Feed:
    """A feed over several polls."""

    def __init__(self) -> None:
        self.row, self.asked, self.requests = FEED, OWN, list[str]()

    def poll(self, *hops: tuple[int, str], named: str = "", fails: bool = False) -> str:
        """Poll it; returns where it is asked next."""
        self.requests.append(self.asked)
        if fails:
            update = feed_addresses.address_after_failure(self.row, self.asked)
        else:
            capture = _capture(self.asked, *hops)
            update = feed_addresses.address_after_reading(
                self.row, self.asked, capture, named, NOW
            )
        values = column_values(update)
        self.asked = values.pop("asked", "" if self.asked == OWN else self.asked) or OWN
        values.pop("site", None)
        values.pop("moved_since", None)
        self.row = replace(self.row, **values)
        return self.asked


def test_a_new_url_is_believed_after_three_polls_in_a_row() -> None:
    feed = _Feed()
    assert [feed.poll((301, NEW)) for _ in range(3)] == [OWN, OWN, NEW]
    feed = _Feed()
    answers = [((301, NEW),), ((301, NEW),), (), ((301, NEW),), ((301, NEW),)]
    assert [feed.poll(*hops) for hops in answers] == [OWN] * 5
    assert feed.poll((301, NEW)) == NEW


def test_so_is_one_that_the_feed_names() -> None:
    feed = _Feed()
    assert [feed.poll(named=NEW) for _ in range(3)] == [OWN, OWN, NEW]
    assert feed.poll(named=NEW) == NEW  # as it still says there


def test_its_own_url_is_asked_now_and_then_and_believed_if_it_answers_itself() -> None:
    feed = _Feed()
    for _ in range(60):
        feed.poll(*(((301, NEW),) if feed.asked == OWN else ()))
    later = feed.requests[3:]
    assert 2 <= later.count(OWN) <= 3 and later.count(NEW) > 50
    while feed.asked == NEW:
        feed.poll()
    assert feed.poll() == OWN
    assert feed.row.moved_to == ""


def test_its_own_url_may_be_dead_then() -> None:
    feed = _Feed()
    for _ in range(3):
        feed.poll((301, NEW))
    while feed.asked == NEW:
        feed.poll()
    assert feed.poll(fails=True) == NEW


def test_a_new_url_that_fails_has_to_be_shown_once_more() -> None:
    feed = _Feed()
    for _ in range(3):
        feed.poll((301, NEW))
    assert feed.poll(fails=True) == OWN
    assert [feed.poll((301, NEW)) for _ in range(3)] == [OWN, OWN, NEW]


def test_a_new_url_that_moves_on_is_asked_for_by_its_own() -> None:
    feed = _Feed()
    for _ in range(3):
        feed.poll((301, NEW))
    assert feed.poll((301, OTHER)) == OWN
    assert [feed.poll((301, NEW), (301, OTHER)) for _ in range(3)] == [OWN, OWN, OTHER]
