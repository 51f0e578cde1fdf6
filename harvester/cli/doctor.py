"""``harvest doctor``: looks whether all is sound, and says in words what is not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import clean, say
from harvester.errors import ArchiveMissing, HarvesterError
from harvester.settings import Settings

ROOM = 200_000_000  # bytes of free disk; less is worth a word
LOG = 200_000_000  # bytes of the archive's log that nobody folds into it
PACKAGES = ("scrapy", "feedparser", "trafilatura", "sqlite-utils", "apscheduler", "datasette", "warcio")

Found = tuple[bool, str]  # whether it is well, and what was found


@click.command()
@click.option(
    "--upgrade", is_flag=True, help="Bring an archive of an older harvester up to date first, after a backup."
)
@pass_context
def doctor(context: Context, upgrade: bool) -> None:
    """Look whether settings, archive, captures and disk are sound. Changes nothing, but for --upgrade."""
    if upgrade:
        _upgrade(context.settings)
    sound = [_say("program", [_program()])]
    try:
        settings = context.settings
    except HarvesterError as error:
        _say("settings", [(False, str(error))])
        raise SystemExit(error.exit_code) from error
    checks: list[tuple[str, Callable[[Settings], Iterator[Found]]]] = [
        ("settings", _settings), ("archive", _archive), ("captures", _captures), ("disk", _disk),
    ]  # fmt: skip
    sound += [_say(name, check(settings)) for name, check in checks]
    if not all(sound):
        raise SystemExit(1)


def _upgrade(settings: Settings) -> None:
    from harvester.archive import Archive, reader
    from harvester.archive.lock import Holder, Lock
    from harvester.daemon.process import now

    reader(settings.archive, older=True).close()  # there is one
    lock = Lock(settings.archive)
    lock.acquire(Holder(os.getpid(), "harvest doctor --upgrade", now()))
    try:
        Archive.open(settings.archive, settings.captures).close()
    finally:
        lock.release()


def _say(name: str, found: Iterator[Found] | list[Found]) -> bool:
    well = True
    for good, words in found:
        well = well and good
        mark = click.style("well ", fg="green") if good else click.style("WRONG", fg="red", bold=True)
        say(f"{mark}  {name:<9} {clean(words, lines=True)}")
    return well


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
    from harvester.archive import reader, report, translated, upkeep
    from harvester.archive.lock import held_by

    path = settings.archive
    holder = held_by(path)
    if holder is not None:
        yield True, f"in use by {holder}"
        if holder.problem:
            yield False, f"it says: {holder.problem}"
    try:
        with translated(path), closing(reader(path)) as connection:
            faults = list(upkeep.faults(connection, settings.captures))
            counts = report.stats(connection)
    except ArchiveMissing as error:
        yield True, f"{error}; {error.hint}"
        return
    except HarvesterError as error:
        yield False, f"{error}" + (f"; {error.hint}" if error.hint else "")
        return
    yield from ((False, fault) for fault in faults)
    yield from _index(path, holder is not None)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > LOG and holder is None:
        yield (
            True,
            f"{log} is {log.stat().st_size // 10**6} MB large; the next `harvest once` folds it into the archive",
        )
    if not faults:
        held = f"{counts['articles']['total']} articles, {counts['versions']} versions"
        yield True, f"{path}: {held}, {path.stat().st_size // 10**6} MB"
    if path.stat().st_mode & 0o077:
        yield True, f"warning: {path} can be read by others; addresses of feeds may carry secrets (chmod 600)"


def _index(path: Path, held: bool) -> Iterator[Found]:
    from harvester.archive import upkeep

    if held:
        yield True, "the full-text index was not looked through, because the archive is in use"
        return
    try:
        fault = upkeep.index_fault(path)
    except HarvesterError as error:
        yield True, f"the full-text index was not looked through: {error}"
        return
    if fault:
        yield False, f"the full-text index is damaged: {fault}; `sqlite-utils rebuild-fts {path}` mends it"


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
    folders = {settings.archive.parent, *([settings.captures] if settings.captures else [])}
    for folder in sorted(folders):
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        if free < ROOM:
            yield False, f"{free // 10**6} MB are left for {folder}"
        if not os.access(folder, os.W_OK):
            yield False, f"{folder} cannot be written"
    yield True, f"{shutil.disk_usage(folder).free // 10**6} MB are left for {folder}"
