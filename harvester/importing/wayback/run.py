"""An import from a web archive: its list, what is wanted of it, the captures, the merge.

Everything is in a workspace beside the archive until it is merged, so that the same
command continues where an earlier one was interrupted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection
from urllib.parse import urlsplit

from harvester.archive.connection import open_reader
from harvester.archive.importing import capture_lists
from harvester.archive.importing.capture_lists import OBTAINED, CaptureRow
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.errors import ArchiveNotFound, HarvesterError
from harvester.identity.urls import is_front_page, own_domain, site
from harvester.importing.run import import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.importing.wayback import listing, local_files
from harvester.importing.wayback.addresses import ArchiveAddress
from harvester.importing.wayback.listing import Wanted
from harvester.importing.wayback.local_files import LocalFiles
from harvester.importing.wayback.obtaining import Obtaining
from harvester.importing.wayback.selection import Row, Scope, choose
from harvester.importing.wayback.web_archive import WebArchive
from harvester.importing.workspaces import workspace_path
from harvester.schedule.times import parse_time
from harvester.settings import Outlet, Settings

COMMAND = "harvest import wayback"
WORKSPACE_MARK = "wayback-"  # before the workspace's id
LISTS_NAME, CAPTURES_NAME = "lists.db", "captures"
MAX_LIST_AGE_SECONDS = 7 * 86_400.0  # of a list from which nothing was obtained yet
MAX_RECORD_BYTES = 1 << 26  # of WARC files at hand, decompressed
READ, CHOSEN = "read", "chosen"  # stages
CHOOSE = "pages chosen"
REASON_LIMIT = "beyond --limit"
_BATCH_KEYS = 500
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where lists and captures are from: files at hand, or a web archive, or both."""

    lists: tuple[Path, ...] = ()
    warc: tuple[Path, ...] = ()  # files and folders; () if the web archive is asked
    archive: ArchiveAddress | None = None


@dataclass(frozen=True, slots=True)
class WaybackOptions:
    """What is wanted of it."""

    outlet: str  # key in the settings
    scopes: tuple[Scope, ...]
    since: str = ""  # the first time
    until: str = ""  # the first that is not wanted any more
    limit: int = 0  # captures; 0: all
    workers: int = 0
    wait: bool = False  # for the archive, while another program writes to it
    dry_run: bool = False


@dataclass(slots=True)
class WaybackResult:
    """What became of each line of the lists, exactly once."""

    outlet: str
    dry_run: bool = False
    wanted: int = 0  # captures that were or are to be obtained
    articles: int = 0  # they are of, by their URLs
    known_articles: int = 0  # of these, the archive has
    first: str = ""  # their times
    last: str = ""
    obtained: int = 0
    requests: int = 0  # by this command
    left_out: Counter[str] = field(default_factory=Counter)  # reason → captures
    failed: Counter[str] = field(default_factory=Counter)  # reason → captures
    imported: ImportResult | None = None


def default_scopes(outlet: Outlet) -> tuple[Scope, ...]:
    """What an outlet's pages are, by its front page, or its feeds if none is named."""
    urls = [outlet.home] if outlet.home else [feed.url for feed in outlet.feeds]
    return tuple(dict.fromkeys(_scope_of(url, bool(outlet.home)) for url in urls))


def find_outlet(settings: Settings, url: str) -> str:
    """The key of the outlet that a URL is of, by its domain; "" if of none."""
    for outlet in settings.outlets.values():
        if any(scope.contains(url) for scope in default_scopes(outlet)):
            return outlet.key
    domain = own_domain(url)
    for outlet in settings.outlets.values():
        if outlet.home and own_domain(outlet.home) == domain:
            return outlet.key
    return ""


def _scope_of(url: str, is_home: bool) -> Scope:
    if is_home and not is_front_page(url):  # a paper in a folder of a university's site
        return Scope("prefix", f"{url.rpartition('/')[0]}/")
    domain = own_domain(url)
    if domain == site(url) and ":" in domain:  # no registered domain
        return Scope("host", urlsplit(url).netloc.rpartition("@")[2].lower())
    return Scope("domain", domain)


def import_wayback(
    settings: Settings,
    options: WaybackOptions,
    source: Source,
    web: WebArchive | None,
    now: str,
    report: Report,
) -> WaybackResult:
    """Import an outlet's past captures into the archive of the settings.

    ``web``: asks ``source.archive``, if there is one. ``now``: the time, of which only
    the import itself is dated. Raises HarvesterError; the same call continues.
    """
    folder = _workspace_folder(settings.archive, options, source)
    _discard_old(folder, now)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = Lock(folder / LISTS_NAME)
    lock.acquire(LockHolder(os.getpid(), COMMAND, now))
    try:
        with (
            translate_sqlite_errors(folder / LISTS_NAME),
            closing(capture_lists.open_lists(folder / LISTS_NAME)) as connection,
        ):
            task = _Import(
                settings, options, source, web, now, report, folder, connection
            )
            result = task.run()
        if not options.dry_run or not source.archive or source.lists:
            shutil.rmtree(folder)
    finally:
        lock.release()
    return result


def _workspace_folder(archive: Path, options: WaybackOptions, source: Source) -> Path:
    """The workspace of what is wanted: the same for the same command."""
    wanted = (
        options.outlet,
        options.scopes,
        options.since,
        options.until,
        options.limit,
        [(str(path.resolve()), path.stat().st_size) for path in source.lists],
        [str(path.resolve()) for path in source.warc],
        source.archive,
    )
    digest = hashlib.sha256(repr(wanted).encode("utf-8", "surrogateescape"))
    return workspace_path(archive, f"{WORKSPACE_MARK}{digest.hexdigest()[:12]}")


