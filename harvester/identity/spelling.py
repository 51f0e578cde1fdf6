"""What the replacement of some words by others is: another way to write them, a spelling put right, or other words. Pure.

Words are tokens of ``tokens``: words, numbers and marks, case kept. Not for: whole texts (``change``).
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
WORD_JOINER = "\u2010"  # or apostrophe, inside of a word
_INNER_MARK = re.compile(r"(?<=[^\W\d_])[-'](?=[^\W\d_])")
MEANINGFUL_MARKS = frozenset(
    "?+<>="
)  # marks that say something; with those of currency and number

_NUMBER_WORDS = {
    word: str(value)
    for words in (
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    )
    for value, word in enumerate(words.split())
} | {"vingt": "20", "trente": "30", "quarante": "40", "cinquante": "50", "soixante": "60", "cent": "100", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60"}  # fmt: skip

# Words that mean something of their own: one of them for another is never a misspelling.
_DISTINCT_WORDS = (
    MONTHS_AND_DAYS
    | frozenset(_NUMBER_WORDS)
    | frozenset(
        (
            "mille mil million millions milliard milliards billion billions trillion trillions hundred thousand premier second seconde deuxième troisième quatrième first third fourth fifth sixth"
            " ne n pas non plus jamais sans aucun aucune ni not no nor never none without n't nobody nothing rien personne"
            " he she his her him they them it we you i il elle ils elles lui leur leurs nous vous je tu on son sa ses mon ma ton ta notre votre"
            " nord sud est ouest north south east west oui yes si if but mais ou or and avec with contre against pour for from dans sur sous under over after before avant après"
            " peut doit veut can may must will would could should might must shall won wont can't cant"
            " iran irak iraq austria australia autriche australie slovakia slovenia slovaquie slovénie niger nigeria nigéria mali malawi guinée guyane guyana sweden switzerland suède suisse"
            " man men woman women homme femme père mère frère soeur fils fille father mother brother sister son daughter"
            " hot cold haut bas high low gauche droite left right up down plus moins more less mort morts mots mort vie live lives dead death"
            " now new news lost cost last past fast best rest test west won lose loss boss law raw war car far for fire hire hired fired find fine mine mile mise prise crise prix pris prie"
            " dans sans cans mer mère maire mairie faire taire père pari paris parti port porte mort fort sort tort poids pois poisson poison court goût gout"
            " here there where were had has was said paid laid raid rain train trait made make take took lake like hike bike night might right fight light sight eight"
            " increase decrease increased decreased increases decreases import export imports exports imported exported internal external inclusion exclusion include exclude intérieur extérieur intérieure extérieure importer exporter offensive defensive"
            " bon bonne non nom son ton mon don long loin lien lieu bien rien chien vert vers vent cent sent dent lent vend rend tend prend pense dense"
        ).split()
    )
)
# Words that are taken for each other in writing: an agreement or a confusion put right.
_CONFUSED_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "le la les l", "un une", "du de des d la", "au aux a à", "ce se", "ces ses c'est s'est", "et est", "ou où", "sa ça", "son sont", "on ont", "leur leurs", "tout tous toute toutes", "quel quelle quels quelles qu'elle", "cet cette ce", "peu peut peux", "quand quant qu'en", "davantage d'avantage", "mon ma", "est ai ait", "sur sûr", "du dû", "la là", "près prêt", "plutôt plus",
        "a an the", "is are", "was were", "has have", "its it", "to too two", "of off", "then than", "your you", "their there they", "who whom whose", "lose loose", "affect effect", "lead led", "do does", "principal principle", "complement compliment", "advice advise", "breath breathe", "quiet quite", "passed past", "that which", "this these", "in on at",
    )
)  # fmt: skip
# Small words whose coming or going alone is a slip of the pen.
FUNCTION_WORDS = frozenset(
    "le la les l un une des du de d à au aux en et que qu y the a an of to in on at that and is was as s".split()
)
MAX_INFLECTION_LENGTH = 2  # letters at the end that an agreement changes


def tokenise(text: str) -> list[str]:
    """The words, numbers and marks of a text in one typography (``wording.key``), numbers and times in one way to write them."""
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
    """Whether it is a word or a number."""
    return token[0].isalnum()


def classify_replacement(
    old: Sequence[str],
    new: Sequence[str],
    neighbours: tuple[str, str],
    words_elsewhere: Collection[str],
) -> ReplacementKind:
    """What it is that ``new`` stands in place of ``old``. ``around``: the words before and behind; ``used``: words in lower case
    that stand elsewhere in both texts."""
    if any(_is_meaningful_mark(token) for token in (*old, *new)) and [
        t for t in old if _is_meaningful_mark(t)
    ] != [t for t in new if _is_meaningful_mark(t)]:
        return "substantive"
    before, after = [t for t in old if is_word(t)], [t for t in new if is_word(t)]
    if before == after:
        inside = WORD_JOINER in old or WORD_JOINER in new
        return "" if old == new else "typo" if inside else "cosmetic"
    if [_canonical_spelling(t) for t in before] == [
        _canonical_spelling(t) for t in after
    ]:
        return "cosmetic"
    if any(t[0].isdigit() for t in (*before, *after)):
        return "substantive"
    joined, other = "".join(before).lower(), "".join(after).lower()
    if joined == other:
        return "typo"  # a space, hyphen or apostrophe inside of a word
    if not before or not after:
        return _classify_lone_words(before or after, neighbours)
    if len(before) == len(after):
        pairs = [
            (o, n)
            for o, n in zip(before, after, strict=True)
            if _canonical_spelling(o) != _canonical_spelling(n)
        ]
        return (
            "typo"
            if all(is_misspelling(o, n, words_elsewhere) for o, n in pairs)
            else "substantive"
        )
    if (
        len(joined) >= 8
        and abs(len(before) - len(after)) == 1
        and edit_distance(joined, other, 2) <= 2
    ):
        return (
            "typo"
            if not ({*map(str.lower, before)} ^ {*map(str.lower, after)}) & _NEGATIONS
            else "substantive"
        )
    return "substantive"


_NEGATIONS = frozenset("ne n pas non not no t never jamais sans without".split())


def _is_meaningful_mark(token: str) -> bool:
    """Whether a mark says something."""
    return not is_word(token) and (
        token in MEANINGFUL_MARKS or unicodedata.category(token[0]) in ("Sc", "Sm")
    )


def _canonical_spelling(token: str) -> str:
    """A token as if capitals had no accents and no weight, numbers in digits."""
    low = token.lower()
    if token[0].isdigit():
        return re.sub(r",", ".", low)
    first = _strip_accents(token[0]).lower() if token[0].isupper() else ""
    if token.isupper():
        low = _strip_accents(low)
    elif first:
        low = first + low[1:]
    return _NUMBER_WORDS.get(low, low)


def _strip_accents(text: str) -> str:
    return "".join(
        one
        for one in unicodedata.normalize("NFD", text)
        if not unicodedata.combining(one)
    )


def _classify_lone_words(
    words: Sequence[str], neighbours: tuple[str, str]
) -> ReplacementKind:
    """Words that came or went."""
    low = [word.lower() for word in words]
    if len(low) <= 3 and (
        low == [neighbours[0].lower()] or low == [neighbours[1].lower()]
    ):
        return "typo"  # "the the"
    return "typo" if len(low) == 1 and low[0] in FUNCTION_WORDS else "substantive"


def is_misspelling(old: str, new: str, words_elsewhere: Collection[str]) -> bool:
    """Whether a word is another's misspelling."""
    o, n = old.lower(), new.lower()
    if _strip_accents(o) == _strip_accents(n) or any(
        o in group and n in group for group in _CONFUSED_GROUPS
    ):
        return True
    if (
        (o in _DISTINCT_WORDS and n in _DISTINCT_WORDS)
        or _is_negated_by_prefix(o, n)
        or _is_negated_by_prefix(n, o)
    ):
        return False
    shorter, longer = min(len(o), len(n)), max(len(o), len(n))
    if shorter <= 2 or (n in _DISTINCT_WORDS and shorter <= 3 and o in FUNCTION_WORDS):
        return False
    most = 1 if longer <= 7 else 2
    if edit_distance(_strip_accents(o), _strip_accents(n), most) > most:
        return False
    if _is_inflection(o, n):
        return True
    if o[0] != n[0] and o[1:] == n[1:] and longer <= 5:
        return False  # another word that rhymes; hands seldom slip at the beginning
    return not (o in words_elsewhere and n in words_elsewhere)


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


def _is_negated_by_prefix(one: str, other: str) -> bool:
    """Whether a word is the other with something before it that turns its sense."""
    return len(one) >= 5 and any(other == start + one for start in _NEGATING_PREFIXES)


def _is_inflection(one: str, other: str) -> bool:
    """Whether they differ in their ending alone."""
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return shared >= 4 and max(len(one), len(other)) - shared <= MAX_INFLECTION_LENGTH


def edit_distance(one: str, other: str, maximum: int) -> int:
    """Letters added, dropped, replaced or swapped with their neighbour (Damerau); ``most`` + 1 where there are more."""
    if abs(len(one) - len(other)) > maximum or len(one) > 60:
        return maximum + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > maximum:
            return maximum + 1
    return min(row[-1], maximum + 1)
