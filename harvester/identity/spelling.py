"""Whether replaced words are spelled differently, corrected, or other words. Pure.

Works on the tokens of ``tokenise``: words, numbers and marks, in their case. Whole
texts are classified by ``change``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Literal

from harvester.identity.editorial_notes import MONTHS_AND_DAYS

ReplacementKind = Literal["", "cosmetic", "typo", "substantive"]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
_DIGIT_GROUP_SEPARATOR = re.compile(r"(?<=\d)[ ,.'](?=\d{3}(?!\d))")
_TIME_SEPARATOR = re.compile(
    r"(?<=\d) ?(?:h|:|heures?|\.) ?(?=\d\d(?!\d))", re.IGNORECASE
)
_PERCENT = re.compile(r"(?<=\d) ?(?:%|pour ?cents?\b|per ?cent\b|pct\b)", re.IGNORECASE)
_CURRENCIES = (
    (re.compile(r"€ ?(?=\d)|(?<=\d) ?(?:€|euros?\b|eur\b)", re.IGNORECASE), " euros "),
    (
        re.compile(r"\$ ?(?=\d)|(?<=\d) ?(?:\$|dollars?\b|usd\b)", re.IGNORECASE),
        " dollars ",
    ),
)
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "&": "&"})
WORD_JOINER = "\u2010"  # stands for a hyphen or apostrophe inside of a word
_INNER_MARK = re.compile(r"(?<=[^\W\d_])[-'](?=[^\W\d_])")
# Marks with a meaning, beside the symbols of currency and mathematics.
MEANINGFUL_MARKS = frozenset("?+<>=")

_FIRST_NUMBER_WORDS = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze"
    " quinze seize",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen sixteen",
)
_NUMBER_WORDS = {
    word: str(value)
    for words in _FIRST_NUMBER_WORDS
    for value, word in enumerate(words.split())
} | {
    "vingt": "20",
    "trente": "30",
    "quarante": "40",
    "cinquante": "50",
    "soixante": "60",
    "cent": "100",
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
}

# Words that are never misspellings of each other.
_DISTINCT_WORDS = (
    MONTHS_AND_DAYS
    | frozenset(_NUMBER_WORDS)
    | frozenset(
        (
            "mille mil million millions milliard milliards billion billions trillion"
            " trillions hundred thousand premier second seconde deuxième troisième"
            " quatrième first third fourth fifth sixth"
            " ne n pas non plus jamais sans aucun aucune ni not no nor never none"
            " without n't nobody nothing rien personne"
            " he she his her him they them it we you i il elle ils elles lui leur leurs"
            " nous vous je tu on son sa ses mon ma ton ta notre votre"
            " nord sud est ouest north south east west oui yes si if but mais ou or and"
            " avec with contre against pour for from dans sur sous under over after"
            " before avant après"
            " peut doit veut can may must will would could should might must shall won"
            " wont can't cant"
            " iran irak iraq austria australia autriche australie slovakia slovenia"
            " slovaquie slovénie niger nigeria nigéria mali malawi guinée guyane guyana"
            " sweden switzerland suède suisse"
            " man men woman women homme femme père mère frère soeur fils fille father"
            " mother brother sister son daughter"
            " hot cold haut bas high low gauche droite left right up down plus moins"
            " more less mort morts mots mort vie live lives dead death"
            " now new news lost cost last past fast best rest test west won lose loss"
            " boss law raw war car far for fire hire hired fired find fine mine mile"
            " mise prise crise prix pris prie"
            " dans sans cans mer mère maire mairie faire taire père pari paris parti"
            " port porte mort fort sort tort poids pois poisson poison court goût gout"
            " here there where were had has was said paid laid raid rain train trait"
            " made make take took lake like hike bike night might right fight light"
            " sight eight"
            " increase decrease increased decreased increases decreases import export"
            " imports exports imported exported internal external inclusion exclusion"
            " include exclude intérieur extérieur intérieure extérieure importer"
            " exporter offensive defensive"
            " bon bonne non nom son ton mon don long loin lien lieu bien rien chien"
            " vert vers vent cent sent dent lent vend rend tend prend pense dense"
        ).split()
    )
)
# Words that writers confuse: replacing one by another corrects a spelling or agreement.
_CONFUSED_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "le la les l",
        "un une",
        "du de des d la",
        "au aux a à",
        "ce se",
        "ces ses c'est s'est",
        "et est",
        "ou où",
        "sa ça",
        "son sont",
        "on ont",
        "leur leurs",
        "tout tous toute toutes",
        "quel quelle quels quelles qu'elle",
        "cet cette ce",
        "peu peut peux",
        "quand quant qu'en",
        "davantage d'avantage",
        "mon ma",
        "est ai ait",
        "sur sûr",
        "du dû",
        "la là",
        "près prêt",
        "plutôt plus",
        "a an the",
        "is are",
        "was were",
        "has have",
        "its it",
        "to too two",
        "of off",
        "then than",
        "your you",
        "their there they",
        "who whom whose",
        "lose loose",
        "affect effect",
        "lead led",
        "do does",
        "principal principle",
        "complement compliment",
        "advice advise",
        "breath breathe",
        "quiet quite",
        "passed past",
        "that which",
        "this these",
        "in on at",
    )
)
# Words whose insertion or removal alone corrects a slip.
FUNCTION_WORDS = frozenset(
    "le la les l un une des du de d à au aux en et que qu y the a an of to in on at"
    " that and is was as s".split()
)
MAX_INFLECTION_LENGTH = 2  # letters at the end of a word that an agreement changes


def tokenise(text: str) -> list[str]:
    """The words, numbers and marks of a text of ``wording.comparison_key``.

    Numbers, times, percentages and currencies are written in one way.
    """
    text = _INNER_MARK.sub(
        WORD_JOINER,
        _TIME_SEPARATOR.sub(
            ":", _DIGIT_GROUP_SEPARATOR.sub("", text.translate(_LIGATURES))
        ),
    )
    text = _PERCENT.sub(" percent ", text)
    for pattern, name in _CURRENCIES:
        if re.search(r"[€$]|euro|eur\b|dollar|usd\b", text, re.IGNORECASE):
            text = pattern.sub(name, text)
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    """Whether a token is a word or a number."""
    return token[0].isalnum()


def classify_replacement(
    old: Sequence[str],
    new: Sequence[str],
    neighbours: tuple[str, str],
    words_elsewhere: Collection[str],
) -> ReplacementKind:
    """The kind of change by which ``new`` replaces ``old``.

    ``neighbours`` are the words before and after; ``words_elsewhere`` those, in lower
    case, that occur elsewhere in both texts.
    """
    if list(filter(_is_meaningful_mark, old)) != list(filter(_is_meaningful_mark, new)):
        return "substantive"
    old_words, new_words = list(filter(is_word, old)), list(filter(is_word, new))
    if old_words == new_words:
        is_inside_word = WORD_JOINER in old or WORD_JOINER in new
        return "" if old == new else "typo" if is_inside_word else "cosmetic"
    if _canonical_spellings(old_words) == _canonical_spellings(new_words):
        return "cosmetic"
    if any(word[0].isdigit() for word in (*old_words, *new_words)):
        return "substantive"
    if "".join(old_words).lower() == "".join(new_words).lower():
        return "typo"  # a space, hyphen or apostrophe inside of a word
    if not old_words or not new_words:
        return _classify_lone_words(old_words or new_words, neighbours)
    if len(old_words) == len(new_words):
        is_typo = all(
            is_misspelling(old_word, new_word, words_elsewhere)
            for old_word, new_word in zip(old_words, new_words, strict=True)
            if _canonical_spelling(old_word) != _canonical_spelling(new_word)
        )
    else:
        is_typo = _is_split_or_joined(old_words, new_words)
    return "typo" if is_typo else "substantive"


def _is_split_or_joined(old_words: Sequence[str], new_words: Sequence[str]) -> bool:
    """Whether a word was split in two or two were joined, with at most two typos."""
    old, new = "".join(old_words).lower(), "".join(new_words).lower()
    if (
        len(old) < 8
        or abs(len(old_words) - len(new_words)) != 1
        or edit_distance(old, new, 2) > 2
    ):
        return False
    changed_words = {*map(str.lower, old_words)} ^ {*map(str.lower, new_words)}
    return not changed_words & _NEGATIONS


_NEGATIONS = frozenset("ne n pas non not no t never jamais sans without".split())


def _is_meaningful_mark(token: str) -> bool:
    """Whether a token is a mark with a meaning."""
    return not is_word(token) and (
        token in MEANINGFUL_MARKS or unicodedata.category(token[0]) in ("Sc", "Sm")
    )


def _canonical_spellings(tokens: Sequence[str]) -> list[str]:
    return list(map(_canonical_spelling, tokens))


def _canonical_spelling(token: str) -> str:
    """A token in lower case, without accents on capitals, numbers in digits."""
    lower = token.lower()
    if token[0].isdigit():
        return lower.replace(",", ".")
    if token.isupper():
        lower = _strip_accents(lower)
    elif token[0].isupper():
        lower = _strip_accents(token[0]).lower() + lower[1:]
    return _NUMBER_WORDS.get(lower, lower)


def _strip_accents(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if not unicodedata.combining(character)
    )


def _classify_lone_words(
    words: Sequence[str], neighbours: tuple[str, str]
) -> ReplacementKind:
    """The kind of a change that only adds or only removes words."""
    if len(words) != 1:
        return "substantive"
    word = words[0].lower()
    is_doubled = word in (neighbours[0].lower(), neighbours[1].lower())  # "the the"
    return "typo" if is_doubled or word in FUNCTION_WORDS else "substantive"


def is_misspelling(old: str, new: str, words_elsewhere: Collection[str]) -> bool:
    """Whether one of two words is a misspelling of the other."""
    old, new = old.lower(), new.lower()
    old_plain, new_plain = _strip_accents(old), _strip_accents(new)
    if old_plain == new_plain or any(
        old in group and new in group for group in _CONFUSED_GROUPS
    ):
        return True
    if (
        (old in _DISTINCT_WORDS and new in _DISTINCT_WORDS)
        or _is_negated_by_prefix(old, new)
        or _is_negated_by_prefix(new, old)
    ):
        return False
    shorter, longer = min(len(old), len(new)), max(len(old), len(new))
    if shorter <= 2:
        return False
    if shorter <= 3 and new in _DISTINCT_WORDS and old in FUNCTION_WORDS:
        return False
    max_distance = 1 if longer <= 7 else 2
    if edit_distance(old_plain, new_plain, max_distance) > max_distance:
        return False
    if _is_inflection(old, new):
        return True
    if old[0] != new[0] and old[1:] == new[1:] and longer <= 5:
        return False  # a rhyming word: slips are rare at the beginning
    return not (old in words_elsewhere and new in words_elsewhere)


_NEGATING_PREFIXES = (
    "in",
    "im",
    "un",
    "ir",
    "il",
    "dé",
    "re",
    "ré",
    "dis",
    "non",
    "mis",
    "a",
)


def _is_negated_by_prefix(word: str, other: str) -> bool:
    """Whether the other word is this one with a prefix that changes its meaning."""
    return len(word) >= 5 and any(
        other == prefix + word for prefix in _NEGATING_PREFIXES
    )


def _is_inflection(word: str, other: str) -> bool:
    """Whether two words differ in their ending alone."""
    shared = 0
    while shared < min(len(word), len(other)) and word[shared] == other[shared]:
        shared += 1
    return shared >= 4 and max(len(word), len(other)) - shared <= MAX_INFLECTION_LENGTH


def edit_distance(word: str, other: str, maximum: int) -> int:
    """The Damerau-Levenshtein distance; ``maximum + 1`` if it is larger."""
    if abs(len(word) - len(other)) > maximum or len(word) > 60:
        return maximum + 1
    previous: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, 1):
        before_previous, previous, row = previous, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and word[i - 2] == b:
                cost = min(cost, before_previous[j - 2] + 1)
            row.append(cost)
        if min(row) > maximum:
            return maximum + 1
    return min(row[-1], maximum + 1)
