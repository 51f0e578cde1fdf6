"""What differs between two texts, by sentences, and between two sentences, by words. Pure.

Sentences are aligned as in NewsEdits (Spangher et al., NAACL 2022): added, removed, changed. Differences that the wording
does not count (typography, counters) are not reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from harvester.identity.wording import normalise

PAIRED = 0.5  # two sentences that share half of their words are one that was changed
PAIR_MOST = 60  # sentences compared with each other in one changed place; beyond, they pair in order only
ABBREVIATION_MOST = 16  # characters looked at before a full stop
WORDS_MOST = 2_000  # words of two sentences compared one by one; longer ones are shown as replaced
LONGEST = 5_000  # sentences aligned; of longer texts only what stands in one and not in the other is told

_ABBREVIATIONS = (
    r"(?:M|MM|Mme|Mlle|Mgr|Dr|Pr|St|Ste|Me|cf|p|pp|vol|art|av|apr|env|éd|etc|ex|no|n°|tél|boul|bd"
    r"|Mr|Mrs|Ms|Prof|Gen|Col|Sgt|Capt|Lt|Sen|Rep|Gov|Jr|Sr|Inc|Ltd|Co|Corp|vs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    r"|Hr|Fr|Nr|bzw|z|B|d|h|u|a|e|g|i|[A-ZÀ-Þ])"
)
_ENDING = re.compile(r"(?<=[.!?…。！？])(?:[\"»”’)\]]|\s»)*(?:\s+|(?<=[。！？]))(?=[\"«“‘(\[—–-]?\s?[^\sa-zà-ÿ])")
_AFTER_ABBREVIATION = re.compile(rf"(?:^|[\s(«\"“'’]){_ABBREVIATIONS}\.$")


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences of one text against another's, in order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line break always ends one."""
    found: list[str] = []
    for line in text.split("\n"):
        start = 0
        for match in _ENDING.finditer(line):
            before = line[max(start, match.start() - ABBREVIATION_MOST) : match.start()]
            if _AFTER_ABBREVIATION.search(before):
                continue
            found.append(line[start : match.end()].strip())
            start = match.end()
        if rest := line[start:].strip():
            found.append(rest)
    return found


def difference(before: str, after: str) -> Difference:
    """What was added, removed and changed from one text to the other."""
    old, new = sentences(before), sentences(after)
    if len(old) > LONGEST or len(new) > LONGEST:
        return _unaligned(old, new)
    old_keys, new_keys = [normalise(one) for one in old], [normalise(one) for one in new]
    added: list[str] = []
    removed: list[str] = []
    changed: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone, come, pairs = _paired(old[a:b], new[c:d])
        removed += gone
        added += come
        changed += pairs
    return Difference(
        tuple(one for one in added if normalise(one)),
        tuple(one for one in removed if normalise(one)),
        tuple(pair for pair in changed if normalise(pair[0]) != normalise(pair[1])),
    )


def _unaligned(old: Sequence[str], new: Sequence[str]) -> Difference:
    """For texts too long to be aligned: multisets of sentences compared."""
    gone = Counter(map(normalise, old)) - Counter(map(normalise, new))
    come = Counter(map(normalise, new)) - Counter(map(normalise, old))

    def told(texts: Sequence[str], wanted: Counter[str]) -> tuple[str, ...]:
        found = []
        for text in texts:
            if wanted[key := normalise(text)] > 0 and key:
                wanted[key] -= 1
                found.append(text)
        return tuple(found)

    return Difference(told(new, come), told(old, gone))


def _paired(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Within one place that differs: which sentences are changed ones; the likest pairs first."""
    if not old or not new:
        return list(old), list(new), []
    scores: list[tuple[float, int, int]] = []
    bags = [set(_words(one)) for one in old], [set(_words(one)) for one in new]
    for i, first in enumerate(bags[0]):
        for j, second in enumerate(bags[1]):
            if len(old) * len(new) > PAIR_MOST**2 and i != j:
                continue
            shared = 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0
            if shared >= PAIRED:
                scores.append((-shared, i, j))
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(scores):
        if i not in taken and j not in used:
            taken[i] = j
            used.add(j)
    return (
        [one for i, one in enumerate(old) if i not in taken],
        [one for j, one in enumerate(new) if j not in used],
        [(old[i], new[j]) for i, j in sorted(taken.items())],
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def words(before: str, after: str) -> list[tuple[Literal["=", "-", "+"], str]]:
    """One sentence against another, word by word: runs of kept, removed and added text. Joined without ``-`` they give
    ``after``, without ``+`` they give ``before``."""
    old, new = re.findall(r"\w+|\s+|[^\w\s]", before), re.findall(r"\w+|\s+|[^\w\s]", after)
    found: list[tuple[Literal["=", "-", "+"], str]] = []
    if len(old) + len(new) > 2 * WORDS_MOST:
        return [("-", before), ("+", after)]
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("=", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("-", "".join(old[a:b])))
        if d > c:
            found.append(("+", "".join(new[c:d])))
    return found
