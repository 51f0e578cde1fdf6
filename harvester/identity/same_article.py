"""Whether two texts are versions of one article, if something else suggests it. Pure.

Copies among articles that nothing else connects are found by ``near_duplicates``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.identity import wording

MIN_SIMILARITY = 0.5  # share of the shorter text's 3-word shingles in the other
# The same if the headlines are equal. Not zero: generic headlines fit any article.
MIN_SIMILARITY_SAME_HEADLINE = 0.2
SHORT_TEXT_WORDS = 20  # words below which the headline alone decides
# With fewer numbers in the shorter text, they are not compared. Articles made from one
# template differ only in them.
MIN_NUMBERS = 4
MIN_AGREEING_SHARE = 0.5  # of the numbers of the shorter text
MIN_DISTINCTIVE_WORDS = 3  # of a title, to search a text for them
MIN_SHARE_IN_TEXT = 0.8  # of these words
# Of the shorter text's distinct words. Unrelated texts of one language share up to 1/3.
MIN_SHARED_VOCABULARY = 0.35
MIN_VOCABULARY_WORDS = 40  # distinct words of a text for that to be significant
MIN_LINE_WORDS = 5  # of a line that tells two pages apart
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PAGE_SUFFIX = re.compile(
    r"\s*[-–|:(\[]*\s*(?:(?:page|seite|pagina|foto|photo|bild|image|picture)\s*)?"
    r"\d{1,3}(?:\s*(?:/|of|sur|von|de|di)\s*\d{1,3})?\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def is_same_article(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two texts are versions of one article.

    Much of the shorter one must be in the other, and its numbers too.
    """
    same_headline = bool(title) and normalise_headline(title) == normalise_headline(
        other_title
    )
    if not same_headline and _is_unrelated(text, other_text):
        return False
    text = wording.normalise_text_cached(text)
    other_text = wording.normalise_text_cached(other_text)
    if text == other_text:
        return bool(text) or same_headline
    shorter, longer = sorted((text, other_text), key=lambda text: (len(text), text))
    similarity = wording.shingle_containment(text, other_text)
    if len(shorter.split()) < SHORT_TEXT_WORDS and len(shorter) < 6 * SHORT_TEXT_WORDS:
        return same_headline or (bool(shorter) and similarity >= 1.0)
    if similarity < (MIN_SIMILARITY_SAME_HEADLINE if same_headline else MIN_SIMILARITY):
        return False
    numbers = set(_NUMBER.findall(shorter))
    shared = numbers & set(_NUMBER.findall(longer))
    return len(numbers) < MIN_NUMBERS or (
        len(shared) >= MIN_AGREEING_SHARE * len(numbers)
    )


def contains_text(text: str, other_text: str) -> bool:
    """Whether one text has every line of the other, so that no words are lost with it.

    Short lines, as of boxes, are not compared.
    """
    lines, other_lines = _long_lines(text), _long_lines(other_text)
    if not lines or not other_lines:
        return text == other_text
    return lines <= other_lines or other_lines <= lines


def _long_lines(text: str) -> set[str]:
    lines = wording.normalise_text_cached(text).split("\n")
    return {
        line for line in lines if len(line.split()) >= MIN_LINE_WORDS or len(line) >= 60
    }


def _is_unrelated(text: str, other_text: str) -> bool:
    """Whether two texts share too few words to share half of their 3-word shingles.

    A hundred times cheaper than comparing the shingles.
    """
    vocabulary, other_vocabulary = _vocabulary(text), _vocabulary(other_text)
    smaller_size = min(len(vocabulary), len(other_vocabulary))
    return (
        smaller_size >= MIN_VOCABULARY_WORDS
        and len(vocabulary & other_vocabulary) < MIN_SHARED_VOCABULARY * smaller_size
    )


@lru_cache(maxsize=64)
def _vocabulary(text: str) -> frozenset[str]:
    """The distinct words of a text; empty for scripts without spaces."""
    if wording.has_unspaced_script(text):
        return frozenset()
    return frozenset(re.findall(r"\w+", text.lower()))


def normalise_headline(title: str) -> str:
    """A headline in the form in which it is compared with others."""
    return " ".join(wording.normalise_text(wording.headline_key(title)).lower().split())


def is_same_headline(title: str, other_title: str) -> bool:
    """Whether two headlines are equal but for a page number ("page 3")."""
    headline, other_headline = (
        _PAGE_SUFFIX.sub("", normalise_headline(text)) for text in (title, other_title)
    )
    return bool(headline) and headline == other_headline


def matches_announcement(announced_words: str, title: str, text: str) -> bool | None:
    """Whether a page is what a title or the words of a URL announced; None if unclear.

    Half of these words must be in the page's headline. If the headline is too short,
    nearly all of them must be in the text, as any long text has some of them.
    """
    announced = _distinctive_words(announced_words.replace("_", " "))
    if len(announced) < 2:
        return None
    headline = _distinctive_words(title)
    if len(announced & headline) * 2 >= len(announced):
        return True
    if len(headline) >= MIN_DISTINCTIVE_WORDS:
        return False
    in_text = announced & _distinctive_words(text[:20_000])
    return len(announced) >= MIN_DISTINCTIVE_WORDS and (
        len(in_text) >= MIN_SHARE_IN_TEXT * len(announced)
    )


def _distinctive_words(text: str) -> set[str]:
    return {
        word
        for word in re.findall(r"\w{4,}", normalise_headline(text))
        if not word.isdigit()
    }
