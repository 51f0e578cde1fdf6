"""``harvest diff``: what differs between two versions of an article."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import click

from harvester.cli.context import Context, pass_context, resolve_article
from harvester.cli.options import ARTICLE_HELP, POSITIVE_INT, json_object_option
from harvester.cli.output import (
    clean,
    display_time,
    pluralize,
    print_json,
    print_note,
    print_text,
)

ACKNOWLEDGEMENT_LABELS = {
    "modified": "acknowledged by a new modification date",
    "note": "acknowledged by a correction note",
    "line": "acknowledged by a line that says when it was updated",
    "post": "new posts of a live blog",
}


@click.command(
    help=f"""Show what two versions of an article differ in.

A, B: numbers of versions; by default the last two.

{ARTICLE_HELP}

Examples: `harvest diff 3f2a91`, `harvest diff 3f2a91 1 3`"""
)
@click.argument("article")
@click.argument("a", type=POSITIVE_INT, required=False)
@click.argument("b", type=POSITIVE_INT, required=False)
@json_object_option
@pass_context
def diff(
    context: Context, article: str, a: int | None, b: int | None, as_json: bool
) -> None:
    """Show what differs between two versions."""
    from harvester.archive.queries import article_pages

    if a is not None and b is None:
        raise click.UsageError("give two version numbers, or none for the last two")
    with context.connect_read_only() as connection:
        row = resolve_article(connection, article)
        if a is None or b is None:
            a, b = max(1, row["versions"] - 1), row["versions"]
        before = article_pages.get_version(connection, row, a)
        after = article_pages.get_version(connection, row, b)
        record = _build_diff_record(connection, before, after)
    if as_json:
        print_json(record)
    elif a != b:
        _print_diff(record, before, after)
    elif row["versions"] == 1:
        first_seen = display_time(before["first_seen"])
        print_text(f"{row['key']} has only one version, first seen {first_seen} UTC")
    else:
        print_text("both are the same version")


def _build_diff_record(
    connection: sqlite3.Connection, before: sqlite3.Row, after: sqlite3.Row
) -> dict[str, Any]:
    """The change as recorded if one version followed the other, else compared now.

    For a version and itself: what changed besides its text while it was online.
    """
    from harvester.archive.queries import article_pages
    from harvester.archive.records import changes

    same = before["id"] == after["id"]
    recorded = (
        changes.get_last_field_change(connection, after["id"])
        if same
        else article_pages.get_change(connection, before["id"], after["id"])
    )
    record = {**compare_versions(before, after), **(recorded or {})}
    if recorded is None and same:
        record["silent"] = False
    if not record["class"]:  # recorded before changes were classified
        record |= classify_versions(before, after, record["fields"])
    sentences = {
        "added": [],
        "removed": [],
        "changed": [],
        "moved": [],
        **record["sentences"],
    }
    moved = sentences.pop("moved")
    return {
        "article": before["article"],
        "before": before["number"],
        "after": after["number"],
        **record,
        "sentences": sentences,
        "moved": moved,
    }


def compare_versions(before: sqlite3.Row, after: sqlite3.Row) -> dict[str, Any]:
    """Compare fields and sentences of two versions, and classify the change."""
    from harvester.archive.records.articles import parse_version_fields
    from harvester.identity.diff import diff_sentences
    from harvester.identity.version_decision import changed_fields
    from harvester.identity.wording import headline_key

    changed = changed_fields(parse_version_fields(before), parse_version_fields(after))
    if headline_key(before["title"]) != headline_key(after["title"]):
        changed = {"title": [before["title"], after["title"]], **changed}
    sentences = diff_sentences(before["text"], after["text"])
    return {
        **classify_versions(before, after, changed),
        "fields": changed,
        "sentences": {
            "added": list(sentences.added),
            "removed": list(sentences.removed),
            "changed": [list(pair) for pair in sentences.changed],
            "moved": list(sentences.moved),
        },
    }


def classify_versions(
    before: sqlite3.Row, after: sqlite3.Row, changed_fields: dict[str, Any]
) -> dict[str, Any]:
    """Classify the change between two versions."""
    from harvester.identity.change import VersionText, classify_change

    old, new = (
        VersionText(
            row["title"],
            row["text"],
            row["published"],
            row["modified"],
            row["kind"] == "live",
        )
        for row in (before, after)
    )
    change = classify_change(old, new, changed_fields)
    return {
        "class": change.change_class,
        "silent": change.is_silent,
        "admitted": change.acknowledgement,
        "size": change.size,
    }


def _print_diff(
    record: dict[str, Any], before: sqlite3.Row, after: sqlite3.Row
) -> None:
    old_label = click.style(f"version {before['number']}", fg="red")
    new_label = click.style(f"version {after['number']}", fg="green")
    first_seen, last_seen = (
        display_time(before[name]) for name in ("first_seen", "last_seen")
    )
    print_text(f"{old_label}, seen {first_seen} to {last_seen} UTC")
    print_text(f"{new_label}, first seen {display_time(after['first_seen'])} UTC")
    print_text(_describe_change(record))
    for name, (old, new) in record["fields"].items():
        print_text()
        print_text(
            f"{name}: {_format_word_diff(_format_value(old), _format_value(new))}"
        )
    sentences = record["sentences"]
    for old, new in sentences["changed"]:
        print_text()
        print_text(f"~ {_format_word_diff(old, new)}")
    for sign, colour, name in (("-", "red", "removed"), ("+", "green", "added")):
        for sentence in sentences[name]:
            print_text()
            print_text(click.style(f"{sign} {clean(sentence)}", fg=colour))
    for sentence in record["moved"]:
        print_text()
        print_text(click.style(f"> {clean(sentence)}", dim=True))
    if not record["fields"] and not record["moved"] and not any(sentences.values()):
        print_note("no significant differences")


def _describe_change(record: dict[str, Any]) -> str:
    """The class, the size, and whether the outlet acknowledged it."""
    change_class = click.style(record["class"], bold=True)
    back = ", an earlier version came back" if record.get("back") else ""
    words = pluralize(record["size"], "word")
    acknowledgement = ACKNOWLEDGEMENT_LABELS.get(record["admitted"], "unacknowledged")
    return f"{change_class}{back}, {words}; {acknowledgement}"


def _format_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value)


def _format_word_diff(old: str, new: str) -> str:
    """A sentence with removed and added words marked, also without colours."""
    from harvester.identity.diff import diff_words

    styles = {"-": ("[-", "-]", "red"), "+": ("{+", "+}", "green")}
    line = ""
    for kind, text in diff_words(clean(old), clean(new)):
        if kind == "=":
            line += text
        else:
            begin, end, colour = styles[kind]
            line += click.style(f"{begin}{text}{end}", fg=colour)
    return line
