"""``harvest doctor``: looks whether all is sound, and says in words what is not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import clean, print_json, print_note, print_text
from harvester.errors import ArchiveNotFound, HarvesterError
from harvester.settings import Settings

MIN_FREE_BYTES = 200_000_000  # bytes of free disk; less is worth a word
MAX_WAL_BYTES = 200_000_000  # bytes of the archive's log that nobody folds into it
REQUIRED_PACKAGES = (
    "scrapy",
    "feedparser",
    "trafilatura",
    "sqlite-utils",
    "apscheduler",
    "datasette",
    "warcio",
)

CheckResult = tuple[bool, str]  # whether it is well, and what was found
MAX_LISTED = 20  # names of what is lost; --json has all


@click.command()
@click.option(
    "--upgrade",
    is_flag=True,
    help="Bring an archive of an older harvester up to date first, after a backup.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Mend what can be mended, after a copy; name what is lost.",
)
@click.option(
    "--forget-captures",
    is_flag=True,
    help="With --fix: captures whose WARC file is missing will not come back.",
)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def doctor(
    context: Context, upgrade: bool, fix: bool, forget_captures: bool, as_json: bool
) -> None:
    """Look whether settings, archive, captures and disk are sound. Changes nothing, but for --upgrade and --fix."""
    if forget_captures and not fix:
        raise click.UsageError("--forget-captures goes with --fix")
    if upgrade:
        _upgrade_archive(context.settings)
    report = _Report(as_json)
    report.add_results("program", [_check_program()])
    try:
        settings = context.settings
    except HarvesterError as error:
        report.add_results("settings", [(False, str(error))])
        report.finish()
        raise SystemExit(error.exit_code) from error
    report.add_results("settings", _check_settings(settings))
    if fix:
        from harvester.cli.repair import repair_archive

        report.repairs = repair_archive(settings, forget_captures)
        _print_repairs(report.repairs, as_json)
    checks: list[tuple[str, Callable[[Settings], Iterator[CheckResult]]]] = [
        ("archive", _check_archive), ("captures", _check_captures), ("disk", _check_disk),
    ]  # fmt: skip
    for name, check in checks:
        report.add_results(name, check(settings))
    report.finish()
    if not report.ok:
        if not fix and not as_json:
            print_note("`harvest doctor --fix` mends what can be mended, after a copy")
        raise SystemExit(1)


class _Report:
    """What was found, said as it comes, or as one object at the end."""

    def __init__(self, as_json: bool) -> None:
        self.ok = True
        self.repairs: dict[str, Any] | None = None
        self._as_json = as_json
        self._results: list[dict[str, Any]] = []

    def add_results(
        self, name: str, results: Iterator[CheckResult] | list[CheckResult]
    ) -> None:
        for good, words in results:
            self.ok = self.ok and good
            self._results.append({"part": name, "ok": good, "words": words})
            if not self._as_json:
                mark = (
                    click.style("well ", fg="green")
                    if good
                    else click.style("WRONG", fg="red", bold=True)
                )
                print_text(f"{mark}  {name:<9} {clean(words, multiline=True)}")

    def finish(self) -> None:
        if self._as_json:
            print_json({"ok": self.ok, "found": self._results, "mended": self.repairs})


def _print_repairs(repairs: dict[str, Any], as_json: bool) -> None:
    """What was mended, and what is lost."""
    if as_json:
        return
    for words in repairs["done"]:
        print_text(
            f"{click.style('fixed', fg='yellow')}  {'archive':<9} {clean(words)}"
        )
    for one in repairs["lost"][:MAX_LISTED]:
        print_text(
            f"{click.style('LOST ', fg='red', bold=True)}  {one['what']:<9} {clean(one['name'])}"
        )
    if len(repairs["lost"]) > MAX_LISTED:
        print_text(
            f"LOST   … and {len(repairs['lost']) - MAX_LISTED} more; --json names all"
        )
    if not repairs["done"]:
        print_text(
            f"{click.style('well ', fg='green')}  {'archive':<9} there was nothing that could be mended"
        )
    if repairs["copy"]:
        print_text(
            f"{'':<7}{'archive':<9} what was there before is {clean(repairs['copy'])}; remove it when all is well"
        )


def _upgrade_archive(settings: Settings) -> None:
    from harvester.archive.connection import Archive, open_reader
    from harvester.archive.lock import Lock, LockHolder
    from harvester.daemon.crawl_process import utc_now_iso

    open_reader(settings.archive, allow_older=True).close()  # there is one
    lock = Lock(settings.archive)
    lock.acquire(LockHolder(os.getpid(), "harvest doctor --upgrade", utc_now_iso()))
    try:
        Archive.open(settings.archive, settings.captures).close()
    finally:
        lock.release()


def _check_program() -> CheckResult:
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    import harvester

    named = [
        f"harvester {harvester.__version__}",
        f"Python {sys.version.split()[0]}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    missing = []
    for package in REQUIRED_PACKAGES:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return False, f"not installed: {', '.join(missing)}"
    return True, ", ".join(named)


def _check_settings(settings: Settings) -> Iterator[CheckResult]:
    yield True, f"{settings.file}: {len(settings.outlets)} outlets"
    yield from ((True, f"warning: {warning}") for warning in settings.warnings)


def _check_archive(settings: Settings) -> Iterator[CheckResult]:
    from harvester.archive.connection import open_reader
    from harvester.archive.lock import get_lock_holder
    from harvester.archive.queries import report
    from harvester.archive.repair.diagnosis import MAX_THOROUGH_BYTES, find_faults

    path = settings.archive
    holder = get_lock_holder(path)
    if holder is not None:
        yield True, f"in use by {holder}"
        if holder.problem:
            yield False, f"it says: {holder.problem}"
    try:
        faults = find_faults(path, settings.captures, holder is not None)
        if all(fault.kind != "file" for fault in faults):
            with closing(open_reader(path)) as connection:
                counts = (
                    report.get_stats(connection)
                    if not any(fault.is_serious for fault in faults)
                    else {}
                )
                texts = (
                    _find_damaged_versions(connection, settings)
                    if path.stat().st_size < MAX_THOROUGH_BYTES
                    else None
                )
    except ArchiveNotFound as error:
        yield True, f"{error}; {error.hint}"
        return
    except HarvesterError as error:
        yield False, f"{error}" + (f"; {error.hint}" if error.hint else "")
        return
    yield from (
        (
            not fault.is_serious,
            fault.message if fault.is_serious else f"warning: {fault.message}",
        )
        for fault in faults
    )
    if holder is not None:
        yield (
            True,
            "the full-text index was not looked through, because the archive is in use",
        )
    if all(fault.kind != "file" for fault in faults):
        if texts is None:
            yield (
                True,
                "the words of versions were not looked through, because there are many: `harvest verify` does",
            )
        yield from ((False, words) for words in texts or ())
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > MAX_WAL_BYTES and holder is None:
        yield (
            True,
            f"{log} is {log.stat().st_size // 10**6} MB large; the next `harvest once` folds it into the archive",
        )
    if not any(fault.is_serious for fault in faults) and not texts:
        held = f"{counts['articles']['total']} articles, {counts['versions']} versions"
        yield True, f"{path}: {held}, {path.stat().st_size // 10**6} MB"


def _find_damaged_versions(
    connection: sqlite3.Connection, settings: Settings
) -> list[str]:
    """Versions whose title or text are not what was kept."""
    from harvester.archive.integrity import verify
    from harvester.identity.wording import wording_digest
    from harvester.parse.content.extractor import EXTRACTOR

    check = verify.Verifier(connection, settings.captures, wording_digest, EXTRACTOR)
    return [
        f"article {one['article']}, version {one['version']}: {one['what']}"
        for one in check.verify_versions()
    ]


def _check_captures(settings: Settings) -> Iterator[CheckResult]:
    if settings.captures is None:
        yield True, "none kept as files"
    elif not settings.captures.exists():
        yield True, f"{settings.captures} is made by the first crawl"
    else:
        files = list(settings.captures.glob("*.warc.gz"))
        size = sum(file.stat().st_size for file in files)
        yield True, f"{settings.captures}: {len(files)} files, {size // 10**6} MB"


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
            yield False, f"{free // 10**6} MB are left for {folder}"
        if not os.access(folder, os.W_OK):
            yield False, f"{folder} cannot be written"
    yield True, f"{shutil.disk_usage(folder).free // 10**6} MB are left for {folder}"
