"""Responses other than expected: they harm nothing stored, and are not remembered."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.ingest.counts import VisitResult
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Outcome, Visit
from harvester.settings import parse_settings
from tests.support.observer import BUDGET, HTML, RSS, page

FEED = "https://paper.example/feed.xml"
PORTAL = b"<!DOCTYPE html><html><head><title>Welcome to the guest network</title></head><body>Please log in.</body></html>"


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A keeper of one feed, in a crawl."""
    settings = parse_settings(
        f'[outlets.paper]\nfeeds = ["{FEED}"]\n', tmp_path / "settings.toml"
    )
    keeper = Keeper(
        Archive.open(tmp_path / "archive.db", tmp_path / "captures"), settings
    )
    keeper.sync_settings("2025-09-06T06:00:00Z")
    keeper.begin_crawl("2025-09-06T06:00:00Z")
    yield keeper
    keeper.close()


def visit(
    keeper: Keeper,
    kind: str,
    now: str,
    body: bytes,
    truncated: bool = False,
    content_type: str = "",
    **headers: str,
) -> VisitResult:
    """Make the next visit of that kind, with this response."""
    keeper.begin_round()
    due: Visit = next(
        visit for visit in keeper.take_due_visits(now, force=True) if visit.kind == kind
    )
    types = RSS if kind == "feed" else HTML
    if content_type:
        types = (("Content-Type", content_type),)
    capture = Capture(
        due.url,
        due.url,
        now,
        200,
        (*types, *headers.items()),
        body,
        truncated=truncated,
    )
    job = keeper.receive(due, capture, now)
    result = keeper.keep(due, capture, prepare(job) if job else None, now)
    keeper.begin_round()
    return result


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>".encode()


def test_a_page_instead_of_a_feed_is_a_failure_and_leaves_no_validators(
    keeper: Keeper,
) -> None:
    item = "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(item), ETag='"one"')
    result = visit(keeper, "feed", "2025-09-06T07:00:00Z", PORTAL, ETag='"portal"')
    assert (result.outcome, result.reason) == (Outcome.FAILED, "HTML instead of a feed")
    [row] = keeper.connection.execute("select etag, failures from feeds")
    assert tuple(row) == ('"one"', 1)
    assert keeper.connection.execute("select count(*) from entries").fetchone()[0] == 1
    assert (
        keeper.connection.execute(
            "select count(*) from captures where kind = 'feed'"
        ).fetchone()[0]
        == 2
    )


@pytest.mark.parametrize("tag", ["*", '"' + "a" * 5_000 + '"'], ids=["any", "endless"])
def test_a_validator_that_would_always_match_is_not_stored(
    keeper: Keeper, tag: str
) -> None:
    item = "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(item), ETag=tag)
    visit(keeper, "entry", "2025-09-06T06:01:00Z", page("The budget", BUDGET), ETag=tag)
    rows = keeper.connection.execute(
        "select etag from feeds union all select etag from articles"
    )
    assert [row["etag"] for row in rows] == ["", ""]


