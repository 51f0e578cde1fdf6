"""``harvest search``: full-text search of all versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_now,
)
from harvester.cli.feeds import FEED_FORMS, feed_options, print_hits
from harvester.cli.follow import follow, make_printer
from harvester.cli.options import (
    ArticleOptions,
    QueryCommand,
    TimeParamType,
    limit_option,
    list_options,
    outlets_option,
)
from harvester.cli.output import (
    clean,
    display_time,
    pluralize,
    print_detail,
    print_note,
    print_records,
    print_text,
)
from harvester.cli.search_file import read_queries, search_queries

if TYPE_CHECKING:
    import sqlite3

    from harvester.archive.queries.conditions import Cursor
    from harvester.archive.queries.ranking import RankedCursor
    from harvester.archive.queries.search import Hit
    from harvester.archive.queries.search import SearchScope as Scope
    from harvester.query.tree import Node


@click.command(cls=QueryCommand)
@click.argument("query", nargs=-1)
@click.option(
    "-f",
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Search for the queries of a file, one a line.",
)
@limit_option(20)
@outlets_option
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only what was published since a day, a time, or for a duration ('2 days').",
)
@click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only what was published up to a day, that day included.",
)
@click.option(
    "--after",
    metavar="CURSOR",
    default="",
    help="Go on behind the last result of a page; its cursor was printed with it.",
)
@click.option(
    "--newest/--rank",
    default=True,
    show_default=True,
    help="Newest first, or the best of the newest 2,000 matches (with a prefix: 500).",
)
@click.option(
    "--current", "which", flag_value="current", help="Search current versions only."
)
@click.option(
    "--all-versions",
    "which",
    flag_value="all",
    help="List every matching version, not one per article.",
)
@click.option(
    "--exact", is_flag=True, help="Words as typed only, not their other forms."
)
@click.option(
    "--unique", is_flag=True, help="Collapse near-duplicates to the earliest."
)
@click.option(
    "--follow",
    "following",
    is_flag=True,
    help="Print what is archived from now on, as it comes, until Ctrl-C.",
)
@feed_options
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="NAME,…",
    help="Count results by outlet, month, author, section, lang, in place of them.",
)
@list_options
@pass_context
def search(
    context: Context,
    query: tuple[str, ...],
    file: Path | None,
    form: str | None,
    limit: int,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    after: str,
    newest: bool,
    which: Literal["current", "all"] | None,
    exact: bool,
    unique: bool,
    following: bool,
    link: str,
    facets: tuple[str, ...],
) -> int:
    """Search all versions, even text removed since.

    Behind them come headlines and teasers that only a feed had.

    Words are found in all their forms (flood: floods, flooded), by the language of the
    articles; in quotes as typed. They are joined by AND. Also: "a phrase", prefix*,
    NEAR(two words, 5), OR, NOT (or -word), parentheses. Accents do not matter. Chinese,
    Japanese and Thai words match inside longer text.

    FIELD:VALUE narrows it down, also without words: title: author: text: outlet:
    section: tag: lang: site: url: key: agency: kind: access: class: similar:,
    published: seen: edited: (a day, a month, yesterday, 2025-09-01..2025-09-06), words:
    versions: (>500), is: (edited, silent, removed, returned, suspect, online, unique,
    duplicate, watched), added: removed: (words of an edit). A URL finds its article.

    Examples: `harvest search 'flood* (valley OR river) published:2025-09'`,
    `harvest search 'removed:"without comment" outlet:mpi is:silent'`
    """
    from harvester.archive.queries import announced_words, inflections, search
    from harvester.cli.search_facets import parse_facets, print_facets
    from harvester.query import parse_query
    from harvester.query.text import to_text
    from harvester.query.tree import narrow
    from harvester.render.feed_entries import title_search
    from harvester.render.records import HIT_COLUMNS
    from harvester.schedule.times import format_time

    moment = utc_now()
    now, scope = format_time(moment), which or "articles"
    if bool(query) == (file is not None):
        raise click.UsageError("give a query, or -f FILE with one a line")
    if file is not None:
        if form in FEED_FORMS or after or following or facets:
            raise click.UsageError(
                "-f lists results: without --after, --follow, --facet, and not as a feed"
            )
        return search_queries(
            context,
            read_queries(file),
            ArticleOptions("", outlets, since or "", until or ""),
            {
                "limit": limit,
                "rank": not newest,
                "scope": scope,
                "collapse_duplicates": unique,
                "exact": exact,
            },
            form,
            HIT_COLUMNS,
            _print_hits,
            _masked_record,
        )
    cursor, facet_names = _parse_cursor(after), parse_facets(facets)
    words = QueryCommand.join_words(query)
    tree = parse_query(words, moment)
    print_detail(f"query {to_text(tree)}")
    if following:
        _check_follow(form, after, which, unique)
        with context.connect_read_only() as connection:
            require_archived_outlets(connection, outlets)
        printer = make_printer(form, HIT_COLUMNS, _print_hits, _masked_record)
        narrowed = narrow(tree, outlets, since or "", until or "")
        return follow(context, narrowed, exact, printer)
    with context.connect_read_only() as connection:
        outlets = require_archived_outlets(connection, outlets)
        tree = narrow(tree, outlets, since or "", until or "")
        if facet_names:
            if form in FEED_FORMS:
                raise click.UsageError("--facet counts results: it makes no feed")
            return print_facets(connection, tree, now, facet_names, scope, exact, form)
        hits = search.search(
            connection,
            tree,
            now,
            limit=limit,
            rank=not newest,
            scope=scope,
            collapse_duplicates=unique,
            after=cursor,
            exact=exact,
        )
        announced: list[Hit] = []
        if len(hits) < limit:
            announced = announced_words.search_announced(
                connection, tree, now, limit=limit - len(hits), scope=scope, exact=exact
            )
        notes = []
        if hits:
            notes = _describe_page(
                connection, tree, now, hits, limit, scope, unique, newest, exact
            )
        elif not announced:
            notes = ["no matches" if cursor is None else "no more matches"]
            if cursor is None:
                notes += _list_advice(connection, tree, now)
        if announced:
            notes.append(f"{pluralize(len(announced), 'result')} in feeds alone")
        if not exact:
            notes.append(inflections.describe_pending(connection))
        hits = [*hits, *announced]
    scan = search.describe_scan(tree, now)
    if form in FEED_FORMS:
        title = title_search(words, outlets)
        key = " ".join(("search", words, *outlets))
        print_hits(context, hits, title, key, form or "", link)
        return len(hits)
    records = [_masked_record(hit) for hit in hits]
    if not print_records(records, form, HIT_COLUMNS):
        _print_hits(hits)
    for note in (scan, *notes):
        if note:
            print_note(note)
    return len(records)


def _check_follow(
    form: str | None, after: str, which: str | None, unique: bool
) -> None:
    """Raises UsageError for what cannot be said of hits before they are all there."""
    if form in FEED_FORMS or after or which or unique:
        raise click.UsageError(
            "--follow prints each new version that matches: without --after, --current, "
            "--all-versions, --unique, and not as a feed"
        )


def _parse_cursor(text: str) -> Cursor | RankedCursor | None:
    from harvester.archive.queries.ranking import parse_cursor

    if not text:
        return None
    try:
        return parse_cursor(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{error}; the line below the results has one", param_hint="--after"
        ) from error


def _describe_page(
    connection: sqlite3.Connection,
    tree: Node,
    now: str,
    hits: list[Hit],
    limit: int,
    scope: Scope,
    unique: bool,
    is_sorted_by_time: bool,
    exact: bool,
) -> list[str]:
    """How many there are, in which order, and how to go on."""

    order = "last published first" if is_sorted_by_time else "best first"
    shown = pluralize(len(hits), "result")
    if len(hits) < limit:
        return [f"{shown}, {order}"]
    total = None if unique else _count_in_time(connection, tree, now, scope, exact)
    if total is None:
        shown = f"the first {shown}"
    elif total != len(hits):
        shown = f"{len(hits)} of {total:,} results"
    lines = [f"{shown}, {order}"]
    if total != len(hits):
        lines.append(f"next page: --after {hits[-1].cursor}")
    return lines


def _count_in_time(
    connection: sqlite3.Connection, tree: Node, now: str, scope: Scope, exact: bool
) -> int | None:
    """How many hits there are; None: very many, or it takes too long to tell."""
    from harvester.archive.queries import search
    from harvester.cli.counting import count_in_time

    return count_in_time(
        connection, lambda: search.count_hits(connection, tree, now, scope, exact)
    )


def _list_advice(connection: sqlite3.Connection, tree: Node, now: str) -> list[str]:
    """What to try where nothing matches."""
    from harvester.archive.queries import no_matches
    from harvester.query.text import to_text

    explanation = no_matches.explain(connection, tree, now)
    lines = [
        f"no version has {word!r}; did you mean {' or '.join(words)}?"
        for word, words in explanation.proposals.items()
    ]
    for part in explanation.blocking:
        lines.append(f"without {to_text(part)} there are matches")
    return lines


def _masked_record(hit: Hit) -> dict[str, object]:
    from harvester.identity.urls import mask_secrets
    from harvester.render.records import make_hit_record

    return make_hit_record(hit, mask_secrets)


def _print_hits(hits: list[Hit]) -> None:
    from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
    from harvester.identity.urls import mask_secrets

    for hit in hits:
        marks = _describe_announced(hit)
        if not hit.announced and not hit.latest:
            marks.append("an earlier version")
        if hit.kind != "article":
            marks.append(hit.kind)
        suffix = "".join(click.style(f"  ({mark})", fg="yellow") for mark in marks)
        print_text(
            f"{click.style(clean(hit.title) or '(no title)', bold=True)}{suffix}"
        )
        authors = f", {clean(', '.join(hit.authors))}" if hit.authors else ""
        name = f"{hit.article} version {hit.version}" if hit.version else hit.article
        print_text(
            f"  {name or 'no article'}  {clean(hit.outlet)}"
            f"  {display_time(hit.published or hit.first_seen)}{authors}"
        )
        parts = hit.highlighted.replace(HIGHLIGHT_END, HIGHLIGHT_START).split(
            HIGHLIGHT_START
        )
        line = "".join(
            click.style(_clean_keeping_spaces(part), fg="red", bold=True)
            if position % 2
            else _clean_keeping_spaces(part)
            for position, part in enumerate(parts)
        )
        print_text(f"  {line.strip()}")
        print_text(f"  {click.style(clean(mask_secrets(hit.url)), dim=True)}")
        print_text()


def _describe_announced(hit: Hit) -> list[str]:
    """Marks of what a feed announced."""
    if not hit.announced:
        return []
    until = (
        f" until {display_time(hit.last_seen)}" if hit.announced == "earlier" else ""
    )
    marks = [f"announced in the feed{until}"]
    return [*marks, f"no article: {clean(hit.outcome)}"] if hit.outcome else marks


def _clean_keeping_spaces(part: str) -> str:
    """Cleaned, with one space kept at either end."""
    before = " " if part[:1] == " " else ""
    after = " " if part[-1:] == " " and part.strip() else ""
    return f"{before}{clean(part)}{after}"