def _discard_old(folder: Path, now: str) -> None:
    """Forget a list of last week, unless captures were obtained by it."""
    with suppress(FileNotFoundError):
        age = parse_time(now).timestamp() - (folder / LISTS_NAME).stat().st_mtime
        if age > MAX_LIST_AGE_SECONDS and not (folder / CAPTURES_NAME).exists():
            shutil.rmtree(folder)


@dataclass(slots=True)
class _Import:
    """One import under way."""

    settings: Settings
    options: WaybackOptions
    source: Source
    web: WebArchive | None
    now: str
    report: Report
    folder: Path
    lists: Connection

    def run(self) -> WaybackResult:
        """Do what is still to be done; returns what became of everything."""
        wanted = Wanted(
            self.options.scopes, self.options.since, self.options.until, self.now
        )
        if not capture_lists.has_stage(self.lists, READ):
            self._read_lists(wanted)
            capture_lists.add_stage(self.lists, READ)
        with ExitStack() as stack:
            ours = self._open_ours(stack)
            if not capture_lists.has_stage(self.lists, CHOSEN):
                self._choose(ours)
            if not self.options.dry_run:
                self._obtain(wanted, ours)
        result = self._describe()
        if not self.options.dry_run and result.obtained:
            result.imported = self._import()
        return result

    def _read_lists(self, wanted: Wanted) -> None:
        if self.source.lists:
            listing.read_files(self.lists, self.source.lists, wanted, self.report)
            return
        if self.source.archive is None or self.web is None:
            raise HarvesterError("no list of captures is named")
        listing.read_server(
            self.lists, self.source.archive, wanted, self.web, self.report
        )

    def _open_ours(self, stack: ExitStack) -> Connection | None:
        """The archive, to be read; None if there is none yet."""
        with suppress(ArchiveNotFound):
            return stack.enter_context(closing(open_reader(self.settings.archive)))
        return None

    # ---- what is wanted

    def _choose(self, ours: Connection | None) -> None:
        groups = capture_lists.list_by_key(self.lists)
        choices: list[tuple[int, bool, str]] = []
        batch: list[list[CaptureRow]] = []
        for group in groups:
            batch.append(group)
            if len(batch) >= _BATCH_KEYS:
                choices += _choose_batch(ours, batch)
                self.report(CHOOSE, len(choices), len(choices))
                batch = []
        choices += _choose_batch(ours, batch)
        with capture_lists.transaction(self.lists):
            capture_lists.set_choices(self.lists, choices)
            if self.options.limit:
                capture_lists.limit_wanted(self.lists, self.options.limit, REASON_LIMIT)
            capture_lists.add_stage(self.lists, CHOSEN)

    # ---- captures

    def _obtain(self, wanted: Wanted, ours: Connection | None) -> None:
        captures = self.folder / CAPTURES_NAME
        if self.source.warc:
            files = local_files.find_files(self.source.warc)
            LocalFiles(self.lists, captures, files, MAX_RECORD_BYTES).run(self.report)
        elif self.source.archive is not None and self.web is not None:

            def held_times(row: CaptureRow) -> frozenset[str]:
                return _held_times(ours, [row])

            Obtaining(
                self.lists,
                captures,
                self.source.archive,
                self.web,
                wanted,
                self.settings,
                held_times,
            ).run(self.report)

    def _import(self) -> ImportResult:
        captures = self.folder / CAPTURES_NAME
        archive = self.source.archive
        files = [
            ImportFile((captures / name).resolve(), "warc", "", file.receiver)
            if self.source.warc or archive is None
            else ImportFile(
                (captures / name).resolve(), "wayback", archive.host, archive.replays
            )
            for name, file in capture_lists.get_files(self.lists).items()
        ]
        options = ImportOptions(
            outlet=self.options.outlet,
            workers=self.options.workers,
            wait=self.options.wait,
        )
        return import_files(self.settings, files, options, self.now, self.report)

    # ---- the result

    def _describe(self) -> WaybackResult:
        result = WaybackResult(self.options.outlet, self.options.dry_run)
        result.left_out = capture_lists.get_left_out(self.lists)
        for (state, reason), count in capture_lists.count_states(self.lists).items():
            if state == OBTAINED:
                result.obtained += count
            elif state == capture_lists.LEFT_OUT:
                result.left_out[reason] += count
            elif state == capture_lists.FAILED:
                result.failed[reason] += count
        (
            result.wanted,
            result.articles,
            result.known_articles,
            result.first,
            result.last,
        ) = capture_lists.count_wanted(self.lists)
        result.requests = self.web.request_count if self.web else 0
        return result


def _choose_batch(
    ours: Connection | None, batch: list[list[CaptureRow]]
) -> list[tuple[int, bool, str]]:
    known = (
        capture_lists.list_known_keys(ours, [group[0].key for group in batch])
        if ours is not None
        else frozenset()
    )
    choices: list[tuple[int, bool, str]] = []
    for group in batch:
        is_known = group[0].key in known
        rows = [
            Row(row.id, row.url, row.at, row.status, row.mime, row.digest)
            for row in group
        ]
        held = _held_times(ours, group)
        choices += [
            (choice.id, is_known, choice.reason)
            for choice in choose(rows, is_known, held)
        ]
    return choices


def _held_times(ours: Connection | None, rows: list[CaptureRow]) -> frozenset[str]:
    """When the archive received what it has of these URLs, in all of their forms."""
    if ours is None:
        return frozenset()
    return capture_lists.list_capture_times(ours, {row.url for row in rows})
