"""Numbers with their nouns, as commands print them."""

from __future__ import annotations

import pytest

from harvester.cli import crawling, output


@pytest.mark.parametrize(
    ("count", "nouns", "text"),
    [
        (0, ("visit",), "0 visits"),
        (1, ("visit",), "1 visit"),
        (2, ("visit",), "2 visits"),
        (1, ("entry", "entries"), "1 entry"),
        (3, ("entry", "entries"), "3 entries"),
    ],
)
def test_plurals(count: int, nouns: tuple[str, ...], text: str) -> None:
    assert output.pluralize(count, *nouns) == text


def test_a_crawl_with_one_of_everything() -> None:
    counts = {"visits": 1, "feeds": 1, "new": 1, "captures": 1}
    summary = crawling.format_crawl_summary(counts)
    assert summary == "1 visit: 1 feed read, 1 new; 1 response stored"


def test_doctor_counts_outlets(harvest: object) -> None:
    assert callable(harvest)
    assert "2 outlets" in harvest("doctor").stdout
