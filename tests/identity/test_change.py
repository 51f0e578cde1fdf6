"""What a change is: for each rule of ``docs/changes.md`` cases in French and English, whose class the rule states."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from harvester.identity import alignment, diff
from harvester.identity.change import VersionText, classify_change
from harvester.identity.editorial_notes import (
    dateline_length,
    is_correction_note,
    is_date_line,
)
from harvester.identity.spelling import edit_distance, is_misspelling

FR = (
    "Le préfet a fermé hier la passerelle de Vauclair, jugée trop fragile après 12 jours de crue.\n"
    "Selon la mairie, les travaux coûteront 1 200 euros et dureront jusqu'à jeudi. Les élèves passeront par le gué.\n"
    "L’association des riverains, elle, demande un pont neuf."
)
EN = (
    "Rangers closed the footbridge at Hollin yesterday, after 12 days of rain had loosened its piers.\n"
    "Repairs will cost 5 percent of the yearly budget and last until Thursday. Pupils will walk around the lake.\n"
    "The walkers' club, for its part, wants a new bridge."
)


def kind(before: str, after: str) -> str:
    return classify_change(
        VersionText("T", before), VersionText("T", after)
    ).change_class


@pytest.mark.parametrize(
    ("text", "old", "new", "wanted"),
    [
        (FR, "12 jours", "13 jours", "substantive"), (EN, "12 days", "21 days", "substantive"),
        (FR, "jeudi", "vendredi", "substantive"), (EN, "Thursday", "Tuesday", "substantive"),
        (FR, "a fermé", "n’a pas fermé", "substantive"), (EN, "had loosened", "had not loosened", "substantive"),
        (FR, "Vauclair", "Montreuil", "substantive"), (EN, " Pupils will walk around the lake.", "", "substantive"),
        (FR, "préfet", "ministre", "substantive"), (EN, "Rangers", "Police", "substantive"),
        (FR, "trop fragile", "trop frgaile", "typo"), (EN, "footbridge", "footbrigde", "typo"),
        (FR, "élèves", "eleves", "typo"), (EN, "yesterday", "yesterdey", "typo"),
        (FR, "la mairie", "la la mairie", "typo"), (EN, "of the yearly", "of yearly", "typo"),
        (FR, "Les élèves", "Les élève", "typo"), (EN, "for its part", "for it's part", "typo"),
        (FR, "passerelle", "passe relle", "typo"), (EN, "walkers' club", "walkers'club", "typo"),
        (FR, "1 200 euros", "1200 €", "cosmetic"), (EN, "5 percent", "5%", "cosmetic"),
        (FR, "préfet", "Préfet", "cosmetic"), (EN, ", for its part,", " (for its part)", "cosmetic"),
        (FR, "pont neuf.", "pont neuf !", "cosmetic"), (EN, "new bridge.", "new bridge…", "cosmetic"),
    ],
)  # fmt: skip
def test_words_that_differ(text: str, old: str, new: str, wanted: str) -> None:
    assert old in text
    assert kind(text, text.replace(old, new)) == wanted
    assert kind(text.replace(old, new), text) == wanted


@pytest.mark.parametrize(
    "note",
    [
        "Rectificatif : la passerelle est en bois, et non en fer.",
        "Mise à jour, 14 h 10 : la passerelle a rouvert.",
        "Cet article a été modifié le 3 mars pour rectifier le nom du préfet.",
        "Dans une version précédente de cet article, nous écrivions que le pont était neuf.",
        "Une erreur s'était glissée dans notre calcul du coût.",
        "[Article complété le 4 mars avec la réponse de la mairie]",
        "Correction: The bridge is made of wood, not of iron.",
        "UPDATE: The footbridge has been opened again.",
        "This story was amended on 3 March to correct the name of the lake.",
        "An earlier version of this article misstated the cost.",
        "(This March 3 story corrects the name of the lake in paragraph 2)",
        "Editor's note: this piece has been updated with a reply from the rangers.",
    ],
)
@pytest.mark.parametrize("text", [FR, EN])
def test_a_note_makes_a_correction_and_admits_it(text: str, note: str) -> None:
    edited = text.replace("12", "14")
    for after in (f"{edited}\n{note}", f"{note}\n{edited}", f"{text}\n{note}"):
        found = classify_change(VersionText("T", text), VersionText("T", after))
        assert (found.change_class, found.acknowledgement) == ("correction", "note")
    assert (
        kind(f"{text}\n{note}", f"{edited}\n{note}") == "substantive"
    )  # it was there before
    assert kind(f"{text}\n{note}", text) == "substantive"  # taken out


@pytest.mark.parametrize(
    "sentence",
    [
        "La correction des copies a duré trois jours, selon la professeure.",
        "The market correction wiped out 3 percent of the index.",
        "He updated his will two days before he died.",
        "Le conseil a modifié le règlement du camping.",
        "The earlier version of the bill was rejected by the senate.",
    ],
)
def test_words_of_correction_about_something_else(sentence: str) -> None:
    assert not is_correction_note(sentence)
    assert kind(FR, f"{FR}\n{sentence}") == "substantive"


@pytest.mark.parametrize(
    "line",
    ["Publié le 3 mars 2024 à 10h15", "Mis à jour à 15 h 30", "Updated 3:30 pm ET, March 3, 2024", "Posted on 3 March 2024", "Vauclair, le 3 mars 2024",
     "Par Jeanne Dupré, publié le 3 mars 2024 à 10h15", "Last updated: 03/04/2024 12:10 GMT"],
)  # fmt: skip
def test_lines_of_dates(line: str) -> None:
    assert is_date_line(line)
    assert kind(FR, f"{line}\n{FR}") == kind(f"{FR}\n{line}", FR) == "date line"
    assert (
        kind(f"{line}\n{FR}", f"{line.replace('3', '4')}\n{FR.replace('12', '14')}")
        == "substantive"
    )
    found = classify_change(VersionText("T", FR), VersionText("T", f"{FR}\n{line}"))
    assert found.is_silent == (
        not any(word in line.lower() for word in ("mis à jour", "updated"))
    )


@pytest.mark.parametrize(
    "place",
    [
        "LYON, 3 mars (AFP) - ",
        "LYON (AP) — ",
        "LONDON, March 3 (Reuters) - ",
        "NEW YORK — ",
        "GENÈVE, Suisse – ",
    ],
)
def test_place_and_date_before_the_first_words(place: str) -> None:
    assert (
        kind(FR, place + FR)
        == kind(place + FR, FR)
        == kind("PARIS, 2 mars (AFP) - " + FR, place + FR)
        == "date line"
    )
    assert kind(FR, place + FR.replace("12", "14")) == "substantive"


def test_no_place_is_seen_in_a_sentence() -> None:
    for sentence in (
        "Le préfet - un homme prudent - a fermé la passerelle.",
        "Non-lieu pour le maire.",
        "Paris dort. - Oui, dit-il.",
    ):
        assert dateline_length(sentence) == 0


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("La passerelle fermée", "Vauclair coupée en deux par la crue", "headline"),
        ("The bridge is shut", "The bridge is shut, 3 hurt", "headline"),
        ("La passerelle fermée", "La passerelle fermée ?", "headline"),
        ("La passerelle fermée", "LA PASSERELLE FERMÉE", "cosmetic"),
        ("The bridge is shut", "The Bridge Is Shut", "cosmetic"),
        ("La passerelle fermée", "La paserelle fermée", "typo"),
        ("The bridge is shut", "CORRECTED-The bridge is shut", "correction"),
    ],
)
def test_headlines(before: str, after: str, wanted: str) -> None:
    assert (
        classify_change(VersionText(before, FR), VersionText(after, FR)).change_class
        == wanted
    )
    assert classify_change(
        VersionText(before, FR), VersionText(after, FR.replace("fragile", "fragille"))
    ).change_class == ("typo" if wanted == "cosmetic" else wanted)
    assert classify_change(
        VersionText(before, FR), VersionText(after, FR.replace("12", "14"))
    ).change_class == ("correction" if wanted == "correction" else "substantive")


def test_what_was_moved_is_neither_added_nor_removed() -> None:
    one, two, three = FR.split("\n")
    found = diff.diff_sentences(FR, "\n".join((three, one, two)))
    assert (found.added, found.removed, found.changed, found.moved) == (
        (),
        (),
        (),
        (three,),
    )
    judged = classify_change(
        VersionText("T", FR), VersionText("T", "\n".join((three, one, two)))
    )
    assert (judged.change_class, judged.size) == ("cosmetic", 0)
    assert diff.diff_sentences(FR, "\n".join((three, one))).removed == tuple(
        diff.split_sentences(two)
    )


def test_size_is_words_touched() -> None:
    assert (
        classify_change(
            VersionText("T", EN),
            VersionText("T", EN.replace("12 days", "21 long days")),
        ).size
        == 2
    )
    assert (
        classify_change(
            VersionText("T", EN), VersionText("T", EN + "\nNobody was hurt.")
        ).size
        == 3
    )
    assert (
        classify_change(
            VersionText("Old words", EN), VersionText("Quite other ones", EN)
        ).size
        == 3
    )


@pytest.mark.parametrize(
    ("before", "after", "admitted"),
    [
        (None, None, ""),
        ("2025-09-06T08:00:00Z", "2025-09-06T08:00:00Z", ""),
        ("2025-09-06T08:00:00Z", "2025-09-06T09:00:00Z", "modified"),
        ("2025-09-06T08:00:00Z", "2025-09-05T09:00:00Z", ""),
        ("2025-09-06", "2025-09-06T09:00:00Z", ""),
        (None, "2025-09-06T07:00:00Z", ""),  # as it was published
        (None, "2025-09-06T09:00:00Z", "modified"),
        ("2025-09-06T08:00:00Z", None, ""),
    ],
)
def test_a_moved_date_admits_it(
    before: str | None, after: str | None, admitted: str
) -> None:
    published = "2025-09-06T07:00:00Z"
    found = classify_change(
        VersionText("T", FR, published, before),
        VersionText("T", FR.replace("12", "14"), published, after),
    )
    assert (found.acknowledgement, found.is_silent) == (admitted, not admitted)


def test_fields_alone() -> None:
    nothing = VersionText("", "")
    assert (
        classify_change(nothing, nothing, {"modified": 1, "published": 1}).change_class
        == "date line"
    )
    assert (
        classify_change(nothing, nothing, {"modified": 1, "image": 1}).change_class
        == "cosmetic"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("million", "billion"),
        ("he", "she"),
        ("lundi", "mardi"),
        ("Iran", "Irak"),
        ("deux", "dix"),
        ("now", "not"),
    ],
)
def test_words_that_are_no_misspelling_of_each_other(one: str, other: str) -> None:
    assert not is_misspelling(one, other, set()) and not is_misspelling(
        other, one, set()
    )


def test_two_words_of_the_article_are_no_misspelling() -> None:
    assert is_misspelling("ouvert", "couvert", {"le"})
    assert not is_misspelling("ouvert", "couvert", {"ouvert", "couvert"})


def test_distance_is_damerau_s() -> None:
    assert [
        edit_distance("abcd", other, 2)
        for other in ("abcd", "abdc", "abd", "abxcd", "badc", "wxyz")
    ] == [
        0,
        1,
        1,
        1,
        2,
        3,
    ]


def test_alignment_accounts_for_everything_and_is_quick() -> None:
    old, new = (
        [f"{n % 7}" for n in range(9_000)],
        [f"{n * 3 % 7}" for n in range(9_000)],
    )
    started = time.process_time()
    for one, other in (
        (old, new),
        (["a"] * 9_000, ["a"] * 8_000 + ["b"]),
        ([str(n) for n in range(9_000)], [str(n * 7 % 9_000) for n in range(9_000)]),
    ):
        pairs = list(alignment.matching_pairs(one, other))
        assert all(one[i] == other[j] for i, j in pairs)
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    text = "Il a dit oui. " * 20_000
    classify_change(
        VersionText("T", text), VersionText("T", text.replace("oui", "non", 500))
    )
    assert time.process_time() - started < 20  # seconds; quadratic would be minutes
