"""Edits as newsrooms make them, with their classes by ``docs/changes.md``.

``changes.py`` uses them. ``SEEN`` here and ``OTHER`` of ``edits_other`` make the same
classes in different ways and words. An operator returns the article after the edit, or
None if the edit cannot be made in it. The edits follow what newsrooms say about their
own edits, not how the program classifies them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Article:
    """A title, lines, and a modification date where one is stated."""

    title: str
    lines: tuple[str, ...]
    modified: str | None = None


Made = Article | tuple[Article, Article] | None  # after; or before and after
Make = Callable[[Article, str, random.Random], Made]
Operator = tuple[str, Make]
WORD = re.compile(r"[^\W\d_]{4,}")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ«“\"])")


# ---- building blocks of operators


def with_line(article: Article, place: int, line: str | None) -> Article:
    """Replace a line; None removes it."""
    lines = list(article.lines)
    lines[place : place + 1] = [] if line is None else [line]
    return replace(article, lines=tuple(lines))


def long_lines(article: Article, least: int = 15) -> list[int]:
    """Positions of paragraphs."""
    return [
        place for place, line in enumerate(article.lines) if len(line.split()) >= least
    ]


def in_words(
    change: Callable[[str, random.Random], str | None],
    least: int = 5,
    lower: bool = True,
) -> Make:
    """Change one word of the text."""

    def make(article: Article, language: str, chance: random.Random) -> Made:
        place = chance.choice(long_lines(article))
        line = article.lines[place]
        words = [
            one
            for one in re.finditer(r"(?<![\w'’-])[^\W\d_]+(?![\w'’-])", line)
            if len(one[0]) >= least and (not lower or one[0].islower())
        ]
        if not words:
            return None
        word = chance.choice(words)
        other = change(word[0], chance)
        if other is None or other == word[0]:
            return None
        return with_line(
            article, place, line[: word.start()] + other + line[word.end() :]
        )

    return make


def substitute(
    pattern: str,
    other: Callable[[re.Match[str], random.Random], str | None],
    title: bool = False,
    flags: int = 0,
) -> Make:
    """Replace one match of the pattern, in the text or the title."""

    def make(article: Article, language: str, chance: random.Random) -> Made:
        if title:
            found = list(re.finditer(pattern, article.title, flags))
            if not found:
                return None
            match = chance.choice(found)
            text = other(match, chance)
            return (
                None
                if text is None
                else replace(
                    article,
                    title=article.title[: match.start()]
                    + text
                    + article.title[match.end() :],
                )
            )
        places = [
            (place, match)
            for place in long_lines(article, 8)
            for match in re.finditer(pattern, article.lines[place], flags)
        ]
        if not places:
            return None
        place, match = chance.choice(places)
        line = article.lines[place]
        text = other(match, chance)
        return (
            None
            if text is None
            else with_line(
                article, place, line[: match.start()] + text + line[match.end() :]
            )
        )

    return make


def said(fr: tuple[str, ...], en: tuple[str, ...], where: str = "end") -> Make:
    """Add a line: at the end, the beginning, or in between."""

    def make(article: Article, language: str, chance: random.Random) -> Made:
        text = chance.choice(fr if language == "fr" else en)
        for name in ("DAY", "MONTH", "HOUR", "MIN", "NUMBER"):
            text = text.replace(name, _filled(name, language, chance))
        place = {"end": len(article.lines), "begin": 0}.get(
            where, chance.randrange(1, len(article.lines))
        )
        lines = [*article.lines[:place], text, *article.lines[place:]]
        return replace(article, lines=tuple(lines))

    return make


def _filled(name: str, language: str, chance: random.Random) -> str:
    months = (
        "janvier février mars avril juin septembre octobre"
        if language == "fr"
        else "January February March April June September October"
    )
    if name == "MONTH":
        return chance.choice(months.split())
    return str(
        {
            "DAY": chance.randint(1, 28),
            "HOUR": chance.randint(8, 21),
            "MIN": chance.randint(10, 59),
            "NUMBER": chance.randint(12, 900),
        }[name]
    )


def lines_restamped(fr: str, en: str, where: str = "begin") -> Make:
    """A line with a date gets another time."""

    def make(article: Article, language: str, chance: random.Random) -> Made:
        place = chance.randrange(1000)
        made = [
            said((fr,), (en,), where)(
                article, language, random.Random(f"{place} {number}")
            )
            for number in (1, 2)
        ]
        if isinstance(made[0], Article) and isinstance(made[1], Article):
            return made[0], made[1]
        return None

    return make


def both(*makes: Make) -> Make:
    """Several edits at once."""

    def make(article: Article, language: str, chance: random.Random) -> Made:
        found = article
        for one in makes:
            made = one(found, language, chance)
            if not isinstance(made, Article):
                return None
            found = made
        return found

    return make


# ---- typos


def swapped(word: str, chance: random.Random) -> str | None:
    """Two letters change places."""
    place = chance.randrange(1, len(word) - 1)
    return (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        if word[place] != word[place + 1]
        else None
    )


def dropped(word: str, chance: random.Random) -> str:
    """A letter is missing."""
    place = chance.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def doubled(word: str, chance: random.Random) -> str:
    """A letter is doubled."""
    place = chance.randrange(1, len(word))
    return word[:place] + word[place] + word[place:]


def mistyped(word: str, chance: random.Random) -> str:
    """A neighbouring key was hit."""
    place = chance.randrange(1, len(word))
    beside = {
        "a": "z",
        "e": "r",
        "i": "o",
        "o": "p",
        "n": "b",
        "t": "y",
        "s": "d",
        "r": "t",
        "u": "y",
        "l": "k",
    }
    return word[:place] + beside.get(word[place], "x") + word[place + 1 :]


def unaccented(article: Article, language: str, chance: random.Random) -> Made:
    """An accent is missing (French), or an apostrophe (English)."""
    if language == "fr":
        plain = str.maketrans("éèêàùçîôâ", "eeeaucioa")
        return substitute(
            r"\b\w*[éèêàùçîôâ]\w*\b",
            lambda match, _: match[0].translate(plain) if match[0].islower() else None,
        )(article, language, chance)
    return substitute(
        r"\b(\w+)['’](s|re|ve|ll|t)\b", lambda match, _: match[1] + match[2]
    )(article, language, chance)


def repeated(article: Article, language: str, chance: random.Random) -> Made:
    """A word is doubled."""
    return substitute(
        r"(?<= )(?:le|la|de|les|des|the|of|to|a|in|and)(?= )",
        lambda match, _: f"{match[0]} {match[0]}",
    )(article, language, chance)


def parted(word: str, chance: random.Random) -> str | None:
    """A space in a word."""
    place = chance.randrange(2, len(word) - 2) if len(word) > 5 else 0
    return f"{word[:place]} {word[place:]}" if place else None


def glued(article: Article, language: str, chance: random.Random) -> Made:
    """Two words without a space."""
    return substitute(
        r"(?<= )([a-zà-ÿ]{4,}) ([a-zà-ÿ]{3,})(?= )",
        lambda match, _: match[1] + match[2],
    )(article, language, chance)


def disagreeing(article: Article, language: str, chance: random.Random) -> Made:
    """An agreement is wrong."""
    if language == "fr":
        return substitute(
            r"(?<=[ ])(?:les|des|ces|ses) ([a-zà-ÿ]{4,})s\b",
            lambda match, _: match[0][:-1],
        )(article, language, chance)
    return substitute(
        r"\b(?:is|are|was|were|has|have)\b",
        lambda match, _: {
            "is": "are",
            "are": "is",
            "was": "were",
            "were": "was",
            "has": "have",
            "have": "has",
        }[match[0]],
    )(article, language, chance)


def small_word_gone(article: Article, language: str, chance: random.Random) -> Made:
    """A small word is missing."""
    return substitute(
        r"(?<=[a-z]) (?:de|la|le|les|the|of|to|a)(?= [a-zà-ÿ])", lambda match, _: ""
    )(article, language, chance)


# ---- substantive


def numbered(article: Article, language: str, chance: random.Random) -> Made:
    """Another number."""
    return substitute(
        r"(?<![\w.,:/-])\d{1,3}(?![\w.,:/-])",
        lambda match, _: str(int(match[0]) + chance.choice((1, 2, 5, 11))),
    )(article, language, chance)


def sentence_gone(article: Article, language: str, chance: random.Random) -> Made:
    """A sentence is taken out."""
    places = [
        place
        for place in long_lines(article)
        if len(
            [
                one
                for one in SENTENCE.split(article.lines[place])
                if len(one.split()) >= 5
            ]
        )
        >= 2
    ]
    if not places:
        return None
    place = chance.choice(places)
    parts = SENTENCE.split(article.lines[place])
    gone = chance.choice(
        [number for number, one in enumerate(parts) if len(one.split()) >= 5]
    )
    return with_line(article, place, " ".join(parts[:gone] + parts[gone + 1 :]))


def paragraph_gone(article: Article, language: str, chance: random.Random) -> Made:
    """A paragraph is taken out."""
    return with_line(article, chance.choice(long_lines(article)), None)


def denied(article: Article, language: str, chance: random.Random) -> Made:
    """A negation is put in."""
    if language == "fr":
        return substitute(
            r"(?<= )(a|est|sont|sera|peut|doit|ont|fait|était)(?= )",
            lambda match, _: (
                f"{'n’' if match[1][0] in 'aeoé' else 'ne '}{match[1]} pas"
            ),
        )(article, language, chance)
    return substitute(
        r"\b(is|was|will|has|can|are|were|would|did|have)(?= )",
        lambda match, _: f"{match[1]} not",
    )(article, language, chance)


def reworded(article: Article, language: str, chance: random.Random) -> Made:
    """Another word."""
    words = (
        (
            "pourtant",
            "rapidement",
            "inquiet",
            "désaccord",
            "immédiatement",
            "refus",
            "promesse",
        )
        if language == "fr"
        else (
            "however",
            "quickly",
            "worried",
            "disagreement",
            "immediately",
            "refusal",
            "promise",
        )
    )
    return in_words(lambda word, dice: dice.choice(words), least=5)(
        article, language, chance
    )


def renamed(article: Article, language: str, chance: random.Random) -> Made:
    """Another name."""
    names = (
        ("Moreau", "Bertrand", "Lemaire", "Garnier", "Fontaine")
        if language == "fr"
        else ("Harrison", "Whitfield", "Donovan", "Ramsay", "Okafor")
    )
    return substitute(
        r"(?<=[a-z,] )[A-Z][a-zà-ÿ]{4,}(?=[ ,.])",
        lambda match, dice: dice.choice(names),
    )(article, language, chance)


def moneyed(article: Article, language: str, chance: random.Random) -> Made:
    """Another order of magnitude, or another day."""
    pairs = {
        "million": "billion",
        "millions": "milliards",
        "milliards": "millions",
        "billion": "million",
        "lundi": "mardi",
        "mardi": "jeudi",
        "Monday": "Tuesday",
        "Tuesday": "Thursday",
        "Friday": "Sunday",
        "vendredi": "samedi",
        "more": "less",
        "plus": "moins",
        "first": "third",
        "deux": "trois",
        "two": "four",
        "three": "five",
        "trois": "cinq",
    }
    return substitute(
        r"\b(?:" + "|".join(pairs) + r")\b", lambda match, _: pairs[match[0]]
    )(article, language, chance)


PARAGRAPHS = said(
    (
        (
            "Interrogé HOUR heures plus tard, le ministère a indiqué que NUMBER "
            "personnes étaient concernées."
        ),
        (
            "Le parquet a ouvert une enquête préliminaire, a-t-on appris auprès "
            "d'une source judiciaire."
        ),
        "« Nous n'avons reçu aucune réponse », a regretté le président de l'association.",
    ),
    (
        "Asked for comment, the ministry said NUMBER people were affected.",
        "Prosecutors have opened an inquiry, a judicial source said.",
        "“We never got an answer,” said the head of the association.",
    ),
    "between",
)


# ---- headlines


def retitled(article: Article, language: str, chance: random.Random) -> Made:
    """Another headline."""
    words = article.title.split()
    if len(words) < 4:
        return None
    new = (
        ("ce que l'on sait", "la colère monte", "le gouvernement réagit")
        if language == "fr"
        else ("what we know", "anger grows", "government responds")
    )
    return replace(
        article,
        title=" ".join(words[: max(3, len(words) * 2 // 3)]).rstrip(" ,:-–")
        + f" : {chance.choice(new)}",
    )


def title_word(article: Article, language: str, chance: random.Random) -> Made:
    """One word of the headline is another."""
    words = (
        ("inquiète", "bouleverse", "dénonce")
        if language == "fr"
        else ("slams", "reveals", "warns")
    )
    return substitute(
        r"(?<= )[a-zà-ÿ]{5,}(?= |$)", lambda match, dice: dice.choice(words), title=True
    )(article, language, chance)


def title_capitals(article: Article, language: str, chance: random.Random) -> Made:
    """The headline in capitals, or each word with one."""
    return replace(
        article,
        title=chance.choice(
            (
                article.title.upper(),
                article.title.title()
                if "'" not in article.title and "’" not in article.title
                else article.title.upper(),
            )
        ),
    )


# ---- cosmetic


def paragraphs_moved(article: Article, language: str, chance: random.Random) -> Made:
    """Two paragraphs change places."""
    places = long_lines(article)
    one, other = sorted(chance.sample(places, 2))
    lines = list(article.lines)
    lines[one], lines[other] = lines[other], lines[one]
    return replace(article, lines=tuple(lines))


def other_quotes(article: Article, language: str, chance: random.Random) -> Made:
    """Other quotes and dashes everywhere."""
    marks = str.maketrans(
        {
            "’": "'",
            "“": '"',
            "”": '"',
            "«": '"',
            "»": '"',
            "–": "-",
            "—": "-",
            "'": "’",
            '"': "“",
        }
    )
    return replace(
        article, lines=tuple(line.translate(marks) for line in article.lines)
    )


def spaced(article: Article, language: str, chance: random.Random) -> Made:
    """Other spaces, and a paragraph cut in two."""
    lines = [re.sub(r" ([;:!?%»])", "\u00a0\\1", line) for line in article.lines]
    place = chance.choice(long_lines(article))
    parts = SENTENCE.split(lines[place])
    return replace(article, lines=(*lines[:place], *parts, *lines[place + 1 :]))


def comma(article: Article, language: str, chance: random.Random) -> Made:
    """A comma less, or a semicolon for it."""
    return substitute(
        r",(?= [a-zà-ÿ])", lambda match, dice: dice.choice(("", ";", " –"))
    )(article, language, chance)


def capitals(article: Article, language: str, chance: random.Random) -> Made:
    """A title of office with or without its capital."""
    return substitute(
        r"(?<=[a-z] )(?:president|minister|government|church|internet|ministre|"
        r"président|état|maire|gouvernement|conseil|parliament|council|party)\b",
        lambda match, _: match[0].capitalize(),
    )(article, language, chance)


def percent(article: Article, language: str, chance: random.Random) -> Made:
    """Percent as a sign or in words."""
    return substitute(
        r"(?<=\d) ?(?:%|percent|per cent|pour cent)",
        lambda match, _: (
            " %"
            if "%" not in match[0]
            else (" pour cent" if language == "fr" else " percent")
        ),
    )(article, language, chance)


UPDATED_FR = "Mis à jour le DAY MONTH 2024 à HOURhMIN"
UPDATED_EN = "Updated HOUR:MIN GMT, DAY MONTH 2024"

SEEN: dict[str, Operator] = {
    "two letters change places": ("typo", in_words(swapped)),
    "a letter is missing": ("typo", in_words(dropped, 6)),
    "a letter stands twice": ("typo", in_words(doubled)),
    "the key beside it": ("typo", in_words(mistyped, 6)),
    "accent, apostrophe": ("typo", unaccented),
    "a word stands twice": ("typo", repeated),
    "a space in a word": ("typo", in_words(parted, 6)),
    "two words glued": ("typo", glued),
    "agreement": ("typo", disagreeing),
    "typo in the headline": (
        "typo",
        substitute(
            r"(?<= )[a-zà-ÿ]{5,}",
            lambda match, dice: swapped(match[0], dice),
            title=True,
        ),
    ),
    "another number": ("substantive", numbered),
    "a sentence less": ("substantive", sentence_gone),
    "a paragraph less": ("substantive", paragraph_gone),
    "a paragraph more": ("substantive", PARAGRAPHS),
    "a negation": ("substantive", denied),
    "another word": ("substantive", reworded),
    "another name": ("substantive", renamed),
    "millions, days, quantities": ("substantive", moneyed),
    "a paragraph more, and another headline": (
        "substantive",
        both(PARAGRAPHS, retitled),
    ),
    "another headline": ("headline", retitled),
    "a word of the headline": ("headline", title_word),
    "another headline, and a typo": ("headline", both(retitled, in_words(swapped, 6))),
    "headline and date": (
        "headline",
        both(retitled, said((UPDATED_FR,), (UPDATED_EN,))),
    ),
    "correction label": (
        "correction",
        said(
            (
                (
                    "Rectificatif : une version précédente de cet article indiquait "
                    "à tort que NUMBER personnes étaient présentes."
                ),
                "Correction : le nom du maire a été rectifié.",
                "Précision : l'entreprise nous a répondu après la publication de cet article.",
            ),
            (
                (
                    "Correction: An earlier version of this article misstated the "
                    "number of people as NUMBER."
                ),
                "Clarification: The company's headquarters are in Leeds.",
                "Editor's note: This story has been updated with a response from the company.",
            ),
        ),
    ),
    "statement of change": (
        "correction",
        said(
            (
                "Cet article a été modifié le DAY MONTH pour corriger le nombre de victimes.",
                "Cet article a été mis à jour avec la réaction du ministre.",
            ),
            (
                "This article was amended on DAY MONTH to correct the name of the minister.",
                "This story has been updated to include comments from the mayor.",
            ),
        ),
    ),
    "a number, and a note of it": (
        "correction",
        both(
            numbered,
            said(
                ("Erratum : le nombre donné dans une première version était faux.",),
                ("An earlier version of this story gave the wrong number.",),
            ),
        ),
    ),
    "a typo, and a note of it": (
        "correction",
        both(
            in_words(swapped, 6),
            said(
                ("NDLR : une coquille s'était glissée dans cet article.",),
                ("This article has been corrected for spelling.",),
            ),
        ),
    ),
    "line of update": (
        "date line",
        said(
            (
                UPDATED_FR,
                "Publié le DAY MONTH 2024 à HOURhMIN",
                "Dernière mise à jour : DAY MONTH 2024",
            ),
            (
                UPDATED_EN,
                "Published: DAY MONTH 2024",
                "Last updated on MONTH DAY, 2024 at HOUR:MIN",
            ),
            "between",
        ),
    ),
    "another time of update": ("date line", lines_restamped(UPDATED_FR, UPDATED_EN)),
    "place and date": (
        "date line",
        lambda article, language, chance: with_line(
            article,
            long_lines(article)[0],
            chance.choice(
                (
                    "PARIS, 3 mars (AFP) - ",
                    "LYON (AP) — ",
                    "BRUXELLES, 12 avril 2024 - ",
                )
                if language == "fr"
                else (
                    "LONDON, March 3 (Reuters) - ",
                    "WASHINGTON (AP) — ",
                    "NAIROBI, 12 April - ",
                )
            )
            + article.lines[long_lines(article)[0]],
        ),
    ),
    "paragraphs change places": ("cosmetic", paragraphs_moved),
    "other quotes": ("cosmetic", other_quotes),
    "other spaces": ("cosmetic", spaced),
    "comma": ("cosmetic", comma),
    "capitals": ("cosmetic", capitals),
    "headline in capitals": ("cosmetic", title_capitals),
    "percent": ("cosmetic", percent),
}
