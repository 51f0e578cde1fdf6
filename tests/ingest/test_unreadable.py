"""A page that cannot be read in time: its reason, its visible text, and its next try."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harvester.ingest import unreadable
from harvester.ingest.prepare import Job, prepare
from harvester.model import Outcome, Prepared
from tests.support import observer
from tests.support.observer import BUDGET, FERRY, Observer, page

SLOW = "too slow: more than 10 s of processor time"
BAD = "https://paper.example/budget"


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Observer:
    """Two articles; reading the one at /budget takes too long."""
    one = Observer(tmp_path)
    one.put(
        BAD,
        page("The budget", BUDGET, extra="<ul><li>Subscribe to everything</li></ul>"),
        "The budget",
    )
    one.put("/ferry", page("The ferry", FERRY), "The ferry")
    monkeypatch.setattr(observer, "prepare", lambda job: _slow(job, visible=True))
    return one


def _slow(job: Job, visible: bool) -> Prepared:
    if job.kind != "page" or job.capture.url != BAD:
        return prepare(job)
    extract = prepare(replace(job, visible_only=True)).extract if visible else None
    return Prepared(outcome=Outcome.FAILED, error=SLOW, extract=extract)


def test_the_visit_fails_and_the_visible_text_is_found(paper: Observer) -> None:
    counts = paper.crawl("2025-09-06T06:00:00Z")
    assert (counts["failed"], counts["new"]) == (1, 1)
    [entry] = paper.rows("select * from entries where url = ?", BAD)
    assert (entry["outcome"], entry["reason"], entry["due"]) == ("failed", SLOW, None)
    capture = paper.rows("select page from captures where url = ? order by id", BAD)[0]
    assert capture["page"] == f"unread: {SLOW}"
    assert [hit["title"] for hit in paper.json("search", "swimming pool")] == [
        "The budget"
    ]
    assert paper.rows(
        "select extract ->> '$.method' as m from readings where article = ?",
        entry["article"],
    ) == [{"m": "visible"}]
    [outlet] = paper.json("status")["outlets"]
    assert [
        (one["outcome"], one["reason"], one["count"]) for one in outlet["troubles"]
    ] == [("failed", SLOW, 1)]
    assert f"1 page failed: {SLOW}" in paper.run("status")
    paper.check()


def test_reading_it_at_last_is_no_edit(
    paper: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.crawl("2025-09-06T06:00:00Z")
    monkeypatch.setattr(observer, "prepare", prepare)
    paper.put(BAD, page("The budget", BUDGET))
    paper.crawl("2025-09-07T06:00:00Z")
    key = paper.article(BAD)
    assert paper.rows("select number, text from versions where article = ?", key) == [
        {"number": 1, "text": "\n".join(BUDGET)}
    ]
    assert not paper.rows("select 1 from changes where article = ?", key)


def test_only_another_extractor_tries_it_again(
    paper: Observer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def nothing(job: Job) -> Prepared:
        asked.append(job.capture.url)
        return _slow(job, visible=False)

    monkeypatch.setattr(observer, "prepare", nothing)
    for hour in ("06", "07", "08"):
        paper.crawl(f"2025-09-06T{hour}:00:00Z")  # forced each time
    assert asked.count(BAD) == 1
    [entry] = paper.rows("select * from entries where url = ?", BAD)
    assert (entry["outcome"], entry["reason"], entry["due"], entry["article"]) == (
        "failed",
        SLOW,
        None,
        None,
    )
    monkeypatch.setattr(unreadable, "EXTRACTOR", "another")
    monkeypatch.setattr(observer, "prepare", prepare)
    assert paper.crawl("2025-09-06T09:00:00Z")["new"] == 1
