"""The lines that count when two extractions are compared."""

from __future__ import annotations

import hashlib

import pytest

from harvester.identity.significant_lines import (
    ExtractedText,
    is_same_text,
    is_same_wording,
    significant_lines,
)
from harvester.model import Rules
from harvester.parse.article import read_article

LINES = [
    "The ferry will not sail this week, the harbour office said.",
    "Its engine is being repaired in the yard.",
    "Tickets stay valid.",
]
TEXT = "\n".join(LINES)


def line_hash(line: str) -> str:
    letters = "".join(filter(str.isalnum, line.lower()))
    return hashlib.sha256(letters.encode()).hexdigest()[:8]


def test_an_insert_does_not_count() -> None:
    plain = ExtractedText("T", TEXT)
    other = ExtractedText(
        "T",
        "\n".join([LINES[0], "Where to swim this summer", *LINES[1:]]),
        frozenset(["Where to swim this summer"]),
    )
    assert is_same_wording(plain, other) and is_same_wording(other, plain)
    assert not is_same_wording(plain, ExtractedText("T", other.text))
    assert not is_same_wording(
        plain, ExtractedText("Another", other.text, other.inserts)
    ) and is_same_text(plain, ExtractedText("Another", other.text, other.inserts))


def test_what_only_one_extraction_left_out_does_not_count() -> None:
    shorter = ExtractedText(
        "T", "\n".join(LINES[:2]), left_out=frozenset([line_hash(LINES[2])])
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


PAGE = (
    "<html><head><title>The ferry</title></head><body><article><h1>The ferry</h1>{}"
    "</article></body></html>"
)
PARAGRAPHS = [
    f"<p>{line} Passengers are taken to the other shore by bus number {n}, "
    "which leaves from the old mill at noon.</p>"
    for n, line in enumerate(LINES * 3)
]


@pytest.mark.parametrize(
    "insert",
    [
        "<p><a href='/x'>Where to swim this summer</a></p>",
        "<div class='ad-slot'><p>Change your bank today and be given a kettle.</p></div>",
        "<div class='newsletter-box'><p>The best of the week, each Friday.</p></div>",
        "<ul class='related'><li><a href='/y'>A storm over the lake</a></li></ul>",
        "<p>Lire aussi : <a href='/z'>la panne du bac</a></p>",
    ],
)
def test_what_a_page_puts_between_paragraphs_makes_no_edit(
    insert: str,
) -> None:
    def read(paragraphs: list[str]) -> ExtractedText:
        extract = read_article(
            PAGE.format("".join(paragraphs)).encode(),
            "https://a.example/a",
            (("Content-Type", "text/html"),),
            Rules(),
            "2025-09-06T08:12:45Z",
        )
        return ExtractedText(
            extract.title,
            extract.text,
            frozenset(extract.inserts),
            frozenset(extract.left_out),
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


def test_a_line_that_repeats_the_headline_has_its_counters_too() -> None:
    before = ExtractedText(
        "Storm over Marlow", f"Storm over Marlow (12 comments)\n{BODY}"
    )
    after = ExtractedText(
        "Storm over Marlow", f"Storm over Marlow (13 comments)\n{BODY}"
    )
    assert is_same_wording(before, after)
    assert is_same_wording(before, ExtractedText("Storm over Marlow", BODY))
    assert not is_same_wording(
        before,
        ExtractedText("Storm over Marlow", f"Storm over Marlow: 12 dead\n{BODY}"),
    )


def test_paragraphs_of_a_second_copy_do_not_count() -> None:
    twice = f"{BODY}\n{BODY}"
    assert is_same_wording(ExtractedText("Storm", BODY), ExtractedText("Storm", twice))
    more = f"{twice}\nNobody was hurt, the fire brigade said on Monday."
    assert not is_same_wording(
        ExtractedText("Storm", BODY), ExtractedText("Storm", more)
    )
    # One of them was removed.
    once = f"{BODY}\n{BODY.splitlines()[0]}"
    assert not is_same_wording(
        ExtractedText("Storm", twice), ExtractedText("Storm", once)
    )


def test_which_of_two_copies_of_a_line_is_taken_does_not_count() -> None:
    note = "Every ferry of the company is inspected once a year, its owner said."
    hashes = frozenset([line_hash(note)])
    first = ExtractedText("Storm", f"{note}\n{BODY}", left_out=hashes)
    last = ExtractedText("Storm", f"{BODY}\n{note}", left_out=hashes)
    both = ExtractedText("Storm", f"{note}\n{BODY}\n{note}")
    for before, after in ((first, last), (first, both), (both, last)):
        assert is_same_wording(before, after) and is_same_wording(after, before)
    # The page has it once: it was moved, or taken out.
    once = ExtractedText("Storm", f"{note}\n{BODY}")
    assert not is_same_wording(both, once)
    assert not is_same_wording(first, ExtractedText("Storm", BODY))


BODY = (
    "The storm closed the harbour of Marlow for eleven hours, and the ferry did not sail.\n"
    "Two boats were lost, said the harbour master, and one of them was new."
)
