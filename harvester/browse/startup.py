"""What is done once, before Datasette answers."""

from __future__ import annotations

from typing import Any

from harvester.browse import (
    archive_queries,
    datasette_compat,
    served_archive,
    table_descriptions,
)
from harvester.browse.archive_database import ArchiveDatabase
from harvester.browse.hooks import hookimpl


@hookimpl
async def startup(datasette: Any) -> None:
    """Replace each archive by one that counts little, and describe the first one."""
    datasette_compat.replace_databases(
        datasette,
        {
            name: ArchiveDatabase(
                datasette, database.path, is_mutable=database.is_mutable
            )
            if served_archive.is_archive(database)
            else database
            for name, database in datasette.databases.items()
        },
    )
    archive = served_archive.find_archive(datasette)
    if archive is not None:
        await datasette_compat.describe(
            datasette,
            archive.name,
            table_descriptions.OF_ARCHIVE,
            table_descriptions.TABLES,
            archive_queries.CANNED_QUERIES,
        )
