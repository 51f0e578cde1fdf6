"""``harvest search -f FILE``: queries of a file, one a line, each with its results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, require_archived_outlets, utc_now
from harvester.cli.options import ArticleOptions
from harvester.cli.output import clean, print_note, print_records, print_text
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.archive.queries.search import Hit

MAX_QUERIES = 10_000
MAX_FILE_BYTES = 10_000_000


def read_queries(path: Path) -> list[str]:
    """The lines that are no comments (#) and not empty. Raises HarvesterError, OSError."""
    if str(path) == "-":
        content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        from harvester.archive.regular_files import open_regular

        with open_regular(path) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    queries = [line for line in lines if line and not line.startswith("#")]
    if len(content) > MAX_FILE_BYTES or len(queries) > MAX_QUERIES:
        raise HarvesterError(f"{path} has more than {MAX_QUERIES:,} queries")
    if not queries:
        raise HarvesterError(f"{path} has no queries", "write one query a line")
    return queries


def search_queries(
    context: Context,
    queries: list[str],
    filters: ArticleOptions,
    options: Mapping[str, Any],
    form: str | None,
    columns: tuple[str, ...],
    print_hits: Callable[[list[Hit]], None],
    to_record: Callable[[Hit], dict[str, Any]],
) -> int:
    """Print the results of each query, in their order; returns how many there were.

    ``options``: of ``queries.search``. Records say their query. Raises QueryError, which
    names the query, before anything is searched.
    """
    from harvester.archive.queries import search
    from harvester.errors import QueryError
    from harvester.schedule.times import format_time

    moment, trees = utc_now(), []
    for query in queries:
        one = ArticleOptions(query, filters.outlets, filters.since, filters.until)
        try:
            trees.append(one.to_tree(moment))
        except QueryError as error:
            raise QueryError(f"{error} (in the query {query!r})") from error
    records: list[dict[str, Any]] = []
    with context.connect_read_only() as connection:
        require_archived_outlets(connection, filters.outlets)
        for query, tree in zip(queries, trees, strict=True):
            assert tree is not None
            hits = search.search(connection, tree, format_time(moment), **options)
            if not form:
                print_text(click.style(f"# {clean(query)}", bold=True))
                print_hits(hits)
            if not hits:
                print_note(f"no matches: {query}")
            records += [{"query": query, **to_record(hit)} for hit in hits]
    print_records(records, form, ("query", *columns))
    return len(records)
