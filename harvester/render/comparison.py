"""Two texts compared for a page: paragraphs in order, and sentences that were moved. Pure.

``side_by_side`` aligns the paragraphs; this tells a sentence that stands elsewhere from
one that was removed and one that was added, and where each paragraph stands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Literal

from harvester.identity.diff import split_sentences
from harvester.identity.wording import comparison_key
from harvester.render import side_by_side
from harvester.render.side_by_side import CONTEXT_LINES, Line

# ">": moved, as the other text has these words elsewhere.
Sign = Literal["=", "-", "+", ">"]
Run = tuple[Sign, str]

MIN_MOVED_WORDS = 4  # of a sentence; shorter ones are the same by chance
_QUOTES = " \"'“”„«»‘’‹›"  # which stand with the sentence or with its neighbour
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Move:
    """A sentence of a paragraph that was moved, and where it was or is."""

    away: bool  # from here to there; else from there to here
    paragraph: int  # in the other text, from 1


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of both texts; kind "…" stands for ``unchanged_count`` of them.

    ``before`` and ``after``: as each text has it; ``runs``: both in one. Numbers count
    the paragraphs of each text from 1; 0: it has none.
    """

    kind: Literal["=", "-", "+", "~", ">", "…"]
    before: tuple[Run, ...] = ()
    after: tuple[Run, ...] = ()
    runs: tuple[Run, ...] = ()
    before_number: int = 0
    after_number: int = 0
    moves: tuple[Move, ...] = ()
    unchanged_count: int = 0


@dataclass(slots=True)
class _Sentences:
    """Sentences that one of the texts lacks in a place: key → paragraphs, in order."""

    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, sentences: Iterable[str], paragraph: int) -> None:
        for sentence in sentences:
            self.places[_key(sentence)].append(paragraph)


def compare(before: str, after: str) -> list[Row]:
    """The paragraphs of two texts, in order."""
    lines = [
        line for line in side_by_side.compare_texts(before, after) if _has_words(line)
    ]
    numbers = list(_number(lines))
    removed, added = _Sentences(), _Sentences()
    for line, (old, new) in zip(lines, numbers, strict=True):
        if line.kind == "=":
            continue
        left, right = _differing_sentences(line)
        removed.add(left, old)
        added.add(right, new)
    moved = _Moved(removed.places, added.places)
    return [
        _make_row(line, old, new, moved)
        for line, (old, new) in zip(lines, numbers, strict=True)
    ]


class _Moved:
    """Sentences that were removed in one place and added in another."""

    def __init__(
        self, removed: dict[str, list[int]], added: dict[str, list[int]]
    ) -> None:
        self._to: dict[str, list[int]] = {}
        self._from: dict[str, list[int]] = {}
        for key, old in removed.items():
            new = added.get(key, [])
            count = min(len(old), len(new))
            if count and len(key.split()) >= MIN_MOVED_WORDS:
                self._to[key], self._from[key] = new[:count], old[:count]

    def take(self, sentence: str, away: bool) -> Move | None:
        """Where a sentence stands in the other text; each is taken once."""
        places = (self._to if away else self._from).get(_key(sentence))
        return Move(away, places.pop(0)) if places else None


def _make_row(line: Line, old: int, new: int, moved: _Moved) -> Row:
    if line.kind == "=":
        words: tuple[Run, ...] = (("=", _text(line, "=")),)
        return Row("=", words, words, words, old, new)
    if line.kind == "~":
        return _make_changed_row(line, old, new, moved)
    away = line.kind == "-"
    sign: Sign = "-" if away else "+"
    text = _text(line, sign)
    runs, moves = _mark_sentences(text, sign, moved)
    is_moved = all(run_sign == ">" for run_sign, words in runs if words.strip())
    kind: Literal["-", "+", ">"] = ">" if is_moved else "-" if away else "+"
    if away:
        return Row(kind, runs, (), runs, old, 0, moves)
    return Row(kind, (), runs, runs, 0, new, moves)


def _make_changed_row(line: Line, old: int, new: int, moved: _Moved) -> Row:
    paragraph = _Paragraph()
    moves: list[Move] = []
    for old_part, new_part in _align_sentences(_text(line, "-"), _text(line, "+")):
        if old_part == new_part:
            paragraph.add([("=", " ".join(new_part))])
            continue
        away = [moved.take(sentence, away=True) for sentence in old_part]
        here = [moved.take(sentence, away=False) for sentence in new_part]
        moves += filter(None, [*away, *here])
        _add_group(paragraph, _mark(old_part, away, "-"), _mark(new_part, here, "+"))
    if not moves:  # word by word over the whole paragraph reads better
        runs = line.runs
        return Row("~", _side(runs, "-"), _side(runs, "+"), runs, old, new)
    sides = (tuple(paragraph.before), tuple(paragraph.after))
    return Row("~", *sides, tuple(paragraph.runs), old, new, tuple(moves))


@dataclass(slots=True)
class _Paragraph:
    """Runs of a paragraph as each text has it, and of both in one."""

    before: list[Run] = field(default_factory=list)
    after: list[Run] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def add(
        self, runs: Iterable[Run], in_before: bool = True, in_after: bool = True
    ) -> None:
        """Add sentences to a side or both; a space parts them from those before."""
        runs = list(runs)
        sides = ((self.before, "=->"), (self.after, "=+>"), (self.runs, "=-+>"))
        chosen = (in_before, in_after, True)
        for (side, signs), is_in in zip(sides, chosen, strict=True):
            kept = [run for run in runs if run[0] in signs and run[1]]
            if is_in and kept:
                side += [("=", " "), *kept] if side else kept


