"""Two versions as one list of lines: kept, removed, added and changed, in order. Pure.

``identity.diff`` says what differs; this keeps order and context. Time is bounded, as
outlets choose the texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from harvester.identity import diff
from harvester.identity.wording import normalise_text

Sign = Literal["=", "-", "+"]
Run = tuple[Sign, str]

MAX_LINES = 1_500  # of both texts; longer ones are compared as sets of lines
MAX_BLOCK_LINES = 60  # of one changed passage
MAX_WORD_DIFF_CHARS = 12_000  # of two lines compared word by word
MIN_PAIRED_SHARE = 0.4  # of shared words, for two lines to be one changed line
CONTEXT_LINES = 1  # unchanged lines around a change


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph as runs of words; kind "…" replaces ``unchanged_count`` paragraphs."""

    kind: Literal["=", "-", "+", "~", "…"]
    runs: tuple[Run, ...] = ()
    unchanged_count: int = 0
    moved: bool = False  # removed here and added elsewhere, or the reverse


def compare_texts(before: str, after: str) -> list[Line]:
    """The lines of two texts, in order."""
    old, new = before.split("\n"), after.split("\n")
    old_keys, new_keys = (
        [normalise_text(line) for line in old],
        [normalise_text(line) for line in new],
    )
    if len(old) + len(new) > MAX_LINES:
        return _compare_as_sets(old, old_keys, new, new_keys)
    lines: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(
        None, old_keys, new_keys, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            lines += [Line("=", (("=", line),)) for line in new[c:d]]
        else:
            lines += _pair_lines(old[a:b], new[c:d])
    return _mark_moved(lines)


def _mark_moved(lines: Sequence[Line]) -> list[Line]:
    """Mark lines that were removed in one place and added in another, in both."""
    removed, added = (
        Counter(normalise_text(line.runs[0][1]) for line in lines if line.kind == kind)
        for kind in ("-", "+")
    )
    moved = removed & added
    moved_from, moved_to = Counter(moved), Counter(moved)
    marked = []
    for line in lines:
        key = normalise_text(line.runs[0][1]) if line.kind in ("-", "+") else ""
        if line.kind == "-" and key and moved_from[key] > 0:
            moved_from[key] -= 1
            marked.append(replace(line, moved=True))
        elif line.kind == "+" and key and moved_to[key] > 0:
            moved_to[key] -= 1
            marked.append(replace(line, moved=True))
        else:
            marked.append(line)
    return marked


def _compare_as_sets(
    old: Sequence[str],
    old_keys: Sequence[str],
    new: Sequence[str],
    new_keys: Sequence[str],
) -> list[Line]:
    new_set, old_set = set(new_keys), set(old_keys)
    removed = [
        Line("-", (("-", line),))
        for line, key in zip(old, old_keys, strict=True)
        if key not in new_set
    ]
    return removed + [
        Line("=", (("=", line),)) if key in old_set else Line("+", (("+", line),))
        for line, key in zip(new, new_keys, strict=True)
    ]


def _pair_lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """One changed passage: similar lines are paired in order."""
    lines: list[Line] = []
    word_sets = [_word_set(line) for line in new[:MAX_BLOCK_LINES]]
    following = 0
    for line in old:
        scores = [
            (_similarity(_word_set(line), words), -index)
            for index, words in enumerate(word_sets)
            if index >= following
        ]
        best, nearest = max(scores, default=(0.0, 0))
        if best < MIN_PAIRED_SHARE or len(old) > MAX_BLOCK_LINES:
            lines.append(Line("-", (("-", line),)))
            continue
        lines += [_added(text) for text in new[following:-nearest]]
        lines.append(Line("~", tuple(compare_words(line, new[-nearest]))))
        following = 1 - nearest
    return lines + [_added(text) for text in new[following:]]


def _added(text: str) -> Line:
    return Line("+", (("+", text),))


def _word_set(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", line.lower()))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def compare_words(before: str, after: str) -> list[Run]:
    """Compare two lines word by word; changes separated by one mark are merged."""
    if len(before) + len(after) > MAX_WORD_DIFF_CHARS:
        return [("-", before), ("+", after)]
    return _merge_runs(diff.diff_words(before, after))


def _merge_runs(runs: Iterable[Run]) -> list[Run]:
    merged: list[Run] = []
    removed = added = kept = ""

    def flush() -> None:
        nonlocal removed, added, kept
        pending: tuple[Run, ...] = (("-", removed), ("+", added), ("=", kept))
        merged.extend(run for run in pending if run[1])
        removed = added = kept = ""

    for sign, text in runs:
        if sign == "=":
            if len(text.strip()) > 1 or not (removed or added):
                flush()
                merged.append((sign, text))
            else:
                kept += text
            continue
        if kept:
            removed, added, kept = removed + kept, added + kept, ""
        if sign == "-":
            removed += text
        else:
            added += text
    flush()
    return merged


def fold_unchanged(lines: Sequence[Line]) -> list[Line]:
    """The changes with their context; one line replaces each unchanged passage."""
    near = {
        index + step
        for index, line in enumerate(lines)
        if line.kind != "="
        for step in range(-CONTEXT_LINES, CONTEXT_LINES + 1)
    }
    folded: list[Line] = []
    unchanged = 0
    for index, line in enumerate(lines):
        if index not in near:
            unchanged += 1
            continue
        if unchanged:
            folded.append(Line("…", unchanged_count=unchanged))
            unchanged = 0
        folded.append(line)
    return [*folded, Line("…", unchanged_count=unchanged)] if unchanged else folded


def count_changed_words(lines: Iterable[Line]) -> tuple[int, int]:
    """How many words were removed and added."""
    removed = added = 0
    for line in lines:
        for sign, text in () if line.moved else line.runs:
            number = len(re.findall(r"\w+", text))
            removed += number * (sign == "-")
            added += number * (sign == "+")
    return removed, added


def clip_runs(
    runs: Sequence[Run], lead_chars: int = 60, max_chars: int = 320
) -> list[Run]:
    """A preview of at most ``max_chars``, from shortly before the first change."""
    clipped: list[Run] = []
    remaining = max_chars
    for index, (sign, text) in enumerate(runs):
        if index == 0 and sign == "=" and len(text) > lead_chars:
            text = "…" + text[-lead_chars:].partition(" ")[2]
        if len(text) > remaining:
            clipped.append((sign, text[:remaining] + "…"))
            break
        clipped.append((sign, text))
        remaining -= len(text)
    return clipped
