"""Searches with the query as it is typed, at a time that is always the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from harvester.archive.queries import changes, full_text
from harvester.archive.queries.conditions import build_conditions
from harvester.archive.queries.search import Hit, search
from harvester.query import parse_query
from harvester.query.tree import Node, narrow
from harvester.schedule.times import format_time

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # a Wednesday


def parse(query: str) -> Node:
    return parse_query(query, NOW)


def find(
    connection: sqlite3.Connection,
    query: str,
    outlets: Sequence[str] = (),
    since: str = "",
    **options: Any,
) -> list[Hit]:
    tree = narrow(parse(query), outlets, since)
    return search(connection, tree, format_time(NOW), **options)


def list_changes(
    connection: sqlite3.Connection, **options: Any
) -> list[dict[str, Any]]:
    """The newest changes that a filter of these options chooses, as JSON has them."""
    chosen = changes.ChangeFilter(**options)
    rows = changes.list_changes(connection, chosen, format_time(NOW))
    return [row.to_dict() for row in rows]


def to_fts_expression(query: str) -> str:
    """The expression for the index alone: of a query that asks for words only."""
    tree = parse(query)
    assert full_text.is_indexed(tree)
    return build_conditions(tree, format_time(NOW)).expression
