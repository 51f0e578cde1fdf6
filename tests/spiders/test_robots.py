"""robots.txt as RFC 9309 says, for feeds and articles, by the real program."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from spiders.robots import parse_robots_txt, product_token


def test_twelve_concurrent_first_requests_to_a_disallowed_folder(
    world: Any, site: Any, other: Any
) -> None:
    def slowly(handler: Any) -> Any:
        time.sleep(0.5)  # all twelve wait for it
        return answer

    other.answer("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    answer = other.paths["/robots.txt"]
    other.paths["/robots.txt"] = slowly
    world.crawl["concurrency"] = 12
    site.feed(
        "/feed",
        [other.article(f"/private/{n}") for n in range(12)] + [other.article("/open")],
    )
    counts = world.once().counts
    assert other.asked.count("/robots.txt") == 1
    assert other.pages() == ["/open"]
    assert counts["refused"] == 12
    assert {entry for path, entry in world.entries().items() if path != "/open"} == {
        ("refused", "disallowed by robots.txt")
    }


@pytest.mark.parametrize("status", [500, 503, 429])
def test_errors_of_the_server_deny(world: Any, site: Any, status: int) -> None:
    site.feed("/feed", [site.article("/a")])
    site.answer("/robots.txt", b"busy", status)
    world.once()
    assert site.pages() == []
    outcome, reason = world.feed_row()
    assert (outcome, str(status) in reason) == ("waiting", True)
    world.once("--force")
    assert site.pages() == []


def test_no_answer_denies(world: Any, site: Any) -> None:
    site.feed("/feed", [])
    site.raw("/robots.txt", lambda handler: None)
    world.once()
    assert site.pages() == []
    assert world.feed_row() == (
        "failed",
        "robots.txt cannot be fetched (the connection was lost); nothing is fetched",
    )


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_that_there_is_none_allows(world: Any, site: Any, status: int) -> None:
    site.feed("/feed", [site.article("/a")])
    site.answer("/robots.txt", b"User-agent: *\nDisallow: /\n", status)
    assert world.once().counts["new"] == 1


def test_feeds_named_in_the_settings_obey_too(world: Any, site: Any) -> None:
    site.feed("/feed", [])
    site.answer("/robots.txt", b"User-agent: *\nDisallow: /feed\n")
    world.once("--force")
    assert site.pages() == []
    assert world.feed_row() == ("refused", "disallowed by robots.txt")


def test_a_copy_is_used_while_no_new_one_can_be_had(world: Any, site: Any) -> None:
    site.feed("/feed", [])
    site.answer("/robots.txt", b"User-agent: *\nDisallow: /private\n")
    world.once()
    import sqlite3

    with sqlite3.connect(world.folder / "archive.db") as archive:  # two days ago
        archive.execute("update hosts set robots_at = '2020-01-01T00:00:00Z'")
    site.answer("/robots.txt", b"", 503)
    assert world.once().counts["feeds"] == 1
    assert site.asked == ["/robots.txt", "/feed", "/robots.txt", "/feed"]
    with sqlite3.connect(
        world.folder / "archive.db"
    ) as archive:  # and now it is too old
        archive.execute(
            "update hosts set robots_at = '2020-01-01T00:00:00Z', robots_read_at = '2020-01-01T00:00:00Z'"
        )
    world.once()
    assert site.pages() == ["/feed", "/feed"]


def test_redirects_of_it_are_followed_up_to_five(
    world: Any, site: Any, other: Any
) -> None:
    site.feed("/feed", [site.article("/private/a")])
    site.answer("/robots.txt", status=301, Location=other.url("/r"))
    other.answer("/r", b"User-agent: *\nDisallow: /private/\n")
    assert world.once().counts["refused"] == 1
    assert other.asked == ["/r"]


def test_more_than_five_redirects_mean_that_there_is_none(
    world: Any, site: Any
) -> None:
    site.feed("/feed", [])
    for n in range(9):
        site.answer(f"/{n}" if n else "/robots.txt", status=302, Location=f"/{n + 1}")
    assert world.once().counts["feeds"] == 1
    assert site.asked == ["/robots.txt", "/1", "/2", "/3", "/4", "/5", "/feed"]


def test_a_large_file_is_read_up_to_500_kib(world: Any, site: Any) -> None:
    rule = b"User-agent: *\nDisallow: /private/\n"
    site.feed("/feed", [site.article("/private/a"), site.article("/late/a")])
    site.answer(
        "/robots.txt",
        rule + b"# comment\n" * 60_000 + b"User-agent: *\nDisallow: /late/\n",
    )
    counts = world.once().counts
    assert (counts["refused"], counts["new"]) == (1, 1)


def test_crawl_delay(world: Any, site: Any) -> None:
    times = []

    def note(handler: Any) -> Any:
        times.append(time.monotonic())
        return answer

    site.feed("/feed", [])
    answer = site.paths["/feed"]
    site.paths["/feed"] = note
    site.answer("/robots.txt", b"User-agent: *\nCrawl-delay: 0.7\n")
    world.outlets["paper"] = [
        site.url("/feed"),
        site.url("/feed?2"),
        site.url("/feed?3"),
    ]
    site.paths["/feed?2"] = site.paths["/feed?3"] = note
    world.once()
    assert len(times) == 3
    assert all(after - before >= 0.65 for before, after in pairwise(times))


@pytest.mark.parametrize(
    ("text", "url", "allowed"),
    [
        ("User-agent: harvester\nDisallow: /a", "/a", False),
        ("User-agent: Harvester/2.0\nDisallow: /a", "/a", False),
        ("user-agent : HARVESTER # us\nDisallow: /a", "/a", False),
        ("User-agent: harvest\nDisallow: /", "/a", True),  # another's name
        ("User-agent: harvester-images\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: harvester\nAllow: /", "/a", True),
        (
            "User-agent: *\nDisallow: /a\nAllow: /a/b",
            "/a/b/c",
            True,
        ),  # the longest rule wins
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: one\nUser-agent: harvester\nDisallow: /", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\rDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("<html>not found</html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_rules(text: str, url: str, allowed: bool) -> None:
    assert (
        parse_robots_txt(text, "harvester").can_fetch(
            f"https://example.org{url}", "harvester"
        )
        is allowed
    )


def test_our_name() -> None:
    assert product_token("Observer/2.0 (+https://example.org)") == "observer"
    assert product_token("news-bot (+https://example.org)") == "news-bot"
