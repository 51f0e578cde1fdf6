"""Shingles (runs of words), and the sample of them to find similar texts by. Pure.

The sample keeps the smallest twelfth of the hashes of all runs of five words, at least
MIN_SAMPLE_SIZE. Two texts that share a passage share its part of the sample, however
long they are otherwise: that finds cuts and additions, where MinHash does not. The
hashes are chosen by size, not divisibility, so that those added to the sample of a
short text never displace others. In scripts without spaces a "word" is two overlapping
characters (four in Thai, Lao, Khmer, Burmese).

``near_duplicates`` decides whether texts are copies; ``archive.records.shingle_index``
stores the samples.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from xxhash import xxh3_64_intdigest

SAMPLING_METHOD = "xxh3-5-12-16"  # changes whenever samples would differ
SHINGLE_SIZE = 5  # words of a run in the sample
COMPARED_SHINGLE_SIZE = 3  # words of a run when two texts are compared
SAMPLING_DIVISOR = 12
SAMPLING_THRESHOLD = 2**64 // SAMPLING_DIVISOR
MIN_SAMPLE_SIZE = 16
MAX_WORDS = 100_000  # words of one text

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u064b-\u065f\u0670\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
# The only characters beyond ASCII of most English texts.
_COMMON_REPLACEMENTS = tuple(zip("’‘“”–—…\u00a0«»", '\'\'""--. ""', strict=True))
_COMBINING_MARKS = re.compile("[\u0300-\u036f]")
_BIGRAM_SCRIPTS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_FOURGRAM_SCRIPTS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = re.compile(f"[{_BIGRAM_SCRIPTS}{_FOURGRAM_SCRIPTS}]")
# \w does not match vowel signs of Indic scripts, and would cut words there.
_WORD = re.compile("[\\w\u0900-\u0963\u0966-\u0dff]+")
# Each byte of ASCII text as it is in a word, or a space.
_ASCII_WORDS = bytes(
    code if chr(code).isalnum() or code == ord("_") else 0x20 for code in range(128)
).ljust(256)
_PIECE = re.compile(
    f"(?P<pairs>[{_BIGRAM_SCRIPTS}]+)|(?P<fours>[{_FOURGRAM_SCRIPTS}]+)"
    f"|\\d+|(?:(?!\\d)[^\\W{_BIGRAM_SCRIPTS}{_FOURGRAM_SCRIPTS}])+"
)


def fold_text(text: str) -> str:
    """A text in lower case, without accents and invisible characters, normalised."""
    if not text.isascii():
        for mark, plain in _COMMON_REPLACEMENTS:
            text = text.replace(mark, plain)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _COMBINING_MARKS.sub("", text)).casefold()


def split_into_words(text: str) -> list[str]:
    """The words of a text, folded."""
    return split_folded(fold_text(text))


def index_tokens(folded_text: str) -> list[str]:
    """The words of a folded text as a full-text index splits them, at spaces only."""
    return _WORD.findall(folded_text)


def split_folded(folded_text: str) -> list[str]:
    """The words of a folded text."""
    if folded_text.isascii() or not _UNSPACED.search(folded_text):
        return _WORD.findall(folded_text)[:MAX_WORDS]
    words: list[str] = []
    for match in _PIECE.finditer(folded_text):
        piece = match[0]
        size = 2 if match["pairs"] else 4 if match["fours"] else 0
        if size:
            words += [
                piece[start : start + size]
                for start in range(max(len(piece) - size + 1, 1))
            ]
        else:
            words.append(piece)
    return words[:MAX_WORDS]


def word_runs(
    words_in_order: Sequence[str], size: int = COMPARED_SHINGLE_SIZE
) -> set[tuple[str, ...]]:
    """All runs of ``size`` words; a shorter text is one run."""
    if len(words_in_order) < size:
        return {tuple(words_in_order)} if words_in_order else set()
    return set(zip(*(words_in_order[start:] for start in range(size)), strict=False))


def shingle_hashes(words_in_order: Sequence[str]) -> list[int]:
    """The 64-bit hashes of all runs of SHINGLE_SIZE words, in order.

    They are the same on every machine.
    """
    return _run_hashes(
        [
            word.encode() if word.isascii() else word.encode("utf-8", "surrogatepass")
            for word in words_in_order
        ]
    )


def _run_hashes(encoded_words: Sequence[bytes]) -> list[int]:
    if not encoded_words:
        return []
    runs: Iterable[Sequence[bytes]] = [encoded_words]
    if len(encoded_words) >= SHINGLE_SIZE:
        shifted = (encoded_words[start:] for start in range(SHINGLE_SIZE))
        runs = zip(*shifted, strict=False)
    return list(map(xxh3_64_intdigest, map(b" ".join, runs)))


def sample_hashes(words_in_order: Sequence[str]) -> list[int]:
    """The sampled shingle hashes of a text, ascending."""
    return _choose_sample(shingle_hashes(words_in_order))


def sample_text(text: str) -> list[int]:
    """The sampled shingle hashes of a text by its lines, ascending."""
    folded_text = fold_text(text)
    if folded_text.isascii():
        # The same words, found in a third of the time.
        words = folded_text.encode().translate(_ASCII_WORDS).split()
        return _choose_sample(_run_hashes(words))
    return sample_hashes(
        [word for line in folded_text.split("\n") for word in split_folded(line)]
    )


def _choose_sample(hashes: Iterable[int]) -> list[int]:
    sampled = {value for value in hashes if value < SAMPLING_THRESHOLD}
    if len(sampled) < MIN_SAMPLE_SIZE:
        sampled = set(nsmallest(MIN_SAMPLE_SIZE, set(hashes)))
    return sorted(sampled)
