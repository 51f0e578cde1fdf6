"""``harvest verify`` and ``harvest evidence``: whether the archive is what it was, and one article with all that proves it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.article import ARTICLE
from harvester.cli.context import Context, pass_context, resolve
from harvester.cli.output import Progress, clean, note, print_json, say

if TYPE_CHECKING:
    from harvester.archive.integrity.verify import Check

LISTED = 100  # of what is broken


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
    with context.reading() as connection:
        found = _verified(context, connection, not quick, known)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if not found["ok"]:
        raise SystemExit(1)


def _verified(
    context: Context, connection: sqlite3.Connection, files: bool, known: str
) -> dict[str, Any]:
    from harvester.archive.integrity import proof, verify
    from harvester.archive.upkeep import optimise
    from harvester.identity.wording import wording
    from harvester.parse.content.extractor import EXTRACTOR

    for words in optimise.unfinished(connection):
        note(words)
    progress = Progress("rows and records looked at")
    check = verify.Check(
        connection, context.settings.captures, wording, EXTRACTOR, progress.show
    )
    broken: list[dict[str, Any]] = []
    count = 0
    try:
        for one in (
            *_index(context, check),
            *_known(connection, known),
            *check.run(files),
        ):
            count += 1
            if len(broken) < LISTED:
                broken.append(one)
        head = proof.head(connection)
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
        "checked": dict(sorted(check.checked.items())),
        "broken": broken,
        "count": count,
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
    }


def _index(context: Context, check: Check) -> list[dict[str, Any]]:
    """FTS5's own check counts as a write: it waits for nobody."""
    from harvester.archive.connection import translated
    from harvester.archive.lock import held_by
    from harvester.archive.repair import indexes
    from harvester.errors import HarvesterError

    path = context.settings.archive
    if held_by(path) is not None:
        note(
            "the full-text index was not looked through, because the archive is in use"
        )
        return []
    try:
        with translated(path):
            fault = indexes.words(path)
    except HarvesterError as error:
        note(f"the full-text index was not looked through: {error}")
        return []
    check.checked["index"] = 1
    return (
        [{"what": f"the full-text index is damaged: {fault}", "where": "versions_fts"}]
        if fault
        else []
    )


def _known(connection: sqlite3.Connection, digest: str) -> list[dict[str, Any]]:
    from harvester.archive.integrity import proof

    if not digest or proof.stands(connection, digest):
        return []
    return [{"what": f"no day of the chain has the digest {digest}", "where": "days"}]


def _print(found: dict[str, Any]) -> None:
    checked = found["checked"]
    for one in found["broken"]:
        say(
            f"{click.style('BROKEN', fg='red', bold=True)}  {clean(_place(one))}: {clean(one['what'])}"
        )
    if found["count"] > len(found["broken"]):
        say(f"… and {found['count'] - len(found['broken'])} more")
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
    say(f"looked at: {', '.join(parts) or 'nothing is held yet'}")
    if found["head"]:
        say(
            f"head of the chain: day {found['head']['number']}, {found['head']['day']}, {found['head']['digest']}"
        )
    if found["ok"]:
        say(f"{click.style('sound', fg='green')}: all of it is what it was")
    else:
        note(
            "what is above comes first; restore a backup beside the archive and compare the rows named"
        )


def _place(one: dict[str, Any]) -> str:
    parts = [str(one["where"])]
    parts += [
        f"{name} {one[name]}"
        for name in ("row", "article", "version", "day")
        if one.get(name) is not None
    ]
    if one.get("file"):
        parts.append(f"{one['file']} at {one.get('offset', 0)}")
    return ", ".join(parts)


@click.command(
    help=f"""Pack an article as a zip that proves what stood there: versions, captures, differences, the ledger, the chain.

It can be read and checked without this program. The same archive gives the same file, but for a time stamp.

ARTICLE: {ARTICLE}"""
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

    with context.reading() as connection:
        key = resolve(connection, article)["key"]
        asked = (lambda sums: timestamps.ask(sums, timestamp)) if timestamp else None
        found = bundle.pack(connection, context.settings.captures, key, output, asked)
    if as_json:
        print_json(found)
        return
    say(
        f"{clean(found['file'])}: {found['versions']} versions, {found['captures']} captures"
    )
    for one in found["missing"]:
        note(f"capture {one['capture']} is not in it: {one['why']}")
    if found["open"]:
        note(
            f"{found['open']} of its rows are of a day that is not over: pack it again tomorrow, and the chain proves them too"
        )
    if found["head"]:
        say(
            f"head of the chain: day {found['head']['number']}, {found['head']['day']}, {found['head']['digest']}"
        )
    if found["stamped"]:
        say(f"stamped at {found['stamped']}")
