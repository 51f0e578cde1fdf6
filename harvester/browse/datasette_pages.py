"""What templates of Datasette's own pages are told: descriptions, and our masthead."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import Any

from harvester.archive.queries import table_sizes
from harvester.browse import (
    archive_queries,
    catalogue,
    rendering,
    security_headers,
    served_archive,
    table_descriptions,
)
from harvester.browse.hooks import hookimpl

OUR_TEMPLATES = ("database.html", "table.html", "row.html", "query.html")
CATALOGUE = SimpleNamespace(
    queries=archive_queries.CANNED_QUERIES,
    group=catalogue.list_groups,
    plain=catalogue.list_plain_groups,
    describe=catalogue.describe,
    lead_on=catalogue.lead_on,
    OF_ARTICLES=catalogue.OF_ARTICLES,
)


@hookimpl
def get_metadata(
    datasette: Any, database: str | None, table: str | None
) -> dict[str, Any]:
    """Descriptions of tables and columns; a copy, as Datasette writes into it."""
    archive = served_archive.find_archive(datasette)
    if archive is None:
        return {}
    tables = {
        name: {**metadata, "columns": dict(metadata.get("columns", {}))}
        for name, metadata in table_descriptions.TABLES.items()
    }
    described = {"description": table_descriptions.OF_ARCHIVE, "tables": tables}
    return {"databases": {archive.name: described}}


@hookimpl
def extra_template_vars(
    datasette: Any,
    request: Any,
    view_name: str | None,
    template: str | None,
    database: str | None,
    table: str | None,
) -> Any:
    """Variables of Datasette's own pages; none where no archive is served."""
    archive = served_archive.find_archive(datasette)
    if view_name == rendering.VIEW_NAME or archive is None:
        return {}

    if template in OUR_TEMPLATES and not datasette.template_dir and request:
        policies = request.scope.get(security_headers.POLICY_KEY, {})
        policies["policy"] = security_headers.TABLES_POLICY.encode()

    async def gather() -> dict[str, Any]:
        variables = {
            **await rendering.make_variables(datasette, request, archive),
            "catalogue": CATALOGUE,
            "in_tables": True,
            "sortable": None,
            "facetable": (),
        }
        if table and database == archive.name and view_name == "table":
            variables["facetable"] = catalogue.FACETS.get(table, ())
            variables["sortable"] = await _find_sortable(archive, table)
        return variables

    return gather()


async def _find_sortable(archive: Any, table: str) -> set[str] | None:
    """Columns by which the page of a table offers to sort; None: by any."""
    is_view = table in await archive.view_names()

    def query(connection: sqlite3.Connection) -> set[str] | None:
        if is_view:
            return catalogue.list_sortable(table, True, set(), None)
        return catalogue.list_sortable(
            table,
            False,
            table_sizes.list_indexed_columns(connection, table),
            table_sizes.count_rows(connection, [table])[table],
        )

    result: set[str] | None = await archive.execute_fn(query)
    return result
