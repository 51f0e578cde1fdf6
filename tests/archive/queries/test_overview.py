"""Overview pages get the newest few, and totals that agree with the tables."""

from __future__ import annotations

import sqlite3

from harvester.archive.queries import overview
from tests.support import small_archive

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)


def test_latest_articles_are_newest_first_and_limited(
    reading: sqlite3.Connection,
) -> None:
    articles = overview.list_latest_articles(reading, 10)
    assert [article.key for article in articles] == [WIRE, MARKET, CHURCH]
    assert articles[2].title and articles[2].outlet_name == "MPI"
    assert articles[2].versions == 3 and articles[2].words > 0
    assert [a.key for a in overview.list_latest_articles(reading, 1)] == [WIRE]
    assert [a.key for a in overview.list_latest_articles(reading, 9, "mpi")] == [CHURCH]


def test_latest_events_are_of_the_kinds_and_pages_asked_for(
    reading: sqlite3.Connection,
) -> None:
    kinds = ("edited", "headline", "removed")
    events = overview.list_latest_events(reading, kinds, 10)
    assert events
    assert [event.id for event in events] == sorted(
        (event.id for event in events), reverse=True
    )
    edit = next(event for event in events if event.kind in ("edited", "headline"))
    assert edit.after == (edit.before or 0) + 1
    newest = overview.list_latest_events(reading, kinds, 1)
    older = overview.list_latest_events(reading, kinds, 10, before_id=newest[0].id)
    assert newest + older == events
    of_mpi = overview.list_latest_events(reading, kinds, 10, outlet="mpi")
    assert of_mpi == [event for event in events if event.outlet == "mpi"]


def test_totals_and_outlets(reading: sqlite3.Connection) -> None:
    totals = overview.count_totals(reading)
    assert (totals.articles, totals.versions, totals.outlets) == (3, 5, 3)
    outlets = overview.list_outlet_infos(reading)
    assert [(outlet.key, outlet.active) for outlet in outlets] == [
        ("courier", True),
        ("mpi", True),
        ("gone", False),
    ]
    counts = overview.count_outcomes(reading, "courier")
    assert sum(count.count for count in counts) > 0
    assert all(not count.reason for count in counts if count.outcome == "new")


def test_states_of_versions(reading: sqlite3.Connection) -> None:
    states = overview.get_version_states(reading, [(CHURCH, 1), (MARKET, 1)])
    assert set(states) == {(CHURCH, 1), (MARKET, 1)}
    assert states[CHURCH, 1].versions == 3
