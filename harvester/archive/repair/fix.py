"""Mending what ``look`` found: after a copy, and under the lock of who calls. What is lost is said by name.

Not for: reading captures again (``ingest``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import BUSY_SECONDS, translated
from harvester.archive.repair import (
    encoding,
    files,
    indexes,
    losses,
    orphans,
    recovered_captures,
    sealed_versions,
)
from harvester.archive.repair.diagnosis import Fault, Kind
from harvester.archive.repair.salvage import salvage
from harvester.errors import ArchiveError
from harvester.settings import Settings

CHANGING = (
    "file",
    "index",
    "definitions",
    "rows",
    "letters",
    "words",
    "shingles",
    "short",
    "missing",
)  # a copy is made first


@dataclass(slots=True)
class Mended:
    """What was done. ``copy``: what was there before; ``lost``: (article, version or capture; which)."""

    copy: Path | None = None
    done: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


def fix(
    settings: Settings,
    faults: Sequence[Fault],
    now: str,
    forget: bool = False,
    say: Callable[[str], None] = lambda words: None,
) -> Mended:
    """Mend. ``forget``: let go of captures whose file is missing too. Raises ArchiveError where there is no room or no way."""
    archive, kinds, mended = settings.archive, {one.kind for one in faults}, Mended()
    if "missing" in kinds and not forget:
        kinds.discard("missing")  # the file may come back: nothing is forgotten unasked
    with translated(archive):
        if kinds & set(CHANGING):
            mended.copy = files.copy(archive, now)
            say(f"what was there is kept as {mended.copy}")
        if kinds & {"index", "letters"}:
            kinds.add("rows")  # what was damaged may have been the name of another row
        if "file" in kinds or ("index" in kinds and not _reindexed(archive, mended)):
            _salvaged(settings, now, mended)
        elif kinds & {"definitions", "rows", "letters", "words", "shingles"}:
            _inside(archive, settings, now, mended, kinds)
        if settings.captures is not None and settings.captures.is_dir():
            _warcs(archive, settings.captures, mended, forget)
        _around(archive, settings.captures, mended)
    return mended


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)


def _reindexed(archive: Path, mended: Mended) -> bool:
    """Build SQLite's own indexes anew; whether that was all there was to do."""
    connection = _open(archive)
    try:
        connection.execute("reindex")
        sound = bool(
            connection.execute("pragma integrity_check(1)").fetchone()[0] == "ok"
        )
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    if sound:
        mended.done.append("the indexes were built anew")
    return sound


def _salvaged(settings: Settings, now: str, mended: Mended) -> None:
    """A new file out of what can be read of the old one."""
    archive = settings.archive
    draft = archive.with_name(f"{archive.name}.fix.part")
    try:
        found = salvage(archive, draft)
        mended.done.append(
            f"a new archive was made of {sum(found.rows.values())} rows that can be read; {found.pages} pages and "
            f"{found.broken} records could not"
            + (f" (of {', '.join(found.damaged)})" if found.damaged else "")
        )
        kinds: set[Kind] = {"rows", "file"}
        chain = bool({"seals", "captures"} & set(found.damaged))
        _inside(draft, settings, now, mended, kinds, chain)
        connection = _open(draft)
        try:
            connection.execute("pragma journal_mode = wal")
            said = connection.execute("pragma integrity_check(1)").fetchone()[0]
        finally:
            connection.close()
        if said != "ok" or indexes.words(draft):
            raise ArchiveError(
                f"{archive} could not be mended: {said}",
                "restore a backup; nothing was changed",
            )
        files.replace(archive, draft)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + end).unlink(missing_ok=True)


def _inside(
    path: Path,
    settings: Settings,
    now: str,
    mended: Mended,
    kinds: set[Kind],
    chain: bool = False,
) -> None:
    """Rows and indexes, in one transaction. ``chain``: it is damaged."""
    connection = _open(path)
    try:
        connection.execute("pragma foreign_keys = off")
        connection.execute("begin immediate")
        if connection.execute("pragma user_version").fetchone()[0] == schema.VERSION:
            built = indexes.build(connection, indexes.missing(connection))
            mended.done += [f"the {name} was made anew" for name in built]
        if "letters" in kinds or "file" in kinds:
            count = encoding.mend(connection)
            if count:
                mended.done.append(f"texts that could not be read: {count}")
                kinds.add("words")  # the index took in what stood there before
        if "rows" in kinds:
            _rows(connection, settings, now, mended, chain)
        if "words" in kinds:
            indexes.words_anew(connection)
            mended.done.append("the full-text index was built anew")
        if "shingles" in kinds or (
            "file" in kinds and any(indexes.shingles(connection))
        ):
            whole = any("damaged" in words for words in indexes.shingles(connection))
            indexes.shingles_anew(connection, whole)
            mended.done.append("the index of shingles is built anew by the next crawls")
        connection.execute("commit")
    finally:
        connection.close()


def _rows(
    connection: sqlite3.Connection,
    settings: Settings,
    now: str,
    mended: Mended,
    chain: bool,
) -> None:
    articles, versions = losses.articles(connection), losses.versions(connection)
    captures = [
        f"capture {number}, received at {at}"
        for number, at, _ in losses.captures(connection)
    ]
    if (
        (captures or chain)
        and settings.captures is not None
        and settings.captures.is_dir()
    ):
        back, captures = recovered_captures.again(connection, settings.captures, chain)
        if back:
            mended.done.append(
                f"rows of captures made anew from their WARC records: {back}"
            )
    if connection.execute(
        "select 1 from sqlite_master where name = 'seals'"
    ).fetchone():
        count = sealed_versions.mend(connection)
        mended.done += (
            [f"versions that are again as they were sealed: {count}"] if count else []
        )
    of_feed = {
        one.url: outlet.key
        for outlet in settings.outlets.values()
        for one in outlet.feeds
    }
    done = orphans.mend(connection, of_feed, now)
    mended.done += [f"{what}: {count}" for what, count in sorted(done.items())]
    mended.lost += [("article", name) for name in articles]
    mended.lost += [("version", name) for name in versions]
    mended.lost += [("capture", name) for name in captures]


def _warcs(archive: Path, folder: Path, mended: Mended, forget: bool) -> None:
    connection = _open(archive)
    try:
        if files.short(connection, folder):
            connection.execute("begin immediate")
            count = recovered_captures.point_again(connection, folder)
            connection.execute("commit")
            mended.done += (
                [f"captures whose record was found elsewhere: {count}"] if count else []
            )
        for one in files.short(connection, folder):
            if one.size < 0 and not forget:
                continue
            connection.execute("begin immediate")
            names = files.forget(connection, one)
            connection.execute("commit")
            mended.done.append(
                f"{len(names)} captures point no more behind the end of {one.path}"
            )
            mended.lost += [("capture", name) for name in names]
        for path, whole in files.torn(connection, folder):
            files.cut(path, whole)
            mended.done.append(f"half a record was cut from {path}")
    finally:
        connection.close()


def _around(archive: Path, folder: Path | None, mended: Mended) -> None:
    for path in files.left(archive, folder):
        path.unlink()
        mended.done.append(f"{path} was removed")
    wide = files.wide(archive, folder)
    files.narrow(wide)
    mended.done += [f"{path} can be read by its owner only" for path in wide]
