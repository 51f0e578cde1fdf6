"""A query as parts that can be taken away one by one. Pure."""

from __future__ import annotations

from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.text import to_text
from harvester.query.tree import Node, Or, Times, list_conjuncts, walk, without
from harvester.schedule.times import parse_time

MAX_PARTS = 8  # of a query with more, there is one part: all of it


def list_parts(query: str, now: str) -> list[tuple[str, str]]:
    """Each part as it is written, and the query without it.

    A query with times is one part: written anew, "yesterday" would become a day. So is
    one that cannot be read, or that has nothing but one word and what it excludes.
    """
    whole = [(query, "")]
    try:
        tree = parse_query(query, parse_time(now))
    except QueryError:
        return whole  # the list says what is wrong with it
    wanted, unwanted = list_conjuncts(tree)
    has_times = any(isinstance(node, Times) for node in walk(tree))
    if has_times or len(wanted) < 2 or len(wanted + unwanted) > MAX_PARTS:
        return whole
    return [
        *((to_text(part), _write_without(tree, part)) for part in wanted),
        *((f"not {to_text(part)}", _write_without(tree, part)) for part in unwanted),
    ]


def _write_without(tree: Node, part: Node) -> str:
    rest = without(tree, part)
    return to_text(rest) if rest is not None else ""


def add_part(query: str, part: str, now: str) -> str:
    """The query with one more condition, which holds for all of it."""
    if not query:
        return part
    tree = parse_query(query, parse_time(now))
    return f"({query}) {part}" if isinstance(tree, Or) else f"{query} {part}"
