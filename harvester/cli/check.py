"""``harvest check``: what is understood of one page or feed.

An address is fetched by the crawl program, into an archive of its own that is thrown away: so robots.txt, the limits and the
refusal of private addresses hold here as they do in the harvest, and what is shown is what the harvest would see.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_now
from harvester.cli.crawl import require_configured_outlets
from harvester.cli.listing import (
    ProfileCache,
    Response,
    build_job,
    build_record,
    find_outlet,
    process_list,
    read_file,
)
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
    wrap_text,
)
from harvester.cli.output import format_json as written
from harvester.errors import HarvesterError, SettingsError

if TYPE_CHECKING:
    from harvester.model import Prepared
    from harvester.settings import Outlet, Settings
    from harvester.workers.pool import WorkerPool

_NO_SETTINGS_PREFIX = "no settings: found neither"


@click.command()
@click.argument("what", metavar="URL|FILE|-")
@click.option("--url", default="", help="The address that FILE was saved from.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option(
    "--nl", is_flag=True, help="FILE, or - for standard input, is a list: see below."
)
@click.option(
    "--outlet",
    default="",
    help="Whose rules and profile to read with; default: by the address.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show each block of the page: kept or dropped, how probable, and why.",
)
@click.option(
    "--why", is_flag=True, help="The same, with what weighed most for the model."
)
@click.option(
    "--all", "whole", is_flag=True, help="Explain every block: fold no menus."
)
@pass_context
def check(
    context: Context,
    what: str,
    url: str,
    as_json: bool,
    nl: bool,
    outlet: str,
    explain: bool,
    why: bool,
    whole: bool,
) -> None:
    """Fetch or read one page or feed, and show what is understood of it. Nothing is kept.

    A page of an outlet of the settings is read with its rules, and with its profile where the archive has one.

    With --nl many: a list of JSON objects, one a line, with "file" and "url", and where they are known "content_type",
    "headers", "outlet" and "at" (when it was received). One object a line is printed for each, in the same order, with
    the milliseconds of processor time that reading it took ("cpu_ms"). Files may be gzipped.
    """
    settings = _optional_settings(context)
    explain = explain or why or whole
    if nl and (explain or outlet):
        raise click.UsageError(
            "--explain and --outlet are for one page: lines of a list name their outlet"
        )
    if outlet:
        require_configured_outlets((outlet,), list(context.settings.outlets))
    if nl:
        _check_list(what, settings)
        return
    if what.lower().startswith(("http://", "https://")):
        answer = _fetch(what, settings)
    else:
        answer = Response(_read_input(what), url)
    whose = find_outlet(answer.url, settings, outlet)
    if explain:
        _explain_page(answer, whose, settings, as_json, why, whole)
        return
    prepared = _process_response(answer, whose, settings)
    record = build_record(prepared, answer.url, whose.key if whose else "")
    if not {"text", "entries"} & set(record):
        raise HarvesterError(record["error"])
    if as_json:
        print_json(record)
    elif "text" in record:
        _print_page(record)
    else:
        _print_feed(record)


def _optional_settings(context: Context) -> Settings | None:
    """The settings, if there are any: a page can be looked at without."""
    try:
        return context.settings
    except SettingsError as error:
        if not str(error).startswith(_NO_SETTINGS_PREFIX):
            raise
        return None


def _read_input(source: str) -> bytes:
    return (
        read_file(Path("standard input"), sys.stdin.buffer)
        if source == "-"
        else read_file(Path(source))
    )


@contextmanager
def _single_worker(
    settings: Settings | None, warm: bool = False
) -> Iterator[WorkerPool]:
    """One process that reads, as in the harvest; ``warm``: so that the first page's time is that of all others."""
    from harvester.model import Limits
    from harvester.workers.pool import WorkerPool

    limits = settings.limits if settings else Limits()
    workers = WorkerPool(1, limits.read_time, warm=warm)
    try:
        yield workers
    finally:
        workers.close()


def _process_response(
    response: Response,
    outlet: Outlet | None,
    settings: Settings | None,
    explain: bool = False,
    weigh: bool = False,
) -> Prepared:
    """Read it. ``explain``: with each block, where it is a page."""
    from harvester.schedule.times import format_time as time_of

    job = build_job(
        response, outlet, settings, time_of(utc_now()), ProfileCache(settings)
    )
    if explain and job.kind == "page":
        job = replace(job, kind="explain", explain_weights=weigh)
    with _single_worker(settings) as workers:
        return workers.submit(job).result()


def _explain_page(
    response: Response,
    outlet: Outlet | None,
    settings: Settings | None,
    as_json: bool,
    show_weights: bool,
    show_all: bool,
) -> None:
    from harvester.cli.explain import block_records, print_blocks, print_summary

    prepared = _process_response(
        response, outlet, settings, True, show_weights or as_json
    )
    record = build_record(prepared, response.url, outlet.key if outlet else "")
    if prepared.extract is None or "text" not in record:
        raise HarvesterError(
            record.get("error") or "this is a feed: only pages are explained"
        )
    known = (
        ProfileCache(settings).describe_profile(outlet)
        if prepared.extract.profile
        else None
    )
    if as_json:
        print_json(
            {
                **record,
                "profile_pages": known["pages"] if known else 0,
                "blocks": block_records(prepared.block_decisions),
            }
        )
        return
    print_summary(
        prepared.extract, prepared.block_decisions, known, outlet.key if outlet else ""
    )
    print_text()
    print_blocks(prepared.block_decisions, show_all=show_all, show_weights=show_weights)
    if record["error"]:
        print_note(f"no text: {record['error']}")


