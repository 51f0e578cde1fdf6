"""Changes classified: French and English cases for each rule of ``docs/changes.md``."""

from __future__ import annotations

import pytest

from harvester.identity.change import Classification, VersionText, classify_change
from harvester.identity.editorial_notes import (
    dateline_length,
    is_correction_note,
    is_date_line,
)

FR = (
    "Le préfet a fermé hier la passerelle de Vauclair, jugée trop fragile après 12 jours"
    " de crue.\n"
    "Selon la mairie, les travaux coûteront 1 200 euros et dureront jusqu'à jeudi."
    " Les élèves passeront par le gué.\n"
    "L’association des riverains, elle, demande un pont neuf."
)
EN = (
    "Rangers closed the footbridge at Hollin yesterday, after 12 days of rain had"
    " loosened its piers.\n"
    "Repairs will cost 5 percent of the yearly budget and last until Thursday."
    " Pupils will walk around the lake.\n"
    "The walkers' club, for its part, wants a new bridge."
)


def kind(before: str, after: str) -> str:
    return classify_change(
        VersionText("T", before), VersionText("T", after)
    ).change_class


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
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
def test_words_that_differ(text: str, old: str, new: str, expected: str) -> None:
    assert old in text
    assert kind(text, text.replace(old, new)) == expected
    assert kind(text.replace(old, new), text) == expected


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
def test_a_note_makes_an_acknowledged_correction(text: str, note: str) -> None:
    edited = text.replace("12", "14")
    for after in (f"{edited}\n{note}", f"{note}\n{edited}", f"{text}\n{note}"):
        change = classify_change(VersionText("T", text), VersionText("T", after))
        assert (change.change_class, change.acknowledgement) == ("correction", "note")
    # It was there before.
    assert kind(f"{text}\n{note}", f"{edited}\n{note}") == "substantive"
    assert kind(f"{text}\n{note}", text) == "substantive"  # taken out


@pytest.mark.parametrize(
    ("text", "old", "new", "mark"),
    [
        (FR, "12 jours", "13 jours", "[corrigé]"),
        (EN, "12 days", "13 days", "[corrected]"),
        (EN, "Thursday", "Friday", "(corrected)"),
    ],
)
def test_a_mark_in_brackets_makes_an_acknowledged_correction(
    text: str, old: str, new: str, mark: str
) -> None:
    change = classify_change(
        VersionText("T", text), VersionText("T", text.replace(old, f"{new} {mark}"))
    )
    assert (change.change_class, change.is_silent) == ("correction", False)
    marked = text.replace(old, f"{old} {mark}")
    assert kind(marked, marked.replace(old, new)) == "substantive", (
        "it was there before"
    )


def test_times_in_a_line_that_states_times() -> None:
    line = "Par Jeanne Dupré et la rédaction de Vauclair, publié le 3 mars à 10h15"
    before, after = f"{line}\n{FR}", f"{line.replace('10h15', '11h20')}\n{FR}"
    assert kind(before, after) == "date line"
    assert kind(FR, FR.replace("jeudi", "lundi")) == "substantive"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("un porte-avion neuf", "un porte-avions neuf"),
        ("des porte-drapeau", "des portes-drapeaux"),
        ("a well-know-author", "a wel-known-author"),
    ],
)
def test_a_compound_misspelt_in_two_parts_is_one_typo(before: str, after: str) -> None:
    assert kind(f"{FR} {before}.", f"{FR} {after}.") == "typo"


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
def test_date_lines(line: str) -> None:
    assert is_date_line(line)
    assert kind(FR, f"{line}\n{FR}") == kind(f"{FR}\n{line}", FR) == "date line"
    assert (
        kind(f"{line}\n{FR}", f"{line.replace('3', '4')}\n{FR.replace('12', '14')}")
        == "substantive"
    )
    change = classify_change(VersionText("T", FR), VersionText("T", f"{FR}\n{line}"))
    assert change.is_silent == (
        not any(word in line.lower() for word in ("mis à jour", "updated"))
    )


