"""URLs of articles and of what is none, as newspapers write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harvester.identity.link_shapes import (
    article_evidence,
    is_never_article,
    url_folder,
    url_shape,
)

HOST = "https://www.lantern.example"


@pytest.mark.parametrize(
    "path",
    [
        "/2025/09/06/flood-in-the-valley",
        "/news/world/2025/sep/06/flood",
        "/news/world-europe-66729591",
        "/politik/ampel-streit-a-4711aa93-0000-4b7e-9a5c-9d3f2f7e1a55",
        "/article/883d9f65-b9dd-4122-81f2-1f60f8630356",
        "/wirtschaft/article409014598/der-rat.html",
        "/story/4711123",
        "/2025-05-21-godongwana-delivers-budget-speech",
        "/the-flood-came-in-the-night",
        "/news/malaysia/2024/11/22/ac-switch-blows-up/157619",
        "/actualite/inondations_6123456_3210.html",
    ],
)
def test_what_is_surely_an_article(path: str) -> None:
    assert article_evidence(HOST + path) == 2
    assert not is_never_article(HOST + path)


@pytest.mark.parametrize(
    "path",
    [
        "/flood-in-valley",
        "/blog/vegan-seafood-alternatives",
        "/?p=4711",
        "/a.php?id=12",
    ],
)
def test_what_is_perhaps_an_article(path: str) -> None:
    assert article_evidence(HOST + path) == 1
    assert not is_never_article(HOST + path)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sport", "/sport/football", "/chemnitz-2025", "/news/us-politics"),
        *("/2025", "/2025/09", "/2025/09/06", "/themen-a-z.html", "/live"),
    ],
)
def test_what_does_not_look_like_an_article(path: str) -> None:
    assert article_evidence(HOST + path) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/tag/the-flood-of-the-century-in-the-valley/",
        "/author/ada-moss-who-writes-on-floods",
        "/category/news/2025/09/06/page",
        "/login?next=/2025/09/06/flood",
        "/account/register/sign-up",
        "/media/2025/09/06/flood.jpg",
        "/2025/09/06/flood.pdf",
        "/impressum.html",
        "/?s=flood",
        "/news?page=3",
        "/feed/",
    ],
)
def test_what_is_never_an_article(path: str) -> None:
    assert is_never_article(HOST + path)


def test_a_word_that_the_sites_own_articles_have_proves_nothing() -> None:
    url = f"{HOST}/categories/the-flood-came-in-the-night"
    assert is_never_article(url)
    assert not is_never_article(url, {"categories"})


def test_a_section_that_is_named_like_a_service_has_articles() -> None:
    assert not is_never_article(f"{HOST}/weather/2025/09/06/the-flood-came")
    assert is_never_article(f"{HOST}/weather/london")


def test_urls_of_real_articles(corpora: Path) -> None:
    article_urls = {
        json.loads(line).get("url", "")
        for name in ("daniel", "fundus", "trafilatura", "scrapinghub")
        for line in (corpora / "pages" / name / "truth.jsonl").open(encoding="utf-8")
    } - {""}
    assert len(article_urls) > 1_000
    refused = sum(map(is_never_article, article_urls))
    likely = sum(article_evidence(url) > 0 for url in article_urls)
    assert refused <= 0.015 * len(article_urls)
    assert likely >= 0.93 * len(article_urls)


def test_shapes_and_folders_are_shared_by_the_articles_of_a_site() -> None:
    first = f"{HOST}/sport/2025/09/06/the-boat-race-is-won"
    second = f"{HOST}/local/2024/12/31/flood-in-the-valley/"
    assert url_shape(first) == url_shape(second) == "word/YEAR/n/n/slug"
    assert url_folder(f"{HOST}/articles/flood.htm") == "/articles/*.htm"
    assert url_folder(f"{HOST}/articles/the-boat.htm") == "/articles/*.htm"
