"""``harvest diff``: two wordings of one article, and what kind of change lies between them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import click

from harvester.cli.article import ARTICLE
from harvester.cli.context import MANY, Context, pass_context, resolve
from harvester.cli.output import at, clean, note, print_json, say

ADMITTED = {
    "modified": "its modification date moved",
    "note": "a note of correction says so",
    "line": "a line says when it was updated",
}


@click.command(
    help=f"Show what differs between two wordings, the last two by default.\n\nARTICLE: {ARTICLE}"
)
@click.argument("article")
@click.argument("a", type=MANY, required=False)
@click.argument("b", type=MANY, required=False)
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
    with context.reading() as connection:
        row = resolve(connection, article)
        if a is None or b is None:
            a, b = max(1, row["versions"] - 1), row["versions"]
        before, after = (
            article_pages.version(connection, row, a),
            article_pages.version(connection, row, b),
        )
        record = _difference(connection, before, after)
    if as_json:
        print_json(record)
    elif a == b:
        say(f"{row['key']} has one wording only, first seen {at(before['first_seen'])} UTC" if row["versions"] == 1
            else "that is one and the same wording")  # fmt: skip
    else:
        _print(record, before, after)


def _difference(
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
        held = changes.last_of_fields(connection, after["id"])
    else:
        held = article_pages.change(connection, before["id"], after["id"])
    record = {**compared(before, after), **(held or {})}
    if held is None and before["id"] == after["id"]:
        record["silent"] = False  # nothing was changed
    if not record["class"]:  # recorded by an older program
        record |= judged(before, after, record["fields"])
    sentences = {
        "added": [],
        "removed": [],
        "changed": [],
        "moved": [],
        **record["sentences"],
    }
    moved = sentences.pop("moved")
    return {**named, **record, "sentences": sentences, "moved": moved}


def compared(before: sqlite3.Row, after: sqlite3.Row) -> dict[str, Any]:
    """Two versions, field by field and sentence by sentence, with what kind of change that is."""
    from harvester.archive.records.articles import fields
    from harvester.identity.diff import difference
    from harvester.identity.version import fields_changed
    from harvester.identity.wording import key

    changed = fields_changed(fields(before), fields(after))
    if key(before["title"]) != key(after["title"]):
        changed = {"title": [before["title"], after["title"]], **changed}
    found = difference(before["text"], after["text"])
    return {
        **judged(before, after, changed),
        "fields": changed,
        "sentences": {
            "added": list(found.added),
            "removed": list(found.removed),
            "changed": [list(pair) for pair in found.changed],
            "moved": list(found.moved),
        },
    }


def judged(
    before: sqlite3.Row, after: sqlite3.Row, fields: dict[str, Any]
) -> dict[str, Any]:
    """What kind of change lies between two versions."""
    from harvester.identity.change import Text, judge

    one, other = (
        Text(row["title"], row["text"], row["published"], row["modified"])
        for row in (before, after)
    )
    found = judge(one, other, fields)
    return {
        "class": found.kind,
        "silent": found.silent,
        "admitted": found.admitted,
        "size": found.size,
    }


def _print(record: dict[str, Any], before: sqlite3.Row, after: sqlite3.Row) -> None:
    say(
        f"{click.style('version ' + str(before['number']), fg='red')}, seen {at(before['first_seen'])} to {at(before['last_seen'])} UTC"
    )
    say(
        f"{click.style('version ' + str(after['number']), fg='green')}, first seen {at(after['first_seen'])} UTC"
    )
    say(_said(record))
    for name, (old, new) in record["fields"].items():
        say()
        say(f"{name}: {_worded(_text(old), _text(new))}")
    sentences = record["sentences"]
    for old, new in sentences["changed"]:
        say()
        say(f"~ {_worded(old, new)}")
    for sign, colour, name in (("-", "red", "removed"), ("+", "green", "added")):
        for sentence in sentences[name]:
            say()
            say(click.style(f"{sign} {clean(sentence)}", fg=colour))
    for sentence in record["moved"]:
        say()
        say(click.style(f"> {clean(sentence)}", dim=True))
    if not record["fields"] and not record["moved"] and not any(sentences.values()):
        note("they differ in nothing that counts as wording")


def _said(record: dict[str, Any]) -> str:
    """The class, the size, and whether the outlet said so."""
    words = f"{record['size']} word{'' if record['size'] == 1 else 's'}"
    how = ADMITTED.get(record["admitted"], "the outlet does not say so")
    back = ", an earlier wording that came back" if record.get("back") else ""
    return f"{click.style(record['class'], bold=True)}{back}, {words}; {how}"


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)


def _worded(old: str, new: str) -> str:
    """One sentence with the words taken out and put in, marked also without colours."""
    from harvester.identity.diff import words

    styles = {"-": ("[-", "-]", "red"), "+": ("{+", "+}", "green")}
    line = ""
    for kind, text in words(clean(old), clean(new)):
        if kind == "=":
            line += text
        else:
            begin, end, colour = styles[kind]
            line += click.style(f"{begin}{text}{end}", fg=colour)
    return line
