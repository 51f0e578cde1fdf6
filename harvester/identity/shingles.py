"""Words and runs of words ("shingles"), and the small sample of them by which texts that share words find each other. Pure.

Sampling: of the names of all runs of five words the twelfth part with the smallest is kept, at least LEAST. Two texts that share a
passage share its part of the sample, however long they are otherwise: that is what finds cuts and additions, where MinHash
does not. By size, not by divisibility, so that the few that are added to a short text's sample never displace the others.
In scripts without spaces a "word" is two characters (four in Thai, Lao, Khmer, Burmese), overlapping.
Not for: whether one is a copy of the other (``copies``), nor for where samples are kept (``archive.shingles``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import accumulate

from xxhash import xxh3_64_intdigest

NAME = "xxh3-5-12-16"  # of the sample: another way to sample is another name
SIZE = 5  # words of a run in the sample
COMPARED = 3  # words of a run when two texts are compared
SHARE = 12
BELOW = 2**64 // SHARE
LEAST = 16
LONGEST = 100_000  # words of one text

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u064b-\u065f\u0670\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
# What alone makes most English texts more than ASCII.
_COMMON = tuple(zip("’‘“”–—…\u00a0«»", '\'\'""--. ""', strict=True))
_MARKS = re.compile("[\u0300-\u036f]")
_PAIRS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_FOURS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = re.compile(f"[{_PAIRS}{_FOURS}]")
# Vowel signs of Indic scripts are no letters to \w, and would cut words.
_WORD = re.compile("[\\w\u0900-\u0963\u0966-\u0dff]+")
_PIECE = re.compile(
    f"(?P<pairs>[{_PAIRS}]+)|(?P<fours>[{_FOURS}]+)|\\d+|(?:(?!\\d)[^\\W{_PAIRS}{_FOURS}])+"
)


def folded(text: str) -> str:
    """A text in lower case, without accents and invisible characters, in one form of each character."""
    if not text.isascii():
        for mark, plain in _COMMON:
            text = text.replace(mark, plain)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _MARKS.sub("", text)).casefold()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return split(folded(text))


def tokens(plain: str) -> list[str]:
    """The words of a folded text as a full-text index cuts them: what stands without spaces is one."""
    return _WORD.findall(plain)


def split(plain: str) -> list[str]:
    """The words of a folded text."""
    if plain.isascii() or not _UNSPACED.search(plain):
        return _WORD.findall(plain)[:LONGEST]
    found: list[str] = []
    for match in _PIECE.finditer(plain):
        piece = match[0]
        size = 2 if match["pairs"] else 4 if match["fours"] else 0
        if size:
            found += [
                piece[at : at + size] for at in range(max(len(piece) - size + 1, 1))
            ]
        else:
            found.append(piece)
    return found[:LONGEST]


def runs(found: Sequence[str], size: int = COMPARED) -> set[tuple[str, ...]]:
    """All runs of ``size`` words; of a shorter text the whole as one."""
    if len(found) < size:
        return {tuple(found)} if found else set()
    return set(zip(*(found[start:] for start in range(size)), strict=False))


def names(found: Sequence[str]) -> list[int]:
    """The names (64 bits) of all runs of SIZE words, in their order; the same on every machine."""
    if not found:
        return []
    whole = " ".join(found).encode("utf-8", "surrogatepass")
    if len(whole) == sum(map(len, found)) + len(found) - 1:
        lengths: Iterable[int] = map(len, found)
    else:
        lengths = [
            len(word if word.isascii() else word.encode("utf-8", "surrogatepass"))
            for word in found
        ]
    starts = [0, *accumulate(length + 1 for length in lengths)]
    ends = starts[SIZE:] or starts[-1:]
    return [
        xxh3_64_intdigest(whole[start : end - 1])
        for start, end in zip(starts, ends, strict=False)
    ]


def sample(found: Sequence[str]) -> list[int]:
    """The names of the runs that stand for a text, ascending."""
    every = set(names(found))
    kept = [name for name in every if name < BELOW]
    return sorted(kept if len(kept) >= LEAST else nsmallest(LEAST, every))
