"""The differences between two texts, by sentence, and two sentences, by word. Pure.

Sentences are aligned as in NewsEdits (Spangher et al., NAACL 2022): added, removed,
changed, moved. Differences that ``wording`` ignores (typography, counters) are not
reported.
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

# Two sentences that share half of their words are one that was changed.
MIN_PAIR_SIMILARITY = 0.5
# Sentences of a region that are compared with each other; more pair in order only.
MAX_PAIRED_SENTENCES = 60
MAX_ABBREVIATION_LENGTH = 16  # characters before a full stop
# Words of two sentences that are compared; longer sentences are shown as replaced.
MAX_COMPARED_WORDS = 2_000

_ABBREVIATIONS = (
    r"(?:M|MM|Mme|Mlle|Mgr|Dr|Pr|St|Ste|Me|cf|p|pp|vol|art|av|apr|env|éd|etc|ex|no|n°"
    r"|tél|boul|bd"
    r"|Mr|Mrs|Ms|Prof|Gen|Col|Sgt|Capt|Lt|Sen|Rep|Gov|Jr|Sr|Inc|Ltd|Co|Corp|vs"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    r"|Hr|Fr|Nr|bzw|z|B|d|h|u|a|e|g|i|[A-ZÀ-Þ])"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?…。！？])(?:[\"»”’)\]]|\s»)*(?:\s+|(?<=[。！？]))"
    r"(?=[\"«“‘(\[—–-]?\s?[^\sa-zà-ÿ])"
)
_AFTER_ABBREVIATION = re.compile(rf"(?:^|[\s(«\"“'’]){_ABBREVIATIONS}\.$")


@dataclass(frozen=True, slots=True)
class SentenceDiff:
    """Sentences of two texts compared, in order; ``moved``: in both, elsewhere."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, str], ...] = ()
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedRegion:
    """A region that differs: its sentences before and after, without moved ones.

    The keys are those of ``wording.comparison_key``.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    old_keys: tuple[str, ...]
    new_keys: tuple[str, ...]


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; a line break always ends one."""
    sentences: list[str] = []
    for line in text.split("\n"):
        start = 0
        for match in _SENTENCE_END.finditer(line):
            before = line[
                max(start, match.start() - MAX_ABBREVIATION_LENGTH) : match.start()
            ]
            if _AFTER_ABBREVIATION.search(before):
                continue
            sentences.append(line[start : match.end()].strip())
            start = match.end()
        if rest := line[start:].strip():
            sentences.append(rest)
    return sentences


@lru_cache(maxsize=2)  # an edit is stored and classified
def changed_regions(
    before: str, after: str
) -> tuple[tuple[ChangedRegion, ...], tuple[str, ...]]:
    """The regions that differ, in order, and the sentences that were moved."""
    old, old_keys = _significant_sentences(before)
    new, new_keys = _significant_sentences(after)
    spans = differing_spans(old_keys, new_keys)
    removed = Counter(key for a, b, _, _ in spans for key in old_keys[a:b])
    added = Counter(key for _, _, c, d in spans for key in new_keys[c:d])
    moved_old = removed & added
    moved_new = Counter(moved_old)
    regions: list[ChangedRegion] = []
    moved: list[str] = []
    for a, b, c, d in spans:
        new_rest, moved_here = _take_moved(new[c:d], new_keys[c:d], moved_new)
        old_rest, _ = _take_moved(old[a:b], old_keys[a:b], moved_old)
        moved += moved_here
        if old_rest or new_rest:
            old_sentences, region_old_keys = _unzip(old_rest)
            new_sentences, region_new_keys = _unzip(new_rest)
            regions.append(
                ChangedRegion(
                    old_sentences, new_sentences, region_old_keys, region_new_keys
                )
            )
    return tuple(regions), tuple(moved)


def _take_moved(
    sentences: Sequence[str], keys: Sequence[str], moved_counts: Counter[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The sentences that stay, with their keys, and those that were moved.

    Takes the moved ones off ``moved_counts``.
    """
    staying: list[tuple[str, str]] = []
    moved: list[str] = []
    for sentence, key in zip(sentences, keys, strict=True):
        if moved_counts[key] > 0:
            moved_counts[key] -= 1
            moved.append(sentence)
        else:
            staying.append((sentence, key))
    return staying, moved


def _unzip(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(first for first, _ in pairs), tuple(second for _, second in pairs)


def diff_sentences(before: str, after: str) -> SentenceDiff:
    """What was added, removed, changed and moved from one text to the other."""
    added: list[str] = []
    removed: list[str] = []
    changed: list[tuple[str, str]] = []
    regions, moved = changed_regions(before, after)
    for region in regions:
        unpaired_old, unpaired_new, pairs = _pair_sentences(region.old, region.new)
        removed += unpaired_old
        added += unpaired_new
        changed += pairs
    return SentenceDiff(tuple(added), tuple(removed), tuple(changed), moved)


def _significant_sentences(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences of the lines that are the article's own, and their keys."""
    lines = [line for line in text.split("\n") if normalise_text(line)]
    return _unzip(
        [
            (sentence, key)
            for sentence in split_sentences("\n".join(lines))
            if (key := comparison_key(sentence))
        ]
    )


def _pair_sentences(
    old: Sequence[str], new: Sequence[str]
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Of one region: unpaired old, unpaired new and changed sentences.

    The most similar sentences are paired first.
    """
    if not old or not new:
        return list(old), list(new), []
    old_words = [set(_tokens(sentence)) for sentence in old]
    new_words = [set(_tokens(sentence)) for sentence in new]
    in_order_only = len(old) * len(new) > MAX_PAIRED_SENTENCES**2
    scores: list[tuple[float, int, int]] = []
    for i, first in enumerate(old_words):
        for j in range(i, min(i + 1, len(new))) if in_order_only else range(len(new)):
            second = new_words[j]
            similarity = (
                2 * len(first & second) / (len(first) + len(second))
                if first and second
                else 0.0
            )
            if similarity >= MIN_PAIR_SIMILARITY:
                scores.append((-similarity, i, j))
    pairs: dict[int, int] = {}
    paired_new: set[int] = set()
    for _, i, j in sorted(scores):
        if i not in pairs and j not in paired_new:
            pairs[i] = j
            paired_new.add(j)
    return (
        [sentence for i, sentence in enumerate(old) if i not in pairs],
        [sentence for j, sentence in enumerate(new) if j not in paired_new],
        [(old[i], new[j]) for i, j in sorted(pairs.items())],
    )


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def diff_words(before: str, after: str) -> list[tuple[Literal["=", "-", "+"], str]]:
    """Two sentences compared word by word: runs of equal, removed and added text.

    Joined without ``-`` they give ``after``, without ``+`` they give ``before``.
    """
    old = re.findall(r"\w+|\s+|[^\w\s]", before)
    new = re.findall(r"\w+|\s+|[^\w\s]", after)
    if len(old) + len(new) > 2 * MAX_COMPARED_WORDS:
        return [("-", before), ("+", after)]
    runs: list[tuple[Literal["=", "-", "+"], str]] = []
    equal_start = 0
    for a, b, c, d in [
        *differing_spans(old, new),
        (len(old), len(old), len(new), len(new)),
    ]:
        runs.append(("=", "".join(new[equal_start:c])))
        runs.append(("-", "".join(old[a:b])))
        runs.append(("+", "".join(new[c:d])))
        equal_start = d
    return [(sign, text) for sign, text in runs if text]
