"""Whether two texts are wordings of one article, where something else already says that they might be. Pure.

Not for: finding copies among articles that nothing connects (``copies``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.identity import wording

SHARED = 0.5  # of the shorter text's three-word shingles stand in the other
SHARED_TITLED = 0.2  # the same under one headline: generic titles stand over anything
SHORT = 20  # words below which a headline alone decides
NUMBERS = 4  # numbers from which on they must agree: stories made by one template differ in nothing else
AGREEING = 0.5  # of the numbers of the shorter text
TELLING = 3  # words of a title that are enough to look for them in a text
NEARLY_ALL = 0.8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PAGED = re.compile(
    r"\s*[-–|:(\[]*\s*(?:(?:page|seite|pagina|foto|photo|bild|image|picture)\s*)?\d{1,3}(?:\s*(?:/|of|sur|von|de|di)\s*\d{1,3})?\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def one_article(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether these are wordings of one article: much of the shorter stands in the other, and its numbers do too."""
    titled = bool(title) and headline(title) == headline(other_title)
    if not titled and _strange(text, other_text):
        return False
    one, other = wording.normal(text), wording.normal(other_text)
    if one == other:
        return bool(one) or titled
    shorter, longer = sorted((one, other), key=lambda text: (len(text), text))
    if len(shorter.split()) < SHORT and len(shorter) < 6 * SHORT:
        return titled or (bool(shorter) and wording.alike(one, other) >= 1.0)
    if wording.alike(one, other) < (SHARED_TITLED if titled else SHARED):
        return False
    numbers = set(_NUMBER.findall(shorter))
    held = numbers & set(_NUMBER.findall(longer))
    return len(numbers) < NUMBERS or len(held) >= AGREEING * len(numbers)


VOCABULARY = 0.35  # of the shorter text's distinct words: texts of one language that share nothing else share up to a third
VOCABULARY_LEAST = 40  # distinct words, from which on that says something


def _strange(one: str, other: str) -> bool:
    """Whether two texts share so few words that they cannot share half of their runs of three: a hundredth of the price of looking."""
    first, second = _vocabulary(one), _vocabulary(other)
    least = min(len(first), len(second))
    return least >= VOCABULARY_LEAST and len(first & second) < VOCABULARY * least


@lru_cache(maxsize=64)
def _vocabulary(text: str) -> frozenset[str]:
    """The distinct words of a text; none where words are not spaced."""
    return (
        frozenset()
        if wording.unspaced(text)
        else frozenset(re.findall(r"\w+", text.lower()))
    )


def headline(title: str) -> str:
    """A headline to be compared with others."""
    return " ".join(wording.normalise(title).lower().split())


def one_headline(title: str, other: str) -> bool:
    """Whether two headlines are one, but for "page 3" and the like: those of an article's pages."""
    one, two = (_PAGED.sub("", headline(text)) for text in (title, other))
    return bool(one) and one == two


def announced(words: str, title: str, text: str) -> bool | None:
    """Whether a page is what was announced under a title or in the words of an address; None where that says too little.

    Half of the words stand in the page's headline, or where that says little, nearly all of several in its text: any long text has
    some of them.
    """
    wanted = _telling(words.replace("_", " "))
    if len(wanted) < 2:
        return None
    stated = _telling(title)
    if len(wanted & stated) * 2 >= len(wanted):
        return True
    if len(stated) >= TELLING:
        return False
    return len(wanted) >= TELLING and len(
        wanted & _telling(text[:20_000])
    ) >= NEARLY_ALL * len(wanted)


def _telling(text: str) -> set[str]:
    return {
        word for word in re.findall(r"\w{4,}", headline(text)) if not word.isdigit()
    }
