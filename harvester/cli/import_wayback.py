"""``harvest import wayback``: what web archives captured, as past versions."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_configured_outlets,
    utc_timestamp,
)
from harvester.cli.import_warc import StageProgress, describe_result, print_result
from harvester.cli.options import TimeParamType, json_object_option, wait_option
from harvester.cli.output import (
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.importing.wayback.run import Source, WaybackOptions, WaybackResult
    from harvester.importing.wayback.selection import Scope
    from harvester.importing.wayback.web_archive import WebArchive
    from harvester.settings import Settings

MIN_DEFAULT_DELAY_SECONDS = 1.0
MAX_REQUESTS = 10**9  # the lists bound them
MAX_REASONS_SHOWN = 20


@click.command("wayback")
@click.argument(
    "names",
    nargs=-1,
    required=True,
    shell_complete=complete_outlets,
    metavar="OUTLET|URL…",
)
@click.option(
    "--archive",
    "address",
    default="",
    metavar="ADDRESS",
    help="Where the web archive has its replays, such as https://archive.example/web.",
)
@click.option(
    "--cdx",
    "list_address",
    default="",
    metavar="ADDRESS",
    help="Where it has its CDX server, if not at the usual place.",
)
@click.option(
    "--from",
    "lists",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="CDX_FILE",
    help="A list of captures: CDX or CDXJ; in place of the CDX server. Repeatable.",
)
@click.option(
    "--warc",
    "warc",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="The WARC files that the lists name: nothing is fetched. Repeatable.",
)
@click.option(
    "--since", type=TimeParamType(), default=None, help="Only captures since a day."
)
@click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only captures up to a day, that day included.",
)
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(1),
    default=None,
    help="Maximum number of captures; known articles and the newest come first.",
)
@click.option(
    "--delay",
    type=click.FloatRange(0, 3_600),
    default=None,
    metavar="SECONDS",
    help="Between two requests to the web archive; by default that of the settings, but "
    "at least 1.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    show_default="as in the settings",
    help="Number of worker processes.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what the lists have; fetch and import nothing.",
)
@wait_option
@json_object_option
@pass_context
def wayback(
    context: Context,
    names: tuple[str, ...],
    address: str,
    list_address: str,
    lists: tuple[Path, ...],
    warc: tuple[Path, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    delay: float | None,
    workers: int | None,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Import what a web archive captured of an outlet.

    Each capture becomes one of the archive at its time, and what differs a past version
    of its article. The captures are listed by the web archive's CDX server, or by CDX
    files; they are fetched one by one, politely, or copied from WARC files. A URL stands
    for all addresses that begin with it. An interrupted import is continued by the same
    command.

    Examples: `harvest import wayback courier --archive https://archive.example/web
    --since 2024 --dry-run`, `harvest import wayback courier --from courier.cdxj --warc
    warcs/`
    """
    from harvester.importing.wayback.run import Source, WaybackOptions

    if not address and not (lists and (warc or dry_run)):
        raise click.UsageError(
            "name where the captures are: --archive ADDRESS of a web archive, or "
            "--from CDX_FILE with --warc FOLDER"
        )
    if warc and not lists:
        raise click.UsageError(
            "--warc needs the lists of its captures: --from CDX_FILE"
        )
    source = Source(lists, warc, _parse_archive(address, list_address))
    default_delay = max(MIN_DEFAULT_DELAY_SECONDS, context.settings.delay)
    seconds = default_delay if delay is None else delay
    results = []
    for key, scopes in _group_scopes(context.settings, names).items():
        bounds = (since or "", until or "", limit or 0, workers or 0)
        options = WaybackOptions(key, scopes, *bounds, wait, dry_run)
        result = _run(context.settings, options, source, seconds)
        results.append(result)
        if not as_json:
            _print_result(result, source, seconds)
    if as_json:
        print_json({"outlets": [_describe(result, seconds) for result in results]})
    if any(result.failed for result in results):
        sys.exit(1)


def _parse_archive(address: str, list_address: str) -> Any:
    from harvester.importing.wayback.addresses import parse_address

    return parse_address(address, list_address) if address else None


