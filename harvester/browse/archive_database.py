"""The archive as a database of Datasette's whose pages do not count every row.

Datasette counts all rows of all tables for its pages of a database, each within a time
limit; but SQLite counts in one step, which no limit interrupts. For the page of a table
or view it counts the rows that its filters leave, for as long as any query may take:
longer than the page itself.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.database import Database

from harvester.archive.queries import table_sizes

MAX_COUNT_MS = 200  # then the page says no number

# Of the rows that filters leave, and of those that name a row.
_COUNT_PREFIXES = ("select count(*) from ", "select (select count(*) from ")


class ArchiveDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """An archive; numbers of rows are kept ones, or unknown where there are many."""

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """Table → number of rows, None where it is large and no count is kept.

        None for internal tables too: their rows are large, and take long to pass.
        """
        hidden = set(await self.hidden_table_names())
        tables = await self.table_names()
        shown = [table for table in tables if table not in hidden]
        counts: dict[str, int | None] = await self.execute_fn(
            lambda connection: table_sizes.count_rows(connection, shown)
        )
        return {table: counts.get(table) for table in tables}

    async def get_all_foreign_keys(self) -> dict[str, dict[str, list[Any]]]:
        """As Datasette's, without those that name a row but have no index.

        The page of a row counts all that name it, in one statement.
        """
        keys: dict[str, dict[str, list[Any]]] = await super().get_all_foreign_keys()
        hidden = set(await self.hidden_table_names())
        tables = set(keys) - hidden

        def query(connection: sqlite3.Connection) -> dict[str, set[str]]:
            return {
                table: table_sizes.list_indexed_columns(connection, table, partial=True)
                for table in tables
            }

        indexed: dict[str, set[str]] = await self.execute_fn(query)
        return {
            table: {
                **named,
                "incoming": [
                    key
                    for key in named["incoming"]
                    if key["other_column"] in indexed.get(key["other_table"], ())
                ],
            }
            for table, named in keys.items()
        }

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        **options: Any,
    ) -> Any:
        """As Datasette's, with a limit of its own for the count of a page.

        Queries that people type are truncated and keep their limit.
        """
        if sql.startswith(_COUNT_PREFIXES) and not truncate:
            custom_time_limit = min(custom_time_limit or MAX_COUNT_MS, MAX_COUNT_MS)
        return await super().execute(
            sql,
            params,
            truncate=truncate,
            custom_time_limit=custom_time_limit,
            **options,
        )
