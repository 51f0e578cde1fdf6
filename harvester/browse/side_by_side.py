"""Two wordings side by side as lines to be shown: which stayed, went, came and changed, and where. Pure.

``identity.diff`` says what differs; this keeps the order and the context of a page. Bounded: outlets choose the texts.
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

MAX_LINES = 1_500  # of both texts together; beyond, lines are compared as sets
MAX_BLOCK_LINES = 60  # lines of one changed place that are compared with each other
MAX_WORD_DIFF_CHARS = 12_000  # characters of two lines that are compared word by word
MIN_PAIRED_SHARE = 0.4  # share of words that makes two lines one that was changed
CONTEXT_LINES = 1  # unchanged lines around a change


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: runs of kept, removed and added words; ``left_out`` unchanged ones where it stands for several."""

    kind: Literal["=", "-", "+", "~", "…"]
    runs: tuple[Run, ...] = ()
    unchanged_count: int = 0
    moved: bool = False  # it stands elsewhere now, or stood elsewhere


def compare_texts(before: str, after: str) -> list[Line]:
    """All lines of two texts."""
    old, new = before.split("\n"), after.split("\n")
    old_keys, new_keys = (
        [normalise_text(line) for line in old],
        [normalise_text(line) for line in new],
    )
    if len(old) + len(new) > MAX_LINES:
        return _compare_as_sets(old, old_keys, new, new_keys)
    found: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(
        None, old_keys, new_keys, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            found += [Line("=", (("=", line),)) for line in new[c:d]]
        else:
            found += _pair_lines(old[a:b], new[c:d])
    return _mark_moved(found)


def _mark_moved(lines: Sequence[Line]) -> list[Line]:
    """Lines that went and came elsewhere are so marked, at both places."""
    gone, come = (
        Counter(normalise_text(line.runs[0][1]) for line in lines if line.kind == kind)
        for kind in ("-", "+")
    )
    both = gone & come
    taken, given = Counter(both), Counter(both)
    found = []
    for line in lines:
        key = normalise_text(line.runs[0][1]) if line.kind in ("-", "+") else ""
        if line.kind == "-" and key and given[key] > 0:
            given[key] -= 1
            found.append(replace(line, moved=True))
        elif line.kind == "+" and key and taken[key] > 0:
            taken[key] -= 1
            found.append(replace(line, moved=True))
        else:
            found.append(line)
    return found


def _compare_as_sets(
    old: Sequence[str],
    old_keys: Sequence[str],
    new: Sequence[str],
    new_keys: Sequence[str],
) -> list[Line]:
    there, here = set(new_keys), set(old_keys)
    gone = [
        Line("-", (("-", line),))
        for line, key in zip(old, old_keys, strict=True)
        if key not in there
    ]
    return gone + [
        Line("=", (("=", line),)) if key in here else Line("+", (("+", line),))
        for line, key in zip(new, new_keys, strict=True)
    ]


def _pair_lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """One changed place: like lines are paired in order, the others went or came."""
    found: list[Line] = []
    bags = [_word_set(line) for line in new[:MAX_BLOCK_LINES]]
    following = 0
    for line in old:
        scores = [
            (_similarity(_word_set(line), bag), -place)
            for place, bag in enumerate(bags)
            if place >= following
        ]
        best, nearest = max(scores, default=(0.0, 0))
        if best < MIN_PAIRED_SHARE or len(old) > MAX_BLOCK_LINES:
            found.append(Line("-", (("-", line),)))
            continue
        found += [Line("+", (("+", one),)) for one in new[following:-nearest]]
        found.append(Line("~", tuple(compare_words(line, new[-nearest]))))
        following = 1 - nearest
    return found + [Line("+", (("+", one),)) for one in new[following:]]


def _word_set(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", line.lower()))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def compare_words(before: str, after: str) -> list[Run]:
    """Two lines word by word; changes with only a space or a mark between them are one."""
    if len(before) + len(after) > MAX_WORD_DIFF_CHARS:
        return [("-", before), ("+", after)]
    return _merge_runs(diff.diff_words(before, after))


def _merge_runs(runs: Iterable[Run]) -> list[Run]:
    found: list[Run] = []
    gone = come = kept = ""

    def settle() -> None:
        nonlocal gone, come, kept
        pending: tuple[Run, ...] = (("-", gone), ("+", come), ("=", kept))
        found.extend(run for run in pending if run[1])
        gone = come = kept = ""

    for sign, text in runs:
        if sign == "=":
            if len(text.strip()) > 1 or not (gone or come):
                settle()
                found.append((sign, text))
            else:
                kept += text
            continue
        if kept:
            gone, come, kept = gone + kept, come + kept, ""
        gone, come = (gone + text, come) if sign == "-" else (gone, come + text)
    settle()
    return found


def fold_unchanged(lines: Sequence[Line]) -> list[Line]:
    """Only the changes, and what stands next to them; one line stands for those left out between."""
    near = {
        place + step
        for place, line in enumerate(lines)
        if line.kind != "="
        for step in range(-CONTEXT_LINES, CONTEXT_LINES + 1)
    }
    found: list[Line] = []
    left_out = 0
    for place, line in enumerate(lines):
        if place not in near:
            left_out += 1
            continue
        if left_out:
            found.append(Line("…", unchanged_count=left_out))
            left_out = 0
        found.append(line)
    return [*found, Line("…", unchanged_count=left_out)] if left_out else found


def count_changed_words(lines: Iterable[Line]) -> tuple[int, int]:
    """How many words went and came."""
    gone = come = 0
    for line in lines:
        for sign, text in () if line.moved else line.runs:
            number = len(re.findall(r"\w+", text))
            gone, come = gone + number * (sign == "-"), come + number * (sign == "+")
    return gone, come


def clip_runs(
    runs: Sequence[Run], lead_chars: int = 60, max_chars: int = 320
) -> list[Run]:
    """A preview: from shortly before the first change, so many characters."""
    found: list[Run] = []
    room = max_chars
    for place, (sign, text) in enumerate(runs):
        if place == 0 and sign == "=" and len(text) > lead_chars:
            text = "…" + text[-lead_chars:].partition(" ")[2]
        if len(text) > room:
            found.append((sign, text[:room] + "…"))
            break
        found.append((sign, text))
        room -= len(text)
    return found
