"""``harvest show`` and ``history``: one article."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import POSITIVE_INT, Context, pass_context, resolve_article
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_json_lines,
    print_text,
    wrap_text,
)

ARTICLE_HELP = "A key, a unique beginning of one of at least 6 characters, or any of the article's addresses."
MAX_CHECKS_SHOWN = 10  # looks that are told


@click.command(
    help=f"Show one article in its current wording, or an earlier one.\n\nARTICLE: {ARTICLE_HELP}"
)
@click.argument("article")
@click.option(
    "--version", "number", type=POSITIVE_INT, help="The wording of that number."
)
@click.option("--json", "as_json", is_flag=True, help="One object with everything.")
@pass_context
def show(context: Context, article: str, number: int | None, as_json: bool) -> None:
    """Show one article."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import looks
    from harvester.identity.urls import mask_secrets

    with context.connect_read_only() as connection:
        record = article_pages.get_article_details(
            connection, resolve_article(connection, article), number
        )
        record["ledger"] = looks.list_checks(connection, record["article"])
    record["url"], record["urls"] = (
        mask_secrets(record["url"]),
        [mask_secrets(url) for url in record["urls"]],
    )
    if as_json:
        print_json(record)
        return
    print_text(click.style(clean(record["title"]), bold=True))
    for name, value in _metadata_rows(record):
        print_text(f"{click.style(f'{name:<11}', dim=True)}{value}")
    _print_checks(record["ledger"])
    print_text()
    print_text(wrap_text(record["text"]))


def _print_checks(checks: list[dict[str, Any]]) -> None:
    """The looks at which something else stood there, newest first, from one at which it stood there to the next."""
    seen = [
        one
        for place, one in enumerate(checks)
        if one["saw"] or (place and checks[place - 1]["saw"])
    ]
    for one in seen[::-1][:MAX_CHECKS_SHOWN]:
        counts = " (evidence that it is gone)" if one["missed"] else ""
        said = (
            f"{one['saw']}{counts}: {one['note']}"
            if one["saw"]
            else "stands there again"
        )
        print_text(
            click.style(f"{display_time(one['at']):<17}", dim=True) + clean(said)
        )


def _metadata_rows(record: dict[str, Any]) -> list[tuple[str, str]]:
    sections, tags = ", ".join(record["sections"]), ", ".join(record["tags"])
    which = "" if record["latest"] else ", not the one that stands there now"
    facts = [
        ("article", record["article"]),
        ("wording", f"{record['version']} of {record['versions']}{which}"),
        ("outlet", record["outlet"]),
        ("authors", ", ".join(record["authors"])),
        ("published", record["published_local"] or record["published"] or ""),
        ("modified", record["modified_local"] or record["modified"] or ""),
        (
            "seen",
            f"{display_time(record['first_seen'])} to {display_time(record['last_seen'])} UTC",
        ),
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
        (name, clean(value, multiline=name == "addresses"))
        for name, value in facts
        if value
    ]


@click.command(
    help=f"List all wordings of an article, and when each stood there.\n\nARTICLE: {ARTICLE_HELP}"
)
@click.argument("article")
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@pass_context
def history(context: Context, article: str, form: str | None) -> None:
    """List all wordings of an article."""
    from harvester.archive.queries import article_pages

    with context.connect_read_only() as connection:
        row = resolve_article(connection, article)
        records, states = (
            article_pages.list_version_history(connection, row),
            article_pages.list_state_changes(connection, row),
        )
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    else:
        rows = [
            [one["version"], display_time(one["first_seen"]), display_time(one["last_seen"]), one["class"], one["words"], one["sha256"][:12],
             one["title"]]
            for one in records
        ]  # fmt: skip
        print_text(
            format_table(
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
                    f"{display_time(stood['from'])} to {display_time(stood['to'])}"
                    for stood in one["sightings"]
                )
                print_text(
                    f"wording {one['version']} stood there {len(one['sightings'])} times: {times}"
                )
        for state in states:
            print_text(
                f"{display_time(state['at'])}  {state['kind']}{': ' + clean(state['note']) if state['note'] else ''}"
            )
