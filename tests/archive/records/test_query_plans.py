"""What is asked for every page that comes must not go through all articles, versions or addresses that are held."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import addresses, articles, copies, feeds

PLACE = addresses.PageAddress(
    "a.example/1", "https://a.example/1", "entry", True, "/1", "1"
)
ASKED: dict[str, Callable[[sqlite3.Connection], object]] = {
    "another form of an address": lambda one: addresses.list_related_addresses(
        one, "paper", PLACE
    ),
    "the same text": lambda one: addresses.list_articles_with_text(
        one, "paper", "0" * 64
    ),
    "the first with a text": lambda one: articles.find_first_article_with_text(
        one, "0" * 64, "0" * 16
    ),
    "another query": lambda one: addresses.has_address_with_path(one, "/1"),
    "who has the addresses": lambda one: addresses.get_addresses(
        one, ["a.example/1", "a.example/2"]
    ),
    "an announced address": lambda one: addresses.is_page_due(
        one, "a.example/1", "2026-01-01T00:00:00Z"
    ),
    "what announced it": lambda one: feeds.get_announcing_entry(one, "0" * 16),
    "versions of an article": lambda one: articles.list_versions(one, "0" * 16),
    "wordings of an article": lambda one: addresses.list_recent_versions(one, "0" * 16),
    "candidates for copies": lambda one: copies.find_similar_versions(
        one, 1, "0" * 16, [1, 2, 3]
    ),
    "pairs of a version": lambda one: copies.delete_pairs(one, 1),
    "a pair": lambda one: copies.get_pair(one, "0" * 16, "1" * 16),
}
GREAT = (
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


@pytest.mark.parametrize("what", ASKED)
def test_no_table_is_gone_through(tmp_path: Path, what: str) -> None:
    archive = Archive.open(tmp_path / "archive.db")
    said: list[str] = []
    archive.connection.set_trace_callback(said.append)
    ASKED[what](archive.connection)
    archive.connection.set_trace_callback(None)
    plans = [
        str(row["detail"])
        for sql in said
        if not sql.startswith("--")
        for row in archive.connection.execute(f"explain query plan {sql}")
    ]
    archive.close()
    assert plans
    aliases = {"a", "v", "u", "e", "c", "r", "m", "o", "s", *GREAT}
    assert [
        one for one in plans if one.startswith("SCAN") and one.split()[1] in aliases
    ] == []
    assert [one for one in plans if "articles_outlet" in one] == []
