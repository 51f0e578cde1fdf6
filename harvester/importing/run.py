"""One import from its files to the archive; it continues where it was interrupted.

Everything happens in a workspace beside the archive until it is merged: an index of the
files, and a staging archive. The same command finds it again by what it names.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from harvester.archive.connection import Archive, open_reader
from harvester.archive.importing import position, workspace
from harvester.archive.importing.workspace import FileRow
from harvester.archive.records import origins, profiles
from harvester.archive.records.origins import NewOrigin
from harvester.archive.schema import SCHEMA_VERSION
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.takedown import blocklist
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.errors import ArchiveOutdated, HarvesterError
from harvester.importing import index
from harvester.importing.index import Indexer, Progress
from harvester.importing.ownership import Ownership
from harvester.importing.redirects import join_redirects
from harvester.importing.replay import Replay
from harvester.importing.replay_keeper import ReplayKeeper
from harvester.importing.responses import ResponseReader
from harvester.importing.summary import fill_result
from harvester.importing.types import (
    ImportFile,
    ImportOptions,
    ImportResult,
    Report,
)
from harvester.importing.workspaces import is_in_workspace, workspace_path
from harvester.ingest import merge_archives
from harvester.ingest.settings_sync import sync_settings
from harvester.settings import Settings
from harvester.workers.pool import WorkerPool

COMMAND = "harvest import"
INDEX_NAME, STAGING_NAME, CAPTURES_NAME = "index.db", "staging.db", "captures"
FILE_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".warc.open")
READ_FILES, INDEX_FILES = "reading files", "records indexed, in bytes"
REPLAY, MERGE = "pages replayed", "merging"
INDEXED, REPLAYED = "indexed", "replayed"  # stages of the workspace


def find_files(paths: Iterable[Path], own: Path | None = None) -> list[Path]:
    """The WARC files that are named, and those in folders that are, by name.

    ``own``: the folder of the archive's own, which are left out of folders. Raises
    HarvesterError if a folder has none.
    """
    own = own.resolve() if own is not None else None
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        files = sorted(
            file
            for file in path.rglob("*")
            if file.name.endswith(FILE_ENDINGS)
            and file.is_file()
            and own not in file.resolve().parents
            and not is_in_workspace(file)
        )
        if not files:
            raise HarvesterError(
                f"{path} has no WARC files", f"their names end in {FILE_ENDINGS[1]}"
            )
        found += files
    return list(dict.fromkeys(file.resolve() for file in found))


def import_files(
    settings: Settings,
    files: Sequence[ImportFile],
    options: ImportOptions,
    now: str,
    report: Report,
) -> ImportResult:
    """Import WARC files into the archive of the settings.

    ``now``: the time, of which only the import itself is dated. Raises HarvesterError.
    """
    folder = workspace_folder(settings.archive, files, options)
    with _open_workspace(folder, now) as connection:
        task = _Import(settings, files, options, now, report, folder, connection)
        result = task.run()
    shutil.rmtree(folder, ignore_errors=True)
    return result


def workspace_folder(
    archive: Path, files: Sequence[ImportFile], options: ImportOptions
) -> Path:
    """The workspace of an import: the same for the same files and options."""
    digest = hashlib.sha256(str(SCHEMA_VERSION).encode())
    for file in sorted(files, key=lambda file: str(file.path)):
        status = file.path.stat()
        told = (str(file.path.resolve()), status.st_size, status.st_mtime_ns, file.kind)
        digest.update(repr(told).encode("utf-8", "surrogateescape"))
    whose = (
        options.outlet,
        options.all_outlets,
        options.since,
        options.until,
        options.again,
    )
    digest.update(repr(whose).encode())
    return workspace_path(archive, digest.hexdigest()[:12])


@contextmanager
def _open_workspace(folder: Path, now: str) -> Iterator[sqlite3.Connection]:
    """The index of a workspace, which is locked. Raises ArchiveLocked."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = Lock(folder / STAGING_NAME)
    lock.acquire(LockHolder(os.getpid(), COMMAND, now))
    path = folder / INDEX_NAME
    try:
        with (
            translate_sqlite_errors(path),
            closing(workspace.open_index(path)) as connection,
        ):
            yield connection
    finally:
        lock.release()


