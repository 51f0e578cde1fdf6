"""``harvest diff``: what differs between two versions of an article."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.options import VERSION_HELP
from harvester.cli.output import display_time, format_json, print_text

if TYPE_CHECKING:
    from harvester.render.difference import Difference

_VERSIONS_ONLY = re.compile(r"\d{1,5}|\d{0,6}\.\.\d{0,6}")
_FORMS_BY_SUFFIX = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}


def _form_option(
    name: str, help_text: str, hidden: bool = False
) -> Callable[[Any], Any]:
    return click.option(
        f"--{name}", "form", flag_value=name, help=help_text, hidden=hidden
    )


@click.command(
    help=f"""Show what two versions of an article differ in.

A, B: versions; by default the last two. Also A..B, or ARTICLE@A..B; one version alone is
compared with the one before it.

{VERSION_HELP}

Examples: `harvest diff 3f2a91 1 3`, `harvest diff 3f2a91@2..5 --html -o bridge.html`"""
)
@click.argument("article")
@click.argument("a", required=False)
@click.argument("b", required=False)
@_form_option("stat", "Print numbers alone: a line for each step from A to B.")
@_form_option("word", "Print the paragraphs that changed, marked word by word.")
@_form_option("full", "Print the whole text, marked word by word.")
@_form_option("html", "Print a page of HTML that can be sent: it loads nothing.")
@_form_option("md", "Print Markdown.")
@_form_option("json", "Print one JSON object.")
@_form_option("text", "Print text for people, as without an option.", hidden=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write to a file; its ending (.html, .md, .json) names the form.",
)
@click.option("--overwrite", is_flag=True, help="Replace a FILE that exists.")
@pass_context
def diff(
    context: Context,
    article: str,
    a: str | None,
    b: str | None,
    form: str | None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Show what differs between two versions."""
    from harvester.cli.output_file import redirect_output

    if form is None and output is not None:
        form = _FORMS_BY_SUFFIX.get(output.suffix.lower())
    with context.connect_read_only() as connection:
        row, first, last = _resolve_pair(connection, article, a, b)
        with redirect_output(output, overwrite):
            _print_difference(connection, row, first, last, form)


def _resolve_pair(
    connection: sqlite3.Connection, name: str, a: str | None, b: str | None
) -> tuple[sqlite3.Row, int, int]:
    """The article, and the numbers of the two versions. Raises UsageError, NotInArchive."""
    from harvester.cli.version_names import find_number, parse_range, resolve_versions

    if _VERSIONS_ONLY.fullmatch(name):
        raise click.UsageError(
            f"{name!r} names versions, but no article: write `harvest diff ARTICLE "
            f"{name}`; `harvest changes` lists articles"
        )
    named = resolve_versions(connection, name)
    row, first, last, now = named.article, named.first, named.last, None
    if a is not None:
        if first is not None:
            raise click.UsageError(f"{name!r} names versions already; leave out {a!r}")
        from harvester.cli.context import utc_now

        now = utc_now()
        first, last = parse_range(connection, row, a, now)
        if b is not None:
            if last is not None:
                raise click.UsageError(f"{a!r} names two versions; leave out {b!r}")
            last = find_number(connection, row, b, now)
    if first is None:
        return row, max(1, row["versions"] - 1), row["versions"]
    if last is None:
        if first == 1:
            raise click.UsageError(
                f"version 1 of {row['key']} is the first: there is none before it; "
                "give two versions, such as 1..2"
            )
        return row, first - 1, first
    return row, first, last


def _print_difference(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    first: int,
    last: int,
    form: str | None,
) -> None:
    """Print two versions compared, in a form."""
    from harvester.archive.queries import article_pages
    from harvester.cli import diff_text

    before = article_pages.get_version(connection, article, first)
    after = article_pages.get_version(connection, article, last)
    record = _build_diff_record(connection, before, after)
    if form == "json":
        click.echo(format_json(record), color=True)
        return
    difference = _to_difference(connection, article, before, after, record)
    if form in ("html", "md"):
        click.echo(_render_document(difference, form), nl=False, color=True)
    elif form == "stat":
        numbers = range(first, last) if first < last else ()
        pairs = [
            (
                article_pages.get_version(connection, article, number),
                article_pages.get_version(connection, article, number + 1),
            )
            for number in numbers
        ] or [(before, after)]
        steps = [
            {"at": new["first_seen"], **_build_diff_record(connection, old, new)}
            for old, new in pairs
        ]
        diff_text.print_head(difference)
        diff_text.print_numbers(steps)
    elif first != last:
        diff_text.print_difference(difference, form)
    elif article["versions"] == 1:
        first_seen = display_time(before["first_seen"])
        print_text(
            f"{article['key']} has only one version, first seen {first_seen} UTC"
        )
    else:
        print_text("both are the same version")


def _render_document(difference: Difference, form: str) -> str:
    import harvester
    from harvester.render import markdown, page

    at = display_time(utc_timestamp())
    notice = f"made by harvester {harvester.__version__} from its archive, {at} UTC"
    render = page.render_page if form == "html" else markdown.render
    return render(difference, notice)


def _to_difference(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    before: sqlite3.Row,
    after: sqlite3.Row,
    record: dict[str, Any],
) -> Difference:
    from harvester.archive.queries import overview
    from harvester.identity.urls import mask_secrets
    from harvester.render.difference import Difference, VersionHead

    names = {info.key: info.name for info in overview.list_outlet_infos(connection)}
    heads = [
        VersionHead(row["number"], row["first_seen"], row["last_seen"])
        for row in (before, after)
    ]
    sentences = record["sentences"]
    return Difference(
        title=after["title"],
        title_before=before["title"],
        outlet=names.get(article["outlet"]) or article["outlet"],
        url=mask_secrets(article["url"]),
        article=article["key"],
        language=after["language"],
        before=heads[0],
        after=heads[1],
        change_class=record["class"],
        size=record["size"],
        acknowledgement=record["admitted"],
        back=bool(record.get("back")),
        fields=record["fields"],
        added=sentences["added"],
        removed=sentences["removed"],
        changed=sentences["changed"],
        moved=record["moved"],
        text_before=before["text"],
        text=after["text"],
    )


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
