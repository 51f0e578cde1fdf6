"""Variants of one page, and the outlet's own article ids in URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import url_variants

SITE = "https://paper.example"


@pytest.mark.parametrize(
    ("path", "key", "is_further"),
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
def test_variants_of_a_page(path: str, key: str, is_further: bool) -> None:
    assert url_variants.variant_key(SITE + path) == key
    assert url_variants.is_further_page(SITE + path) is is_further
    assert url_variants.variant_key(f"http://m.paper.example{path}") == key


@pytest.mark.parametrize(
    ("path", "article_id"),
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
def test_the_outlets_article_id(path: str, article_id: str) -> None:
    assert url_variants.outlet_article_id(SITE + path) == article_id


@pytest.mark.parametrize(
    ("path", "number"),
    [
        *(("/p/1", "1"), ("/p/12", "12"), ("/news/7/", "7"), ("/budget/page/2/", "2")),
        *(("/budget-p3.html", "3"), ("/budget?page=4", "4"), ("/budget?id=4", "")),
        *(("/budget", ""), ("/budget/2025", ""), ("/budget-2", ""), ("/7", "")),
    ],
)
def test_the_number_of_a_page(path: str, number: str) -> None:
    assert url_variants.page_number(SITE + path) == number


@given(st.text(max_size=80))
def test_any_text_is_accepted(text: str) -> None:
    for url in (text, f"https://x.example/{text}"):
        url_variants.variant_key(url)
        url_variants.outlet_article_id(url)
        url_variants.is_url_variant(url)
        url_variants.first_page_url(url)
        url_variants.page_number(url)
