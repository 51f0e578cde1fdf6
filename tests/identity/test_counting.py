"""Which lines count when two readings are compared."""

from __future__ import annotations

import hashlib

import pytest

from harvester.identity.boilerplate import furniture
from harvester.identity.significant_lines import Reading, counting, same, same_text
from harvester.identity.wording import normalise
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
    one = Reading("T", TEXT)
    other = Reading(
        "T",
        "\n".join([LINES[0], "Where to swim this summer", *LINES[1:]]),
        frozenset(["Where to swim this summer"]),
    )
    assert same(one, other) and same(other, one)
    assert not same(one, Reading("T", other.text))
    assert not same(one, Reading("Another", other.text, other.inserts)) and same_text(
        one, Reading("Another", other.text, other.inserts)
    )


def test_what_only_our_reading_left_out_does_not_count() -> None:
    shorter = Reading("T", "\n".join(LINES[:2]), left_out=frozenset([mark(LINES[2])]))
    assert same(Reading("T", TEXT), shorter) and same(shorter, Reading("T", TEXT))
    assert not same(Reading("T", TEXT), Reading("T", "\n".join(LINES[:2])))
    edited = Reading(
        "T",
        "\n".join([LINES[0].replace("week", "month"), LINES[1]]),
        left_out=shorter.left_out,
    )
    assert counting(Reading("T", TEXT), edited) == ("\n".join(LINES[:2]), edited.text)


@pytest.mark.parametrize(
    "line",
    ["Lire aussi : le bac est en panne", "À lire aussi Le bac est en panne", "» Sur le même sujet : la panne", "READ MORE: Ferry out of order", "Related: Ferry out of order", "You may also like",
     "Publicité", "La suite après cette publicité", "Advertisement", "Article continues below this ad", "Sponsored content", "Partager sur Facebook", "Share this article",
     "Inscrivez-vous à notre newsletter", "Sign up for our morning newsletter", "Vous devez accepter les cookies pour voir cette vidéo.", "4 min de lecture", "Reading time: 4 minutes", "1.2k views",
     "Il y a 3 jours", "Updated 20 minutes ago", "https://www.lantern.example/a/b.html", "Soyez le premier à commenter"],
)  # fmt: skip
def test_lines_that_are_the_page_s(line: str) -> None:
    assert furniture(line.lower())


@pytest.mark.parametrize(
    "line",
    ["Lire est un plaisir, dit-elle, et rien ne vaut un bon roman.", "The newsletter of the club has been printed since 1921.", "Les cookies de sa grand-mère étaient célèbres dans le village.", "Share prices fell.",
     "Related species live in the lake.", "Il y a 3 ans, le bac brûlait.", "More than 300 people came to the harbour.", "Publicité mensongère : le patron condamné", "Twelve people read the report in one night.",
     "WhatsApp users will receive a message about the new rules.", "The council voted on advertising in the harbour."],
)  # fmt: skip
def test_lines_that_are_the_article_s(line: str) -> None:
    assert not furniture(normalise(line).lower())
    assert normalise(line)


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
    def read(paragraphs: list[str]) -> Reading:
        found = read_article(
            PAGE.format("".join(paragraphs)).encode(),
            "https://a.example/a",
            (("Content-Type", "text/html"),),
            Rules(),
            "2025-09-06T08:12:45Z",
        )
        return Reading(
            found.title, found.text, frozenset(found.inserts), frozenset(found.left_out)
        )

    plain, other = read(PARAGRAPHS), read([*PARAGRAPHS[:4], insert, *PARAGRAPHS[4:]])
    assert plain.text
    assert same(plain, other)
    assert not same(
        plain,
        read(
            [*PARAGRAPHS[:4], PARAGRAPHS[4].replace("noon", "eight"), *PARAGRAPHS[5:]]
        ),
    )
