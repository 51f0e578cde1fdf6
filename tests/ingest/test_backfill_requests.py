"""What a backfill asks next follows from what a source listed; nothing is asked twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ingest import backfill_requests
from harvester.ingest.backfill_requests import (
    PAGED,
    REST,
    SITEMAP,
    WORDPRESS,
    Listed,
    PlannedRequest,
    SourceProgress,
    begin_rest,
)
from harvester.schedule.times import format_time

URL = "https://paper.example/wp-json/wp/v2/posts"
SINCE, UNTIL = "2019-01-01T00:00:00Z", "2019-07-01T00:00:00Z"
DAY = datetime(2019, 6, 1, tzinfo=UTC)


def serve(
    request: PlannedRequest, posts: list[Listed], size: int, zone: int = 0
) -> tuple[list[Listed], int]:
    """A page of posts as WordPress lists them, and how many there are in its bounds.

    ``zone``: hours by which the server takes times for others.
    """
    query = {
        name: value[0] for name, value in parse_qs(urlsplit(request.url).query).items()
    }

    def bound(name: str) -> str:
        shifted = datetime.fromisoformat(query[name]) - timedelta(hours=zone)
        return format_time(shifted)

    chosen = [post for post in posts if bound("after") < post.date < bound("before")]
    chosen.sort(key=lambda post: (post.date, post.url), reverse=True)
    start = (int(query.get("page", "1")) - 1) * size
    return chosen[start : start + size], len(chosen)


def list_all(
    posts: list[Listed], size: int, *, zone: int = 0, tells_total: bool = True
) -> tuple[set[str], int]:
    """The addresses that are found, and the number of requests."""
    found: set[str] = set()
    asked: set[str] = set()
    queue = [begin_rest(URL, SINCE, UNTIL)]
    while queue:
        request = queue.pop()
        assert request.url not in asked
        asked.add(request.url)
        progress = backfill_requests.parse_progress(request.progress.to_json())
        assert progress == request.progress
        page, total = serve(request, posts, size, zone)
        found |= {post.url for post in page}
        step = backfill_requests.after_posts(
            request.url, progress, page, total if tells_total else None, SINCE
        )
        queue += step.requests
    return found, len(asked)


# Hours at which posts were published: some at the same time.
hours = st.lists(st.integers(0, 200), min_size=1, max_size=60)


@given(hours, st.integers(2, 10), st.sampled_from([0, -10, 3, 13]), st.booleans())
def test_all_posts_are_listed(
    times: list[int], size: int, zone: int, tells_total: bool
) -> None:
    posts = [
        Listed(f"paper.example/{number}", format_time(DAY + timedelta(hours=hour)))
        for number, hour in enumerate(times)
    ]
    found, _ = list_all(posts, size, zone=zone, tells_total=tells_total)
    assert found == {post.url for post in posts}


def test_five_thousand_posts_take_51_requests() -> None:
    posts = [
        Listed(f"paper.example/{number}", format_time(DAY - timedelta(minutes=number)))
        for number in range(5_000)
    ]
    assert list_all(posts, 100) == ({post.url for post in posts}, 51)


def test_progress_that_cannot_be_read_is_the_beginning() -> None:
    for stored in ("", "{", "[]", '{"page": -3, "before": 7, "is_main": 1}'):
        assert backfill_requests.parse_progress(stored) == SourceProgress()


@pytest.mark.parametrize(
    ("url", "changed", "expected"),
    [
        ("https://paper.example/post-sitemap3.xml", "2020-01-01", True),
        ("https://paper.example/post-sitemap3.xml", "2018-12-31", False),
        ("https://paper.example/category-sitemap.xml", "", False),
        ("https://paper.example/post_tag-sitemap.xml", "", False),
        ("https://paper.example/page-sitemap.xml", "", False),
        ("https://paper.example/wp-sitemap-taxonomies-category-1.xml", "", False),
        ("https://paper.example/wp-sitemap-users-1.xml", "", False),
        ("https://paper.example/wp-sitemap-posts-page-1.xml", "", False),
        ("https://paper.example/wp-sitemap-posts-post-1.xml", "", True),
        ("https://paper.example/sitemap.xml?page=2", "", True),
        ("https://paper.example/sitemap-2018-11.xml.gz", "", False),
        ("https://paper.example/sitemap-2018-12.xml.gz", "", True),
        ("https://paper.example/sitemap.xml?yyyy=2017&mm=05", "", False),
        ("https://paper.example/2015/sitemap-2019.xml", "", True),
        ("https://paper.example/sitemaps/20171231.xml", "", True),
    ],
)
def test_sitemaps_that_may_list_articles(
    url: str, changed: str, expected: bool
) -> None:
    assert backfill_requests.may_list_articles(url, changed, SINCE) == expected


def test_an_index_brings_its_own_sitemaps_the_latest_first() -> None:
    request = PlannedRequest(SITEMAP, "https://paper.example/sitemap.xml")
    sitemaps = [
        ("https://paper.example/a.xml", "2019-02-01"),
        ("https://elsewhere.example/b.xml", "2019-03-01"),
        ("https://paper.example/c.xml", "2019-04-01"),
    ]
    step = backfill_requests.after_index(request, sitemaps, SINCE)
    assert [each.url[-5:] for each in step.requests] == ["c.xml", "a.xml"]
    deep = PlannedRequest(
        SITEMAP, "https://paper.example/i.xml", SourceProgress(depth=3)
    )
    assert not backfill_requests.after_index(deep, sitemaps, SINCE).requests


def test_pages_of_a_feed_end() -> None:
    entries = [Listed("paper.example/1", "2019-05-01T00:00:00Z")]
    first = PlannedRequest(
        WORDPRESS, "https://paper.example/feed/?paged=2", SourceProgress(page=2)
    )
    (second,) = backfill_requests.after_feed_page(
        first, entries, "", "", SINCE
    ).requests
    assert second.url == "https://paper.example/feed/?paged=3"
    same = backfill_requests.after_feed_page(second, entries, "", "", SINCE)
    assert (same.requests, same.note) == ((), "it lists the same entries again")
    end = backfill_requests.after_failure(second, "answered 404 Not Found", True)
    assert end.note == "its last page goes back to 2019-05-01T00:00:00Z"
    old = [Listed("paper.example/2", "2018-12-31")]
    assert backfill_requests.after_feed_page(second, old, "", "", SINCE).is_complete
    paged = PlannedRequest(PAGED, "https://paper.example/more?2")
    elsewhere = "https://elsewhere.example/more?3"
    step = backfill_requests.after_feed_page(paged, entries, "", elsewhere, SINCE)
    assert step.note == "its next page is on another site"


def test_no_posts_at_all_are_no_proof() -> None:
    request = begin_rest(URL, SINCE, UNTIL)
    assert request.source == REST
    step = backfill_requests.after_posts(request.url, request.progress, [], None, SINCE)
    assert (step.is_complete, step.note) == (False, "it lists nothing")


def test_a_server_that_is_down_is_asked_four_times() -> None:
    pauses = [backfill_requests.retry_pause(tries) for tries in (1, 2, 3, 4)]
    assert pauses == [300.0, 600.0, 1200.0, None]
