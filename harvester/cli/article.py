"""``harvest show`` and ``history``: one article."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import MANY, Context, pass_context, resolve
from harvester.cli.output import at, clean, print_json, print_lines, say, table, wrapped

ARTICLE = "A key, a unique beginning of one of at least 6 characters, or any of the article's addresses."
LEDGER_MOST = 10  # looks that are told


@click.command(
    help=f"Show one article in its current wording, or an earlier one.\n\nARTICLE: {ARTICLE}"
)
@click.argument("article")
@click.option("--version", "number", type=MANY, help="The wording of that number.")
@click.option("--json", "as_json", is_flag=True, help="One object with everything.")
@pass_context
def show(context: Context, article: str, number: int | None, as_json: bool) -> None:
    """Show one article."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import looks
    from harvester.identity.urls import mask

    with context.reading() as connection:
        record = article_pages.shown(connection, resolve(connection, article), number)
        record["ledger"] = looks.of_article(connection, record["article"])
    record["url"], record["urls"] = (
        mask(record["url"]),
        [mask(url) for url in record["urls"]],
    )
    if as_json:
        print_json(record)
        return
    say(click.style(clean(record["title"]), bold=True))
    for name, value in _facts(record):
        say(f"{click.style(f'{name:<11}', dim=True)}{value}")
    _say_ledger(record["ledger"])
    say()
    say(wrapped(record["text"]))


def _say_ledger(looks: list[dict[str, Any]]) -> None:
    """The looks at which something else stood there, newest first, from one at which it stood there to the next."""
    seen = [
        one
        for place, one in enumerate(looks)
        if one["saw"] or (place and looks[place - 1]["saw"])
    ]
    for one in seen[::-1][:LEDGER_MOST]:
        counts = " (evidence that it is gone)" if one["missed"] else ""
        said = (
            f"{one['saw']}{counts}: {one['note']}"
            if one["saw"]
            else "stands there again"
        )
        say(click.style(f"{at(one['at']):<17}", dim=True) + clean(said))


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
        (
            "access",
            record["access"] if record["access"] not in ("unknown", "free") else "",
        ),
        ("language", record["language"]),
        ("sections", sections),
        ("tags", tags if tags != sections else ""),
        ("image", record["image"]),
        ("cut", record["sources"].get("cut", "")),
        ("addresses", "\n           ".join(clean(url) for url in record["urls"])),
        ("same text", ", ".join(record["duplicates"])),
    ]
    return [
        (name, clean(value, lines=name == "addresses"))
        for name, value in facts
        if value
    ]


@click.command(
    help=f"List all wordings of an article, and when each stood there.\n\nARTICLE: {ARTICLE}"
)
@click.argument("article")
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@pass_context
def history(context: Context, article: str, form: str | None) -> None:
    """List all wordings of an article."""
    from harvester.archive.queries import article_pages

    with context.reading() as connection:
        row = resolve(connection, article)
        records, states = (
            article_pages.history(connection, row),
            article_pages.states(connection, row),
        )
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
        say(
            table(
                rows,
                [
                    "version",
                    "first seen",
                    "last seen",
                    "class",
                    "words",
                    "sha256",
                    "title",
                ],
            )
        )
        for one in records:
            if len(one["sightings"]) > 1:
                times = "; ".join(
                    f"{at(stood['from'])} to {at(stood['to'])}"
                    for stood in one["sightings"]
                )
                say(
                    f"wording {one['version']} stood there {len(one['sightings'])} times: {times}"
                )
        for state in states:
            say(
                f"{at(state['at'])}  {state['kind']}{': ' + clean(state['note']) if state['note'] else ''}"
            )
