"""What makes an edit and what does not; the noise is that of real pages."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import wording

TEXT = (
    "Le maire a présenté le budget.\n"
    "Il s’élève à 12 millions d’euros, soit « un effort » rare : 3 % de plus.\n"
    "L’église fermera."
)


@pytest.mark.parametrize(
    "noisy",
    [
        TEXT.replace("’", "'"),
        TEXT.replace("« ", "“").replace(" »", "”"),
        TEXT.replace(" :", "\u00a0:").replace(" %", "\u202f%"),
        unicodedata.normalize("NFD", TEXT),
        TEXT.replace("maire", "mai\u00adre").replace("budget", "bud\u200bget"),
        TEXT.replace(" ", "  ").replace("\n", "\n\n"),
        TEXT + "\n1 243 vues",
        TEXT + "\n12 commentaires",
        TEXT + "\n12 commentaires - 45 partages",
        "Publié il y a 3 heures\n" + TEXT,
        "Updated 5 minutes ago\n" + TEXT,
        TEXT + "\n3 min read",
        TEXT + "\nTemps de lecture : 4 min",
    ],
)
def test_noise_makes_no_edit(noisy: str) -> None:
    assert wording.wording_digest("Budget", noisy) == wording.wording_digest(
        "Budget", TEXT
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("12 millions", "13 millions"),
        ("maire", "préfet"),
        ("L’église fermera.", ""),
        ("3 %", "30 %"),
        ("a présenté", "n’a pas présenté"),
        ("fermera", "fermera il y a 3 ans"),
    ],
)
def test_edits_are_seen(before: str, after: str) -> None:
    assert before in TEXT
    assert wording.wording_digest(
        "Budget", TEXT.replace(before, after)
    ) != wording.wording_digest("Budget", TEXT)
    assert wording.wording_digest("Le budget voté", TEXT) != wording.wording_digest(
        "Budget", TEXT
    )


def test_relative_times_within_a_sentence() -> None:
    sentence = "Le feu, signalé il y a 3 heures, progresse."
    assert wording.normalise_text(sentence) == wording.normalise_text(
        sentence.replace("3 heures", "5 heures")
    )
    assert wording.normalise_text(sentence) != wording.normalise_text(
        sentence.replace("3 heures", "3 ans")
    )


def test_tracking_parameters_in_the_text() -> None:
    sentence = "Voir https://example.org/a?utm_source=x&id=2 pour la suite."
    assert wording.normalise_text(sentence) == wording.normalise_text(
        sentence.replace("utm_source=x&", "utm_source=yy&")
    )
    assert wording.normalise_text(sentence) != wording.normalise_text(
        sentence.replace("id=2", "id=3")
    )


def test_digits_of_other_scripts_are_the_same_numbers() -> None:
    assert wording.normalise_text("قتل ١٢ شخصا") == wording.normalise_text(
        "قتل 12 شخصا"
    )
    assert wording.normalise_text("१२ लोग") == wording.normalise_text("12 लोग")
    assert wording.normalise_text("قتل ١٢ شخصا") != wording.normalise_text(
        "قتل ١٣ شخصا"
    )


@pytest.mark.parametrize(
    "line",
    [
        *("12 Kommentare", "Lesezeit: 4 Minuten", "vor 3 Minuten", "Meistgelesen"),
        *("12 comentarios", "hace 3 minutos", "4 min de lectura", "Lo más leído"),
        *("12 commenti", "3 minuti fa", "Tempo di lettura: 4 minuti", "Più letti"),
        *("12 comentários", "há 3 minutos", "12 reacties", "3 minuten geleden"),
        *("Leestijd: 4 minuten", "12 kommentarer", "för 3 minuter sedan"),
        *("12 komentarzy", "3 minuty temu", "12 комментариев", "3 минуты назад"),
        *("12 yorum", "3 dakika önce", "12 σχόλια", "πριν από 3 λεπτά"),
        *("12件のコメント", "3分前", "12条评论", "3分钟前", "댓글 12", "3분 전"),
        *("١٢ تعليق", "قبل ٣ دقائق", "En ce moment", "Les plus lus", "Top stories"),
    ],
)
def test_counters_and_times_in_other_languages_make_no_edit(line: str) -> None:
    assert wording.normalise_text(f"{TEXT}\n{line}") == wording.normalise_text(TEXT)


@pytest.mark.parametrize(
    "line",
    [
        *("12 Menschen starben.", "Lo más visto de la noche fue el debate."),
        *("12 мин от взрыва погибли двое.", "3 минуты молчания", "12 yaralı"),
        *("Er kam vor 3 Jahren nach Marlow.", "Em 12 minutos, dois golos."),
    ],
)
def test_sentences_in_other_languages_stay(line: str) -> None:
    assert wording.normalise_text(f"{TEXT}\n{line}") != wording.normalise_text(TEXT)


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = wording.normalise_text(text)
    assert wording.normalise_text(once) == once


def test_text_without_title_and_byline() -> None:
    assert wording.text_digest(
        f"Budget\n{TEXT}\nPar Anne Roux", "Budget", ["Anne Roux"]
    ) == wording.text_digest(TEXT)
    assert wording.text_digest("Budget", "Budget") == ""


def test_containment() -> None:
    assert wording.shingle_containment(TEXT, TEXT) == 1
    assert (
        wording.shingle_containment(
            TEXT, TEXT + "\nEt une phrase de plus, tout à fait nouvelle."
        )
        > 0.9
    )
    assert (
        wording.shingle_containment(
            TEXT, "Une recette de tarte aux pommes très simple à faire chez soi."
        )
        < 0.1
    )
    assert (
        wording.shingle_containment(
            "東京都の知事は記者会見で述べた", "東京都の知事は記者会見で述べた。"
        )
        > 0.9
    )


def test_short_ways_know_all_white_space_and_what_nfkc_does() -> None:
    left = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if character.isspace() and unicodedata.normalize("NFKC", character) == character
    }
    assert left == {*wording._OTHER_WHITE_SPACE, " ", "\n"}
    for mark, plain in wording._COMMON_COMPATIBILITY:
        assert unicodedata.normalize("NFKC", mark) == plain


@given(
    st.text(
        st.sampled_from("a é.\n\t\r \u2028\u00a0\u202f…\u3000´`’“»–\u0301\u0338\u200bﬁ")
    )
)
def test_typography_is_normalised_line_by_line(text: str) -> None:
    made = wording.normalise_typography(text)
    by_line = (wording.normalise_typography(line) for line in text.split("\n"))
    assert made == "\n".join(line for line in by_line if line)
    assert made == "\n".join(" ".join(line.split()) for line in made.split("\n"))
    if (
        "\u200b" not in text
    ):  # which is removed after that, and may have kept marks apart
        assert unicodedata.is_normalized("NFKC", made)