def test_a_truncated_response_is_stored_and_shortens_no_article(keeper: Keeper) -> None:
    visit(
        keeper,
        "feed",
        "2025-09-06T06:00:00Z",
        rss(
            "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
        ),
    )
    complete = page("The budget", BUDGET)
    assert (
        visit(keeper, "entry", "2025-09-06T06:01:00Z", complete).outcome is Outcome.NEW
    )
    result = visit(
        keeper,
        "article",
        "2025-09-06T09:00:00Z",
        complete[: len(complete) // 2],
        truncated=True,
    )
    assert (result.outcome, result.reason) == (
        Outcome.FAILED,
        f"the response broke off after {len(complete) // 2} bytes",
    )
    [(text,)] = [
        tuple(row) for row in keeper.connection.execute("select text from versions")
    ]
    assert text == "\n".join(BUDGET)
    [last] = keeper.connection.execute(
        "select truncated, bytes from captures order by id desc limit 1"
    )
    assert tuple(last) == (1, len(complete) // 2)
    assert (
        keeper.connection.execute("select due is not null from articles").fetchone()[0]
        == 1
    )


def test_a_truncated_first_response_is_tried_again(keeper: Keeper) -> None:
    visit(
        keeper,
        "feed",
        "2025-09-06T06:00:00Z",
        rss(
            "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
        ),
    )
    assert (
        visit(
            keeper,
            "entry",
            "2025-09-06T06:01:00Z",
            page("The budget", BUDGET)[:300],
            truncated=True,
        ).outcome
        is Outcome.FAILED
    )
    [row] = keeper.connection.execute("select article, due is not null from entries")
    assert tuple(row) == (None, 1)


def test_enormous_fields_are_cut_with_a_mark_and_stay_distinct(
    keeper: Keeper,
) -> None:
    name = "x" * 1_000_000
    items = [
        f"<item><title>{'word ' * 400_000}</title><guid isPermaLink='false'>{name}{n}</guid></item>"
        for n in range(2)
    ]
    items.append(
        f"<item><title>Far</title><link>https://paper.example/{'y' * 100_000}</link></item>"
    )
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(*items))
    rows = [
        tuple(row)
        for row in keeper.connection.execute(
            "select guid, title, url, outcome, reason from entries order by id"
        )
    ]
    assert len({guid for guid, *_ in rows}) == 3
    assert all(
        len(guid) <= 2_000 and len(title) <= 1_000 and len(url) <= 8_000
        for guid, title, url, *_ in rows
    )
    assert rows[0][1].endswith("…") and "…" in rows[0][0]
    assert rows[2][3:] == ("refused", "URL longer than 2048 characters")


def test_a_check_is_read_again_with_a_new_profile_unless_it_could_not_be_read(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Visit(
        "article", "a" * 16, "https://paper.example/budget", "paper", "paper.example"
    )
    capture = Capture(
        check.url,
        check.url,
        "2025-09-06T06:00:00Z",
        200,
        HTML,
        page("The budget", BUDGET),
    )
    job = keeper.receive(check, capture, "2025-09-06T06:00:00Z")
    assert job is not None
    prepared = prepare(job)
    assert keeper.job_if_profile_changed(check, job, prepared) is None
    monkeypatch.setattr(
        keeper.profile_learner, "current_profile", lambda outlet: ("new", object())
    )
    assert keeper.job_if_profile_changed(check, job, prepared) is not None
    assert (
        keeper.job_if_profile_changed(
            check, job, replace(prepared, outcome=Outcome.FAILED, error="too slow")
        )
        is None
    )


def test_a_sitemap_index_is_named(keeper: Keeper) -> None:
    body = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>https://files.example/2025-08.xml</loc></sitemap>
        <sitemap><loc>https://files.example/2025-09.xml</loc></sitemap></sitemapindex>"""
    for now in ("2025-09-06T07:00:00Z", "2025-09-06T08:00:00Z"):
        result = visit(keeper, "feed", now, body)
        assert result.reason == (
            "sitemap index of 2 sitemaps, which are not followed; "
            "the newest: https://files.example/2025-09.xml"
        )


def test_a_page_of_plain_text_is_an_article(keeper: Keeper) -> None:
    link = "<link>https://paper.example/budget</link>"
    item = f"<item><title>The budget</title>{link}</item>"
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(item))
    text = "\n\n".join(textwrap.fill(paragraph, 70) for paragraph in BUDGET)
    result = visit(
        keeper,
        "entry",
        "2025-09-06T06:01:00Z",
        text.encode(),
        content_type="text/plain",
    )
    assert result.outcome is Outcome.NEW
    [row] = keeper.connection.execute("select title, text from versions")
    assert tuple(row) == ("The budget", "\n".join(BUDGET))
    # Wrapped at another width, it has not changed.
    text = "\n\n".join(textwrap.fill(paragraph, 60) for paragraph in BUDGET)
    result = visit(
        keeper,
        "article",
        "2025-09-06T09:00:00Z",
        text.encode(),
        content_type="text/plain",
    )
    assert result.outcome is Outcome.UNCHANGED