@pytest.mark.parametrize(
    "dateline",
    [
        "LYON, 3 mars (AFP) - ",
        "LYON (AP) — ",
        "LONDON, March 3 (Reuters) - ",
        "NEW YORK — ",
        "GENÈVE, Suisse – ",
    ],
)
def test_datelines(dateline: str) -> None:
    assert (
        kind(FR, dateline + FR)
        == kind(dateline + FR, FR)
        == kind("PARIS, 2 mars (AFP) - " + FR, dateline + FR)
        == "date line"
    )
    assert kind(FR, dateline + FR.replace("12", "14")) == "substantive"


def test_a_sentence_is_not_a_dateline() -> None:
    for sentence in (
        "Le préfet - un homme prudent - a fermé la passerelle.",
        "Non-lieu pour le maire.",
        "Paris dort. - Oui, dit-il.",
    ):
        assert dateline_length(sentence) == 0


@pytest.mark.parametrize(
    ("before", "after", "expected"),
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
def test_headlines(before: str, after: str, expected: str) -> None:
    assert (
        classify_change(VersionText(before, FR), VersionText(after, FR)).change_class
        == expected
    )
    assert classify_change(
        VersionText(before, FR), VersionText(after, FR.replace("fragile", "fragille"))
    ).change_class == ("typo" if expected == "cosmetic" else expected)
    assert classify_change(
        VersionText(before, FR), VersionText(after, FR.replace("12", "14"))
    ).change_class == ("correction" if expected == "correction" else "substantive")


def test_size_is_the_number_of_changed_words() -> None:
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
    ("before", "after", "acknowledgement"),
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
def test_a_later_date_acknowledges_a_change(
    before: str | None, after: str | None, acknowledgement: str
) -> None:
    published = "2025-09-06T07:00:00Z"
    change = classify_change(
        VersionText("T", FR, published, before),
        VersionText("T", FR.replace("12", "14"), published, after),
    )
    assert (change.acknowledgement, change.is_silent) == (
        acknowledgement,
        not acknowledgement,
    )


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


def test_moved_sentences_are_cosmetic() -> None:
    first, second, third = FR.split("\n")
    change = classify_change(
        VersionText("T", FR), VersionText("T", "\n".join((third, first, second)))
    )
    assert (change.change_class, change.size) == ("cosmetic", 0)


LIVE_INTRO = "The regatta goes into its second day with wind from the north."
LIVE_POSTS = [
    f"Boat {name} crossed the line in front of the old lighthouse."
    for name in ("Alba", "Berta", "Clara", "Dora")
]


def live_change(before: list[str], after: list[str]) -> Classification:
    texts = (
        VersionText("Regatta live", "\n".join([LIVE_INTRO, *lines]), is_live=True)
        for lines in (before, after)
    )
    return classify_change(*texts)


def test_a_new_post_of_a_live_blog_is_never_silent() -> None:
    for after in (LIVE_POSTS, LIVE_POSTS[:3]):  # the oldest may have left the page
        change = live_change(LIVE_POSTS[1:], after)
        assert (change.change_class, change.acknowledgement) == ("post", "post")
        assert change.size > 5 and not change.is_silent


def test_an_edit_of_a_post_is_an_edit() -> None:
    edited = [LIVE_POSTS[0].replace("lighthouse", "town hall"), *LIVE_POSTS[1:]]
    for before, after in (
        (LIVE_POSTS, edited),
        (LIVE_POSTS[:3], edited),  # and one more post
        (LIVE_POSTS, [LIVE_POSTS[0], *LIVE_POSTS[2:]]),  # taken away
    ):
        change = live_change(before, after)
        assert (change.change_class, change.is_silent) == ("substantive", True)


def test_sentences_added_to_an_article_are_no_posts() -> None:
    before, after = (
        VersionText("Regatta", "\n".join([LIVE_INTRO, *lines]))
        for lines in (LIVE_POSTS[1:], LIVE_POSTS)
    )
    assert classify_change(before, after).change_class == "substantive"
