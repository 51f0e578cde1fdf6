"""The archive as a database of Datasette's whose pages do not count every row.

Datasette counts all rows of all tables for its pages of a database, each within a time
limit; but SQLite counts in one step, which no limit interrupts.
"""

from __future__ import annotations

from typing import Any

from datasette.database import Database

from harvester.archive.queries import table_sizes
from harvester.browse import served_archive
from harvester.browse.hooks import hookimpl


class ArchiveDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """An archive; numbers of rows are kept ones, or unknown where there are many."""

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """Table → number of rows, None where it is large and no count is kept."""
        tables = await self.table_names()
        counts: dict[str, int | None] = await self.execute_fn(
            lambda connection: table_sizes.count_rows(connection, tables)
        )
        return counts


@hookimpl
def startup(datasette: Any) -> None:
    """Replace each archive by one that counts so; the order stays the same."""
    for name, database in list(datasette.databases.items()):
        route = database.route
        datasette.remove_database(name)
        if served_archive.is_archive(database):
            database = ArchiveDatabase(
                datasette, database.path, is_mutable=database.is_mutable
            )
        datasette.add_database(database, name=name, route=route)
