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
from harvester.identity.wording import normalise

Sign = Literal["=", "-", "+"]
Run = tuple[Sign, str]

LINES = 1_500  # of both texts together; beyond, lines are compared as sets
BLOCK = 60  # lines of one changed place that are compared with each other
WORDS = 12_000  # characters of two lines that are compared word by word
PAIRED = 0.4  # share of words that makes two lines one that was changed
CONTEXT = 1  # unchanged lines around a change


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: runs of kept, removed and added words; ``left_out`` unchanged ones where it stands for several."""

    kind: Literal["=", "-", "+", "~", "…"]
    runs: tuple[Run, ...] = ()
    left_out: int = 0
    moved: bool = False  # it stands elsewhere now, or stood elsewhere


def compared(before: str, after: str) -> list[Line]:
    """All lines of two texts."""
    old, new = before.split("\n"), after.split("\n")
    old_keys, new_keys = (
        [normalise(line) for line in old],
        [normalise(line) for line in new],
    )
    if len(old) + len(new) > LINES:
        return _coarse(old, old_keys, new, new_keys)
    found: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(
        None, old_keys, new_keys, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            found += [Line("=", (("=", line),)) for line in new[c:d]]
        else:
            found += _changed(old[a:b], new[c:d])
    return _moved(found)


def _moved(lines: Sequence[Line]) -> list[Line]:
    """Lines that went and came elsewhere are so marked, at both places."""
    gone, come = (
        Counter(normalise(line.runs[0][1]) for line in lines if line.kind == kind)
        for kind in ("-", "+")
    )
    both = gone & come
    taken, given = Counter(both), Counter(both)
    found = []
    for line in lines:
        key = normalise(line.runs[0][1]) if line.kind in ("-", "+") else ""
        if line.kind == "-" and key and given[key] > 0:
            given[key] -= 1
            found.append(replace(line, moved=True))
        elif line.kind == "+" and key and taken[key] > 0:
            taken[key] -= 1
            found.append(replace(line, moved=True))
        else:
            found.append(line)
    return found


def _coarse(
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


def _changed(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """One changed place: like lines are paired in order, the others went or came."""
    found: list[Line] = []
    bags = [_bag(line) for line in new[:BLOCK]]
    following = 0
    for line in old:
        scores = [
            (_shared(_bag(line), bag), -place)
            for place, bag in enumerate(bags)
            if place >= following
        ]
        best, nearest = max(scores, default=(0.0, 0))
        if best < PAIRED or len(old) > BLOCK:
            found.append(Line("-", (("-", line),)))
            continue
        found += [Line("+", (("+", one),)) for one in new[following:-nearest]]
        found.append(Line("~", tuple(words(line, new[-nearest]))))
        following = 1 - nearest
    return found + [Line("+", (("+", one),)) for one in new[following:]]


def _bag(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", line.lower()))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def words(before: str, after: str) -> list[Run]:
    """Two lines word by word; changes with only a space or a mark between them are one."""
    if len(before) + len(after) > WORDS:
        return [("-", before), ("+", after)]
    return _smooth(diff.words(before, after))


def _smooth(runs: Iterable[Run]) -> list[Run]:
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


def folded(lines: Sequence[Line]) -> list[Line]:
    """Only the changes, and what stands next to them; one line stands for those left out between."""
    near = {
        place + step
        for place, line in enumerate(lines)
        if line.kind != "="
        for step in range(-CONTEXT, CONTEXT + 1)
    }
    found: list[Line] = []
    left_out = 0
    for place, line in enumerate(lines):
        if place not in near:
            left_out += 1
            continue
        if left_out:
            found.append(Line("…", left_out=left_out))
            left_out = 0
        found.append(line)
    return [*found, Line("…", left_out=left_out)] if left_out else found


def counts(lines: Iterable[Line]) -> tuple[int, int]:
    """How many words went and came."""
    gone = come = 0
    for line in lines:
        for sign, text in () if line.moved else line.runs:
            number = len(re.findall(r"\w+", text))
            gone, come = gone + number * (sign == "-"), come + number * (sign == "+")
    return gone, come


def clipped(runs: Sequence[Run], lead: int = 60, most: int = 320) -> list[Run]:
    """A preview: from shortly before the first change, so many characters."""
    found: list[Run] = []
    room = most
    for place, (sign, text) in enumerate(runs):
        if place == 0 and sign == "=" and len(text) > lead:
            text = "…" + text[-lead:].partition(" ")[2]
        if len(text) > room:
            found.append((sign, text[:room] + "…"))
            break
        found.append((sign, text))
        room -= len(text)
    return found
