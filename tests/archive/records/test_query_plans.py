"""Queries made for every page must not scan all articles, versions or addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import (
    addresses,
    articles,
    captures,
    copies,
    feeds,
    shingle_index,
    stored_bodies,
)

ADDRESS = addresses.PageAddress(
    "a.example/1", "https://a.example/1", "entry", True, "/1", "1"
)
QUERIES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "another variant of a URL": lambda connection: addresses.list_related_addresses(
        connection, "paper", ADDRESS
    ),
    "the same text": lambda connection: addresses.list_articles_with_text(
        connection, "paper", "0" * 64
    ),
    "the first with a text": lambda connection: articles.find_first_article_with_text(
        connection, "0" * 64, "0" * 16
    ),
    "another query": lambda connection: addresses.has_address_with_path(
        connection, "/1"
    ),
    "articles at addresses": lambda connection: addresses.get_addresses(
        connection, ["a.example/1", "a.example/2"]
    ),
    "an announced address": lambda connection: addresses.is_page_due(
        connection, "a.example/1", "2026-01-01T00:00:00Z"
    ),
    "the announcing entry": lambda connection: feeds.get_announcing_entry(
        connection, "0" * 16
    ),
    "versions of an article": lambda connection: articles.list_versions(
        connection, "0" * 16
    ),
    "recent versions of an article": lambda connection: addresses.list_recent_versions(
        connection, "0" * 16
    ),
    "candidates for copies": lambda connection: copies.find_similar_versions(
        connection, 1, "0" * 16, [1, 2, 3], shingle_index.OpenIndex(connection)
    ),
    "pairs of a version": lambda connection: copies.delete_pairs(connection, 1),
    "a body that is stored already": lambda connection: stored_bodies.find_original(
        connection,
        captures.WarcFiles(Path("nowhere"), "test/1"),
        "article",
        "paper",
        ("https://a.example/old", "https://a.example/1"),
        b"",
        "0" * 64,
    ),
    "a pair": lambda connection: copies.get_pair(connection, "0" * 16, "1" * 16),
}
LARGE_TABLES = (
    "articles",
    "versions",
    "urls",
    "entries",
    "captures",
    "readings",
    "copies",
    "samples",
    "clusters",
    "shingles",
)


@pytest.mark.parametrize("name", QUERIES)
def test_no_large_table_is_scanned(tmp_path: Path, name: str) -> None:
    archive = Archive.open(tmp_path / "archive.db")
    statements: list[str] = []
    archive.connection.set_trace_callback(statements.append)
    QUERIES[name](archive.connection)
    archive.connection.set_trace_callback(None)
    plans = [
        str(row["detail"])
        for sql in statements
        if not sql.startswith("--")
        for row in archive.connection.execute(f"explain query plan {sql}")
    ]
    archive.close()
    assert plans
    aliases = {"a", "v", "u", "e", "c", "r", "m", "o", "s", *LARGE_TABLES}
    assert [
        plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in aliases
    ] == []
    assert [plan for plan in plans if "articles_outlet" in plan] == []
