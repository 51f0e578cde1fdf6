"""``harvest similar`` and ``harvest quote``: who else has the same report, and who published a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import click

from harvester.cli.article import ARTICLE_HELP
from harvester.cli.context import POSITIVE_INT, Context, pass_context, resolve_article
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_json_lines,
    print_note,
    print_text,
    wrap_text,
)

MIN_COPIED_SHARE = 0.5  # of a paragraph's words


@click.command(
    help=f"""List who else has the same report as an article: copied, cut, grown, corrected or lightly rewritten.

With a second ARTICLE: which of its paragraphs stand in the other, and what the copier changed.

ARTICLE: {ARTICLE_HELP}"""
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
    with context.connect_read_only() as connection:
        if article and other:
            _print_pair(connection, article, other, form)
        else:
            key = resolve_article(connection, article)["key"] if article else ""
            found = _mask_urls(
                copies.list_similar_articles(connection, key)
                if article
                else copies.list_pairs(connection)
            )
            _print_records(connection, found, key, form)
        if waiting := copies.count_unindexed_versions(connection):
            print_note(
                f"{waiting} version{'s are' if waiting > 1 else ' is'} not compared yet; `harvest once` goes on with it"
            )


def _print_records(
    connection: sqlite3.Connection,
    copies: Iterator[dict[str, Any]],
    key: str,
    form: str | None,
) -> None:
    if form == "nl":
        print_json_lines(copies)
        return
    records = list(copies)
    if form == "json":
        print_json(records)
    elif not records:
        print_note(
            "nobody else has it, as far as is known"
            if key
            else "no two articles are the same report, as far as is known"
        )
    elif key:
        _print_copies(connection, records, key)
    else:
        rows = [[one["article"], one["other"], _format_percent(one["share"]), _format_percent(one["shared"]), one["agency"], one["url"]]
                for one in records]  # fmt: skip
        print_text(
            format_table(
                rows, ["article", "copied from", "share", "of it", "agency", "url"]
            )
        )


def _mask_urls(records: Any) -> Iterator[dict[str, Any]]:
    from harvester.identity.urls import mask_secrets

    return (
        {
            name: mask_secrets(value) if name.endswith("url") else value
            for name, value in one.items()
        }
        for one in records
    )


def _format_percent(share: float) -> str:
    return f"{share:.0%}"


def _print_copies(
    connection: sqlite3.Connection, records: list[dict[str, Any]], key: str
) -> None:
    from harvester.archive.records import copies

    rows = [
        [display_time(one["first_seen"]), one["outlet"], one["article"], _format_percent(one["share"]), _format_percent(one["shared"]), one["agency"],
         one["title"]]
        for one in records
    ]  # fmt: skip
    print_text(
        format_table(
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
    cluster = copies.get_cluster(connection, key)
    if cluster is not None:
        first = "this article" if cluster["cluster"] == key else cluster["cluster"]
        by = f", from {cluster['agency']}" if cluster["agency"] else ""
        print_text(
            f"first: {first}, {clean(cluster['first_outlet'])}, {display_time(cluster['first_seen'])}{by}"
        )
    print_text(
        f"`harvest similar {key[:8]} {records[0]['article'][:8]}` shows which paragraphs"
    )


def _print_pair(
    connection: sqlite3.Connection, article: str, other: str, form: str | None
) -> None:
    from harvester.archive.records import copies

    pair = copies.get_pair(
        connection,
        resolve_article(connection, article)["key"],
        resolve_article(connection, other)["key"],
    )
    if pair is None:
        print_note(
            "these two are not the same report, as far as is known; `harvest quote` finds single sentences"
        )
        if form:
            print_json([])
        return
    record = _compare_versions(*copies.get_pair_versions(connection, pair))
    record |= {"share": pair["share"], "shared": pair["shared"]}
    if form == "nl":
        print_json_lines([record])
    elif form == "json":
        print_json(record)
    else:
        _print_comparison(record)


def _compare_versions(copier: sqlite3.Row, original: sqlite3.Row) -> dict[str, Any]:
    """Two versions: paragraphs of the one seen later, each with how much of it is copied; and what was changed."""
    from harvester.identity import diff, near_duplicates

    both = [
        near_duplicates.tokenise(row["title"], row["text"])
        for row in (copier, original)
    ]
    found = diff.diff_sentences(original["text"], copier["text"])
    return {
        "article": copier["article"],
        "version": copier["number"],
        "other": original["article"],
        "other_version": original["number"],
        "paragraphs": [
            {"text": text, "copied": share}
            for text, share in near_duplicates.line_overlaps(*both)
        ],
        "changed": [list(one) for one in found.changed],
        "added": list(found.added),
        "left_out": list(found.removed),
    }


def _print_comparison(record: dict[str, Any]) -> None:
    print_text(f"{record['article']} version {record['version']} has {_format_percent(record['share'])} of its words from "
        f"{record['other']} version {record['other_version']}, and {_format_percent(record['shared'])} of that one's")  # fmt: skip
    for one in record["paragraphs"]:
        copied = one["copied"] >= MIN_COPIED_SHARE
        mark = click.style(
            f"{_format_percent(one['copied']):>4} ",
            fg="red" if copied else "green",
            bold=copied,
        )
        print_text(f"{mark}{wrap_text(one['text'], '     ').lstrip()}")
    for sign, name in (("~", "changed"), ("+", "added"), ("-", "left_out")):
        if record[name]:
            print_text()
            print_text(click.style(f"{name.replace('_', ' ')}:", dim=True))
        for one in record[name]:
            text = (
                f"{clean(one[0])}\n  → {clean(one[1])}"
                if isinstance(one, list)
                else clean(one)
            )
            print_text(f"{sign} {text}")


@click.command()
@click.argument("sentence", nargs=-1, required=True)
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=50,
    show_default=True,
    help="At most so many, the first.",
)
@pass_context
def quote(
    context: Context, sentence: tuple[str, ...], form: str | None, limit: int
) -> None:
    """Find who published a sentence, first to last: also slightly altered, also where it was removed since."""
    from harvester.archive.queries.quotes import find_candidate_versions
    from harvester.identity import quote_match, shingles

    said = " ".join(sentence)
    phrases = quote_match.search_phrases(said)
    if not phrases:
        raise click.UsageError("there is no word to look for")
    with context.connect_read_only() as connection:
        names = [
            name
            for name in shingles.shingle_hashes(shingles.split_into_words(said))
            if name < shingles.SAMPLING_THRESHOLD
        ]
        rows = find_candidate_versions(connection, phrases, names)
        records = _first_publications(rows, said, limit)
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    elif not records:
        print_note("nobody published that, as far as is known")
    else:
        for one in records:
            score = (
                "" if one["score"] == 1 else f"  {_format_percent(one['score'])} of it"
            )
            print_text(
                f"{display_time(one['at'])}  {click.style(clean(one['outlet']), bold=True)}  {one['article']} version {one['version']}{score}"
            )
            print_text(wrap_text(one["sentence"], "  "))


def _first_publications(
    rows: Iterator[sqlite3.Row], sentence: str, limit: int
) -> list[dict[str, Any]]:
    """The first version of each article that has it, and the first of each other way to put it. ``rows``: earliest first."""
    from harvester.identity import quote_match, shingles

    records: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        place = quote_match.find_quotation(sentence, row["text"])
        if (
            place is None
            or (known := (row["article"], shingles.fold_text(place.sentence))) in seen
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
