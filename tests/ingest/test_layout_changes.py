"""Detecting that an outlet's pages suddenly read worse."""

from __future__ import annotations

import random

from harvester.ingest.layout_changes import PageSample, find_layout_break


def pages(
    count: int,
    *,
    author: float = 0.95,
    text: float = 1.0,
    words: float = 500,
    seed: int = 1,
    first: int = 0,
) -> list[PageSample]:
    chance = random.Random(seed)
    return [
        PageSample(f"key{first + n}", f"2025-09-{1 + (first + n) // 24:02}T{(first + n) % 24:02}:00:00Z", True, chance.random() < author, True, chance.random() < text,
             int(words * chance.lognormvariate(0, 0.4)))
        for n in range(count)
    ]  # fmt: skip


def test_nothing_changed() -> None:
    alarms = sum(
        find_layout_break(pages(60, author=author, words=300, seed=seed)) is not None
        for seed in range(300)
        for author in (0.3, 0.6, 0.95)
    )
    assert alarms <= 1


def test_authors_that_vanish() -> None:
    broken = find_layout_break([*pages(50), *pages(10, author=0.0, first=50)])
    assert broken is not None
    assert broken.note.startswith("author on 0 of the last 10 pages, before on ")
    assert (broken.since, broken.article) == ("2025-09-03T02:00:00Z", "key50")


def test_texts_that_vanish() -> None:
    broken = find_layout_break([*pages(50), *pages(10, text=0.1, words=0, first=50)])
    assert (
        broken is not None and "text on" in broken.note and "words" not in broken.note
    )


def test_texts_that_get_much_shorter_or_longer() -> None:
    for words in (80, 3_000):
        broken = find_layout_break([*pages(50), *pages(10, words=words, first=50)])
        assert (
            broken is not None
            and "words in the median" in broken.note
            and broken.article == "key50"
        )


def test_a_few_short_pages_are_not_a_new_layout() -> None:
    assert (
        find_layout_break(
            [*pages(50), *pages(4, words=60, first=50), *pages(6, first=54)]
        )
        is None
    )


def test_too_few_pages_say_nothing() -> None:
    assert find_layout_break([*pages(15), *pages(10, author=0.0, first=15)]) is None
    assert find_layout_break([]) is None


def test_missing_authors_are_normal_where_few_pages_have_any() -> None:
    assert (
        find_layout_break([*pages(50, author=0.1), *pages(10, author=0.0, first=50)])
        is None
    )
