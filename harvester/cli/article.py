"""``harvest show`` and ``harvest history``: one article and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.options import (
    POSITIVE_INT,
    VERSION_HELP,
    json_object_option,
    list_options,
)
from harvester.cli.output import (
    clean,
    display_state,
    display_time,
    format_table,
    pluralize,
    print_json,
    print_records,
    print_text,
    wrap_text,
)

if TYPE_CHECKING:
    from harvester.cli.version_names import NamedVersions

MAX_CHECKS_SHOWN = 10
MAX_ANNOUNCED_SHOWN = 20
HISTORY_COLUMNS = (
    "version",
    "first_seen",
    "last_seen",
    "class",
    "words",
    "sha256",
    "latest",
    "title",
)


@click.command(
    help=f"""Show an article, or an earlier version of it.

{VERSION_HELP}

Examples: `harvest show https://example.org/news/bridge`,
`harvest show 3f2a91@2`, `harvest show 3f2a91@2025-09-06`"""
)
@click.argument("article")
@click.option(
    "--version",
    "number",
    type=POSITIVE_INT,
    show_default="the current one",
    help="The number of a version.",
)
@json_object_option
@pass_context
def show(context: Context, article: str, number: int | None, as_json: bool) -> None:
    """Show one article."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import announcements, looks
    from harvester.cli.version_names import resolve_version
    from harvester.identity.urls import mask_secrets

    with context.connect_read_only() as connection:
        row, named = resolve_version(connection, article)
        if number is not None and named not in (None, number):
            raise click.UsageError(
                f"--version {number} and {article!r} name different versions"
            )
        record = article_pages.get_article_details(connection, row, number or named)
        record["ledger"] = looks.list_checks(connection, record["article"])
        record["announced"] = announcements.list_of_article(
            connection, record["article"]
        )
    record["url"] = mask_secrets(record["url"])
    record["urls"] = [mask_secrets(url) for url in record["urls"]]
    for wording in record["announced"]:
        wording["feed"] = mask_secrets(wording["feed"])
    if as_json:
        print_json(record)
        return
    print_text(click.style(clean(record["title"]) or "(no title)", bold=True))
    for name, value in _metadata_rows(record):
        print_text(f"{click.style(f'{name:<11}', dim=True)}{value}")
    _print_checks(record["ledger"])
    print_text()
    print_text(wrap_text(record["text"]))


def _print_checks(checks: list[dict[str, Any]]) -> None:
    """Print the checks that did not find the article, and the first that did again."""
    notable = [
        check
        for position, check in enumerate(checks)
        if check["saw"] or (position and checks[position - 1]["saw"])
    ]
    for check in notable[::-1][:MAX_CHECKS_SHOWN]:
        evidence = " (evidence of removal)" if check["missed"] else ""
        result = (
            f"{check['saw']}{evidence}: {check['note']}"
            if check["saw"]
            else "online again"
        )
        at = click.style(f"{display_time(check['at']):<17}", dim=True)
        print_text(at + clean(result))


def _describe_sight(record: dict[str, Any]) -> str:
    """From when to when a version was seen, and by whom where no feed announced it."""
    first_seen, last_seen = (
        display_time(record[name]) for name in ("first_seen", "last_seen")
    )
    is_imported = bool(record["received_by"])
    if record["backfilled"] and record["version"] == 1 and not is_imported:
        return f"first on {first_seen}, by a backfill; to {last_seen} UTC"
    return f"{first_seen} to {last_seen} UTC"


def _metadata_rows(record: dict[str, Any]) -> list[tuple[str, str]]:
    sections, tags = ", ".join(record["sections"]), ", ".join(record["tags"])
    earlier = "" if record["latest"] else ", an earlier version"
    if record["back"]:
        times = pluralize(len(record["back"]), "time")
        last = display_time(record["back"][-1])
        earlier += f", which came back {times}, last {last} UTC"
    rows = [
        ("article", record["article"]),
        ("version", f"{record['version']} of {record['versions']}{earlier}"),
        ("outlet", record["outlet"]),
        ("authors", ", ".join(record["authors"])),
        ("published", record["published_local"] or record["published"] or ""),
        ("modified", record["modified_local"] or record["modified"] or ""),
        ("seen", _describe_sight(record)),
        ("source", record["received_by"]),
        ("state", display_state(record["state"])),
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
        ("reserved", record["reserved"]),
        ("addresses", "\n           ".join(clean(url) for url in record["urls"])),
        ("same text", ", ".join(record["duplicates"])),
    ]
    return [
        (name, clean(value, multiline=name == "addresses"))
        for name, value in rows
        if value
    ]


@click.command(
    help=f"""List the versions of an article, with times.

{VERSION_HELP}

Examples: `harvest history 3f2a91`, `harvest history 3f2a91@2..5`"""
)
@click.argument("article")
@list_options
@pass_context
def history(context: Context, article: str, form: str | None) -> int:
    """List all versions of an article."""
    from harvester.archive.queries import article_pages
    from harvester.archive.records import announcements
    from harvester.cli.version_names import resolve_versions

    with context.connect_read_only() as connection:
        named = resolve_versions(connection, article)
        row = named.article
        versions = _choose_versions(
            article_pages.list_version_history(connection, row), named
        )
        states = article_pages.list_state_changes(connection, row)
        announced = announcements.list_of_article(connection, row["key"])
    if print_records(versions, form, HISTORY_COLUMNS):
        return len(versions)
    rows = [
        [
            version["version"],
            display_time(version["first_seen"]),
            display_time(version["last_seen"]),
            version["class"],
            version["words"],
            version["sha256"][:12],
            version["title"],
        ]
        for version in versions
    ]
    headers = ["version", "first seen", "last seen", "class", "words", "sha256"]
    print_text(format_table(rows, [*headers, "title"]))
    for version in versions:
        if len(version["sightings"]) > 1:
            times = "; ".join(
                f"{display_time(sighting['from'])} to {display_time(sighting['to'])}"
                for sighting in version["sightings"]
            )
            count = pluralize(len(version["sightings"]), "time")
            print_text(f"version {version['version']} was online {count}: {times}")
    for state in states:
        note = f": {clean(state['note'])}" if state["note"] else ""
        print_text(f"{display_time(state['at'])}  {state['kind']}{note}")
    _print_announced(announced)
    return len(versions)


def _choose_versions(
    versions: list[dict[str, Any]], named: NamedVersions
) -> list[dict[str, Any]]:
    """Those that were named, or all."""
    if named.first is None:
        return versions
    ends = sorted((named.first, named.last or named.first))
    return [row for row in versions if ends[0] <= row["version"] <= ends[1]]


def _print_announced(wordings: list[dict[str, Any]]) -> None:
    """Print what feeds said of an article and changed."""
    for wording in wordings[-MAX_ANNOUNCED_SHOWN:]:
        times = f"{display_time(wording['first_seen'])} to {display_time(wording['last_seen'])}"
        words = " / ".join(filter(None, (wording["title"], wording["summary"])))
        print_text(f"{times}  announced: {clean(words)}")
    unkept = sum({row["feed"]: row["unkept"] for row in wordings}.values())
    if unkept:
        print_text(f"further wordings of its feed, not kept: {unkept}")