@dataclass(slots=True)
class _Import:
    """One import under way."""

    settings: Settings
    files: Sequence[ImportFile]
    options: ImportOptions
    now: str
    report: Report
    folder: Path
    index: sqlite3.Connection

    def run(self) -> ImportResult:
        """Do what is still to be done; returns what became of everything."""
        ownership = Ownership(
            self.settings, self.options.outlet, self.options.all_outlets
        )
        for domain, key in workspace.list_made_outlets(self.index):
            ownership.add_made(domain, key)
        self._add_files()
        indexer = Indexer(
            self.index,
            self.folder,
            ownership,
            self.settings.limits,
            self.now,
            index.to_moment(self.options.since),
            index.to_moment(self.options.until),
        )
        if not workspace.has_stage(self.index, INDEXED):
            self._index_files(indexer)
        result = ImportResult(dry_run=self.options.dry_run)
        if self.options.dry_run:
            fill_result(result, self.index, Counter())
            return result
        counts: Counter[tuple[str, str]] = Counter()
        has_news = any(
            file.status == "imported" for file in workspace.list_files(self.index)
        )
        # A file with nothing that is wanted may be imported once its outlets are added.
        if has_news and workspace.count_turns(self.index):
            counts = self._replay(ownership, indexer.max_block_bytes)
            result.merged = self._merge()
        fill_result(result, self.index, counts)
        return result

    # ---- files

    def _add_files(self) -> None:
        """Digest the files, and find out which were imported before."""
        known = self._list_known()
        indexed = {Path(row.path): row for row in workspace.list_files(self.index)}
        seen = {row.sha256 for row in indexed.values()}
        total = sum(file.path.stat().st_size for file in self.files)
        done = 0
        for file in self.files:
            size = file.path.stat().st_size
            if (row := indexed.get(file.path)) is not None:
                if row.sha256 in known and file.kind == "warc":
                    workspace.set_file_status(self.index, row.id, "known")
                done += size
                continue
            digest = index.hash_file(file.path, self._progress(READ_FILES, done, total))
            done += size
            status = "same" if digest in seen else "imported"
            if digest in known and file.kind == "warc":
                status = "known"
            seen.add(digest)
            workspace.add_file(
                self.index,
                str(file.path),
                file.kind,
                file.name or file.path.name,
                file.receiver,
                digest,
                size,
                status,
            )

    def _progress(self, stage: str, start: int, total: int) -> Progress:
        """Tells how much of all files is done while one of them is read."""
        return lambda done, _: self.report(stage, start + done, total)

    def _list_known(self) -> set[str]:
        """The digests of files that the archive has imported."""
        with ExitStack() as stack:
            ours = None if self.options.again else self._open_ours(stack)
            return origins.list_file_digests(ours) if ours else set()

    def _open_ours(self, stack: ExitStack) -> sqlite3.Connection | None:
        """The archive, to be read; None if there is none yet that was ever imported to."""
        if not self.settings.archive.exists():
            return None
        with suppress(ArchiveOutdated):
            return stack.enter_context(closing(open_reader(self.settings.archive)))
        return None

    def _index_files(self, indexer: Indexer) -> None:
        rows = [row for row in workspace.list_files(self.index) if not row.done]
        total = sum(row.bytes for row in rows if row.status == "imported")
        done = 0
        for row in rows:
            if row.status != "imported":
                continue
            indexer.index_file(row, self._progress(INDEX_FILES, done, total))
            done += row.bytes
        join_redirects(self.index, self.settings.limits.redirects)
        workspace.add_stage(self.index, INDEXED)

    # ---- the staging archive

    def _replay(
        self, ownership: Ownership, max_block_bytes: int
    ) -> Counter[tuple[str, str]]:
        """Replay what is not replayed yet; returns what became of all."""
        staging = self._staging_settings(ownership)
        with ExitStack() as stack:
            archive = Archive.open(staging.archive, staging.captures)
            keeper = ReplayKeeper(archive, staging)
            stack.callback(keeper.close)
            stack.enter_context(translate_sqlite_errors(staging.archive))
            archive.begin()
            at = position.load_position(archive.connection)
            if workspace.has_stage(self.index, REPLAYED):
                return workspace.load_counts(self.index)
            rows = workspace.list_files(self.index)
            origin_ids = self._prepare_staging(archive, staging, rows)
            archive.commit()
            reader = ResponseReader(
                self.index, rows, self.folder, staging.limits, max_block_bytes
            )
            stack.callback(reader.close)
            count = self.options.workers or staging.workers
            pool = stack.enter_context(
                closing(
                    WorkerPool(
                        count,
                        staging.limits.read_time,
                        memory=staging.limits.read_memory,
                    )
                )
            )
            # Outlets share nothing here: the order of time is kept, whoever is slow.
            Replay(keeper, self.index, reader, pool.submit, origin_ids, at).run(
                lambda done, total: self.report(REPLAY, done, total)
            )
            keeper.redact_purged(self.now)
        workspace.store_counts(self.index, at.counts)
        workspace.add_stage(self.index, REPLAYED)
        return at.counts

    def _staging_settings(self, ownership: Ownership) -> Settings:
        """The settings by which the staging archive is written."""
        outlets = {
            key: replace(outlet, disabled=False)
            for key, outlet in ownership.outlets.items()
        }
        return replace(
            self.settings,
            archive=self.folder / STAGING_NAME,
            captures=self.folder / CAPTURES_NAME,
            outlets=outlets,
            alerts={},
            requests=False,
        )

    def _prepare_staging(
        self, archive: Archive, staging: Settings, rows: Sequence[FileRow]
    ) -> dict[int, tuple[int, str]]:
        """Outlets, their profiles in force, and origins; file → (origin, name)."""
        first = workspace.get_first_moment(self.index)
        began = index.seconds_of(first) if first else self.now
        position.drop_triggers(archive.connection)
        sync_settings(archive.connection, staging, began)
        self._copy_profiles(archive.connection, staging)
        self._copy_blocklist(archive.connection)
        ids = {}
        for row in rows:
            if row.status != "imported":
                continue
            is_file = row.kind == "warc"
            origin = NewOrigin(
                "warc" if is_file else "wayback",
                row.name,
                row.receiver,
                row.sha256 if is_file else "",
                self.now,
                row.bytes if is_file else 0,
            )
            ids[row.id] = origins.add_origin(archive.connection, origin), row.name
        return ids

    def _copy_blocklist(self, connection: sqlite3.Connection) -> None:
        """What was purged does not come back by an import, in feeds and pages either."""
        with ExitStack() as stack:
            ours = self._open_ours(stack)
            if ours is not None:
                blocklist.copy_blocklist(connection, ours)

    def _copy_profiles(self, connection: sqlite3.Connection, staging: Settings) -> None:
        """What pages of the past are read with is what those of today are read with."""
        with ExitStack() as stack:
            ours = self._open_ours(stack)
            if ours is None:
                return
            for outlet in staging.outlets:
                row = profiles.get_current_profile(ours, outlet)
                if row is not None:
                    profiles.add_profile(
                        connection,
                        outlet,
                        row["body"],
                        row["pages"],
                        row["labelled"],
                        row["extractor"],
                        row["at"],
                    )

    # ---- the archive

    def _merge(self) -> dict[str, object]:
        """Merge the staging archive into the archive."""
        self._finish_staging()
        lock = Lock(self.settings.archive)
        lock.acquire(LockHolder(os.getpid(), COMMAND, self.now), self.options.wait)
        try:
            self.report(MERGE, 0, 1)
            with closing(
                Archive.open(self.settings.archive, self.settings.captures)
            ) as archive:
                archive.begin()
                sync_settings(archive.connection, self.settings, self.now)
                archive.commit()
            return merge_archives.merge_import(
                self.settings.archive,
                self.settings.captures,
                self.folder / STAGING_NAME,
                self.folder / CAPTURES_NAME,
                self.now,
                lambda stage: self.report(f"{MERGE}: {stage}", 0, 1),
            )
        finally:
            lock.release()

    def _finish_staging(self) -> None:
        """Make the staging archive one like any other."""
        with closing(Archive.open(self.folder / STAGING_NAME)) as archive:
            archive.begin()
            position.drop_position(archive.connection)
            archive.commit()
