"""Misspellings, and words that are none of each other."""

from __future__ import annotations

import pytest

from harvester.identity.spelling import edit_distance, is_misspelling


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("million", "billion"),
        ("he", "she"),
        ("lundi", "mardi"),
        ("Iran", "Irak"),
        ("deux", "dix"),
        ("now", "not"),
    ],
)
def test_words_that_are_not_misspellings_of_each_other(word: str, other: str) -> None:
    assert not is_misspelling(word, other, set())
    assert not is_misspelling(other, word, set())


def test_two_words_of_the_article_are_not_misspellings() -> None:
    assert is_misspelling("ouvert", "couvert", {"le"})
    assert not is_misspelling("ouvert", "couvert", {"ouvert", "couvert"})


def test_the_distance_is_damerau_levenshtein() -> None:
    words = ("abcd", "abdc", "abd", "abxcd", "badc", "wxyz")
    distances = [edit_distance("abcd", word, 2) for word in words]
    assert distances == [0, 1, 1, 1, 2, 3]