def _check_list(source: str, settings: Settings | None) -> None:
    from harvester.schedule.times import format_time as time_of

    try:  # not sys.stdin: the thread that reads it may still wait for a line when this program ends
        stream = open(0 if source == "-" else source, "rb", closefd=source != "-")  # noqa: SIM115
    except OSError as error:
        raise HarvesterError(
            f"{source} cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    with _single_worker(settings, warm=True) as workers:
        for record in process_list(stream, settings, workers, time_of(utc_now())):
            click.echo(written(record, None), color=True)


# ---- fetching


def _fetch(url: str, settings: Settings | None) -> Response:
    from harvester.daemon import crawl
    from harvester.identity.urls import mask_secrets, normalise_url
    from harvester.settings import parse_settings

    if not normalise_url(url):
        raise click.UsageError(f"{mask_secrets(url)!r} is no address that can be asked")
    with tempfile.TemporaryDirectory(prefix="harvester-check-") as folder:
        file = Path(folder) / "settings.toml"
        text = _temporary_settings_text(url, settings)
        file.write_text(text, encoding="utf-8")
        ours = parse_settings(text, file, {})
        paths = {
            "HARVESTER_ARCHIVE_PATH": str(ours.archive),
            "HARVESTER_ARCHIVE_CAPTURES": str(ours.captures),
        }
        crawl(ours, environment=paths, command="harvest check")
        return _read_fetched_response(ours, url)


def _temporary_settings_text(url: str, settings: Settings | None) -> str:
    """Settings with that one address, none of whose links is followed; the rest as in the user's own."""
    lines = ["[crawl]", 'delay = "0 seconds"', "workers = 1"]
    if settings is not None:
        limits = settings.limits
        lines += [
            f"user_agent = {json.dumps(settings.user_agent)}",
            f"allow_networks = {json.dumps(list(settings.allow_networks))}",
            "[limits]",
            f"page_size = {limits.page_bytes}",
            f"feed_size = {limits.feed_bytes}",
            f"redirects = {limits.redirects}",
            f'answer_time = "{limits.answer_time:f} seconds"',
            f'read_time = "{limits.read_time:f} seconds"',
        ]
    lines += [
        "[outlets.check]",
        f"feeds = [{json.dumps(url, ensure_ascii=False)}]",
        "[outlets.check.rules]",
        'deny = ["."]',
    ]
    return "\n".join(lines) + "\n"


def _read_fetched_response(temporary_settings: Settings, url: str) -> Response:
    from harvester.archive.connection import open_reader
    from harvester.archive.queries import report
    from harvester.archive.records import captures
    from harvester.identity.urls import mask_secrets

    with closing(open_reader(temporary_settings.archive)) as connection:
        number, said = report.get_single_feed_capture(connection)
        if number is None:
            raise HarvesterError(f"{mask_secrets(url)}: {mask_secrets(said)}")
        body, headers, reached = captures.get_response(
            connection, temporary_settings.captures, number
        )
        return Response(body, reached, headers)


# ---- printing


def _print_page(record: dict[str, Any]) -> None:
    from harvester.identity.urls import mask_secrets

    print_text(click.style(clean(record["title"]) or "(no title)", bold=True))
    for name in ("url", "authors", "published", "published_local", "modified", "modified_local", "language", "sections",
                 "tags", "image", "description", "access", "next_page", "feeds", "robots", "aliases", "outlet", "extractor"):  # fmt: skip
        value = record[name]
        shown = ", ".join(value) if isinstance(value, list | tuple) else value
        if shown:
            where = record["sources"].get(name)
            from_ = click.style(f"  ({clean(where)})", dim=True) if where else ""
            print_text(
                f"{click.style(f'{name:<16}', dim=True)}{clean(mask_secrets(shown))}{from_}"
            )
    if "cut" in record["sources"]:
        print_text(
            f"{click.style('cut'.ljust(16), dim=True)}{clean(record['sources']['cut'])}"
        )
    print_text()
    print_text(wrap_text(record["text"]) if record["text"] else "")
    if record["error"]:
        print_note(f"no text: {record['error']}")


def _print_feed(record: dict[str, Any]) -> None:
    print_text(click.style(clean(record["title"]) or "(no title)", bold=True))
    print_text(
        f"{record['kind']}, {len(record['entries'])} entries{', language ' + clean(record['language']) if record['language'] else ''}"
    )
    rows = [
        [
            display_time(one["published"]),
            "yes" if one["content"] else "",
            one["title"],
            one["url"] or "",
        ]
        for one in record["entries"]
    ]
    print_text(format_table(rows, ["published", "text", "title", "url"]))
