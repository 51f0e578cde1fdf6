"""``harvest check``: what is extracted from one page or feed.

A URL is fetched by the crawl program, into a temporary archive. So robots.txt, the
limits and the refusal of private addresses apply as they do in a crawl, and what is
shown is what a crawl would extract.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
from harvester.cli.listing import (
    ProfileCache,
    Response,
    build_job,
    build_record,
    find_outlet,
    process_list,
    read_file,
    section_hints,
)
from harvester.cli.options import json_object_option
from harvester.cli.output import (
    clean,
    display_time,
    format_json,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
    wrap_text,
)
from harvester.errors import HarvesterError, SettingsError

if TYPE_CHECKING:
    from harvester.model import Prepared
    from harvester.settings import Outlet, Settings
    from harvester.workers.pool import WorkerPool

_NO_SETTINGS_PREFIX = "no settings: found neither"
_OPML = re.compile(rb"<opml[\s>]", re.IGNORECASE)
_PAGE_FIELDS = (
    "url",
    "authors",
    "published",
    "published_local",
    "modified",
    "modified_local",
    "language",
    "sections",
    "tags",
    "image",
    "description",
    "access",
    "next_page",
    "feeds",
    "robots",
    "aliases",
    "outlet",
    "extractor",
)


@click.command()
@click.argument("what", metavar="URL|FILE|-")
@click.option("--url", default="", help="The URL that FILE was saved from.")
@json_object_option
@click.option(
    "--nl", is_flag=True, help="FILE, or - for standard input, is a list; see above."
)
@click.option(
    "--outlet",
    default="",
    shell_complete=complete_outlets,
    show_default="by the URL",
    help="Read with the rules and profile of this outlet.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show each block of the page: kept or dropped, its probability, and why.",
)
@click.option(
    "--why", is_flag=True, help="The same, with the model's most important features."
)
@click.option(
    "--all",
    "whole",
    is_flag=True,
    help="Explain every block: do not fold menus into one line.",
)
@click.option(
    "--compare",
    is_flag=True,
    help="Show what trafilatura's text of the page has in addition, and what it lacks.",
)
@click.option(
    "--links",
    is_flag=True,
    help="List the links of a page that are articles, as `pages` in the settings does.",
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
    compare: bool,
    links: bool,
) -> None:
    """Show what is extracted from a page or feed. Nothing is stored.

    A page of an outlet in the settings is read with its rules, and with its profile if
    the archive has one.

    A section page of the settings is shown as its links to articles.

    With --nl, FILE has one JSON object a line, with "file" and "url", and if known
    "content_type", "headers", "outlet" and "at" (the time of receipt). For each, one
    object is printed in the same order, with the milliseconds of processor time that
    reading took ("cpu_ms"). Files may be gzipped.

    Examples: `harvest check https://example.org/news/bridge --explain`,
    `harvest check https://example.org/ --json`
    """
    settings = _optional_settings(context)
    explain = explain or why or whole
    if nl and (explain or outlet or compare):
        raise click.UsageError(
            "--explain, --compare and --outlet need a single page; in a list, lines "
            "name outlets"
        )
    if links and (nl or explain or compare):
        raise click.UsageError("--links needs a single page, and shows its links alone")
    if explain and compare:
        raise click.UsageError("--compare and --explain show different things")
    if outlet:
        require_configured_outlets((outlet,), list(context.settings.outlets))
    if nl:
        _check_list(what, settings)
        return
    if what.lower().startswith(("http://", "https://")):
        response = _fetch(what, settings)
    else:
        response = Response(_read_input(what), url)
    if _OPML.search(response.body[:4_000]):
        raise click.UsageError(
            f"{what!r} is a list of subscriptions (OPML): `harvest import FILE` adds it"
        )
    matching_outlet = find_outlet(response.url, settings, outlet)
    is_section_page = matching_outlet is not None and (
        matching_outlet.is_section_page(what)
    )
    if links or (is_section_page and not explain and not compare):
        _check_links(response, matching_outlet, settings, as_json)
        return
    if explain:
        _explain_page(response, matching_outlet, settings, as_json, why, whole)
        return
    prepared = _process_response(response, matching_outlet, settings)
    record = build_record(
        prepared, response.url, matching_outlet.key if matching_outlet else ""
    )
    if not {"text", "entries"} & set(record):
        raise HarvesterError(record["error"])
    if compare:
        _compare_page(response, matching_outlet, settings, record, as_json)
    elif as_json:
        print_json(record)
    elif "text" in record:
        _print_page(record)
    else:
        _print_feed(record)


def _optional_settings(context: Context) -> Settings | None:
    """The settings, if there are any; a page can be read without."""
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
    """One worker process, as in a crawl.

    ``warm``: do its imports first, so that they do not count against the first page.
    """
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
    extractor: str = "",
) -> Prepared:
    """Read a response. ``explain``: with the blocks of a page; ``weigh``: with weights.

    ``extractor``: instead of the one that the outlet's settings choose.
    """
    job = build_job(response, outlet, settings, utc_timestamp(), ProfileCache(settings))
    if explain and job.kind == "page":
        job = replace(job, kind="explain", explain_weights=weigh)
    if extractor:
        job = replace(job, rules=replace(job.rules, extractor=extractor, text=()))
    with _single_worker(settings) as workers:
        return workers.submit(job).result()


def _check_links(
    response: Response, outlet: Outlet | None, settings: Settings | None, as_json: bool
) -> None:
    """Show the links to articles of a section page."""
    from harvester.ingest.section_pages import apply_rules

    job = build_job(response, outlet, settings, utc_timestamp(), ProfileCache(settings))
    hints = section_hints(outlet, settings, response.url)
    job = replace(job, kind="feed", section=hints)
    with _single_worker(settings) as workers:
        prepared = workers.submit(job).result()
    if outlet is not None:
        prepared = apply_rules(outlet, prepared) or prepared
    record = build_record(prepared, response.url, outlet.key if outlet else "")
    if "entries" not in record:
        raise HarvesterError(record["error"])
    if as_json:
        print_json(record)
    else:
        _print_feed(record)


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
            record.get("error") or "this is a feed; only pages can be explained"
        )
    profile = (
        ProfileCache(settings).describe_profile(outlet)
        if prepared.extract.profile
        else None
    )
    if as_json:
        print_json(
            {
                **record,
                "profile_pages": profile["pages"] if profile else 0,
                "blocks": block_records(prepared.block_decisions),
            }
        )
        return
    print_summary(
        prepared.extract,
        prepared.block_decisions,
        profile,
        outlet.key if outlet else "",
    )
    print_text()
    print_blocks(prepared.block_decisions, show_all=show_all, show_weights=show_weights)
    if record["error"]:
        print_note(f"no text: {record['error']}")


def _compare_page(
    response: Response,
    outlet: Outlet | None,
    settings: Settings | None,
    record: dict[str, Any],
    as_json: bool,
) -> None:
    from harvester.cli.compare import comparison_record, print_comparison

    if "text" not in record:
        raise HarvesterError("this is a feed; only pages can be compared")
    other = _process_response(response, outlet, settings, extractor="trafilatura")
    text = other.extract.text if other.extract is not None else ""
    comparison = comparison_record(record["text"], text)
    if as_json:
        print_json({**record, "trafilatura": comparison})
    else:
        print_comparison(record["text"], record["method"], comparison)


def _check_list(source: str, settings: Settings | None) -> None:
    try:
        # Not sys.stdin: the thread that reads it may be blocked when this program ends.
        file = 0 if source == "-" else source
        stream = open(file, "rb", closefd=source != "-")  # noqa: SIM115
    except OSError as error:
        raise HarvesterError(
            f"{source} cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    with _single_worker(settings, warm=True) as workers:
        for record in process_list(stream, settings, workers, utc_timestamp()):
            click.echo(format_json(record, None), color=True)


# ---- fetching


def _fetch(url: str, settings: Settings | None) -> Response:
    from harvester.daemon import crawl
    from harvester.identity.urls import mask_secrets, normalise_url
    from harvester.identity.urns import is_urn
    from harvester.settings import parse_settings

    if is_urn(url) or not normalise_url(url):
        raise click.UsageError(
            f"{mask_secrets(url)!r} is not a URL that can be fetched"
        )
    with tempfile.TemporaryDirectory(prefix="harvester-check-") as folder:
        file = Path(folder) / "settings.toml"
        text = _temporary_settings_text(url, settings)
        file.write_text(text, encoding="utf-8")
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HARVESTER_ARCHIVE")  # its own is temporary
        }
        temporary = parse_settings(text, file, environment)
        temporary = _with_outlet_requests(temporary, find_outlet(url, settings), url)
        crawl(temporary, command="harvest check")
        return _read_fetched_response(temporary, url)


def _temporary_settings_text(url: str, settings: Settings | None) -> str:
    """Settings with one URL whose links are not followed, else as the user's own."""
    lines = ["[crawl]", 'delay = "0 seconds"', "workers = 1"]
    if settings is not None:
        limits = settings.limits
        lines += [
            f"user_agent = {json.dumps(settings.user_agent)}",
            f"allow_networks = {json.dumps(list(settings.allow_networks))}",
            f"proxy = {json.dumps(settings.proxy)}",
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


def _with_outlet_requests(
    temporary: Settings, outlet: Outlet | None, url: str
) -> Settings:
    """Settings that send the URL the requests which an outlet sends it."""
    if outlet is None:
        return temporary
    (checked,) = temporary.outlets.values()
    changes: dict[str, Any] = {
        name: getattr(outlet, name)
        for name in ("user_agent", "timeout", "proxy", "insecure")
    }
    if outlet.is_own_origin(url):  # to others, no secret is sent
        changes |= {
            name: getattr(outlet, name) for name in ("login", "headers", "cookies")
        }
    return replace(temporary, outlets={checked.key: replace(checked, **changes)})


def _read_fetched_response(temporary_settings: Settings, url: str) -> Response:
    from harvester.archive.connection import open_reader
    from harvester.archive.queries import report
    from harvester.archive.records import captures
    from harvester.identity.urls import mask_secrets

    with closing(open_reader(temporary_settings.archive)) as connection:
        capture_id, reason = report.get_single_feed_capture(connection)
        if capture_id is None:
            raise HarvesterError(f"{mask_secrets(url)}: {mask_secrets(reason)}")
        body, headers, final_url = captures.get_response(
            connection, temporary_settings.captures, capture_id
        )
        return Response(body, final_url, headers)


# ---- printing


def _print_page(record: dict[str, Any]) -> None:
    from harvester.identity.urls import mask_secrets

    print_text(click.style(clean(record["title"]) or "(no title)", bold=True))
    for name in _PAGE_FIELDS:
        value = record[name]
        text = ", ".join(value) if isinstance(value, list | tuple) else value
        if text:
            source = record["sources"].get(name)
            suffix = click.style(f"  ({clean(source)})", dim=True) if source else ""
            label = click.style(f"{name:<16}", dim=True)
            print_text(f"{label}{clean(mask_secrets(text))}{suffix}")
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
    entries = pluralize(len(record["entries"]), "entry", "entries")
    language = clean(record["language"])
    suffix = f", language {language}" if language else ""
    print_text(f"{record['kind']}, {entries}{suffix}")
    rows = [
        [
            display_time(entry["published"]),
            "yes" if entry["content"] else "",
            entry["title"],
            entry["url"] or "",
        ]
        for entry in record["entries"]
    ]
    print_text(format_table(rows, ["published", "text", "title", "url"]))
