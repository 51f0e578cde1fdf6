"""``harvest similar`` and ``harvest quote``: who else has the same report, and who published a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import click

from harvester.cli.article import ARTICLE
from harvester.cli.context import MANY, Context, pass_context, resolve
from harvester.cli.output import (
    at,
    clean,
    note,
    print_json,
    print_lines,
    say,
    table,
    wrapped,
)

COPIED = 0.5  # of a paragraph's words


@click.command(
    help=f"""List who else has the same report as an article: copied, cut, grown, corrected or lightly rewritten.

With a second ARTICLE: which of its paragraphs stand in the other, and what the copier changed.

ARTICLE: {ARTICLE}"""
)
@click.argument("article", required=False)
@click.argument("other", required=False)
@click.option(
    "--all", "everything", is_flag=True, help="Every pair of the archive, once."
)
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@pass_context
def similar(
    context: Context,
    article: str | None,
    other: str | None,
    everything: bool,
    form: str | None,
) -> None:
    """List copies of an article."""
    from harvester.archive.records import copies

    if everything == bool(article):
        raise click.UsageError(
            "name an article, or write --all for every pair of the archive"
        )
    with context.reading() as connection:
        if article and other:
            _pair(connection, article, other, form)
        else:
            key = resolve(connection, article)["key"] if article else ""
            found = _masked(
                copies.similar(connection, key) if article else copies.pairs(connection)
            )
            _list(connection, found, key, form)
        if waiting := copies.waiting(connection):
            note(
                f"{waiting} version{'s are' if waiting > 1 else ' is'} not compared yet; `harvest once` goes on with it"
            )


def _list(
    connection: sqlite3.Connection,
    found: Iterator[dict[str, Any]],
    key: str,
    form: str | None,
) -> None:
    if form == "nl":
        print_lines(found)
        return
    records = list(found)
    if form == "json":
        print_json(records)
    elif not records:
        note(
            "nobody else has it, as far as is known"
            if key
            else "no two articles are the same report, as far as is known"
        )
    elif key:
        _print(connection, records, key)
    else:
        rows = [[one["article"], one["other"], _percent(one["share"]), _percent(one["shared"]), one["agency"], one["url"]]
                for one in records]  # fmt: skip
        say(table(rows, ["article", "copied from", "share", "of it", "agency", "url"]))


def _masked(found: Any) -> Iterator[dict[str, Any]]:
    from harvester.identity.urls import mask

    return (
        {
            name: mask(value) if name.endswith("url") else value
            for name, value in one.items()
        }
        for one in found
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _print(
    connection: sqlite3.Connection, records: list[dict[str, Any]], key: str
) -> None:
    from harvester.archive.records import copies

    rows = [
        [at(one["first_seen"]), one["outlet"], one["article"], _percent(one["share"]), _percent(one["shared"]), one["agency"],
         one["title"]]
        for one in records
    ]  # fmt: skip
    say(
        table(
            rows,
            [
                "first seen",
                "outlet",
                "article",
                "has of this",
                "this has of it",
                "agency",
                "title",
            ],
        )
    )
    cluster = copies.cluster(connection, key)
    if cluster is not None:
        first = "this article" if cluster["cluster"] == key else cluster["cluster"]
        by = f", from {cluster['agency']}" if cluster["agency"] else ""
        say(
            f"first: {first}, {clean(cluster['first_outlet'])}, {at(cluster['first_seen'])}{by}"
        )
    say(
        f"`harvest similar {key[:8]} {records[0]['article'][:8]}` shows which paragraphs"
    )


def _pair(
    connection: sqlite3.Connection, article: str, other: str, form: str | None
) -> None:
    from harvester.archive.records import copies

    pair = copies.pair(
        connection,
        resolve(connection, article)["key"],
        resolve(connection, other)["key"],
    )
    if pair is None:
        note(
            "these two are not the same report, as far as is known; `harvest quote` finds single sentences"
        )
        if form:
            print_json([])
        return
    record = _compared(*copies.pair_rows(connection, pair))
    record |= {"share": pair["share"], "shared": pair["shared"]}
    if form == "nl":
        print_lines([record])
    elif form == "json":
        print_json(record)
    else:
        _show(record)


def _compared(copier: sqlite3.Row, original: sqlite3.Row) -> dict[str, Any]:
    """Two versions: paragraphs of the one seen later, each with how much of it is copied; and what was changed."""
    from harvester.identity import diff, near_duplicates

    both = [
        near_duplicates.cut(row["title"], row["text"]) for row in (copier, original)
    ]
    found = diff.difference(original["text"], copier["text"])
    return {
        "article": copier["article"],
        "version": copier["number"],
        "other": original["article"],
        "other_version": original["number"],
        "paragraphs": [
            {"text": text, "copied": share}
            for text, share in near_duplicates.paragraphs(*both)
        ],
        "changed": [list(one) for one in found.changed],
        "added": list(found.added),
        "left_out": list(found.removed),
    }


def _show(record: dict[str, Any]) -> None:
    say(f"{record['article']} version {record['version']} has {_percent(record['share'])} of its words from "
        f"{record['other']} version {record['other_version']}, and {_percent(record['shared'])} of that one's")  # fmt: skip
    for one in record["paragraphs"]:
        copied = one["copied"] >= COPIED
        mark = click.style(
            f"{_percent(one['copied']):>4} ",
            fg="red" if copied else "green",
            bold=copied,
        )
        say(f"{mark}{wrapped(one['text'], '     ').lstrip()}")
    for sign, name in (("~", "changed"), ("+", "added"), ("-", "left_out")):
        if record[name]:
            say()
            say(click.style(f"{name.replace('_', ' ')}:", dim=True))
        for one in record[name]:
            text = (
                f"{clean(one[0])}\n  → {clean(one[1])}"
                if isinstance(one, list)
                else clean(one)
            )
            say(f"{sign} {text}")


@click.command()
@click.argument("sentence", nargs=-1, required=True)
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@click.option(
    "--limit",
    type=MANY,
    default=50,
    show_default=True,
    help="At most so many, the first.",
)
@pass_context
def quote(
    context: Context, sentence: tuple[str, ...], form: str | None, limit: int
) -> None:
    """Find who published a sentence, first to last: also slightly altered, also where it was removed since."""
    from harvester.archive.queries.quotes import candidates
    from harvester.identity import quote_match, shingles

    said = " ".join(sentence)
    phrases = quote_match.phrases(said)
    if not phrases:
        raise click.UsageError("there is no word to look for")
    with context.reading() as connection:
        names = [
            name
            for name in shingles.names(shingles.words(said))
            if name < shingles.BELOW
        ]
        rows = candidates(connection, phrases, names)
        records = _places(rows, said, limit)
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    elif not records:
        note("nobody published that, as far as is known")
    else:
        for one in records:
            score = "" if one["score"] == 1 else f"  {_percent(one['score'])} of it"
            say(
                f"{at(one['at'])}  {click.style(clean(one['outlet']), bold=True)}  {one['article']} version {one['version']}{score}"
            )
            say(wrapped(one["sentence"], "  "))


def _places(rows: Iterator[sqlite3.Row], said: str, limit: int) -> list[dict[str, Any]]:
    """The first version of each article that has it, and the first of each other way to put it. ``rows``: earliest first."""
    from harvester.identity import quote_match, shingles

    records: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        place = quote_match.find(said, row["text"])
        if (
            place is None
            or (known := (row["article"], shingles.folded(place.sentence))) in seen
        ):
            continue
        seen.add(known)
        records.append(
            {
                "article": row["article"], "version": row["version"], "outlet": row["outlet"], "at": row["at"],
                "sentence": place.sentence, "score": place.score,
            }
        )  # fmt: skip
        if len(records) == limit:
            break
    return records
