"""Numbers of rows on Datasette's own pages: kept ones, or none where they are many."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted

from harvester.archive.queries import table_sizes
from harvester.browse import table_descriptions
from harvester.browse.archive_database import ArchiveDatabase
from tests.support import small_archive


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return small_archive.copy_village(tmp_path)


def count_tables(*paths: Path) -> tuple[Datasette, dict[str, int | None]]:
    """Datasette as it starts, and the counts of its database ``archive``."""
    datasette = Datasette([str(path) for path in paths])

    async def start() -> dict[str, int | None]:
        await datasette.invoke_startup()
        counts: dict[str, int | None] = await datasette.databases[
            "archive"
        ].table_counts()
        return counts

    return datasette, asyncio.run(start())


def test_counts_are_those_of_the_rows(archive: Path) -> None:
    _, counts = count_tables(archive)
    with closing(sqlite3.connect(archive)) as connection:
        for table, count in counts.items():
            if count is None:
                assert table_descriptions.TABLES.get(table, {"hidden": 1}).get("hidden")
                continue
            (rows,) = connection.execute(f"select count(*) from [{table}]").fetchone()
            assert count == rows, table
    assert counts["articles"] == 3 and counts["entries"] == 6


def test_of_large_tables_only_kept_counts_are_shown(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_sizes, "MAX_COUNTED_ROWS", 2)
    _, counts = count_tables(archive)
    assert counts["articles"] == 3 and counts["versions"] == 5
    assert counts["outlets"] is None and counts["sightings"] is None
    assert counts["watches"] == 0


def test_other_databases_stay_as_they_are_and_in_their_order(
    archive: Path, tmp_path: Path
) -> None:
    others = [tmp_path / "before.db", tmp_path / "zebra.db"]
    for other in others:
        with closing(sqlite3.connect(other)) as connection:
            connection.execute("create table t (x)")
    datasette, _ = count_tables(others[0], archive, others[1])
    names = [name for name in datasette.databases if not name.startswith("_")]
    assert names == ["before", "archive", "zebra"]
    assert [
        isinstance(datasette.databases[name], ArchiveDatabase) for name in names
    ] == [False, True, False]


SLOW = (
    "(with recursive c(n) as (select 1 union all select n + 1 from c) select n from c)"
)


def test_a_page_waits_for_its_count_only_so_long(archive: Path) -> None:
    datasette = Datasette([str(archive)], settings={"sql_time_limit_ms": 600_000})

    async def count() -> None:
        await datasette.invoke_startup()
        database = datasette.databases["archive"]
        rows = await database.execute("select count(*) from versions")
        assert rows.rows[0][0] == 5
        with pytest.raises(QueryInterrupted):
            await database.execute(f"select count(*) from {SLOW}")
        typed = await database.execute("select count(*) from versions", truncate=True)
        assert typed.rows[0][0] == 5

    asyncio.run(count())
