"""``harvest doctor``: checks settings, archive, captures and disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.options import json_object_option
from harvester.cli.output import (
    StepProgress,
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import ArchiveNotFound, HarvesterError

if TYPE_CHECKING:
    from pathlib import Path

    from harvester.archive.queries.overview import Totals
    from harvester.archive.repair.diagnosis import Fault
    from harvester.archive.repair.row_samples import Extent
    from harvester.settings import Settings

MIN_FREE_BYTES = 200_000_000  # of disk; less is a fault
MAX_WAL_BYTES = 200_000_000  # of the write-ahead log, without a warning
REQUIRED_PACKAGES = (
    "scrapy",
    "feedparser",
    "trafilatura",
    "sqlite-utils",
    "apscheduler",
    "datasette",
    "warcio",
)
FULL_SECONDS_PER_GIGABYTE = 25  # of processor time: `harvest doctor --full`
MIN_STATED_SECONDS = 20
MAX_LISTED = 20  # losses; --json lists all

CheckResult = tuple[bool, str]  # whether it is sound, and a message


@click.command()
@click.option(
    "--upgrade",
    is_flag=True,
    help="First migrate an archive of an older harvester, after a backup.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Repair what can be repaired, after a copy; list what is lost.",
)
@click.option(
    "--forget-captures",
    is_flag=True,
    help="With --fix: give up captures whose WARC file is missing.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Check every page and row of a large archive, not a sample.",
)
@json_object_option
@pass_context
def doctor(
    context: Context,
    upgrade: bool,
    fix: bool,
    forget_captures: bool,
    full: bool,
    as_json: bool,
) -> None:
    """Check settings, archive, captures and disk.

    Of an archive above 500 MB, the newest rows and a sample of the others are checked,
    unless --full or --fix is given. Changes nothing without --upgrade or --fix. The
    exit code is 1 if something is wrong.

    Examples: `harvest doctor --fix`, `harvest doctor --json`
    """
    if forget_captures and not fix:
        raise click.UsageError("--forget-captures needs --fix")
    if upgrade:
        _upgrade_archive(context)
    report = _Report(as_json)
    report.add_results("program", [_check_program()])
    try:
        settings = context.settings
    except HarvesterError as error:
        report.add_results("settings", [(False, str(error))])
        report.finish()
        raise SystemExit(error.exit_code) from error
    report.add_results("settings", _check_settings(settings))
    for warning in context.contact_warnings():
        report.add_results("settings", [(True, f"warning: {warning}")])
    if fix:
        from harvester.cli.repair import repair_and_reread

        report.repairs = repair_and_reread(context, forget_captures)
        if not as_json:
            _print_repairs(report.repairs)
    checks: dict[str, Callable[[Settings], Iterator[CheckResult]]] = {
        "archive": lambda settings: _check_archive(settings, full or fix, as_json),
        "captures": _check_captures,
        "disk": _check_disk,
    }
    for part, check in checks.items():
        report.add_results(part, check(settings))
    report.finish()
    if not report.ok:
        if not fix and not as_json and os.access(settings.archive.parent, os.W_OK):
            print_note("`harvest doctor --fix` repairs what it can, after a copy")
        raise SystemExit(1)


class _Report:
    """Results, printed as they come, or as one object at the end."""

    def __init__(self, as_json: bool) -> None:
        self.ok = True
        self.repairs: dict[str, Any] | None = None
        self._as_json = as_json
        self._results: list[dict[str, Any]] = []

    def add_results(
        self, part: str, results: Iterator[CheckResult] | list[CheckResult]
    ) -> None:
        for ok, message in results:
            self.ok = self.ok and ok
            self._results.append({"part": part, "ok": ok, "words": message})
            if not self._as_json:
                label = ("ok   ", "green") if ok else ("WRONG", "red")
                _print_result(label, part, message, bold=not ok)

    def finish(self) -> None:
        if self._as_json:
            print_json({"ok": self.ok, "found": self._results, "mended": self.repairs})


def _print_result(
    label: tuple[str, str], part: str, message: str, bold: bool = False
) -> None:
    """Print a line; ``label``: its first word, and the colour of this."""
    text, colour = label
    styled = click.style(text, fg=colour, bold=bold)
    print_text(f"{styled}  {part:<9} {clean(message, multiline=True)}")


def _print_repairs(repairs: dict[str, Any]) -> None:
    """Print what was repaired, and what is lost."""
    for message in repairs["done"]:
        _print_result(("fixed", "yellow"), "archive", message)
    for loss in repairs["lost"][:MAX_LISTED]:
        _print_result(("LOST ", "red"), loss["what"], loss["name"], bold=True)
    if len(repairs["lost"]) > MAX_LISTED:
        more = len(repairs["lost"]) - MAX_LISTED
        print_text(f"LOST   … and {more} more; --json lists all")
    if not repairs["done"]:
        _print_result(("ok   ", "green"), "archive", "nothing to repair")
    if repairs["copy"]:
        print_text(
            f"{'':<7}{'archive':<9} the archive from before is {clean(repairs['copy'])}; "
            "remove it when all is well"
        )


def _upgrade_archive(context: Context) -> None:
    from harvester.archive.connection import Archive, open_reader

    settings = context.settings
    open_reader(settings.archive, allow_older=True).close()  # raises if there is none
    with context.hold_lock("harvest doctor --upgrade", utc_timestamp()):
        Archive.open(settings.archive, settings.captures, StepProgress()).close()


def _check_program() -> CheckResult:
    from importlib.metadata import PackageNotFoundError, version

    import harvester

    versions = [
        f"harvester {harvester.__version__}",
        f"Python {sys.version.split()[0]}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    missing = []
    for package in REQUIRED_PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return False, f"not installed: {', '.join(missing)}"
    return True, ", ".join(versions)


def _check_settings(settings: Settings) -> Iterator[CheckResult]:
    yield True, f"{settings.file}: {pluralize(len(settings.outlets), 'outlet')}"
    yield from ((True, f"warning: {warning}") for warning in settings.warnings)


def _check_archive(
    settings: Settings, full: bool, quiet: bool
) -> Iterator[CheckResult]:
    from harvester.archive.repair import diagnosis, row_samples
    from harvester.archive.writer_lock import get_lock_holder

    path = settings.archive
    extent: Extent = "all" if full else diagnosis.choose_extent(path)
    holder = get_lock_holder(path)
    if holder is not None:
        yield True, f"in use by {holder}"
        if holder.problem:
            yield False, f"it reports: {holder.problem}"
    if full and not quiet:
        _print_duration(path)
    try:
        faults = diagnosis.find_faults(
            path,
            settings.captures,
            holder is not None,
            extent,
            _print_step if full and not quiet else lambda step: None,
        )
        damaged, totals = _read_archive(settings, faults, extent)
    except ArchiveNotFound as error:
        yield True, f"{error}; {error.hint}"
        return
    except HarvesterError as error:
        yield False, f"{error}; {error.hint}" if error.hint else str(error)
        return
    for fault in faults:
        prefix = "" if fault.is_serious else "warning: "
        yield not fault.is_serious, f"{prefix}{fault.message}"
    if holder is not None:
        yield True, "full-text index checked in part: the archive is in use"
    if extent == "sample":
        yield (
            True,
            f"checked: the newest {row_samples.NEWEST_ROWS:,} rows of each table and "
            f"{row_samples.SPREAD_ROWS:,} of the others; `harvest doctor --full` checks "
            "every page and row",
        )
    yield from ((False, message) for message in damaged)
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size > MAX_WAL_BYTES and holder is None:
        yield (
            True,
            f"{wal} has {_format_megabytes(wal.stat().st_size)}; "
            "the next `harvest once` merges it into the archive",
        )
    if totals is not None and not damaged:
        size = _format_megabytes(path.stat().st_size)
        articles = pluralize(totals.articles, "article")
        versions = pluralize(totals.versions, "version")
        yield True, f"{path}: {articles}, {versions}, {size}"


def _print_step(step: str) -> None:
    """Print a step of ``diagnosis.STEPS`` as it begins."""
    from harvester.archive.repair.diagnosis import STEPS

    print_note(f"{STEPS.index(step) + 1} of {len(STEPS)}: checking {step} …")


def _print_duration(archive: Path) -> None:
    """Print how long a check of everything takes, if that is long."""
    size = archive.stat().st_size if archive.is_file() else 0
    seconds = size / 1e9 * FULL_SECONDS_PER_GIGABYTE
    if seconds >= MIN_STATED_SECONDS:
        print_note(
            f"checking all of {_format_megabytes(size)} takes about "
            f"{pluralize(round(seconds / 60) or 1, 'minute')}, longer if the disk is slow"
        )


def _read_archive(
    settings: Settings, faults: list[Fault], extent: Extent
) -> tuple[list[str], Totals | None]:
    """Damaged versions, and the size of the archive if nothing else is damaged."""
    from harvester.archive.connection import open_reader
    from harvester.archive.queries import overview

    if any(fault.kind == "file" for fault in faults):
        return [], None
    is_damaged = any(fault.is_serious for fault in faults)
    with closing(open_reader(settings.archive)) as connection:
        totals = None if is_damaged else overview.count_totals(connection)
        return _find_damaged_versions(connection, settings, extent), totals


def _find_damaged_versions(
    connection: sqlite3.Connection, settings: Settings, extent: Extent
) -> list[str]:
    """Versions whose title or text differ from what was stored."""
    from harvester.archive.integrity import verify
    from harvester.archive.repair.row_samples import RowSample
    from harvester.identity.wording import wording_digest
    from harvester.parse.content.extractor import EXTRACTOR

    verifier = verify.Verifier(connection, settings.captures, wording_digest, EXTRACTOR)
    versions = RowSample(connection, extent).source("versions")
    return [
        f"article {problem['article']}, version {problem['version']}: {problem['what']}"
        for problem in verifier.verify_versions(versions)
    ]


def _check_captures(settings: Settings) -> Iterator[CheckResult]:
    if settings.captures is None:
        yield True, "not stored as files"
    elif not settings.captures.exists():
        yield True, f"{settings.captures} is created by the first crawl"
    else:
        files = list(settings.captures.glob("*.warc.gz"))
        size = _format_megabytes(sum(file.stat().st_size for file in files))
        yield True, f"{settings.captures}: {pluralize(len(files), 'file')}, {size}"


def _check_disk(settings: Settings) -> Iterator[CheckResult]:
    folders = {
        settings.archive.parent,
        *([settings.captures] if settings.captures else []),
    }
    for folder in sorted(folders):
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        if free < MIN_FREE_BYTES:
            yield False, f"only {_format_megabytes(free)} free for {folder}"
        if not os.access(folder, os.W_OK):
            yield False, f"{folder} is not writable"
    free = shutil.disk_usage(folder).free
    yield True, f"{_format_megabytes(free)} free for {folder}"


def _format_megabytes(byte_count: int) -> str:
    return f"{byte_count // 10**6} MB"
