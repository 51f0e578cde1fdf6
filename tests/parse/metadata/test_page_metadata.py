"""What pages state about themselves, rule by rule.

Which statement is believed, and what becomes of the others.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from harvester.model import Rules
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata
from harvester.parse.metadata.statements import PageMetadata

AT = "2025-09-10T12:00:00Z"
URL = "https://paper.example/news/budget"


def read(
    head: str = "", body: str = "", url: str = URL, lang: str = "fr"
) -> PageMetadata:
    tree = parse_html(
        f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>"
    )
    assert tree is not None
    metadata = page_metadata.extract_metadata(tree, url, AT)
    page_metadata.fill_missing(tree, metadata, "Un texte. " * 20, Rules(), url, AT, ())
    return metadata


def value(metadata: PageMetadata, name: str) -> Any:
    return metadata.values.get(name)


def ld(**fields: Any) -> str:
    article = {"@type": "NewsArticle", "headline": "Le budget est voté", **fields}
    return f"<script type='application/ld+json'>{json.dumps(article)}</script>"


def meta(**fields: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{text}">'
        for name, text in fields.items()
    )


PUBLISHED = "article__published_time"
H1 = "<title>Le budget est voté</title>", "<h1>Le budget est voté</h1>"


# ---- statements


def test_differing_statements_are_kept() -> None:
    metadata = read(
        ld(author="Anne Roux", datePublished="2025-09-06T08:12:45+02:00")
        + meta(author="Jean Petit")
    )
    assert value(metadata, "authors") == ("Anne Roux",)
    assert ("authors", "Jean Petit", "meta", "") in {
        (s.field, s.value, s.source, s.refused) for s in metadata.statements
    }
    assert not any(s.field == "published" for s in metadata.statements)


def test_a_date_after_the_capture_is_rejected_with_a_reason() -> None:
    metadata = read(meta(**{PUBLISHED: "2031-01-01T00:00:00Z"}))
    assert value(metadata, "published") is None
    (refused,) = [s for s in metadata.statements if s.refused]
    assert (refused.field, refused.value, refused.source) == (
        "published",
        "2031-01-01T00:00:00Z",
        "meta",
    )


def test_objects_and_metas_are_available() -> None:
    metadata = read(ld(isAccessibleForFree=False) + meta(og__type="article"))
    assert metadata.objects[0]["isAccessibleForFree"] is False
    assert metadata.metas["og:type"] == ["article"]


# ---- title


def test_the_visible_headline_wins_over_the_one_for_sharing() -> None:
    metadata = read(
        "<title>Budget voté : ce qui change pour vous</title>"
        + meta(og__title="Budget voté : ce qui change pour vous"),
        "<h1>Budget voté : voici ce qui change à Nantes</h1>",
    )
    assert (value(metadata, "title"), metadata.sources["title"]) == (
        "Budget voté : voici ce qui change à Nantes",
        "text",
    )


def test_a_kicker_is_not_part_of_the_title() -> None:
    metadata = read(
        "<title>Le budget est voté hier soir</title>"
        + meta(og__title="Le budget est voté hier soir"),
        "<h1><span>Nantes</span> Le budget est voté hier soir</h1>",
    )
    assert value(metadata, "title") == "Le budget est voté hier soir"


# ---- people


@pytest.mark.parametrize(
    "body",
    [
        "<p class='byline'>Par <a href='/x'>Anne Roux</a></p>",
        "<a rel='author' href='/x'>Anne Roux</a>",
        "<span itemprop='author' itemscope><b itemprop='name'>Anne Roux</b></span>",
        (
            "<div class='post-meta'><span class='author vcard'><a class='url fn n'>"
            "Anne Roux</a></span></div>"
        ),
        "<p>Par Anne Roux</p>",
        "<p><a href='/auteurs/anne-roux'>Anne Roux</a></p>",
        "<div><span>Anne Roux</span> <span>6 septembre 2025</span></div>",
        "<footer class='entry-meta'><span class='author'>Anne Roux</span></footer>",
    ],
)
def test_visible_bylines(body: str) -> None:
    metadata = read(H1[0], f"{H1[1]}{body}<p>{'Un texte assez long. ' * 20}</p>")
    assert (value(metadata, "authors"), metadata.sources["authors"]) == (
        ("Anne Roux",),
        "text",
    )


@pytest.mark.parametrize(
    "body",
    [
        "<ol class='comments'><li><cite class='fn author'>Anne Roux</cite></li></ol>",
        "<div class='related-posts'><span class='author'>Anne Roux</span></div>",
        "<aside><p class='teaser'>Par Anne Roux</p></aside>",
        (
            "<div><a href='/category/vie-locale'>Vie Locale</a> <span>6 septembre "
            "2025</span></div>"
        ),
    ],
)
def test_who_is_not_the_author(body: str) -> None:
    assert (
        value(
            read(H1[0], f"{H1[1]}<p>{'Un texte assez long. ' * 20}</p>{body}"),
            "authors",
        )
        is None
    )


def test_an_organisation_yields_to_a_visible_person() -> None:
    organisation = ld(author={"@type": "Organization", "name": "Le Courrier"})
    assert value(
        read(organisation, H1[1] + "<p class='byline'>Par Anne Roux</p>"), "authors"
    ) == ("Anne Roux",)
    assert value(read(organisation, H1[1]), "authors") == ("Le Courrier",)


def test_a_full_name_wins_over_an_account() -> None:
    metadata = read(
        meta(author="aroux") + H1[0], H1[1] + "<p class='byline'>Par Anne Roux</p>"
    )
    assert value(metadata, "authors") == ("Anne Roux",)


def test_a_person_described_elsewhere_in_the_json_ld() -> None:
    graph = {
        "@graph": [
            {"@type": "Article", "headline": "Le budget", "author": {"@id": "#a"}},
            {"@type": "Person", "@id": "#a", "name": "Anne Roux"},
        ]
    }
    head = (
        "<title>Le budget</title><script type='application/ld+json'>"
        f"{json.dumps(graph)}</script>"
    )
    assert value(read(head), "authors") == ("Anne Roux",)


# ---- times


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("<time datetime='2025-09-06T08:00:00+02:00'>samedi</time>", "2025-09-06"),
        ("<span class='date'>Publié le 6 septembre 2025</span>", "2025-09-06"),
        ("<p>Mis en ligne le 06/09/2025 à 8h12</p>", "2025-09-06"),
        ("<div class='meta'>Sept. 6, 2025</div>", "2025-09-06"),
        ("<p class='x'>2025年9月6日</p>", "2025-09-06"),
        (
            (
                "<p>Originally published on 3 May 2020</p><span class='date'>6 Sep "
                "2025</span>"
            ),
            "2020-05-03",
        ),
        (
            (
                "<span class='date'>Updated 9 Sep 2025</span><span class='date'>6 "
                "Sep 2025</span>"
            ),
            "2025-09-06",
        ),
    ],
)
def test_visible_dates(body: str, day: str) -> None:
    assert value(read(H1[0], H1[1] + body), "published_local")[:10] == day


@pytest.mark.parametrize(
    "body",
    [
        "<ol class='comments'><li><time datetime='2025-09-06'>hier</time></li></ol>",
        "<div class='related'><span class='date'>6 septembre 2025</span></div>",
        (
            "<p>Le conseil se réunira de nouveau dans la grande salle le 6 septembre "
            "2025 pour voter.</p>"
        ),
    ],
)
def test_dates_of_something_else(body: str) -> None:
    assert (
        value(
            read(H1[0], f"{H1[1]}<p>{'Un texte assez long. ' * 20}</p>{body}"),
            "published",
        )
        is None
    )


def test_a_date_in_the_masthead_does_not_count() -> None:
    masthead = (
        "<header class='masthead'><span class='date'>10 septembre 2025</span></header>"
    )
    metadata = read(
        H1[0], f"{masthead}{H1[1]}<span class='date'>6 septembre 2025</span>"
    )
    assert value(metadata, "published") == "2025-09-06"


def test_an_ambiguous_day_is_read_as_the_page_says_elsewhere() -> None:
    metadata = read(
        meta(**{PUBLISHED: "03-09-2025"}) + H1[0],
        H1[1] + "<p>Published March 9, 2025</p>",
    )
    assert value(metadata, "published") == "2025-03-09"


def test_a_naive_time_beside_an_instant_reveals_the_zone() -> None:
    metadata = read(
        meta(**{PUBLISHED: "2025-09-07T02:28:35Z"})
        + meta(**{"sailthru.date": "2025-09-06 22:28:35", "author": "Anne Roux"})
    )
    assert value(metadata, "published") == "2025-09-07T02:28:35Z"
    assert value(metadata, "published_local") == "2025-09-06T22:28:35-04:00"


def test_local_time_published_as_utc() -> None:
    head = meta(**{PUBLISHED: "2025-09-06T20:00:00.000Z"}) + H1[0]
    metadata = read(
        head, H1[1] + "<time datetime='2025-09-06T20:00:00+09:00'>20:00</time>"
    )
    assert value(metadata, "published") == "2025-09-06T11:00:00Z"


def test_a_country_with_one_zone_reveals_it() -> None:
    head = meta(**{PUBLISHED: "2025-01-06 09:43"})
    assert (
        value(read(head, url="https://paper.example.jp/a"), "published")
        == "2025-01-06T00:43:00Z"
    )
    assert (
        value(read(head, url="https://paper.de/a"), "published")
        == "2025-01-06T08:43:00Z"
    )
    assert (
        value(read(head.replace("-01-", "-07-"), url="https://paper.de/a"), "published")
        == "2025-07-06T07:43:00Z"
    )
    assert (
        value(read(head, url="https://paper.com/a", lang="en"), "published")
        == "2025-01-06"
    )


@pytest.mark.parametrize(
    "element",
    [
        "<time data-published='2025-09-06 09:13:00Z'>Sep 6, 2025</time>",
        "<span class='date' data-origindate='2025-09-06 17:13:00 +0800'></span>",
        "<span class='date' data-utc-time='1757149980'>September 6, 2025</span>",
        "<time datetime='2025-09-06 05:13:00'>09/06/2025 05:13 AM EDT</time>",
    ],
)
def test_machine_readable_times_in_attributes(element: str) -> None:
    assert (
        value(read(H1[0], H1[1] + element, lang="en-US"), "published")
        == "2025-09-06T09:13:00Z"
    )


def test_attributes_of_another_day_or_of_a_change_do_not_count() -> None:
    for attribute in (
        "data-time='2025-09-01T09:13:00Z'",
        "data-updated-time='2025-09-06T09:13:00Z'",
    ):
        assert (
            value(
                read(H1[0], f"{H1[1]}<span class='date' {attribute}>6 Sep 2025</span>"),
                "published",
            )
            == "2025-09-06"
        )


def test_a_day_alone_takes_its_time_of_day_from_other_statements() -> None:
    shown = f"{H1[1]}<p>6 September 2025</p>"
    script = (
        '<script>x = {"publishedAt":"2025-09-06T08:12:45Z", '
        '"modifiedAt":"2025-09-06T10:00:00Z"}</script>'
    )
    assert value(read(H1[0], shown + script), "published") == "2025-09-06T08:12:45Z"
    two = (
        '<script>x = [{"publishedAt":"2025-09-06T08:12:45Z"}, '
        '{"publishedAt":"2025-09-06T09:00:00Z"}]</script>'
    )
    assert (
        value(read(H1[0], shown + two), "published") == "2025-09-06"
    )  # either may be this article's
    seconds = (
        "<time datetime='2025-09-06T16:01:26'>6 September 2025, 4:01 PM EDT</time>"
    )
    assert value(read(H1[0], H1[1] + seconds), "published") == "2025-09-06T20:01:26Z"


def test_the_url_reveals_the_outlets_own_day() -> None:
    metadata = read(
        meta(**{PUBLISHED: "2025-09-06T03:05:00Z"}),
        url="https://paper.example/2025/09/05/budget",
    )
    assert (value(metadata, "published"), value(metadata, "published_local")) == (
        "2025-09-06T03:05:00Z",
        "2025-09-05",
    )


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.example/2021/03/14/a", "2021-03-14"),
        ("https://x.example/a-2021-03-14.html", "2021-03-14"),
        ("https://x.example/20210314-a", "2021-03-14"),
        ("https://x.example/14-03-2021", "2021-03-14"),
        ("https://x.example/news/2021/mar/14/a", "2021-03-14"),
        ("https://x.example/2021/march/14", "2021-03-14"),
        ("https://x.example/2021/bridge/14/a", None),
        ("https://x.example/2016/12/132377/a", None),
        ("https://x.example/2019/43/a", None),
        ("https://x.example/article120210314", None),
    ],
)
def test_the_url_is_the_last_resort(url: str, day: str | None) -> None:
    metadata = read(url=url)
    assert value(metadata, "published") == day
    assert metadata.sources.get("published") == ("url" if day else None)


def test_scripts_and_the_time_of_modification_come_last() -> None:
    script = '<script>window.d = {"publishedAt":"2025-09-06T08:00:00Z"}</script>'
    metadata = read(body=script)
    assert (value(metadata, "published"), metadata.sources["published"]) == (
        "2025-09-06T08:00:00Z",
        "script",
    )
    metadata = read(meta(article__modified_time="2025-09-07T08:00:00Z"))
    assert (value(metadata, "published"), metadata.sources["published"]) == (
        "2025-09-07T08:00:00Z",
        "modified",
    )


# ---- image


def test_the_caption_of_the_lead_image() -> None:
    figure = (
        "<figure><img src='/i/hall.jpg?w=600'><figcaption>La salle des "
        "fêtes</figcaption></figure>"
    )
    metadata = read(
        meta(og__image="https://paper.example/i/hall.jpg", og__image__alt="Une salle"),
        figure,
    )
    assert (value(metadata, "caption"), metadata.sources["caption"]) == (
        "La salle des fêtes",
        "text",
    )
    metadata = read(ld(image={"url": "/a.jpg", "caption": "La mairie"}))
    assert (value(metadata, "caption"), metadata.sources["caption"]) == (
        "La mairie",
        "json-ld",
    )


# ---- hostile


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Le budget est voté</h1>" + "<p class='author date'>x</p>" * 20_000,
        "<div itemprop='author'>" * 150 + "<i></i>" * 20_000,
        "<h1>Le budget</h1>"
        + "".join(
            "<div>" + "<i></i>" * 500 + "</div><time class='date'>x</time>"
            for _ in range(100)
        ),
        "<h1>Le budget est voté</h1>" * 20_000,
        "<a rel='author tag' href='/author/x'>A B</a>" * 20_000,
        "<script>" + "publishedAt:" * 20_000 + " " * 500_000 + "</script>",
        "<p>1 2020 2 2021 3 mar 4 2023 x 5.6.7.8.9/10/11</p>" * 20_000,
    ],
)
def test_hostile_pages_take_linear_time(body: str) -> None:
    started = time.process_time()
    read(H1[0], body)
    assert time.process_time() - started < 5
