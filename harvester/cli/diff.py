"""``harvest diff``: two wordings of one article, and what kind of change lies between them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import click

from harvester.cli.article import ARTICLE_HELP
from harvester.cli.context import POSITIVE_INT, Context, pass_context, resolve_article
from harvester.cli.output import clean, display_time, print_json, print_note, print_text

ACKNOWLEDGEMENT_LABELS = {
    "modified": "its modification date moved",
    "note": "a note of correction says so",
    "line": "a line says when it was updated",
}


@click.command(
    help=f"Show what differs between two wordings, the last two by default.\n\nARTICLE: {ARTICLE_HELP}"
)
@click.argument("article")
@click.argument("a", type=POSITIVE_INT, required=False)
@click.argument("b", type=POSITIVE_INT, required=False)
@click.option(
    "--json", "as_json", is_flag=True, help="One object: fields and sentences."
)
@pass_context
def diff(
    context: Context, article: str, a: int | None, b: int | None, as_json: bool
) -> None:
    """Show what differs between two wordings."""
    from harvester.archive.queries import article_pages

    if a is not None and b is None:
        raise click.UsageError(
            "write two numbers of versions, or none for the last two"
        )
    with context.connect_read_only() as connection:
        row = resolve_article(connection, article)
        if a is None or b is None:
            a, b = max(1, row["versions"] - 1), row["versions"]
        before, after = (
            article_pages.get_version(connection, row, a),
            article_pages.get_version(connection, row, b),
        )
        record = _build_diff_record(connection, before, after)
    if as_json:
        print_json(record)
    elif a == b:
        print_text(f"{row['key']} has one wording only, first seen {display_time(before['first_seen'])} UTC" if row["versions"] == 1
            else "that is one and the same wording")  # fmt: skip
    else:
        _print_diff(record, before, after)


def _build_diff_record(
    connection: sqlite3.Connection, before: sqlite3.Row, after: sqlite3.Row
) -> dict[str, Any]:
    """As recorded where one followed the other, else compared now; of a wording with itself what else changed meanwhile."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import changes

    named: dict[str, Any] = {
        "article": before["article"],
        "before": before["number"],
        "after": after["number"],
    }
    if before["id"] == after["id"]:
        held = changes.get_last_field_change(connection, after["id"])
    else:
        held = article_pages.get_change(connection, before["id"], after["id"])
    record = {**compare_versions(before, after), **(held or {})}
    if held is None and before["id"] == after["id"]:
        record["silent"] = False  # nothing was changed
    if not record["class"]:  # recorded by an older program
        record |= classify_versions(before, after, record["fields"])
    sentences = {
        "added": [],
        "removed": [],
        "changed": [],
        "moved": [],
        **record["sentences"],
    }
    moved = sentences.pop("moved")
    return {**named, **record, "sentences": sentences, "moved": moved}


def compare_versions(before: sqlite3.Row, after: sqlite3.Row) -> dict[str, Any]:
    """Two versions, field by field and sentence by sentence, with what kind of change that is."""
    from harvester.archive.records.articles import parse_version_fields
    from harvester.identity.diff import diff_sentences
    from harvester.identity.version import changed_fields
    from harvester.identity.wording import comparison_key

    changed = changed_fields(parse_version_fields(before), parse_version_fields(after))
    if comparison_key(before["title"]) != comparison_key(after["title"]):
        changed = {"title": [before["title"], after["title"]], **changed}
    found = diff_sentences(before["text"], after["text"])
    return {
        **classify_versions(before, after, changed),
        "fields": changed,
        "sentences": {
            "added": list(found.added),
            "removed": list(found.removed),
            "changed": [list(pair) for pair in found.changed],
            "moved": list(found.moved),
        },
    }


def classify_versions(
    before: sqlite3.Row, after: sqlite3.Row, changed_fields: dict[str, Any]
) -> dict[str, Any]:
    """What kind of change lies between two versions."""
    from harvester.identity.change import VersionText, classify_change

    one, other = (
        VersionText(row["title"], row["text"], row["published"], row["modified"])
        for row in (before, after)
    )
    found = classify_change(one, other, changed_fields)
    return {
        "class": found.change_class,
        "silent": found.is_silent,
        "admitted": found.acknowledgement,
        "size": found.size,
    }


def _print_diff(
    record: dict[str, Any], before: sqlite3.Row, after: sqlite3.Row
) -> None:
    print_text(
        f"{click.style('version ' + str(before['number']), fg='red')}, seen {display_time(before['first_seen'])} to {display_time(before['last_seen'])} UTC"
    )
    print_text(
        f"{click.style('version ' + str(after['number']), fg='green')}, first seen {display_time(after['first_seen'])} UTC"
    )
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
        print_note("they differ in nothing that counts as wording")


def _describe_change(record: dict[str, Any]) -> str:
    """The class, the size, and whether the outlet said so."""
    words = f"{record['size']} word{'' if record['size'] == 1 else 's'}"
    how = ACKNOWLEDGEMENT_LABELS.get(record["admitted"], "the outlet does not say so")
    back = ", an earlier wording that came back" if record.get("back") else ""
    return f"{click.style(record['class'], bold=True)}{back}, {words}; {how}"


def _format_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)


def _format_word_diff(old: str, new: str) -> str:
    """One sentence with the words taken out and put in, marked also without colours."""
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
