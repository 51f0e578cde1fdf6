"""What the texts of blocks are made of: characters, words of families, the headline's.

All texts of a page at once, as columns of ``features``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from harvester.parse.content.families import TEXT_WORD_BITS, families_of_phrases
from harvester.parse.content.page_blocks import UNSPACED_SCRIPT, WORD, Block

Vector = Any  # numpy.ndarray, a number for each block

# Longer blocks are prose, whatever single words of them are about.
MAX_SHORT_BLOCK_WORDS = 60


def count_twins(texts: list[str]) -> tuple[list[int], list[int]]:
    """How often each text occurs before itself, and in all."""
    counts: dict[str, int] = {}
    before = []
    for text in texts:
        before.append(counts.get(text, 0))
        counts[text] = before[-1] + 1
    return before, [counts[text] for text in texts]


def families_of_words(
    word_lists: Sequence[list[str]],
) -> tuple[Vector, Vector]:
    """The families of words in lower case, and how many of them belong to any.

    For each list, none of which is empty: bits of TEXT_FAMILIES, and a count.
    """
    words = list(chain.from_iterable(word_lists))
    bits = np.fromiter(map(TEXT_WORD_BITS.get, words, repeat(0)), np.uint32, len(words))
    starts = _starts(word_lists)
    known = (bits != 0).astype(np.int64)
    return np.bitwise_or.reduceat(bits, starts), np.add.reduceat(known, starts)


def _starts(word_lists: Sequence[list[str]]) -> Vector:
    """Where each list begins if they are joined."""
    lengths = np.fromiter(map(len, word_lists), np.int64, len(word_lists))
    return np.cumsum(lengths) - lengths


def short_block_columns(
    blocks: list[Block], title: str, description: str
) -> tuple[Vector, ...]:
    """What the words of short blocks are about; nothing for longer ones.

    Bits of TEXT_FAMILIES, and how many words belong to any; the share of its words that
    the title has, and of the title's that it has; whether it is the title; the share of
    its words that the description has.
    """
    families = np.zeros(len(blocks), dtype=np.uint32)
    family_words, in_title, of_title, is_title, in_description = np.zeros(
        (5, len(blocks))
    )
    columns = families, family_words, in_title, of_title, is_title, in_description
    short = [
        index
        for index, block in enumerate(blocks)
        if 0 < len(block.words) <= MAX_SHORT_BLOCK_WORDS
    ]
    if not short:
        return columns
    word_lists = [blocks[index].words for index in short]
    families[short], family_words[short] = families_of_words(word_lists)
    for index in short:
        text = blocks[index].text
        if (
            len(text) <= MAX_SHORT_BLOCK_WORDS
            and not text.isascii()
            and UNSPACED_SCRIPT.search(text)
        ):
            phrase_families, phrases = families_of_phrases(text)
            families[index] |= phrase_families
            family_words[index] += phrases
    title_words = _significant_words(title)
    description_words = _significant_words(description)
    headline = " ".join(title.lower().split())
    known_words = title_words | description_words
    for index, words in zip(short, word_lists, strict=True):
        if known_words.isdisjoint(words):  # as of most blocks
            continue
        distinct = set(words)
        common = len(distinct & title_words)
        in_title[index] = share = common / len(distinct)
        of_title[index] = common / max(len(title_words), 1)
        is_title[index] = share > 0.5 and _matches_title(blocks[index].text, headline)
        in_description[index] = len(distinct & description_words) / len(distinct)
    return columns


def _significant_words(text: str) -> set[str]:
    return {
        word
        for word in WORD.findall(text.lower())
        if len(word) > 2 or not word.isascii()
    }


def _matches_title(text: str, headline: str) -> bool:
    text = text.lower()
    return text == headline or (len(text) > 15 and text in headline)


(
    _COMMA,
    _DIGIT,
    _CAPITAL,
    _BAR,
    _SENTENCE_END,
    _CLOSING_QUOTE,
    _SPACE,
    _WIDE_SENTENCE_END,
) = (1 << bit for bit in range(8))
_COUNTED = _COMMA | _DIGIT | _CAPITAL | _BAR | _SENTENCE_END | _WIDE_SENTENCE_END
_CAPITAL_RANGES = (("A", "Z"), ("À", "Þ"), ("А", "Я"))  # ASCII, Latin-1, Cyrillic
_CLASS_CHARACTERS = {
    _COMMA: ",、",
    _DIGIT: "0123456789",
    _BAR: "|•·",
    _SENTENCE_END: ".!?…",
    _CLOSING_QUOTE: "'\"”»)",
    _SPACE: " ",
    _WIDE_SENTENCE_END: "。！？",
    _CAPITAL: "".join(
        chr(code)
        for first, last in _CAPITAL_RANGES
        for code in range(ord(first), ord(last) + 1)
    ),
}


def _character_classes() -> Vector:
    """For each character of the basic plane, the classes it belongs to, as bits."""
    classes = np.zeros(1 << 16, dtype=np.uint8)
    for bit, characters in _CLASS_CHARACTERS.items():
        classes[[ord(character) for character in characters]] |= bit
    return classes


_CHARACTER_CLASSES = _character_classes()


def count_characters(texts: list[str]) -> tuple[Vector, ...]:
    """For each text: sentence ends, commas, digits, capitals and bars.

    Counts in all texts at once, and looks only at the characters that count.
    """
    codes = np.frombuffer(
        "\0".join([*texts, "\0"]).encode("utf-32-le", "surrogatepass"), dtype="<u4"
    )
    classes = _CHARACTER_CLASSES.take(codes, mode="clip")
    positions = np.flatnonzero(classes[:-2] & _COUNTED)
    kinds, second, third = (classes[positions + step] for step in range(3))
    before_space = (second & _SPACE) | (
        np.where(second & _CLOSING_QUOTE, third, 0) & _SPACE
    )
    ends = ((kinds & _SENTENCE_END != 0) & (before_space != 0)) | (
        kinds & _WIDE_SENTENCE_END != 0
    )
    starts = np.cumsum([len(text) + 1 for text in texts])
    owners = np.searchsorted(starts, positions, side="right")
    flags = (ends, kinds & _COMMA, kinds & _DIGIT, kinds & _CAPITAL, kinds & _BAR)
    return tuple(
        np.bincount(owners[np.flatnonzero(flag)], minlength=len(texts))
        for flag in flags
    )