def _group_scopes(
    settings: Settings, names: tuple[str, ...]
) -> dict[str, tuple[Scope, ...]]:
    """Outlet → what is wanted of it. Raises UsageError for what is no outlet's."""
    from harvester.importing.wayback.run import default_scopes, find_outlet
    from harvester.importing.wayback.selection import Scope

    scopes: dict[str, tuple[Scope, ...]] = {}
    for name in names:
        if "://" not in name:
            require_configured_outlets([name], list(settings.outlets))
            key, found = name, default_scopes(settings.outlets[name])
        else:
            key = find_outlet(settings, name)
            if not key:
                raise click.UsageError(
                    f"{name} is of no outlet of the settings: `harvest add URL` adds one"
                )
            found = (Scope("prefix", name.removesuffix("*")),)
        scopes[key] = (*scopes.get(key, ()), *found)
    return scopes


def _run(
    settings: Settings, options: WaybackOptions, source: Source, delay: float
) -> WaybackResult:
    from harvester.importing.wayback.run import import_wayback

    progress = StageProgress()
    try:
        with _open_web_archive(settings, source, delay, progress) as web:
            return import_wayback(
                settings, options, source, web, utc_timestamp(), progress
            )
    except KeyboardInterrupt:
        progress.clear()
        print_note("interrupted: the same command continues")
        raise
    finally:
        progress.clear()


@contextmanager
def _open_web_archive(
    settings: Settings, source: Source, delay: float, progress: StageProgress
) -> Iterator[WebArchive | None]:
    """The web archive through a process that fetches; None if none is to be asked."""
    if source.archive is None or source.warc:
        yield None
        return
    from harvester.daemon.fetch_process import FetchProcess
    from harvester.importing.wayback.web_archive import WebArchive

    def report_wait(reason: str) -> None:
        progress.clear()
        print_note(reason)

    # Of no outlet: its headers, cookies and proxy are not for the web archive.
    polite = replace(settings, delay=delay, concurrency=1)
    with FetchProcess(polite, MAX_REQUESTS) as process:
        yield WebArchive(
            lambda url: process.fetch(url, "page", follow=False).capture,
            time.time,
            time.sleep,
            report_wait,
        )


def _describe(result: WaybackResult, delay: float) -> dict[str, Any]:
    """A result for programs."""
    return {
        "outlet": result.outlet,
        "dry_run": result.dry_run,
        "wanted": result.wanted,
        "articles": result.articles,
        "known_articles": result.known_articles,
        "first": result.first,
        "last": result.last,
        "seconds": result.wanted * delay,
        "obtained": result.obtained,
        "requests": result.requests,
        "left_out": dict(result.left_out.most_common()),
        "failed": dict(result.failed.most_common()),
        "imported": describe_result(result.imported) if result.imported else None,
    }


def _print_result(result: WaybackResult, source: Source, delay: float) -> None:
    """A result for people."""
    if result.wanted:
        new = result.articles - result.known_articles
        print_text(
            f"{result.outlet}: {pluralize(result.wanted, 'capture')} of "
            f"{pluralize(result.articles, 'page')}, from {result.first[:10]} to "
            f"{result.last[:10]}; {result.known_articles} of them known, {new} not"
        )
    else:
        print_text(f"{result.outlet}: the lists have nothing that is new")
    if result.dry_run and not source.warc:
        print_text(
            f"fetching them takes {pluralize(result.wanted, 'request')}, "
            f"{_duration(result.wanted * delay)} at {delay:g} s each"
        )
    elif not result.dry_run and result.wanted:
        print_text(
            f"{pluralize(result.obtained, 'capture')} obtained, "
            f"{pluralize(result.requests, 'request')}"
        )
    rows = [*_rows(result.failed, "failed: "), *_rows(result.left_out, "left out: ")]
    if rows:
        print_text(format_table(rows, ["captures", "what became of them"]))
    if result.imported is not None:
        print_result(result.imported)


def _rows(counts: Counter[str], before: str) -> list[list[object]]:
    return [
        [count, f"{before}{reason}"]
        for reason, count in counts.most_common(MAX_REASONS_SHOWN)
    ]


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 172_800:
        return f"{seconds / 3_600:.1f} hours"
    return f"{seconds / 86_400:.1f} days"
