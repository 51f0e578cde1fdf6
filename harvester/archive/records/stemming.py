"""Stems of words by the Snowball algorithm of a language. Pure.

Words and stems are compared without diacritics and ligatures, as people type them. A
language without a stemmer, or whose letters the full-text index does not keep together
(Hindi, Nepali, Tamil), has no stems.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

# Names of the algorithms by the first part of a BCP 47 tag.
ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}
RULES_VERSION = 1  # of this module: raise it if other stems come out
MIN_LETTERS = 3  # of a word that has other forms
MAX_LETTERS = 40

_WORD_PATTERN = re.compile(rf"[^\W\d_]{{{MIN_LETTERS},}}")
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}
_LIGATURE_PATTERN = re.compile("[œæß]")
# What French, Italian and Catalan put before a vowel: l'eau, d'Ormesson, dell'arte.
_ELISION_PATTERN = re.compile(
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|un"
    r"|(?:d|n|s|qu|b|a)[ae]?ll|quest|sant|tutt)['’](?=\w)",
    re.IGNORECASE,
)


def describe_rules() -> str:
    """The stemmer and its version: with another one there may be other stems."""
    import Stemmer

    return f"PyStemmer {Stemmer.version()}, {RULES_VERSION}"


def base_language(tag: str) -> str:
    """The first part of a language's tag."""
    return tag.partition("-")[0].lower()


def fold(word: str) -> str:
    """A word as it is compared: lower case, without diacritics and ligatures."""
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    plain = _LIGATURE_PATTERN.sub(lambda match: _LIGATURES[match[0]], lowered)
    return "".join(map(_fold_character, plain))


@lru_cache(maxsize=4_096)
def _fold_character(character: str) -> str:
    """A Latin letter without its marks; others keep them, as in SQLite's tokenizer."""
    if unicodedata.combining(character):
        return ""
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() else character


def index_form(word: str) -> str:
    """A lower-case word as the full-text index has it: ligatures stay."""
    if word.isascii():
        return word
    return "".join(map(_fold_character, word))


def list_words(text: str) -> set[str]:
    """The words of a text that may have other forms, in lower case."""
    return set(_WORD_PATTERN.findall(unicodedata.normalize("NFC", text.lower())))


def drop_elision(word: str) -> str:
    """A word without the article or particle that is joined to it by an apostrophe."""
    return (
        _ELISION_PATTERN.sub("", word, count=1) if "'" in word or "’" in word else word
    )


def list_stems(words: Iterable[str], language: str) -> set[tuple[str, str]]:
    """Pairs of stem and word; () for a language without stemmer.

    A word may have two stems: people type it with and without its accents, and the
    algorithm sees two words.
    """
    algorithm = ALGORITHMS.get(language)
    if algorithm is None:
        return set()
    lowered = [word for word in words if len(word) <= MAX_LETTERS]
    stemmer = _get_stemmer(algorithm)
    pairs = set()
    accented = []
    for stem, word in zip(stemmer.stemWords(lowered), lowered, strict=True):
        if word.isascii():
            pairs.add((stem, word))
        else:
            pairs.add((fold(stem), index_form(word)))
            accented.append(word)
    plain = stemmer.stemWords(list(map(fold, accented)))
    pairs.update(zip(plain, map(index_form, accented), strict=True))
    return pairs


@lru_cache(maxsize=len(ALGORITHMS))
def _get_stemmer(algorithm: str) -> Stemmer:
    import Stemmer

    return Stemmer.Stemmer(algorithm)
