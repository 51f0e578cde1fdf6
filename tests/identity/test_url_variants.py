"""Forms of one page, an outlet's own numbers in addresses, and whether two texts are one article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import same_article, url_variants

SITE = "https://paper.example"


@pytest.mark.parametrize(
    ("path", "tail", "further"),
    [
        ("/2025/09/budget", "/2025/09/budget", False),
        ("/print/2025/09/budget", "/2025/09/budget", False),
        ("/2025/09/budget/imprimer", "/2025/09/budget", False),
        ("/2025/09/budget-print.html", "/2025/09/budget.html", False),
        ("/budget/index.html", "/budget", False),
        ("/budget?page=3", "/budget", True),
        ("/budget?page=1", "/budget", False),
        ("/budget/page/2/", "/budget", True),
        ("/budget/3", "/budget", True),
        ("/story.php?id=44&print=1", "/story.php?id=44", False),
        ("/?p=210001", "/?p=210001", False),
        ("/budget?format=print&id=7", "/budget?id=7", False),
    ],
)
def test_forms_of_a_page(path: str, tail: str, further: bool) -> None:
    assert (
        url_variants.variant_key(SITE + path),
        url_variants.is_further_page(SITE + path),
    ) == (
        tail,
        further,
    )
    assert url_variants.variant_key(f"http://m.paper.example{path}") == tail


@pytest.mark.parametrize(
    ("path", "story"),
    [
        ("/news/anything-123.html", "123"),
        ("/2024/05/17/slug-4396235", "4396235"),
        ("/23578/the-slug/", "23578"),
        ("/de/slug/a-65897191", "65897191"),
        ("/article/us-fed-idUSKBN1430G4", "iduskbn1430g4"),
        (
            "/noticia/z00e17cb0-ebc4-9aec-ea75dcf1aeb73f11/20177/a/b",
            "z00e17cb0-ebc4-9aec-ea75dcf1aeb73f11",
        ),
        ("/view.htm?lang=e&Seq_Code=181595", "181595"),
        ("/2025-12-18/slug", ""),
        ("/slug-20251218", ""),
        ("/2025/budget", ""),
        ("/budget-2", ""),
    ],
)
def test_an_outlets_own_number(path: str, story: str) -> None:
    assert url_variants.outlet_article_id(SITE + path) == story


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    for url in (text, f"https://x.example/{text}"):
        url_variants.variant_key(url)
        url_variants.outlet_article_id(url)
        url_variants.is_url_variant(url)
        url_variants.first_page_url(url)
    same_article.matches_announcement(text, text, text)
    assert same_article.is_same_headline(text, text) == bool(
        same_article._PAGE_SUFFIX.sub("", same_article.normalise_headline(text))
    )


TEXT = "The council of Marlow gave 310,000 to the library and 95,000 to the pool on 4 May, with 17 votes against 12, after 3 hours."


def test_one_article_or_two() -> None:
    longer = (
        TEXT
        + " The mayor said that she had waited for this evening for eleven years, and thanked all."
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
    assert not same_article.is_same_article(
        "a", TEXT, "a", numbers
    )  # one template, other numbers
    assert same_article.is_same_article("Budget", "Read on.", "BUDGET", TEXT)
    assert not same_article.is_same_article("", "", "", "")


@pytest.mark.parametrize(
    ("wanted", "title", "text", "said"),
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
    wanted: str, title: str, text: str, said: bool | None
) -> None:
    assert same_article.matches_announcement(wanted, title, text) is said


def test_headlines_of_further_pages() -> None:
    assert same_article.is_same_headline(
        "The regatta in pictures (3/12)", "The regatta in pictures"
    )
    assert same_article.is_same_headline("La régate – page 2", "La régate")
    assert not same_article.is_same_headline("The regatta", "The ferry")
