"""Create an archive at once: no other program ever sees one that is half made.

The tables are made in a file beside it, which then gets its name. A program that looks
meanwhile finds no archive yet. If another program was faster, its file is used.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from harvester.archive import schema
from harvester.archive.disk_sync import fsync_path


def create_archive(path: Path) -> None:
    """Create an empty archive, unless there is a file."""
    path = path.resolve()
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    # Readable by its owner only: URLs of feeds may carry secrets.
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _make_tables(draft)
        fsync_path(draft)
        _give_name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    fsync_path(path.parent)


def _make_tables(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as connection:
        # A draft that is cut off is made again: it needs no log.
        connection.execute("pragma journal_mode = memory")
        connection.execute("pragma synchronous = off")
        connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        schema.apply_migrations(connection)
        connection.commit()
        connection.execute("pragma journal_mode = wal")


def _give_name(draft: Path, path: Path) -> None:
    """Give the file its name, unless it is taken."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            draft.rename(path)
