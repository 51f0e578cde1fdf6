"""The simulated week has everything that pages show; its archive is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from harvester.identity.change import CHANGE_CLASSES
from tests.support.crawled_archive import Harvest
from tests.support.simulated_week import Week
from tests.support.week_texts import FLOOD_EDITS, LONG_TITLE, MARKUP_TITLE


@pytest.fixture(scope="module")
def connection(simulated_week: Week) -> Iterator[sqlite3.Connection]:
    """The archive, read only."""
    uri = f"{simulated_week.path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        yield connection


def column(connection: sqlite3.Connection, sql: str, *values: object) -> set[str]:
    return {row[0] for row in connection.execute(sql, values)}


def test_it_has_events_of_all_kinds(connection: sqlite3.Connection) -> None:
    kinds = column(connection, "select distinct kind from events")
    assert kinds >= {
        *("edited", "headline", "back", "removed", "returned", "suspect"),
        *("announced", "paywalled"),
        *("feed failing", "feed gone", "feed moved", "feed silent"),
        *("items missed", "gap filled", "gap not filled"),
        *("many articles", "harvester silent"),
    }
    classes = column(connection, "select distinct class from changes")
    assert classes >= set(CHANGE_CLASSES)
    assert column(connection, "select distinct silent from changes") == {0, 1}
    states = column(connection, "select distinct state from articles")
    assert states == {"live", "suspect", "removed", "returned"}
    outcomes = column(connection, "select distinct outcome from entries")
    assert outcomes >= {"new", "duplicate", "empty", "blocked", "failed", "refused"}


def test_its_articles_are_as_told(
    connection: sqlite3.Connection, simulated_week: Week
) -> None:
    def current(name: str) -> tuple[str, int]:
        sql = """
            select v.title, a.versions from articles a
            join versions v on v.article = a.key and v.number = a.version
            where a.key = ?"""
        title, versions = connection.execute(
            sql, [simulated_week.keys[name]]
        ).fetchone()
        return title, versions

    assert current("flood")[1] == len(FLOOD_EDITS) + 1
    assert current("long title")[0] == LONG_TITLE and len(LONG_TITLE) > 290
    assert current("markup")[0] == MARKUP_TITLE
    languages = column(connection, "select distinct language from versions")
    assert languages >= {"en", "fr", "de", "ar", "zh"}
    agencies = column(connection, "select distinct agency from clusters")
    assert agencies >= {"AP", "AFP", "Reuters"}


def test_its_archive_is_sound(simulated_week: Week) -> None:
    harvest = Harvest(simulated_week.folder)
    harvest.check()
    harvest.run("verify")
