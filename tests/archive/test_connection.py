"""An archive that cannot be opened is let go of at once, by readers and by the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.archive.connection import Archive, open_reader
from harvester.errors import (
    ArchiveError,
    ArchiveNotFound,
    ArchiveOutdated,
    ArchiveTooNew,
    NotAnArchive,
)

OPENERS: list[Callable[[Path], object]] = [open_reader, Archive.open]


def open_descriptors(path: Path) -> list[str]:
    """The descriptors of this process that are open on a file, its log included."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list a process's open files")
    targets = []
    for descriptor in descriptors.iterdir():
        try:
            targets.append(str(descriptor.readlink()))
        except OSError:  # the one that lists the folder
            continue
    return [target for target in targets if target.startswith(str(path))]


def write_database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def assert_let_go(
    opener: Callable[[Path], object], path: Path, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        opener(path)
    # The error is still held, and with it every variable of the function that raised.
    assert caught.value is not None
    assert open_descriptors(path) == []


@pytest.mark.parametrize("opener", OPENERS)
def test_a_database_of_another_program(
    opener: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "recipes.db"
    write_database(path, "create table recipes (name text)")
    assert_let_go(opener, path, NotAnArchive)


@pytest.mark.parametrize("opener", OPENERS)
def test_an_archive_of_a_newer_program(
    opener: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    Archive.open(path).close()
    write_database(path, f"pragma user_version = {schema.SCHEMA_VERSION + 1}")
    assert_let_go(opener, path, ArchiveTooNew)


@pytest.mark.parametrize("opener", OPENERS)
def test_an_archive_whose_tables_are_overwritten(
    opener: Callable[[Path], object], tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    Archive.open(path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996  # the page of the schema, after the file header
    path.write_bytes(content)
    assert_let_go(opener, path, ArchiveError)


def test_a_reader_of_an_empty_or_older_archive(tmp_path: Path) -> None:
    empty, older = tmp_path / "empty.db", tmp_path / "older.db"
    empty.touch()
    assert_let_go(open_reader, empty, ArchiveNotFound)
    with closing(sqlite3.connect(older)) as connection:
        connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
        schema.apply_migrations(connection, schema.SCHEMA_VERSION - 1)
        connection.commit()
    assert_let_go(open_reader, older, ArchiveOutdated)
    open_reader(older, allow_older=True).close()
    assert open_descriptors(older) == []
