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


HARBOUR = (
    "Forty boats crossed the start line at noon in a stiff breeze from the west, watched"
    " by some two thousand people. The first of them was back in the harbour before four"
    " o'clock, with a torn sail and a very tired crew; others had to be towed in by the"
    " rescue service, and one sailor was taken to hospital with a broken wrist."
)
ORCHARD = (
    "Growers in the valley picked their cherries a fortnight early this summer because"
    " heavy frost never came, says the cooperative. Prices fell, yet most families will"
    " earn more than during any season since records began, since fruit is larger, sweeter"
    " and almost free of worms; pickers arrived late and left with full purses."
)


def test_long_texts_of_other_words_are_two_articles() -> None:
    assert not same_article.is_same_article("Regatta", HARBOUR, "Cherries", ORCHARD)
    edited = HARBOUR.replace("four o'clock", "five o'clock")
    assert same_article.is_same_article("Regatta", HARBOUR, "The regatta", edited)


def test_scripts_without_spaces_have_no_words_to_compare_first() -> None:
    text = "町議会は昨夜、古い橋の修理と新しい図書館の建設を賛成多数で決めた。" * 3
    edited = text.replace("昨夜", "今朝", 1)
    other = "港の祭りには多くの船が集まり、夜には花火が空いっぱいに上がった。" * 3
    assert same_article.is_same_article("議会", text, "橋", edited)
    assert not same_article.is_same_article("議会", text, "祭り", other)


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


FIRST = "The bridge over the river is closed.\nPage 1\nNobody may cross it until May."
LAST = "The ferry sails every hour from today."


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        (FIRST, FIRST, True),
        (FIRST, f"{FIRST}\n{LAST}", True),
        (FIRST.replace("Page 1", "Page 2"), FIRST, True),  # a short line of a pager
        (FIRST.replace("May", "June"), FIRST, False),
        (f"{FIRST}\n{LAST}", f"{FIRST}\nIt sails no more since last night.", False),
        ("Closed", "Closed", True),
        ("Closed", "Open", False),
        ("", "", True),
    ],
)
def test_one_text_has_every_line_of_the_other(
    text: str, other: str, expected: bool
) -> None:
    assert same_article.contains_text(text, other) is expected
    assert same_article.contains_text(other, text) is expected


@given(st.text(max_size=80))
def test_any_text_is_accepted(text: str) -> None:
    same_article.matches_announcement(text, text, text)
    assert same_article.contains_text(text, text)
    headline = same_article.normalise_headline(text)
    assert same_article.is_same_headline(text, text) == bool(
        same_article._PAGE_SUFFIX.sub("", headline)
    )
