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
from harvester.cli.output import clean, note, print_json, say
from harvester.errors import ArchiveMissing, HarvesterError
from harvester.settings import Settings

ROOM = 200_000_000  # bytes of free disk; less is worth a word
LOG = 200_000_000  # bytes of the archive's log that nobody folds into it
PACKAGES = (
    "scrapy",
    "feedparser",
    "trafilatura",
    "sqlite-utils",
    "apscheduler",
    "datasette",
    "warcio",
)

Found = tuple[bool, str]  # whether it is well, and what was found
LISTED = 20  # names of what is lost; --json has all


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
        _upgrade(context.settings)
    report = _Report(as_json)
    report.part("program", [_program()])
    try:
        settings = context.settings
    except HarvesterError as error:
        report.part("settings", [(False, str(error))])
        report.end()
        raise SystemExit(error.exit_code) from error
    report.part("settings", _settings(settings))
    if fix:
        from harvester.cli.repair import mend

        report.mended = mend(settings, forget_captures)
        _tell(report.mended, as_json)
    checks: list[tuple[str, Callable[[Settings], Iterator[Found]]]] = [
        ("archive", _archive), ("captures", _captures), ("disk", _disk),
    ]  # fmt: skip
    for name, check in checks:
        report.part(name, check(settings))
    report.end()
    if not report.well:
        if not fix and not as_json:
            note("`harvest doctor --fix` mends what can be mended, after a copy")
        raise SystemExit(1)


class _Report:
    """What was found, said as it comes, or as one object at the end."""

    def __init__(self, as_json: bool) -> None:
        self.well = True
        self.mended: dict[str, Any] | None = None
        self._as_json = as_json
        self._found: list[dict[str, Any]] = []

    def part(self, name: str, found: Iterator[Found] | list[Found]) -> None:
        for good, words in found:
            self.well = self.well and good
            self._found.append({"part": name, "ok": good, "words": words})
            if not self._as_json:
                mark = (
                    click.style("well ", fg="green")
                    if good
                    else click.style("WRONG", fg="red", bold=True)
                )
                say(f"{mark}  {name:<9} {clean(words, lines=True)}")

    def end(self) -> None:
        if self._as_json:
            print_json({"ok": self.well, "found": self._found, "mended": self.mended})


def _tell(mended: dict[str, Any], as_json: bool) -> None:
    """What was mended, and what is lost."""
    if as_json:
        return
    for words in mended["done"]:
        say(f"{click.style('fixed', fg='yellow')}  {'archive':<9} {clean(words)}")
    for one in mended["lost"][:LISTED]:
        say(
            f"{click.style('LOST ', fg='red', bold=True)}  {one['what']:<9} {clean(one['name'])}"
        )
    if len(mended["lost"]) > LISTED:
        say(f"LOST   … and {len(mended['lost']) - LISTED} more; --json names all")
    if not mended["done"]:
        say(
            f"{click.style('well ', fg='green')}  {'archive':<9} there was nothing that could be mended"
        )
    if mended["copy"]:
        say(
            f"{'':<7}{'archive':<9} what was there before is {clean(mended['copy'])}; remove it when all is well"
        )


def _upgrade(settings: Settings) -> None:
    from harvester.archive.connection import Archive, reader
    from harvester.archive.lock import Holder, Lock
    from harvester.daemon.crawl_process import now

    reader(settings.archive, older=True).close()  # there is one
    lock = Lock(settings.archive)
    lock.acquire(Holder(os.getpid(), "harvest doctor --upgrade", now()))
    try:
        Archive.open(settings.archive, settings.captures).close()
    finally:
        lock.release()


def _program() -> Found:
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    import harvester

    named = [
        f"harvester {harvester.__version__}",
        f"Python {sys.version.split()[0]}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    missing = []
    for package in PACKAGES:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return False, f"not installed: {', '.join(missing)}"
    return True, ", ".join(named)


def _settings(settings: Settings) -> Iterator[Found]:
    yield True, f"{settings.file}: {len(settings.outlets)} outlets"
    yield from ((True, f"warning: {warning}") for warning in settings.warnings)


def _archive(settings: Settings) -> Iterator[Found]:
    from harvester.archive.connection import reader
    from harvester.archive.lock import held_by
    from harvester.archive.queries import report
    from harvester.archive.repair.diagnosis import THOROUGH, look

    path = settings.archive
    holder = held_by(path)
    if holder is not None:
        yield True, f"in use by {holder}"
        if holder.problem:
            yield False, f"it says: {holder.problem}"
    try:
        faults = look(path, settings.captures, holder is not None)
        if all(fault.kind != "file" for fault in faults):
            with closing(reader(path)) as connection:
                counts = (
                    report.stats(connection)
                    if not any(fault.serious for fault in faults)
                    else {}
                )
                texts = (
                    _texts(connection, settings)
                    if path.stat().st_size < THOROUGH
                    else None
                )
    except ArchiveMissing as error:
        yield True, f"{error}; {error.hint}"
        return
    except HarvesterError as error:
        yield False, f"{error}" + (f"; {error.hint}" if error.hint else "")
        return
    yield from (
        (not fault.serious, fault.words if fault.serious else f"warning: {fault.words}")
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
    if log.exists() and log.stat().st_size > LOG and holder is None:
        yield (
            True,
            f"{log} is {log.stat().st_size // 10**6} MB large; the next `harvest once` folds it into the archive",
        )
    if not any(fault.serious for fault in faults) and not texts:
        held = f"{counts['articles']['total']} articles, {counts['versions']} versions"
        yield True, f"{path}: {held}, {path.stat().st_size // 10**6} MB"


def _texts(connection: sqlite3.Connection, settings: Settings) -> list[str]:
    """Versions whose title or text are not what was kept."""
    from harvester.archive.integrity import verify
    from harvester.identity.wording import wording
    from harvester.parse.content.extractor import EXTRACTOR

    check = verify.Check(connection, settings.captures, wording, EXTRACTOR)
    return [
        f"article {one['article']}, version {one['version']}: {one['what']}"
        for one in check.versions()
    ]


def _captures(settings: Settings) -> Iterator[Found]:
    if settings.captures is None:
        yield True, "none kept as files"
    elif not settings.captures.exists():
        yield True, f"{settings.captures} is made by the first crawl"
    else:
        files = list(settings.captures.glob("*.warc.gz"))
        size = sum(file.stat().st_size for file in files)
        yield True, f"{settings.captures}: {len(files)} files, {size // 10**6} MB"


def _disk(settings: Settings) -> Iterator[Found]:
    folders = {
        settings.archive.parent,
        *([settings.captures] if settings.captures else []),
    }
    for folder in sorted(folders):
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        if free < ROOM:
            yield False, f"{free // 10**6} MB are left for {folder}"
        if not os.access(folder, os.W_OK):
            yield False, f"{folder} cannot be written"
    yield True, f"{shutil.disk_usage(folder).free // 10**6} MB are left for {folder}"
