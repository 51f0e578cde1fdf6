"""Order of time, further pages, and a response that the program fails at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harvester.importing import replay
from harvester.importing.replay_keeper import ReplayKeeper
from harvester.importing.run import import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.settings import parse_settings
from tests.importing import foreign_files as files
from tests.support.papers import Story

NAME = "le-budget-de-mars"
SETTINGS = (
    '[archive]\npath = "a.db"\n'
    f'[outlets.lantern]\nhome = "{files.HOME}/"\nfeeds = ["{files.HOME}/feed"]\n'
)


def part(number: int, following: int) -> bytes:
    """One page of an article over several."""
    text = "".join(
        f"<p>Le conseil a voté la taille {number}.{n}, après quatre heures de débat dans "
        "une salle comble.</p>"
        for n in range(6)
    )
    link = (
        f'<a rel="next" href="/{NAME}/{following}">{following}</a>' if following else ""
    )
    return (
        f"<html lang=fr><head><title>{NAME}</title></head><body><article><h1>{NAME}</h1>"
        f"{text}{link}</article></body></html>"
    ).encode()


def feed(*numbers: int) -> bytes:
    entries = "".join(
        f"<entry><id>{n}</id><title>{Story(n).title}</title>"
        f"<updated>2026-09-01T08:00:00Z</updated>"
        f"<link href='{files.HOME}{Story(n).path}'/></entry>"
        for n in numbers
    )
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Lantern</title>"
        f"{entries}</feed>"
    ).encode()


def run(folder: Path, *records: bytes, workers: int = 2) -> ImportResult:
    path = files.write(folder / "x.warc.gz", list(records))
    settings = parse_settings(SETTINGS, folder / "settings.toml", {})
    now = "2026-12-01T12:00:00Z"
    options = ImportOptions(workers=workers)
    return import_files(settings, [ImportFile(path)], options, now, lambda *_: None)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "a.db")) as connection:
        return connection.execute(sql).fetchall()


def page(number: int, time: str, more: str = "") -> bytes:
    url = f"{files.HOME}{Story(number).path}"
    return files.response(url, f"2026-09-01T{time}Z", Story(number).page(more))


def test_pages_of_an_article_are_read_as_one(tmp_path: Path) -> None:
    """Whichever order they are in; one that lacks shortens nothing that is there."""
    result = run(
        tmp_path,
        files.response(f"{files.HOME}/{NAME}/3", "2026-09-01T10:00:09Z", part(3, 4)),
        files.response(f"{files.HOME}/{NAME}/2", "2026-09-01T10:00:05Z", part(2, 3)),
        files.response(f"{files.HOME}/{NAME}", "2026-09-01T10:00:00Z", part(1, 2)),
    )
    assert result.joined == {replay.FURTHER_PAGE: 2} and result.outcomes == {"new": 1}
    ((text,),) = rows(tmp_path, "select text from versions")
    assert [f"taille {n}.5" in text for n in (1, 2, 3)] == [True] * 3
    assert rows(tmp_path, "select count(*) from captures where first is not null") == [
        (2,)
    ]
    ((reason,),) = rows(tmp_path, "select reason from articles")
    assert "page 4 of the article: it is not in the files" in reason


def test_the_order_of_time_counts_not_that_of_the_file(tmp_path: Path) -> None:
    """Pages wait for the feeds before them; edits are found in their order."""
    feed_url, kind = f"{files.HOME}/feed", "application/atom+xml"
    result = run(
        tmp_path,
        page(2, "12:00:00", "The council has changed its mind about all of this since."),
        page(1, "09:00:00"),
        page(2, "10:00:00"),
        files.record("response", feed_url, "2026-09-01T09:30:00Z", files.http(feed(1, 2), "200 OK", kind)),
        files.record("response", feed_url, "2026-09-01T08:30:00Z", files.http(feed(1), "200 OK", kind)),
    )  # fmt: skip
    assert result.outcomes == {"feed": 2, "new": 2, "changed": 1}
    found = rows(tmp_path, "select outcome, first_seen from entries order by id")
    assert found == [("new", "2026-09-01T08:30:00Z"), ("new", "2026-09-01T09:30:00Z")]
    assert rows(tmp_path, "select first_seen from versions order by first_seen") == [
        ("2026-09-01T09:00:00Z",),
        ("2026-09-01T10:00:00Z",),
        ("2026-09-01T12:00:00Z",),
    ]


def test_a_response_that_the_program_fails_at_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = ReplayKeeper.keep

    def fail(self: ReplayKeeper, visit: Any, *rest: Any) -> Any:
        if Story(2).path in visit.url:
            raise ValueError("nobody thought of it")
        return keep(self, visit, *rest)

    monkeypatch.setattr(ReplayKeeper, "keep", fail)
    result = run(
        tmp_path, page(1, "09:00:00"), page(2, "10:00:00"), page(3, "11:00:00")
    )
    assert result.outcomes == {"new": 2}
    assert result.skipped == {"internal error: ValueError; the log names the URL": 1}
    assert rows(tmp_path, "select count(*) from captures") == [(2,)]


def test_an_interrupted_turn_counts_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between a capture and what it means: the same command does both again."""
    keep = ReplayKeeper.keep
    interrupted: list[str] = []

    def interrupt(self: ReplayKeeper, visit: Any, *rest: Any) -> Any:
        if Story(2).path in visit.url and not interrupted:
            interrupted.append(visit.url)
            raise KeyboardInterrupt
        return keep(self, visit, *rest)

    monkeypatch.setattr(ReplayKeeper, "keep", interrupt)
    monkeypatch.setattr(replay, "COMMIT_SECONDS", 0.0)
    records = page(1, "09:00:00"), page(2, "10:00:00"), page(3, "11:00:00")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, *records)
    settings = parse_settings(SETTINGS, tmp_path / "settings.toml", {})
    result = import_files(
        settings,
        [ImportFile(tmp_path / "x.warc.gz")],
        ImportOptions(workers=1),
        "2026-12-01T12:00:00Z",
        lambda *_: None,
    )
    assert result.outcomes == {"new": 3}
    assert rows(tmp_path, "select count(*) from captures") == [(3,)]
