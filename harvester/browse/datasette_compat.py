"""What differs between Datasette 0.65 and 1.0, in one place.

Both have the same hooks for routes, cells, templates and connections. Descriptions,
stored queries and permissions changed: 0.65 asks hooks for the first two at each
request, 1.0 keeps them in a database of its own, which is filled at startup.
"""

from __future__ import annotations

from typing import Any

import datasette as package

DEFAULT_TITLE = "The archive"
# What 1.0 reads of a table's settings, and not of its descriptions.
_SETTINGS_OF_TABLES = ("hidden", "label_column", "size", "sort", "sort_desc")


def is_new(module: Any = package) -> bool:
    """Whether this is Datasette 1.0, or an alpha of it."""
    return int(module.__version__.partition(".")[0]) >= 1


async def get_title(datasette: Any) -> str:
    """The title of the instance, as its metadata has it."""
    if is_new():
        metadata = await datasette.get_instance_metadata()
        return str(metadata.get("title") or DEFAULT_TITLE)
    return str(datasette.metadata("title") or DEFAULT_TITLE)


async def ensure_may_view(datasette: Any, request: Any, database: str) -> None:
    """Raise Forbidden where the reader may not see the database."""
    if not is_new():
        await datasette.ensure_permissions(
            request.actor, [("view-database", database), "view-instance"]
        )
        return
    from datasette.resources import DatabaseResource

    await datasette.ensure_permission(
        action="view-database",
        resource=DatabaseResource(database=database),
        actor=request.actor,
    )


def jinja_environment(datasette: Any) -> Any:
    """The environment of the templates."""
    return datasette.get_jinja_environment() if is_new() else datasette.jinja_env


def inline_scripts() -> list[str]:
    """Of Datasette's own base, those that have a variable in them."""
    versions = (
        (package.__version__, "") if is_new() else ()
    )  # "": of its page of errors
    return [f"window.datasetteVersion = '{version}';" for version in versions]


def replace_databases(datasette: Any, databases: dict[str, Any]) -> None:
    """Serve these databases, by name and in this order, under their former routes."""
    former = datasette.databases
    for name, database in databases.items():
        if database is not former[name]:
            database.name, database.route = name, former[name].route
    datasette.databases = databases
    for name, database in former.items():
        # 1.0 has a connection of each open by now; 0.65 keeps them by thread and name.
        if is_new() and database is not databases[name]:
            database.close()


async def describe(
    datasette: Any,
    database: str,
    description: str,
    tables: dict[str, dict[str, Any]],
    queries: dict[str, dict[str, str]],
) -> None:
    """Tell 1.0 at startup what 0.65 asks ``get_metadata`` and ``canned_queries`` for."""
    if not is_new():
        return
    await _set_descriptions(datasette, database, description, tables)
    settings = datasette.config.setdefault("databases", {}).setdefault(database, {})
    for name, metadata in tables.items():
        chosen = {key: metadata[key] for key in _SETTINGS_OF_TABLES if key in metadata}
        known = settings.setdefault("tables", {}).setdefault(name, {})
        settings["tables"][name] = {**chosen, **known}
    for name, query in queries.items():
        # Trusted: who may see the archive may run them, also where SQL is off.
        await datasette.add_query(
            database,
            name,
            query["sql"],
            title=query["title"],
            description=query["description"],
            is_trusted=True,
            source="harvester",
        )


async def _set_descriptions(
    datasette: Any,
    database: str,
    description: str,
    tables: dict[str, dict[str, Any]],
) -> None:
    """What the instance's own metadata describe stays."""
    if "description" not in await datasette.get_database_metadata(database):
        await datasette.set_database_metadata(database, "description", description)
    for name, metadata in tables.items():
        if "description" not in await datasette.get_resource_metadata(database, name):
            await datasette.set_resource_metadata(
                database, name, "description", metadata["description"]
            )
        for column, words in metadata.get("columns", {}).items():
            await datasette.set_column_metadata(
                database, name, column, "description", words
            )
