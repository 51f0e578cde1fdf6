"""Removals as cases: which events belong together, and what was seen."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import removal_cases
from harvester.archive.queries.changes import ChangeFilter
from harvester.errors import QueryError
from harvester.schedule.times import format_time
from tests.support import changing_outlets, small_archive
from tests.support.queries import NOW, parse

Case = tuple[str, ...]
TODAY = datetime.fromisoformat("2026-11-30T12:00:00+00:00")


@pytest.fixture(scope="module")
def known(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[sqlite3.Connection, dict[str, str]]]:
    """Three articles: removed; returned and suspect again; suspect once."""
    folder = tmp_path_factory.mktemp("cases")
    keys = changing_outlets.build(folder, TODAY)
    with closing(open_reader(folder / "archive.db")) as connection:
        yield connection, keys


def list_all(
    connection: sqlite3.Connection, limit: int = 20, **options: object
) -> list[removal_cases.RemovalCase]:
    """All cases, page by page."""
    cases: list[removal_cases.RemovalCase] = []
    after = None
    while True:
        chosen = ChangeFilter(**options, after=after)  # type: ignore[arg-type]
        page = removal_cases.list_cases(connection, chosen, format_time(NOW), limit)
        cases += page.cases
        after = page.older
        if after is None:
            return cases


def test_a_case_has_its_steps_and_what_was_seen(
    known: tuple[sqlite3.Connection, dict[str, str]],
) -> None:
    connection, keys = known
    again, away, withdrawn, doubted = list_all(connection)
    assert [case.article for case in (again, away, withdrawn, doubted)] == [
        keys[name] for name in ("away", "away", "withdrawn", "doubted")
    ]
    assert [step.kind for step in away.steps] == ["suspect", "removed", "returned"]
    assert [step.kind for step in again.steps] == ["suspect"]
    assert again.last_online == "2026-11-26T12:00:00Z"  # its return
    assert again.found_again is None and again.state == "suspect"
    assert away.last_online == "2026-11-21T09:00:00Z"  # first seen
    assert [(one.saw, one.at) for one in away.evidence] == [
        ("404", "2026-11-22T10:00:00Z"),
        ("404", "2026-11-22T18:00:00Z"),
    ]
    assert away.evidence_count == 2
    assert withdrawn.kind == "removed" and withdrawn.at == "2026-11-25T18:00:00Z"
    assert doubted.found_again == "2026-11-24T15:00:00Z"


def test_kinds_are_those_of_the_last_step(
    known: tuple[sqlite3.Connection, dict[str, str]],
) -> None:
    connection, keys = known

    def articles(**options: object) -> list[str]:
        return [case.article for case in list_all(connection, **options)]

    assert articles(kinds=("removed",)) == [keys["withdrawn"]]
    assert articles(kinds=("returned",)) == [keys["away"]]
    assert articles(kinds=("suspect",)) == [keys["away"]]  # the open one
    assert articles(kinds=("suspect", "removed")) == [keys["away"], keys["withdrawn"]]
    assert articles(outlets=("mpi",)) == [keys["doubted"]]
    assert articles(query=parse("withdrawn")) == [keys["withdrawn"]]
    since, until = "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"
    assert articles(since=since, until=until) == [keys["withdrawn"]]
    with pytest.raises(QueryError):
        articles(query=parse("outlet:nobody"))
    counted = removal_cases.count_cases(connection, ChangeFilter(), format_time(NOW))
    assert counted == (4, True)


def _split(kinds: list[str]) -> list[Case]:
    """The reference: a case ends with a return, or before the next suspicion."""
    cases: list[list[str]] = []
    for kind in kinds:
        if not cases or cases[-1][-1] == "returned" or kind == "suspect":
            cases.append([])
        cases[-1].append(kind)
    return [tuple(case) for case in cases]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_events_is_cut_into_cases(tmp_path: Path, seed: int) -> None:
    randomness = random.Random(seed)
    make = small_archive.Building(tmp_path)
    expected: list[Case] = []
    for number in range(30):
        key = make.article(f"https://mpi.example/{number}")
        make.version(key, "title", "text")
        kinds = randomness.choices(removal_cases.KINDS, k=randomness.randint(0, 6))
        hours = sorted(randomness.sample(range(24), len(kinds)))
        for hour, kind in zip(hours, kinds, strict=True):
            make.event(kind, key, f"2026-11-2{number % 9}T{hour:02}:00:00Z")
        expected += _split(kinds)
    with closing(open_reader(make.done())) as connection:
        for limit in (3, 500):
            cases = list_all(connection, limit)
            found = [tuple(step.kind for step in case.steps) for case in cases]
            assert sorted(found) == sorted(expected)
            times = [case.cursor for case in cases]
            assert len({str(one) for one in times}) == len(cases)
            assert [(one.at, one.event_id) for one in times] == sorted(
                ((one.at, one.event_id) for one in times), reverse=True
            )
