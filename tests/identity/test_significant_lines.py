"""Which lines count when two readings are compared."""

from __future__ import annotations

import hashlib

import pytest

from harvester.identity.boilerplate import is_boilerplate
from harvester.identity.significant_lines import (
    ExtractedText,
    is_same_text,
    is_same_wording,
    significant_lines,
)
from harvester.identity.wording import normalise_text
from harvester.model import Rules
from harvester.parse.article import read_article

LINES = [
    "The ferry will not sail this week, the harbour office said.",
    "Its engine is being mended in the yard.",
    "Tickets stay valid.",
]
TEXT = "\n".join(LINES)


def mark(line: str) -> str:
    return hashlib.sha256(
        "".join(one for one in line.lower() if one.isalnum()).encode()
    ).hexdigest()[:8]


def test_an_insert_does_not_count() -> None:
    one = ExtractedText("T", TEXT)
    other = ExtractedText(
        "T",
        "\n".join([LINES[0], "Where to swim this summer", *LINES[1:]]),
        frozenset(["Where to swim this summer"]),
    )
    assert is_same_wording(one, other) and is_same_wording(other, one)
    assert not is_same_wording(one, ExtractedText("T", other.text))
    assert not is_same_wording(
        one, ExtractedText("Another", other.text, other.inserts)
    ) and is_same_text(one, ExtractedText("Another", other.text, other.inserts))


def test_what_only_our_reading_left_out_does_not_count() -> None:
    shorter = ExtractedText(
        "T", "\n".join(LINES[:2]), left_out=frozenset([mark(LINES[2])])
    )
    assert is_same_wording(ExtractedText("T", TEXT), shorter) and is_same_wording(
        shorter, ExtractedText("T", TEXT)
    )
    assert not is_same_wording(
        ExtractedText("T", TEXT), ExtractedText("T", "\n".join(LINES[:2]))
    )
    edited = ExtractedText(
        "T",
        "\n".join([LINES[0].replace("week", "month"), LINES[1]]),
        left_out=shorter.left_out,
    )
    assert significant_lines(ExtractedText("T", TEXT), edited) == (
        "\n".join(LINES[:2]),
        edited.text,
    )


@pytest.mark.parametrize(
    "line",
    ["Lire aussi : le bac est en panne", "À lire aussi Le bac est en panne", "» Sur le même sujet : la panne", "READ MORE: Ferry out of order", "Related: Ferry out of order", "You may also like",
     "Publicité", "La suite après cette publicité", "Advertisement", "Article continues below this ad", "Sponsored content", "Partager sur Facebook", "Share this article",
     "Inscrivez-vous à notre newsletter", "Sign up for our morning newsletter", "Vous devez accepter les cookies pour voir cette vidéo.", "4 min de lecture", "Reading time: 4 minutes", "1.2k views",
     "Il y a 3 jours", "Updated 20 minutes ago", "https://www.lantern.example/a/b.html", "Soyez le premier à commenter"],
)  # fmt: skip
def test_lines_that_are_the_page_s(line: str) -> None:
    assert is_boilerplate(line.lower())


@pytest.mark.parametrize(
    "line",
    ["Lire est un plaisir, dit-elle, et rien ne vaut un bon roman.", "The newsletter of the club has been printed since 1921.", "Les cookies de sa grand-mère étaient célèbres dans le village.", "Share prices fell.",
     "Related species live in the lake.", "Il y a 3 ans, le bac brûlait.", "More than 300 people came to the harbour.", "Publicité mensongère : le patron condamné", "Twelve people read the report in one night.",
     "WhatsApp users will receive a message about the new rules.", "The council voted on advertising in the harbour."],
)  # fmt: skip
def test_lines_that_are_the_article_s(line: str) -> None:
    assert not is_boilerplate(normalise_text(line).lower())
    assert normalise_text(line)


PAGE = "<html><head><title>The ferry</title></head><body><article><h1>The ferry</h1>{}</article></body></html>"
PARAGRAPHS = [
    f"<p>{line} Passengers are taken to the other shore by bus number {n}, which leaves from the old mill at noon.</p>"
    for n, line in enumerate(LINES * 3)
]


@pytest.mark.parametrize(
    "insert",
    ["<p><a href='/x'>Where to swim this summer</a></p>", "<div class='ad-slot'><p>Change your bank today and be given a kettle.</p></div>", "<div class='newsletter-box'><p>The best of the week, each Friday.</p></div>",
     "<ul class='related'><li><a href='/y'>A storm over the lake</a></li></ul>", "<p>Lire aussi : <a href='/z'>la panne du bac</a></p>"],
)  # fmt: skip
def test_what_a_page_puts_between_paragraphs_makes_no_other_wording(
    insert: str,
) -> None:
    def read(paragraphs: list[str]) -> ExtractedText:
        found = read_article(
            PAGE.format("".join(paragraphs)).encode(),
            "https://a.example/a",
            (("Content-Type", "text/html"),),
            Rules(),
            "2025-09-06T08:12:45Z",
        )
        return ExtractedText(
            found.title, found.text, frozenset(found.inserts), frozenset(found.left_out)
        )

    plain, other = read(PARAGRAPHS), read([*PARAGRAPHS[:4], insert, *PARAGRAPHS[4:]])
    assert plain.text
    assert is_same_wording(plain, other)
    assert not is_same_wording(
        plain,
        read(
            [*PARAGRAPHS[:4], PARAGRAPHS[4].replace("noon", "eight"), *PARAGRAPHS[5:]]
        ),
    )
