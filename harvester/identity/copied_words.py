"""Which words of two near-duplicates stand in the other one too, word by word. Pure.

They are counted as ``near_duplicates`` counts them for the shares of a copy: a word is
shared if it is in a run of three that both texts have, wherever it stands; short lines
at the ends that both have do not count. So what is marked adds up to the share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from harvester.identity import shingles
from harvester.identity.near_duplicates import (
    TokenisedText,
    mark_shared_words,
    significant_lines,
)

# Words as written: with the accents and invisible marks that folding takes away.
_WRITTEN_WORD = re.compile(
    "[\\w\u0300-\u036f\u00ad\u034f\u061c\u0640\u064b-\u065f\u0670\u0900-\u0963"
    "\u0966-\u0dff\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)

Piece = tuple[bool, str]  # whether its words are the text's own, and how it is written


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text by its lines, each in pieces that are shared or its own."""

    lines: tuple[tuple[Piece, ...], ...]
    words: int  # that count
    own_words: int

    @property
    def share(self) -> float:
        """Of its words, the share that the other text has too."""
        return round((self.words - self.own_words) / max(self.words, 1), 3)


def mark_copied(
    one: TokenisedText, other: TokenisedText
) -> tuple[MarkedText, MarkedText]:
    """Both texts, each with the words marked that the other does not have."""
    lines, other_lines = significant_lines(one, other)
    return (
        _mark(one, lines, [w for line in other.lines[other_lines] for w in line]),
        _mark(other, other_lines, [w for line in one.lines[lines] for w in line]),
    )


def _mark(text: TokenisedText, lines: slice, other_words: Sequence[str]) -> MarkedText:
    words = [word for line in text.lines[lines] for word in line]
    marks = mark_shared_words(words, shingles.word_runs(other_words))
    written = [line for line in text.text.split("\n") if line.strip()]
    cut: list[tuple[Piece, ...]] = [((False, line),) for line in written]
    start = 0
    for index in range(lines.start, lines.stop):
        end = start + len(text.lines[index])
        cut[index] = _cut(written[index], text.lines[index], marks[start:end])
        start = end
    return MarkedText(tuple(cut), len(words), len(words) - sum(marks))


def _cut(line: str, words: Sequence[str], marks: bytes) -> tuple[Piece, ...]:
    """A line in pieces; as one of them if its words are not those that are written."""
    found = list(_WRITTEN_WORD.finditer(line))
    folded = [shingles.split_into_words(match[0]) for match in found]
    if [word for part in folded for word in part] != list(words):
        return ((2 * sum(marks) < len(marks), line),)
    owns: list[tuple[bool, int, int]] = []  # where words begin and end
    place = 0
    for match, part in zip(found, folded, strict=True):
        shared = sum(marks[place : place + len(part)])
        owns.append((bool(part) and 2 * shared < len(part), *match.span()))
        place += len(part)
    pieces: list[Piece] = []
    written = 0
    for is_own, run in groupby(owns, key=lambda own: own[0]):
        words_of_run = list(run)
        start, end = words_of_run[0][1], words_of_run[-1][2]
        if is_own:  # what stands between words is of the shared ones
            pieces += [(False, line[written:start])] if start > written else []
            pieces.append((True, line[start:end]))
            written = end
    return (*pieces, (False, line[written:])) if line[written:] else tuple(pieces)


def line_overlaps(one: TokenisedText, other: TokenisedText) -> list[tuple[str, float]]:
    """The lines of one text, each with the share of its words that are in the other."""
    other_shingles = shingles.word_runs(other.words)
    lines = [line for line in one.text.split("\n") if line.strip()]
    overlaps = []
    for line, words in zip(lines, one.lines, strict=True):
        marks = mark_shared_words(words, other_shingles)
        overlaps.append((line, round(sum(marks) / max(len(marks), 1), 3)))
    return overlaps
