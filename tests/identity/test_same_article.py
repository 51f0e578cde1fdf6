"""Whether two texts are versions of one article, and pages what was announced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import same_article

TEXT = (
    "The council of Marlow gave 310,000 to the library and 95,000 to the pool on 4 May,"
    " with 17 votes against 12, after 3 hours."
)


def test_one_article_or_two() -> None:
    longer = (
        f"{TEXT} The mayor said that she had waited for this evening for eleven years,"
        " and thanked all."
    )
    assert same_article.is_same_article("a", TEXT, "b", longer)
    assert not same_article.is_same_article(
        "a", TEXT, "a", "The ferry does not sail. " * 9
    )
    numbers = (
        TEXT.replace("310,000", "42")
        .replace("95,000", "7")
        .replace("17", "88")
        .replace("12", "60")
        .replace("4 May", "9 May")
    )
    # One template, other numbers.
    assert not same_article.is_same_article("a", TEXT, "a", numbers)
    assert same_article.is_same_article("Budget", "Read on.", "BUDGET", TEXT)
    assert not same_article.is_same_article("", "", "", "")


@pytest.mark.parametrize(
    ("announced", "title", "text", "expected"),
    [
        ("The council votes the budget", "Council votes budget of Marlow", "", True),
        ("The council votes the budget", "Forty boats crossed the line", "", False),
        (
            "The council votes the budget",
            "The Paper",
            "The council of the town votes the budget of the year",
            True,
        ),
        ("The council votes the budget", "The Paper", "The council of the town", False),
        ("News", "anything", "at all", None),
    ],
)
def test_what_was_announced(
    announced: str, title: str, text: str, expected: bool | None
) -> None:
    assert same_article.matches_announcement(announced, title, text) is expected


def test_headlines_of_further_pages() -> None:
    assert same_article.is_same_headline(
        "The regatta in pictures (3/12)", "The regatta in pictures"
    )
    assert same_article.is_same_headline("La régate – page 2", "La régate")
    assert not same_article.is_same_headline("The regatta", "The ferry")


@given(st.text(max_size=80))
def test_any_text_is_accepted(text: str) -> None:
    same_article.matches_announcement(text, text, text)
    headline = same_article.normalise_headline(text)
    assert same_article.is_same_headline(text, text) == bool(
        same_article._PAGE_SUFFIX.sub("", headline)
    )
