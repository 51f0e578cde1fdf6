"""``harvest verify`` and ``harvest evidence``: whether the archive is what it was, and one article with all that proves it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.article import ARTICLE_HELP
from harvester.cli.context import Context, pass_context, resolve_article
from harvester.cli.output import Progress, clean, print_json, print_note, print_text

if TYPE_CHECKING:
    from harvester.archive.integrity.verify import Verifier

MAX_LISTED = 100  # of what is broken


@click.command()
@click.option("--quick", is_flag=True, help="Do not read the WARC files.")
@click.option(
    "--known",
    default="",
    metavar="DIGEST",
    help="A head of the chain noted earlier: it must still stand there.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One object: ok, checked, broken, head."
)
@pass_context
def verify(context: Context, quick: bool, known: str, as_json: bool) -> None:
    """Look whether the archive is what it was: file and indexes, chain of days, versions, and every WARC record.

    Changes nothing. What is broken is told in order, the first break first; exit code 1 then.
    """
    known = known.strip().lower()
    if known and not re.fullmatch("[0-9a-f]{64}", known):
        raise click.UsageError(
            f"{known!r} is no digest: it has 64 digits, 0 to 9 and a to f; `harvest verify` ends with it"
        )
    with context.connect_read_only() as connection:
        found = _verify_archive(context, connection, not quick, known)
    if as_json:
        print_json(found)
    else:
        _print_result(found)
    if not found["ok"]:
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

    for words in optimise.check_unfinished_purge(connection):
        print_note(words)
    progress = Progress("rows and records looked at")
    check = verify.Verifier(
        connection,
        context.settings.captures,
        wording_digest,
        EXTRACTOR,
        progress.update,
    )
    broken: list[dict[str, Any]] = []
    count = 0
    try:
        for one in (
            *_check_index(context, check),
            *_check_known_digest(connection, known_digest),
            *check.run(read_files),
        ):
            count += 1
            if len(broken) < MAX_LISTED:
                broken.append(one)
        head = proof.get_last_day(connection)
    except sqlite3.DatabaseError as error:
        count, head = count + 1, None
        broken.append(
            {
                "what": f"the file is damaged: {error}; what comes behind was not looked at",
                "where": "archive",
            }
        )
    finally:
        progress.clear()
    return {
        "ok": not count,
        "checked": dict(sorted(check.counts.items())),
        "broken": broken,
        "count": count,
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
    }


def _check_index(context: Context, check: Verifier) -> list[dict[str, Any]]:
    """FTS5's own check counts as a write: it waits for nobody."""
    from harvester.archive.connection import translate_sqlite_errors
    from harvester.archive.lock import get_lock_holder
    from harvester.archive.repair import indexes
    from harvester.errors import HarvesterError

    path = context.settings.archive
    if get_lock_holder(path) is not None:
        print_note(
            "the full-text index was not looked through, because the archive is in use"
        )
        return []
    try:
        with translate_sqlite_errors(path):
            fault = indexes.check_fulltext_index(path)
    except HarvesterError as error:
        print_note(f"the full-text index was not looked through: {error}")
        return []
    check.counts["index"] = 1
    return (
        [{"what": f"the full-text index is damaged: {fault}", "where": "versions_fts"}]
        if fault
        else []
    )


def _check_known_digest(
    connection: sqlite3.Connection, digest: str
) -> list[dict[str, Any]]:
    from harvester.archive.integrity import proof

    if not digest or proof.is_in_chain(connection, digest):
        return []
    return [{"what": f"no day of the chain has the digest {digest}", "where": "days"}]


def _print_result(result: dict[str, Any]) -> None:
    checked = result["checked"]
    for one in result["broken"]:
        print_text(
            f"{click.style('BROKEN', fg='red', bold=True)}  {clean(_describe_location(one))}: {clean(one['what'])}"
        )
    if result["count"] > len(result["broken"]):
        print_text(f"… and {result['count'] - len(result['broken'])} more")
    names = (
        "days",
        "captures",
        "versions",
        "tombstones",
        "gone",
        "open",
        "texts",
        "files",
        "records",
    )
    parts = [f"{checked[name]} {name}" for name in names if checked.get(name)]
    print_text(f"looked at: {', '.join(parts) or 'nothing is held yet'}")
    if result["head"]:
        print_text(
            f"head of the chain: day {result['head']['number']}, {result['head']['day']}, {result['head']['digest']}"
        )
    if result["ok"]:
        print_text(f"{click.style('sound', fg='green')}: all of it is what it was")
    else:
        print_note(
            "what is above comes first; restore a backup beside the archive and compare the rows named"
        )


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
    help=f"""Pack an article as a zip that proves what stood there: versions, captures, differences, the ledger, the chain.

It can be read and checked without this program. The same archive gives the same file, but for a time stamp.

ARTICLE: {ARTICLE_HELP}"""
)
@click.argument("article")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE.zip",
              help="The file to write.")  # fmt: skip
@click.option(
    "--timestamp",
    default="",
    metavar="URL",
    help="Have it stamped by this authority (RFC 3161): asks over the network.",
)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def evidence(
    context: Context, article: str, output: Path, timestamp: str, as_json: bool
) -> None:
    """Pack an article with all that proves it."""
    from harvester.export import bundle, timestamps

    with context.connect_read_only() as connection:
        key = resolve_article(connection, article)["key"]
        asked = (
            (lambda sums: timestamps.request_timestamp(sums, timestamp))
            if timestamp
            else None
        )
        found = bundle.write_bundle(
            connection, context.settings.captures, key, output, asked
        )
    if as_json:
        print_json(found)
        return
    print_text(
        f"{clean(found['file'])}: {found['versions']} versions, {found['captures']} captures"
    )
    for one in found["missing"]:
        print_note(f"capture {one['capture']} is not in it: {one['why']}")
    if found["open"]:
        print_note(
            f"{found['open']} of its rows are of a day that is not over: pack it again tomorrow, and the chain proves them too"
        )
    if found["head"]:
        print_text(
            f"head of the chain: day {found['head']['number']}, {found['head']['day']}, {found['head']['digest']}"
        )
    if found["stamped"]:
        print_text(f"stamped at {found['stamped']}")