def _mark(
    sentences: Sequence[str], moves: Sequence[Move | None], sign: Sign
) -> list[Run]:
    return [
        (sign if move is None else ">", sentence)
        for sentence, move in zip(sentences, moves, strict=True)
    ]


def _add_group(paragraph: _Paragraph, old: Sequence[Run], new: Sequence[Run]) -> None:
    """Sentences that differ: moved ones at both ends, the others word by word.

    With moved ones in the middle, all before and then all after.
    """
    first_old, middle_old, last_old = _part_moved(old)
    first_new, middle_new, last_new = _part_moved(new)
    for ends in ((first_old, first_new), (), (last_old, last_new)):
        if ends:
            for run in ends[0]:
                paragraph.add([run], in_after=False)
            for run in ends[1]:
                paragraph.add([run], in_before=False)
        elif any(sign == ">" for sign, _ in [*middle_old, *middle_new]):
            for run in middle_old:
                paragraph.add([run], in_after=False)
            for run in middle_new:
                paragraph.add([run], in_before=False)
        else:
            texts = (
                " ".join(words for _, words in middle)
                for middle in (middle_old, middle_new)
            )
            paragraph.add(side_by_side.compare_words(*texts))


def _part_moved(
    runs: Sequence[Run],
) -> tuple[Sequence[Run], Sequence[Run], Sequence[Run]]:
    """The moved sentences at the beginning, what is between, and those at the end."""
    staying = [index for index, (sign, _) in enumerate(runs) if sign != ">"]
    if not staying:
        return runs, (), ()
    return (
        runs[: staying[0]],
        runs[staying[0] : staying[-1] + 1],
        runs[staying[-1] + 1 :],
    )


def _align_sentences(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    """The sentences of a paragraph, in groups that are equal or differ."""
    old, new = split_sentences(before), split_sentences(after)
    matcher = SequenceMatcher(None, list(map(_key, old)), list(map(_key, new)), False)
    groups = []
    for kind, a, b, c, d in matcher.get_opcodes():
        groups.append((new[c:d] if kind == "equal" else old[a:b], new[c:d]))
    return groups


def _differing_sentences(line: Line) -> tuple[list[str], list[str]]:
    """The sentences of a paragraph that only the text before has, and the one after."""
    if line.kind == "-":
        return split_sentences(_text(line, "-")), []
    if line.kind == "+":
        return [], split_sentences(_text(line, "+"))
    groups = _align_sentences(_text(line, "-"), _text(line, "+"))
    differing = [group for group in groups if group[0] != group[1]]
    return (
        [sentence for old, _ in differing for sentence in old],
        [sentence for _, new in differing for sentence in new],
    )


def _mark_sentences(
    text: str, sign: Sign, moved: _Moved
) -> tuple[tuple[Run, ...], tuple[Move, ...]]:
    """A paragraph that one text lacks, with the sentences that it has elsewhere."""
    runs: list[Run] = []
    moves: list[Move] = []
    for sentence in split_sentences(text):
        move = moved.take(sentence, away=sign == "-")
        if move is not None:
            moves.append(move)
        runs.append((sign if move is None else ">", sentence))
    return (_join(runs), tuple(moves)) if moves else (((sign, text),), ())


def _join(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Sentences as runs, those of one sign together."""
    joined: list[Run] = []
    for sign, words in runs:
        if joined and joined[-1][0] == sign:
            joined[-1] = (sign, f"{joined[-1][1]} {words}")
        else:
            joined += [("=", " "), (sign, words)] if joined else [(sign, words)]
    return tuple(joined)


def _side(runs: Iterable[Run], sign: Sign) -> tuple[Run, ...]:
    return tuple(run for run in runs if run[0] in ("=", sign))


def fold(rows: Sequence[Row]) -> list[Row]:
    """The changes with their context; one row stands for each unchanged passage."""
    near = {
        index + step
        for index, row in enumerate(rows)
        if row.kind != "="
        for step in range(-CONTEXT_LINES, CONTEXT_LINES + 1)
    }
    folded: list[Row] = []
    for index, row in enumerate(rows):
        if index in near:
            folded.append(row)
        elif folded and folded[-1].kind == "…":
            count = folded[-1].unchanged_count + 1
            folded[-1] = replace(folded[-1], unchanged_count=count)
        else:
            folded.append(Row("…", unchanged_count=1))
    return folded


def clip(rows: Sequence[Row], max_chars: int) -> list[Row]:
    """The first rows, of so many characters or little more."""
    clipped: list[Row] = []
    total = 0
    for row in rows:
        if total > max_chars:
            break
        total += sum(len(words) for _, words in row.runs)
        clipped.append(row)
    return clipped


def count_words(rows: Iterable[Row]) -> tuple[int, int]:
    """How many words were removed and added; moved ones were neither."""
    counts = {"-": 0, "+": 0}
    for row in rows:
        for sign, words in row.runs:
            if sign in counts:
                counts[sign] += len(_WORD.findall(words))
    return counts["-"], counts["+"]


def count_moved(rows: Iterable[Row]) -> int:
    """How many sentences were moved."""
    return sum(move.away for row in rows for move in row.moves)


def _number(lines: Iterable[Line]) -> Iterable[tuple[int, int]]:
    """The number of each paragraph in both texts, 0 where it has none."""
    old = new = 0
    for line in lines:
        old += line.kind != "+"
        new += line.kind != "-"
        yield (old if line.kind != "+" else 0, new if line.kind != "-" else 0)


def _has_words(line: Line) -> bool:
    return any(words.strip() for _, words in line.runs)


def _text(line: Line, sign: str) -> str:
    """A paragraph as one of the texts has it."""
    return "".join(words for own, words in line.runs if own in ("=", sign))


def _key(sentence: str) -> str:
    return comparison_key(sentence).strip(_QUOTES)
