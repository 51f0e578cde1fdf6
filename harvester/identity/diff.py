"""What differs between two texts, by sentences, and between two sentences, by words. Pure.

Sentences are aligned as in NewsEdits (Spangher et al., NAACL 2022): added, removed, changed, moved. Differences that the wording
does not count (typography, counters) are not reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from harvester.identity.alignment import differing_spans
from harvester.identity.wording import comparison_key, normalise_text

MIN_PAIR_SIMILARITY = (
    0.5  # two sentences that share half of their words are one that was changed
)
MAX_PAIRED_SENTENCES = 60  # sentences compared with each other in one changed place; beyond, they pair in order only
MAX_ABBREVIATION_LENGTH = 16  # characters looked at before a full stop
MAX_COMPARED_WORDS = 2_000  # words of two sentences compared one by one; longer ones are shown as replaced

_ABBREVIATIONS = (
    r"(?:M|MM|Mme|Mlle|Mgr|Dr|Pr|St|Ste|Me|cf|p|pp|vol|art|av|apr|env|éd|etc|ex|no|n°|tél|boul|bd"
    r"|Mr|Mrs|Ms|Prof|Gen|Col|Sgt|Capt|Lt|Sen|Rep|Gov|Jr|Sr|Inc|Ltd|Co|Corp|vs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    r"|Hr|Fr|Nr|bzw|z|B|d|h|u|a|e|g|i|[A-ZÀ-Þ])"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?…。！？])(?:[\"»”’)\]]|\s»)*(?:\s+|(?<=[。！？]))(?=[\"«“‘(\[—–-]?\s?[^\sa-zà-ÿ])"
)
_AFTER_ABBREVIATION = re.compile(rf"(?:^|[\s(«\"“'’]){_ABBREVIATIONS}\.$")


@dataclass(frozen=True, slots=True)
class SentenceDiff:
    """Sentences of one text against another's, in order; ``moved`` stand in both, at other places."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedRegion:
    """A place that differs: the sentences that stood there and those that stand there, without moved ones; and their wordings
    (``wording.key``)."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    old_keys: tuple[str, ...]
    new_keys: tuple[str, ...]


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; a line break always ends one."""
    found: list[str] = []
    for line in text.split("\n"):
        start = 0
        for match in _SENTENCE_END.finditer(line):
            before = line[
                max(start, match.start() - MAX_ABBREVIATION_LENGTH) : match.start()
            ]
            if _AFTER_ABBREVIATION.search(before):
                continue
            found.append(line[start : match.end()].strip())
            start = match.end()
        if rest := line[start:].strip():
            found.append(rest)
    return found


@lru_cache(maxsize=2)  # an edit is recorded, and judged
def changed_regions(
    before: str, after: str
) -> tuple[tuple[ChangedRegion, ...], tuple[str, ...]]:
    """The places that differ, in order, and the sentences that were moved."""
    old, old_keys = _significant_sentences(before)
    new, new_keys = _significant_sentences(after)
    places = differing_spans(old_keys, new_keys)
    gone = Counter(one for a, b, _, _ in places for one in old_keys[a:b])
    come = Counter(one for _, _, c, d in places for one in new_keys[c:d])
    moved = gone & come
    taken, given = Counter(moved), Counter(moved)
    found: list[ChangedRegion] = []
    shifted: list[str] = []
    for a, b, c, d in places:
        here, there = [], []
        for sentence, name in zip(new[c:d], new_keys[c:d], strict=True):
            if taken[name] > 0:
                taken[name] -= 1
                shifted.append(sentence)
            else:
                here.append((sentence, name))
        for sentence, name in zip(old[a:b], old_keys[a:b], strict=True):
            if given[name] > 0:
                given[name] -= 1
            else:
                there.append((sentence, name))
        if there or here:
            (gone_from, gone_keys), (come_to, come_keys) = _unzip(there), _unzip(here)
            found.append(ChangedRegion(gone_from, come_to, gone_keys, come_keys))
    return tuple(found), tuple(shifted)


def _unzip(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(one for one, _ in pairs), tuple(name for _, name in pairs)


def diff_sentences(before: str, after: str) -> SentenceDiff:
    """What was added, removed, changed and moved from one text to the other."""
    added: list[str] = []
    removed: list[str] = []
    changed: list[tuple[str, str]] = []
    found, moved = changed_regions(before, after)
    for one in found:
        gone, come, pairs = _pair_sentences(one.old, one.new)
        removed += gone
        added += come
        changed += pairs
    return SentenceDiff(tuple(added), tuple(removed), tuple(changed), moved)


def _significant_sentences(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences of the lines that are the article's own, and their wordings."""
    lines = [line for line in text.split("\n") if normalise_text(line)]
    return _unzip(
        [
            (one, name)
            for one in split_sentences("\n".join(lines))
            if (name := comparison_key(one))
        ]
    )


def _pair_sentences(
    old: Sequence[str], new: Sequence[str]
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Within one place that differs: which sentences are changed ones; the likest pairs first."""
    if not old or not new:
        return list(old), list(new), []
    scores: list[tuple[float, int, int]] = []
    bags = [set(_tokens(one)) for one in old], [set(_tokens(one)) for one in new]
    many = len(old) * len(new) > MAX_PAIRED_SENTENCES**2
    for i, first in enumerate(bags[0]):
        for j in range(i, min(i + 1, len(new))) if many else range(len(new)):
            second = bags[1][j]
            shared = (
                2 * len(first & second) / (len(first) + len(second))
                if first and second
                else 0.0
            )
            if shared >= MIN_PAIR_SIMILARITY:
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


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def diff_words(before: str, after: str) -> list[tuple[Literal["=", "-", "+"], str]]:
    """One sentence against another, word by word: runs of kept, removed and added text. Joined without ``-`` they give
    ``after``, without ``+`` they give ``before``."""
    old, new = (
        re.findall(r"\w+|\s+|[^\w\s]", before),
        re.findall(r"\w+|\s+|[^\w\s]", after),
    )
    found: list[tuple[Literal["=", "-", "+"], str]] = []
    if len(old) + len(new) > 2 * MAX_COMPARED_WORDS:
        return [("-", before), ("+", after)]
    c = 0
    for i, j, k, m in [
        *differing_spans(old, new),
        (len(old), len(old), len(new), len(new)),
    ]:
        found.append(("=", "".join(new[c:k])))
        found.append(("-", "".join(old[i:j])))
        found.append(("+", "".join(new[k:m])))
        c = m
    return [(sign, text) for sign, text in found if text]
