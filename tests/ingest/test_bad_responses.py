"""Answers that are not what was asked for: nothing that is held is lost by them, and nothing of them is remembered."""

from __future__ import annotations

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
    """With one feed."""
    settings = parse_settings(
        f'[outlets.paper]\nfeeds = ["{FEED}"]\n', tmp_path / "settings.toml"
    )
    one = Keeper(Archive.open(tmp_path / "archive.db", tmp_path / "captures"), settings)
    one.sync_settings("2025-09-06T06:00:00Z")
    one.begin_crawl("2025-09-06T06:00:00Z")
    yield one
    one.close()


def visit(
    keeper: Keeper,
    kind: str,
    now: str,
    body: bytes,
    truncated: bool = False,
    **headers: str,
) -> VisitResult:
    """The next visit of that kind, answered so."""
    keeper.begin_round()
    found: Visit = next(
        one for one in keeper.take_due_visits(now, force=True) if one.kind == kind
    )
    typed = RSS if kind == "feed" else HTML
    capture = Capture(
        found.url,
        found.url,
        now,
        200,
        (*typed, *headers.items()),
        body,
        truncated=truncated,
    )
    job = keeper.receive(found, capture, now)
    kept = keeper.keep(found, capture, prepare(job) if job else None, now)
    keeper.begin_round()
    return kept


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>".encode()


def test_a_page_where_a_feed_was_is_a_failure_of_which_nothing_is_remembered(
    keeper: Keeper,
) -> None:
    item = "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(item), ETag='"one"')
    kept = visit(keeper, "feed", "2025-09-06T07:00:00Z", PORTAL, ETag='"portal"')
    assert (kept.outcome, kept.reason) == (Outcome.FAILED, "HTML instead of a feed")
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
def test_what_would_be_not_modified_for_ever_is_no_validator(
    keeper: Keeper, tag: str
) -> None:
    item = "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
    visit(keeper, "feed", "2025-09-06T06:00:00Z", rss(item), ETag=tag)
    visit(keeper, "entry", "2025-09-06T06:01:00Z", page("The budget", BUDGET), ETag=tag)
    rows = keeper.connection.execute(
        "select etag from feeds union all select etag from articles"
    )
    assert [row["etag"] for row in rows] == ["", ""]


def test_a_truncated_answer_is_kept_and_shortens_no_article(keeper: Keeper) -> None:
    visit(
        keeper,
        "feed",
        "2025-09-06T06:00:00Z",
        rss(
            "<item><title>The budget</title><link>https://paper.example/budget</link></item>"
        ),
    )
    whole = page("The budget", BUDGET)
    assert visit(keeper, "entry", "2025-09-06T06:01:00Z", whole).outcome is Outcome.NEW
    kept = visit(
        keeper,
        "article",
        "2025-09-06T09:00:00Z",
        whole[: len(whole) // 2],
        truncated=True,
    )
    assert (kept.outcome, kept.reason) == (
        Outcome.FAILED,
        f"the answer broke off after {len(whole) // 2} bytes",
    )
    [(text,)] = [
        tuple(row) for row in keeper.connection.execute("select text from versions")
    ]
    assert text == "\n".join(BUDGET)
    [last] = keeper.connection.execute(
        "select truncated, bytes from captures order by id desc limit 1"
    )
    assert tuple(last) == (1, len(whole) // 2)
    assert (
        keeper.connection.execute("select due is not null from articles").fetchone()[0]
        == 1
    )


def test_a_truncated_first_answer_is_tried_again(keeper: Keeper) -> None:
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


def test_enormous_fields_are_bounded_the_cut_is_marked_and_what_differs_stays_two(
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
    assert rows[2][3:] == ("refused", "its address is longer than 2048 characters")


def test_a_look_is_read_once_more_where_its_profile_is_another_and_never_where_it_could_not_be_read(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Visit(
        "article", "a" * 16, "https://paper.example/budget", "paper", "paper.example"
    )
    capture = Capture(
        look.url,
        look.url,
        "2025-09-06T06:00:00Z",
        200,
        HTML,
        page("The budget", BUDGET),
    )
    job = keeper.receive(look, capture, "2025-09-06T06:00:00Z")
    assert job is not None
    made = prepare(job)
    assert keeper.job_if_profile_changed(look, job, made) is None
    monkeypatch.setattr(
        keeper.profile_learner, "current_profile", lambda outlet: ("new", object())
    )
    assert keeper.job_if_profile_changed(look, job, made) is not None
    assert (
        keeper.job_if_profile_changed(
            look, job, replace(made, outcome=Outcome.FAILED, error="too slow")
        )
        is None
    )
