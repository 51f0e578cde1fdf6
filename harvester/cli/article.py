"""``harvest show``, ``history`` and ``diff``: one article."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import click

from harvester.cli.context import Context, pass_context, resolve
from harvester.cli.output import at, clean, note, print_json, print_lines, say, table, wrapped

ARTICLE = "A key, a unique beginning of one of at least 6 characters, or any of the article's addresses."


@click.command(help=f"Show one article in its current wording, or an earlier one.\n\nARTICLE: {ARTICLE}")
@click.argument("article")
@click.option("--version", "number", type=click.IntRange(1), help="The wording of that number.")
@click.option("--json", "as_json", is_flag=True, help="One object with everything.")
@pass_context
def show(context: Context, article: str, number: int | None, as_json: bool) -> None:
    """Show one article."""
    from harvester.archive import read
    from harvester.identity.url import mask

    with context.reading() as connection:
        record = read.shown(connection, resolve(connection, article), number)
    record["url"], record["urls"] = mask(record["url"]), [mask(url) for url in record["urls"]]
    if as_json:
        print_json(record)
        return
    say(click.style(clean(record["title"]), bold=True))
    for name, value in _facts(record):
        say(f"{click.style(f'{name:<11}', dim=True)}{value}")
    say()
    say(wrapped(record["text"]))


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    sections, tags = ", ".join(record["sections"]), ", ".join(record["tags"])
    which = "" if record["latest"] else ", not the one that stands there now"
    facts = [
        ("article", record["article"]),
        ("wording", f"{record['version']} of {record['versions']}{which}"),
        ("outlet", record["outlet"]),
        ("authors", ", ".join(record["authors"])),
        ("published", record["published_local"] or record["published"] or ""),
        ("modified", record["modified_local"] or record["modified"] or ""),
        ("seen", f"{at(record['first_seen'])} to {at(record['last_seen'])} UTC"),
        ("state", record["state"]),
        ("kind", record["kind"] if record["kind"] != "article" else ""),
        ("access", record["access"] if record["access"] not in ("unknown", "free") else ""),
        ("language", record["language"]),
        ("sections", sections),
        ("tags", tags if tags != sections else ""),
        ("image", record["image"]),
        ("addresses", "\n           ".join(clean(url) for url in record["urls"])),
        ("same text", ", ".join(record["duplicates"])),
    ]
    return [(name, clean(value, lines=name == "addresses")) for name, value in facts if value]


@click.command(help=f"List all wordings of an article, and when each stood there.\n\nARTICLE: {ARTICLE}")
@click.argument("article")
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@pass_context
def history(context: Context, article: str, form: str | None) -> None:
    """List all wordings of an article."""
    from harvester.archive import read

    with context.reading() as connection:
        row = resolve(connection, article)
        records, states = read.history(connection, row), read.states(connection, row)
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    else:
        rows = [
            [one["version"], at(one["first_seen"]), at(one["last_seen"]), one["class"], one["words"], one["sha256"][:12],
             one["title"]]
            for one in records
        ]  # fmt: skip
        say(table(rows, ["version", "first seen", "last seen", "class", "words", "sha256", "title"]))
        for one in records:
            if len(one["sightings"]) > 1:
                times = "; ".join(f"{at(stood['from'])} to {at(stood['to'])}" for stood in one["sightings"])
                say(f"wording {one['version']} stood there {len(one['sightings'])} times: {times}")
        for state in states:
            say(f"{at(state['at'])}  {state['kind']}{': ' + clean(state['note']) if state['note'] else ''}")


@click.command(help=f"Show what differs between two wordings, the last two by default.\n\nARTICLE: {ARTICLE}")
@click.argument("article")
@click.argument("a", type=click.IntRange(1), required=False)
@click.argument("b", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="One object: fields and sentences.")
@pass_context
def diff(context: Context, article: str, a: int | None, b: int | None, as_json: bool) -> None:
    """Show what differs between two wordings."""
    from harvester.archive import read

    if a is not None and b is None:
        raise click.UsageError("write two numbers of versions, or none for the last two")
    with context.reading() as connection:
        row = resolve(connection, article)
        if a is None or b is None:
            a, b = max(1, row["versions"] - 1), row["versions"]
        before, after = read.version(connection, row, a), read.version(connection, row, b)
        record = _difference(connection, before, after)
    if as_json:
        print_json(record)
    elif a == b:
        say(f"{row['key']} has one wording only, first seen {at(before['first_seen'])} UTC" if row["versions"] == 1
            else "that is one and the same wording")  # fmt: skip
    else:
        _print(record, before, after)


def _difference(connection: sqlite3.Connection, before: sqlite3.Row, after: sqlite3.Row) -> dict[str, Any]:
    """As recorded where one followed the other, else compared now."""
    from harvester.archive import read

    record: dict[str, Any] = {"article": before["article"], "before": before["number"], "after": after["number"]}
    held = read.change(connection, before["id"], after["id"]) if before["id"] != after["id"] else None
    if held is not None:
        return {**record, **held, "sentences": {"added": [], "removed": [], "changed": [], **held["sentences"]}}
    return {**record, **compared(before, after)}


def compared(before: sqlite3.Row, after: sqlite3.Row) -> dict[str, Any]:
    """Two versions, field by field and sentence by sentence."""
    from harvester.archive.articles import fields
    from harvester.identity import diff as texts
    from harvester.identity.version import fields_changed
    from harvester.identity.wording import normalise

    changed = fields_changed(fields(before), fields(after))
    if normalise(before["title"]) != normalise(after["title"]):
        changed = {"title": [before["title"], after["title"]], **changed}
    found = texts.difference(before["text"], after["text"])
    return {
        "fields": changed,
        "sentences": {
            "added": list(found.added),
            "removed": list(found.removed),
            "changed": [list(pair) for pair in found.changed],
        },
    }


def _print(record: dict[str, Any], before: sqlite3.Row, after: sqlite3.Row) -> None:
    say(
        f"{click.style('version ' + str(before['number']), fg='red')}, seen {at(before['first_seen'])} to {at(before['last_seen'])} UTC"
    )
    say(f"{click.style('version ' + str(after['number']), fg='green')}, first seen {at(after['first_seen'])} UTC")
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
    if not record["fields"] and not any(sentences.values()):
        note("they differ in nothing that counts as wording")


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
