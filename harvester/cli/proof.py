"""``harvest verify`` and ``harvest evidence``: the archive's integrity, and proof."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_now
from harvester.cli.options import VERSION_HELP, json_object_option
from harvester.cli.output import (
    Progress,
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import NotInArchive

if TYPE_CHECKING:
    from harvester.archive.integrity.verify import Verifier

MAX_LISTED = 100  # problems
COUNT_NOUNS = {
    "days": ("day", "days"),
    "captures": ("capture", "captures"),
    "versions": ("version", "versions"),
    "tombstones": ("tombstone", "tombstones"),
    "gone": ("purged row", "purged rows"),
    "open": ("row of an unfinished day", "rows of an unfinished day"),
    "texts": ("text", "texts"),
    "files": ("file", "files"),
    "records": ("record", "records"),
    "thinned": ("thinned-out capture", "thinned-out captures"),
}


@click.command()
@click.option("--quick", is_flag=True, help="Do not read the WARC files.")
@click.option(
    "--known",
    default="",
    metavar="DIGEST",
    help="Also check that this earlier head of the chain is still part of it.",
)
@json_object_option
@pass_context
def verify(context: Context, quick: bool, known: str, as_json: bool) -> None:
    """Verify files, versions and the chain of days.

    Changes nothing. Problems are listed in order, the first break of the chain first;
    the exit code is then 1.

    Examples: `harvest verify --quick`, `harvest verify --json`
    """
    known = known.strip().lower()
    if known and not re.fullmatch("[0-9a-f]{64}", known):
        raise click.UsageError(
            f"invalid digest {known!r}: it needs 64 hexadecimal digits, "
            "as `harvest verify` prints them"
        )
    with context.connect_read_only() as connection:
        result = _verify_archive(context, connection, not quick, known)
    if as_json:
        print_json(result)
    else:
        _print_result(result)
    if not result["ok"]:
        raise SystemExit(1)


def _verify_archive(
    context: Context,
    connection: sqlite3.Connection,
    read_files: bool,
    known_digest: str,
) -> dict[str, Any]:
    from harvester.archive.integrity import proof, verify
    from harvester.archive.upkeep import optimise
    from harvester.identity.wording import wording_digest
    from harvester.parse.content.extractor import EXTRACTOR

    for message in optimise.check_unfinished_purge(connection):
        print_note(message)
    progress = Progress("rows and records verified")
    verifier = verify.Verifier(
        connection,
        context.settings.captures,
        wording_digest,
        EXTRACTOR,
        progress.update,
    )
    problems: list[dict[str, Any]] = []
    count = 0
    try:
        for problem in (
            *_check_index(context, verifier),
            *_check_known_digest(connection, known_digest),
            *verifier.run(read_files),
        ):
            count += 1
            if len(problems) < MAX_LISTED:
                problems.append(problem)
        head = proof.get_last_day(connection)
    except sqlite3.DatabaseError as error:
        count, head = count + 1, None
        message = f"the file is damaged: {error}; the rest was not verified"
        problems.append({"what": message, "where": "archive"})
    finally:
        progress.clear()
    return {
        "ok": not count,
        "checked": dict(sorted(verifier.counts.items())),
        "broken": problems,
        "count": count,
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
    }


def _check_index(context: Context, verifier: Verifier) -> list[dict[str, Any]]:
    """Check the full-text index, which counts as a write, unless the archive is locked."""
    from harvester.archive.connection import is_immutable
    from harvester.archive.repair import indexes
    from harvester.archive.sqlite_errors import translate_sqlite_errors
    from harvester.archive.writer_lock import get_lock_holder
    from harvester.errors import HarvesterError

    path = context.settings.archive
    if get_lock_holder(path) is not None:
        print_note("full-text index not checked: the archive is in use")
        return []
    if is_immutable(path):
        print_note(
            "full-text index not checked: that counts as a write, and "
            f"{clean(str(path.parent))} is read-only"
        )
        return []
    try:
        with translate_sqlite_errors(path):
            fault = indexes.check_fulltext_index(path)
    except HarvesterError as error:
        print_note(f"full-text index not checked: {error}")
        return []
    verifier.counts["index"] = 1
    if not fault:
        return []
    return [
        {"what": f"the full-text index is damaged: {fault}", "where": "versions_fts"}
    ]


def _check_known_digest(
    connection: sqlite3.Connection, digest: str
) -> list[dict[str, Any]]:
    from harvester.archive.integrity import proof

    if not digest or proof.is_in_chain(connection, digest):
        return []
    return [{"what": f"no day of the chain has the digest {digest}", "where": "days"}]


def _print_result(result: dict[str, Any]) -> None:
    for problem in result["broken"]:
        label = click.style("BROKEN", fg="red", bold=True)
        location = clean(_describe_location(problem))
        print_text(f"{label}  {location}: {clean(problem['what'])}")
    if result["count"] > len(result["broken"]):
        print_text(f"… and {result['count'] - len(result['broken'])} more")
    checked = result["checked"]
    parts = [
        pluralize(checked[name], *nouns)
        for name, nouns in COUNT_NOUNS.items()
        if checked.get(name)
    ]
    print_text(f"checked: {', '.join(parts) or 'nothing, the archive is empty'}")
    if result["head"]:
        print_text(_describe_head(result["head"]))
    if result["ok"]:
        print_text(f"{click.style('verified', fg='green')}: no differences")
    else:
        print_note(
            "start with the first problem: restore a backup beside the archive, "
            "and compare the rows named"
        )


def _describe_head(head: dict[str, Any]) -> str:
    return f"head of the chain: day {head['number']}, {head['day']}, {head['digest']}"


def _describe_location(problem: dict[str, Any]) -> str:
    parts = [str(problem["where"])]
    parts += [
        f"{name} {problem[name]}"
        for name in ("row", "article", "version", "day")
        if problem.get(name) is not None
    ]
    if problem.get("file"):
        parts.append(f"{problem['file']} at {problem.get('offset', 0)}")
    return ", ".join(parts)


@click.command(
    help=f"""Pack articles with their proof as zip files.

