"""Edits that were not used while the rules were written.

The same classes as in ``edits``, made in other ways and words.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from benchmarks.edits import (
    SENTENCE,
    Article,
    Made,
    Operator,
    both,
    in_words,
    lines_restamped,
    long_lines,
    said,
    substitute,
    with_line,
)

# ---- typos


def letter_inserted(word: str, chance: random.Random) -> str:
    """A letter too many."""
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice("aeinrst") + word[place:]


def last_letter_gone(word: str, chance: random.Random) -> str:
    """The last letter is missing."""
    return word[:-1]


def two_slips(word: str, chance: random.Random) -> str | None:
    """Two letters of a long word are wrong."""
    if len(word) < 9:
        return None
    one, other = sorted(chance.sample(range(1, len(word)), 2))
    return (
        word[:one]
        + chance.choice("aeiou")
        + word[one + 1 : other]
        + chance.choice("rstln")
        + word[other + 1 :]
    )


def single_letter(article: Article, language: str, chance: random.Random) -> Made:
    """A double letter becomes single."""
    return substitute(
        r"\b[a-zà-ÿ]*([bcdfglmnprst])\1[a-zà-ÿ]+\b",
        lambda match, _: re.sub(r"([bcdfglmnprst])\1", r"\1", match[0], count=1),
    )(article, language, chance)


def name_misspelt(article: Article, language: str, chance: random.Random) -> Made:
    """A name is misspelt."""
    return substitute(
        r"(?<=[a-z,] )[A-Z][a-zà-ÿ]{5,}\b",
        lambda match, dice: (
            match[0][: (at := dice.randrange(2, len(match[0]) - 1))]
            + match[0][at + 1 :]
        ),
    )(article, language, chance)


def confused(article: Article, language: str, chance: random.Random) -> Made:
    """Words that sound alike."""
    pairs = (
        {"a": "à", "et": "est", "ou": "où", "ces": "ses", "ce": "se", "sont": "son"}
        if language == "fr"
        else {
            "its": "it's",
            "their": "there",
            "than": "then",
            "to": "too",
            "your": "you're",
        }
    )
    return substitute(
        r"(?<= )(?:" + "|".join(pairs) + r")(?= )", lambda match, _: pairs[match[0]]
    )(article, language, chance)


def hyphen(article: Article, language: str, chance: random.Random) -> Made:
    """A hyphen of a compound is missing."""
    return substitute(
        r"\b([a-zà-ÿ]{3,})-([a-zà-ÿ]{3,})\b", lambda match, _: f"{match[1]} {match[2]}"
    )(article, language, chance)


def phrase_twice(article: Article, language: str, chance: random.Random) -> Made:
    """A longer word is doubled."""
    return substitute(
        r"(?<= )[a-zà-ÿ]{4,}(?= )", lambda match, _: f"{match[0]} {match[0]}"
    )(article, language, chance)


def plural(article: Article, language: str, chance: random.Random) -> Made:
    """The ending of an agreement is missing."""
    if language == "fr":
        return substitute(
            r"(?<= )(?:étaient|seront|sont|ont été) [a-zà-ÿ]{4,}s\b",
            lambda match, _: match[0][:-1],
        )(article, language, chance)
    return substitute(
        r"(?<= )(?:many|several|these|those|some) [a-z]{4,}s\b",
        lambda match, _: match[0][:-1],
    )(article, language, chance)


# ---- substantive


def first_sentence_reworded(
    article: Article, language: str, chance: random.Random
) -> Made:
    """The lead is written anew."""
    place = long_lines(article)[0]
    text = (
        (
            "L'affaire a pris un tour inattendu mercredi, lorsque la direction a "
            "reconnu avoir été prévenue dès l'automne."
        )
        if language == "fr"
        else (
            "The case took an unexpected turn on Wednesday when managers "
            "admitted they had been warned last autumn."
        )
    )
    parts = SENTENCE.split(article.lines[place])
    return with_line(article, place, " ".join([text, *parts[1:]]))


def clause_added(article: Article, language: str, chance: random.Random) -> Made:
    """A clause more."""
    text = (
        ", selon un document que nous avons pu consulter"
        if language == "fr"
        else ", according to a document seen by this newspaper"
    )
    return substitute(r"(?<=[a-zà-ÿ]{4})\.(?= |$)", lambda match, _: f"{text}.")(
        article, language, chance
    )


def hedged(article: Article, language: str, chance: random.Random) -> Made:
    """Said with less certainty."""
    if language == "fr":
        return substitute(
            r"(?<= )(?:a|ont|est|sont)(?= [a-zà-ÿ]+(?:é|ée|és|u|i)\b)",
            lambda match, _: {
                "a": "aurait",
                "ont": "auraient",
                "est": "serait",
                "sont": "seraient",
            }[match[0]],
        )(article, language, chance)
    return substitute(
        r"(?<= )(?:is|are|was|were|has|will)(?= )",
        lambda match, _: f"allegedly {match[0]}",
    )(article, language, chance)


def figure(article: Article, language: str, chance: random.Random) -> Made:
    """A larger number."""
    return substitute(
        r"(?<![\w.,:/-])\d{1,2}[., ]?\d{3}(?![\w.,:/-])|(?<![\w.,:/-])\d{2}[.,]\d(?!\d)",
        lambda match, dice: re.sub(
            r"\d", lambda one: str((int(one[0]) + 3) % 9 + 1), match[0], count=1
        ),
    )(article, language, chance)


def quote_changed(article: Article, language: str, chance: random.Random) -> Made:
    """Words of a quotation are others."""
    return substitute(
        r"(?<=[“«\"])[^“”«»\"]{25,120}(?=[”»\"])",
        lambda match, _: " ".join(
            match[0].split()[:2]
            + (
                ["n'ai", "jamais", "dit", "cela"]
                if language == "fr"
                else ["never", "said", "so"]
            )
        ),
    )(article, language, chance)


def paragraph_replaced(article: Article, language: str, chance: random.Random) -> Made:
    """A paragraph is another."""
    texts = (
        (
            (
                "Les riverains, eux, attendent toujours d'être relogés et dénoncent "
                "le silence de la mairie."
            ),
            "La décision sera rendue le 14 mai, a annoncé le tribunal dans un bref communiqué.",
        )
        if language == "fr"
        else (
            (
                "Residents are still waiting to be rehoused and say nobody from the "
                "council has called."
            ),
            "A ruling is due on 14 May, the court said in a short statement.",
        )
    )
    return with_line(article, chance.choice(long_lines(article)), chance.choice(texts))


def beginning_cut(article: Article, language: str, chance: random.Random) -> Made:
    """The last third is cut."""
    return (
        replace(article, lines=article.lines[: max(2, len(article.lines) * 2 // 3)])
        if len(article.lines) > 5
        else None
    )


def opposite(article: Article, language: str, chance: random.Random) -> Made:
    """A word of the opposite sense."""
    pairs = {
        "avant": "après", "après": "avant", "hausse": "baisse", "contre": "pour",
        "toujours": "jamais", "premier": "dernier", "jeune": "vieux", "before": "after",
        "after": "before", "rise": "fall", "against": "for", "always": "never", "men": "women",
        "increase": "decrease", "north": "south", "he": "she", "his": "her", "il": "elle",
        "nord": "sud",
    }  # fmt: skip
    return substitute(
        r"(?<= )(?:" + "|".join(pairs) + r")(?= )", lambda match, _: pairs[match[0]]
    )(article, language, chance)


# ---- headlines


def question(article: Article, language: str, chance: random.Random) -> Made:
    """The headline becomes a question."""
    return replace(
        article,
        title=article.title.rstrip(" ?.!") + ("\u00a0?" if language == "fr" else "?"),
    )


def prefixed(article: Article, language: str, chance: random.Random) -> Made:
    """A kicker before the headline."""
    return replace(
        article,
        title=chance.choice(
            ("Exclusif", "Reportage", "Municipales")
            if language == "fr"
            else ("Exclusive", "Analysis", "Election")
        )
        + " : "
        + article.title,
    )


def all_new(article: Article, language: str, chance: random.Random) -> Made:
    """A completely different headline."""
    return replace(
        article,
        title=chance.choice(
            (
                "Une enquête ouverte après la fermeture du site",
                "« On nous a menti » : la colère des habitants",
            )
            if language == "fr"
            else (
                "Inquiry opened after site is shut",
                "‘They lied to us’: residents' anger",
            )
        ),
    )


def title_number(article: Article, language: str, chance: random.Random) -> Made:
    """A number in the headline."""
    return replace(
        article,
        title=f"{article.title}, {chance.randint(3, 40)} {'morts' if language == 'fr' else 'dead'}",
    )


# ---- cosmetic


def line_breaks(article: Article, language: str, chance: random.Random) -> Made:
    """Two paragraphs are one."""
    place = chance.randrange(len(article.lines) - 1)
    lines = article.lines
    return replace(
        article,
        lines=(
            *lines[:place],
            f"{lines[place]} {lines[place + 1]}",
            *lines[place + 2 :],
        ),
    )


def thousands(article: Article, language: str, chance: random.Random) -> Made:
    """A number is grouped otherwise."""
    return substitute(
        r"(?<![\d.,])\d{1,3}[., \u00a0\u202f]\d{3}(?![\d.,])",
        lambda match, dice: re.sub(r"\D", dice.choice(("", "\u202f")), match[0]),
    )(article, language, chance)


def end_marks(article: Article, language: str, chance: random.Random) -> Made:
    """A full stop becomes an ellipsis, an exclamation or nothing."""
    place = chance.choice(long_lines(article))
    line = article.lines[place]
    return (
        with_line(article, place, line[:-1] + chance.choice(("…", "!", "")))
        if line.endswith(".")
        else None
    )


def last_first(article: Article, language: str, chance: random.Random) -> Made:
    """A paragraph further up."""
    place = chance.choice(long_lines(article)[1:])
    lines = [line for number, line in enumerate(article.lines) if number != place]
    return replace(article, lines=(article.lines[place], *lines))


def title_marks(article: Article, language: str, chance: random.Random) -> Made:
    """Quotes, dashes and colons of the headline are others."""
    title = article.title.translate(
        str.maketrans({"’": "'", "“": '"', "”": '"', ":": " -", "'": "’"})
    )
    return replace(
        article, title=title if title != article.title else article.title + "."
    )


def bracketed(article: Article, language: str, chance: random.Random) -> Made:
    """Dashes or commas become brackets."""
    return substitute(
        r"(?<=[a-zà-ÿ]), ([a-zà-ÿ' ’]{8,40}),(?= )", lambda match, _: f" ({match[1]})"
    )(article, language, chance)


def digits(article: Article, language: str, chance: random.Random) -> Made:
    """A small number in digits."""
    words = (
        {"deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "dix": "10"}
        if language == "fr"
        else {"two": "2", "three": "3", "four": "4", "five": "5", "ten": "10"}
    )
    return substitute(
        r"(?<= )(?:" + "|".join(words) + r")(?= )", lambda match, _: words[match[0]]
    )(article, language, chance)


NOTES_FR = (
    "Mise à jour, HOURhMIN : la préfecture a démenti ces informations.",
    "Cet article a été corrigé : le rassemblement avait lieu à Nantes, et non à Rennes.",
    "Contrairement à ce que nous avions écrit, la loi n'a pas encore été votée.",
    "Note de la rédaction : le titre de cet article a été changé après sa publication.",
)
NOTES_EN = (
    "UPDATE, HOUR:MIN: The police have denied the report.",
    "This piece was corrected on DAY MONTH: the rally took place in Leeds, not Bradford.",
    "Due to an editing error, a previous version of this article gave the wrong date for the vote.",
    "We apologise for the mistake in our earlier report.",
)
MORE_FR = (
    "Une première version de ce texte attribuait la citation à son frère.",
    "[Article actualisé le DAY MONTH avec la réponse de l'entreprise]",
    "Rectification apportée le DAY MONTH : NUMBER emplois, et non le double, sont supprimés.",
)
MORE_EN = (
    "An earlier version of this story attributed the quote to his brother.",
    "(This version of the story corrects the number of jobs to NUMBER in paragraph 3)",
    "Correction, DAY MONTH: The original article stated that NUMBER jobs would go.",
)

OTHER: dict[str, Operator] = {
    "a letter too many": ("typo", in_words(letter_inserted)),
    "the last letter": ("typo", in_words(last_letter_gone, 6)),
    "two slips": ("typo", in_words(two_slips, 9)),
    "a double letter once": ("typo", single_letter),
    "a name misspelt": ("typo", name_misspelt),
    "words confused": ("typo", confused),
    "a hyphen": ("typo", hyphen),
    "a word twice": ("typo", phrase_twice),
    "an ending": ("typo", plural),
    "a slip in the headline": (
        "typo",
        substitute(
            r"(?<= )[a-zà-ÿ]{6,}",
            lambda match, dice: letter_inserted(match[0], dice),
            title=True,
        ),
    ),
    "the lead": ("substantive", first_sentence_reworded),
    "a clause": ("substantive", clause_added),
    "less certainty": ("substantive", hedged),
    "a figure": ("substantive", figure),
    "a quotation": ("substantive", quote_changed),
    "a paragraph replaced": ("substantive", paragraph_replaced),
    "the end cut": ("substantive", beginning_cut),
    "the opposite": ("substantive", opposite),
    "a paragraph, and the headline": ("substantive", both(paragraph_replaced, all_new)),
    "a clause, and a typo": (
        "substantive",
        both(clause_added, in_words(letter_inserted, 6)),
    ),
    "a question": ("headline", question),
    "a kicker": ("headline", prefixed),
    "quite another": ("headline", all_new),
    "a number": ("headline", title_number),
    "another, and its quotes": ("headline", both(all_new, title_marks)),
    "a note": ("correction", said(NOTES_FR, NOTES_EN)),
    "a note first": ("correction", said(NOTES_FR, NOTES_EN, "begin")),
    "more notes": ("correction", said(MORE_FR, MORE_EN)),
    "a figure, and a note": ("correction", both(figure, said(MORE_FR, MORE_EN))),
    "a headline, and a note": (
        "correction",
        both(all_new, said(NOTES_FR, NOTES_EN, "begin")),
    ),
    "posted": (
        "date line",
        said(
            (
                "Posté le DAY MONTH 2023, HOURhMIN",
                "Modifié le DAY/10/2023 à HOURhMIN",
                "DAY MONTH 2023 - HOUR:MIN",
                "Article publié le DAY MONTH 2023",
            ),
            (
                "Posted MONTH DAY, 2023, HOUR:MIN p.m. ET",
                "First published on MONTH DAY, 2023",
                "DAY MONTH 2023 HOUR:MIN BST",
                "Last modified on DAY MONTH 2023 HOUR.MIN CET",
            ),
            "begin",
        ),
    ),
    "posted again": (
        "date line",
        lines_restamped(
            "Par la rédaction, le DAY MONTH 2023 à HOURhMIN, modifié à HOURhMIN",
            "Published MONTH DAY, 2023 | Updated HOUR:MIN pm EDT",
            "between",
        ),
    ),
    "town": (
        "date line",
        lambda article, language, chance: with_line(
            article,
            long_lines(article)[0],
            chance.choice(
                (
                    "MARSEILLE, France — ",
                    "GENÈVE, 4 oct (Reuters) - ",
                    "Bamako (AFP) – ",
                )
                if language == "fr"
                else (
                    "NEW YORK — ",
                    "BERLIN, Oct 4 (Reuters) - ",
                    "CAIRO (AP) – ",
                    "Tokyo, Japan (CNN) -- ",
                )
            )
            + article.lines[long_lines(article)[0]],
        ),
    ),
    "a paragraph further up": ("cosmetic", last_first),
    "two paragraphs are one": ("cosmetic", line_breaks),
    "thousands": ("cosmetic", thousands),
    "end marks": ("cosmetic", end_marks),
    "marks of the headline": ("cosmetic", title_marks),
    "brackets": ("cosmetic", bracketed),
    "digits": ("cosmetic", digits),
}
