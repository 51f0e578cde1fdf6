"""Whether two texts are wordings of one article, where something else already says that they might be. Pure.

Not for: finding copies among articles that nothing connects (``copies``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.identity import wording

MIN_SIMILARITY = 0.5  # of the shorter text's three-word shingles stand in the other
MIN_SIMILARITY_SAME_HEADLINE = (
    0.2  # the same under one headline: generic titles stand over anything
)
SHORT_TEXT_WORDS = 20  # words below which a headline alone decides
MIN_NUMBERS = 4  # numbers from which on they must agree: stories made by one template differ in nothing else
MIN_AGREEING_SHARE = 0.5  # of the numbers of the shorter text
MIN_DISTINCTIVE_WORDS = 3  # words of a title that are enough to look for them in a text
MIN_SHARE_IN_TEXT = 0.8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PAGE_SUFFIX = re.compile(
    r"\s*[-–|:(\[]*\s*(?:(?:page|seite|pagina|foto|photo|bild|image|picture)\s*)?\d{1,3}(?:\s*(?:/|of|sur|von|de|di)\s*\d{1,3})?\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def is_same_article(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether these are wordings of one article: much of the shorter stands in the other, and its numbers do too."""
    titled = bool(title) and normalise_headline(title) == normalise_headline(
        other_title
    )
    if not titled and _is_unrelated(text, other_text):
        return False
    one, other = (
        wording.normalise_text_cached(text),
        wording.normalise_text_cached(other_text),
    )
    if one == other:
        return bool(one) or titled
    shorter, longer = sorted((one, other), key=lambda text: (len(text), text))
    if len(shorter.split()) < SHORT_TEXT_WORDS and len(shorter) < 6 * SHORT_TEXT_WORDS:
        return titled or (
            bool(shorter) and wording.shingle_containment(one, other) >= 1.0
        )
    if wording.shingle_containment(one, other) < (
        MIN_SIMILARITY_SAME_HEADLINE if titled else MIN_SIMILARITY
    ):
        return False
    numbers = set(_NUMBER.findall(shorter))
    held = numbers & set(_NUMBER.findall(longer))
    return len(numbers) < MIN_NUMBERS or len(held) >= MIN_AGREEING_SHARE * len(numbers)


MIN_SHARED_VOCABULARY = 0.35  # of the shorter text's distinct words: texts of one language that share nothing else share up to a third
MIN_VOCABULARY_WORDS = 40  # distinct words, from which on that says something


def _is_unrelated(one: str, other: str) -> bool:
    """Whether two texts share so few words that they cannot share half of their runs of three: a hundredth of the price of looking."""
    first, second = _vocabulary(one), _vocabulary(other)
    least = min(len(first), len(second))
    return (
        least >= MIN_VOCABULARY_WORDS
        and len(first & second) < MIN_SHARED_VOCABULARY * least
    )


@lru_cache(maxsize=64)
def _vocabulary(text: str) -> frozenset[str]:
    """The distinct words of a text; none where words are not spaced."""
    return (
        frozenset()
        if wording.has_unspaced_script(text)
        else frozenset(re.findall(r"\w+", text.lower()))
    )


def normalise_headline(title: str) -> str:
    """A headline to be compared with others."""
    return " ".join(wording.normalise_text(title).lower().split())


def is_same_headline(title: str, other: str) -> bool:
    """Whether two headlines are one, but for "page 3" and the like: those of an article's pages."""
    one, two = (
        _PAGE_SUFFIX.sub("", normalise_headline(text)) for text in (title, other)
    )
    return bool(one) and one == two


def matches_announcement(announced_words: str, title: str, text: str) -> bool | None:
    """Whether a page is what was announced under a title or in the words of an address; None where that says too little.

    Half of the words stand in the page's headline, or where that says little, nearly all of several in its text: any long text has
    some of them.
    """
    wanted = _distinctive_words(announced_words.replace("_", " "))
    if len(wanted) < 2:
        return None
    stated = _distinctive_words(title)
    if len(wanted & stated) * 2 >= len(wanted):
        return True
    if len(stated) >= MIN_DISTINCTIVE_WORDS:
        return False
    return len(wanted) >= MIN_DISTINCTIVE_WORDS and len(
        wanted & _distinctive_words(text[:20_000])
    ) >= MIN_SHARE_IN_TEXT * len(wanted)


def _distinctive_words(text: str) -> set[str]:
    return {
        word
        for word in re.findall(r"\w{4,}", normalise_headline(text))
        if not word.isdigit()
    }