Each contains versions, captures, differences, the checks and the chain of days, and can
be verified without this program. The same archive gives the same file, apart from the
time stamp. Several articles, or those of a query, are packed into a folder.

{VERSION_HELP} All versions are packed.

Examples: `harvest evidence 3f2a91 -o bridge.zip`,
`harvest evidence --query 'flood* is:removed' -o floods/`"""
)
@click.argument("article_names", metavar="ARTICLE...", nargs=-1)
@click.option("--query", default="", help="Also the articles that this query finds.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE.zip|FOLDER",
    help="The file to write, or the folder of several.",
)
@click.option(
    "--timestamp",
    default="",
    metavar="URL",
    help="Request a time stamp (RFC 3161) from this authority, over the network.",
)
@json_object_option
@pass_context
def evidence(
    context: Context,
    article_names: tuple[str, ...],
    query: str,
    output: Path,
    timestamp: str,
    as_json: bool,
) -> None:
    """Pack articles with their proof."""
    from harvester.cli.version_names import resolve_versions
    from harvester.export import bundle, bundle_folder, timestamps

    if not article_names and not query:
        raise click.UsageError("name an article, or a query with --query")
    stamp = (
        (lambda sums: timestamps.request_timestamp(sums, timestamp))
        if timestamp
        else None
    )
    with context.connect_read_only() as connection:
        names = dict.fromkeys(
            resolve_versions(connection, name).article["key"] for name in article_names
        )
        if query:
            names |= dict.fromkeys(_list_keys(connection, query))
        if not names:
            raise NotInArchive("no articles match; nothing was written")
        is_folder = bool(query) or len(names) > 1 or output.is_dir()
        summaries = []
        for key, target in bundle_folder.list_targets(
            connection, names, output, is_folder
        ):
            summary = bundle.write_bundle(
                connection, context.settings.captures, key, target, stamp
            )
            summaries.append(summary)
            if not as_json:
                _print_bundle(summary)
        if is_folder:
            bundle_folder.write_checksums(
                output, [Path(one["file"]) for one in summaries]
            )
    if as_json:
        print_json(summaries if is_folder else summaries[0])


def _list_keys(connection: sqlite3.Connection, query: str) -> list[str]:
    """The keys of the articles that a query finds, in the order of the archive."""
    from harvester.archive.queries import article_export
    from harvester.query import parse_query
    from harvester.schedule.times import format_time

    now = utc_now()
    tree = parse_query(query, now)
    ids = article_export.list_article_ids(connection, tree, format_time(now))
    groups = article_export.list_articles(connection, ids, "none")
    return [article.key for _, group in groups for article in group]


def _print_bundle(summary: dict[str, Any]) -> None:
    versions = pluralize(summary["versions"], "version")
    captures = pluralize(summary["captures"], "capture")
    print_text(f"{clean(summary['file'])}: {versions}, {captures}")
    for missing in summary["missing"]:
        print_note(f"capture {missing['capture']} is missing: {missing['why']}")
    if summary["open"]:
        rows = pluralize(summary["open"], "row is", "rows are")
        print_note(
            f"{rows} of a day that is not over; pack it again tomorrow for their proof"
        )
    if summary["head"]:
        print_text(_describe_head(summary["head"]))
    if summary["stamped"]:
        print_text(f"stamped at {summary['stamped']}")
