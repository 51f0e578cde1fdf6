"""Whether two texts are near-duplicates: copied, cut, extended or rewritten. Pure.

The words are compared, never URLs or titles alone. What counts:

- *coverage*: the share of the shorter text's words that are in runs of three common to
  both; gaps of up to four words between two such runs are filled. Rewriting scatters
  its changes: the gaps are filled, and coverage stays near 1. A quotation is one block
  in another text: coverage is no more than its length.
- *numbers*: where the words around a number are the same, the number must be the same
  (weather, results, markets are templates); likewise for names.
- Lines that occur in many dissimilar texts (appeals, newsletters, credits) are not
  enough on their own. Lines at the beginning or end of both texts that are short or end
  no sentence do not count.
- the title, the more the shorter the text; the days between the two.

They are weighed by a logistic regression of seven features; ``docs/copies.md`` says how
it was fitted and how well it does.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from cachetools import LRUCache, cached

from harvester.identity import shingles

MAX_TEXT_LENGTH = 100_000  # characters of a text that are compared
MAX_GAP_WORDS = 4  # words between two common runs that count as common
# Words of a line at the beginning or end of both texts that does not count.
MAX_FRAME_WORDS = 12
MAX_OPEN_FRAME_WORDS = 30  # the same of a line that ends no sentence
# What must be left of each text without these lines; else all lines count.
MIN_REMAINING_SHARE = 0.3
MIN_REMAINING_WORDS = 40
# With this share of the common words in repeated lines, it is no near-duplicate.
MAX_REPEATED_SHARE = 0.9
MIN_COVERAGE = 0.3  # with less, nothing else is compared
# Days between two copies, unless they are nearly equal and not short.
MAX_DAYS_APART = 3.0
NEARLY_EQUAL_SHARE = 0.95
NEARLY_EQUAL_WORDS = 150
# From both limits on, names that differ between the same words mean different stories.
MIN_CONTRADICTED_NAMES_SHARE = 0.6
MIN_CONTRADICTED_NAMES = 3
FEATURE_WEIGHTS = {
    "": -7.4,
    "coverage": 9.8,
    "numbers": -9.2,
    "title": 3.6,
    "short": -12.3,
    "short title": 8.4,
    "days": -1.7,
    "equal": 2.9,
}

_SENTENCE_ENDS = frozenset(".!?…。！？؟।")
_CLOSING_MARKS = " \t\"'»”’)]」』"
_TOKEN = re.compile(r"\w+")

ShingleSet = Set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text split into words, line by line."""

    text: str
    lines: tuple[tuple[str, ...], ...]
    ends_sentence: tuple[bool, ...]  # whether a line ends a sentence
    title_words: frozenset[str]

    @property
    def words(self) -> list[str]:
        """All words in order."""
        return [word for line in self.lines for word in line]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing two texts."""

    is_near_duplicate: bool
    share_of_first: float  # of its words that are in the second
    share_of_second: float  # of its words that are in the first
    score: float


_NO_NEAR_DUPLICATE = Comparison(False, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two texts to be compared, and the words of them that count."""

    text: TokenisedText
    other_text: TokenisedText
    words: list[str]
    other_words: list[str]
    shingles: ShingleSet
    other_shingles: ShingleSet

    @classmethod
    def of(cls, text: TokenisedText, other_text: TokenisedText) -> _Pair:
        words, other_words = _significant_words(text, other_text)
        return cls(
            text,
            other_text,
            words,
            other_words,
            shingles.word_runs(words),
            shingles.word_runs(other_words),
        )

    def swapped(self) -> _Pair:
        return _Pair(
            self.other_text,
            self.text,
            self.other_words,
            self.words,
            self.other_shingles,
            self.shingles,
        )

    def containment(self) -> float:
        """The share of the smaller set of shingles that is in the other."""
        smaller_size = min(len(self.shingles), len(self.other_shingles))
        return len(self.shingles & self.other_shingles) / max(smaller_size, 1)


@lru_cache(maxsize=64)
def tokenise(title: str, text: str) -> TokenisedText:
    """A text as words. Cached, as a text is compared with several others."""
    return TokenisedText(
        *_tokenise_text(text), frozenset(shingles.split_into_words(title))
    )


@lru_cache(maxsize=64)
def _tokenise_text(
    text: str,
) -> tuple[str, tuple[tuple[str, ...], ...], tuple[bool, ...]]:
    """The fields of ``TokenisedText`` but for the title."""
    text = text[:MAX_TEXT_LENGTH]
    lines = [line for line in text.split("\n") if line.strip()]
    folded = shingles.fold_text("\n".join(lines)).split("\n") if lines else []
    return (
        text,
        tuple(tuple(shingles.split_folded(line)) for line in folded),
        tuple(line.rstrip(_CLOSING_MARKS)[-1:] in _SENTENCE_ENDS for line in lines),
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


_samples: LRUCache[bytes, tuple[int, ...]] = LRUCache(400)  # by digest of the text
_samples_lock = Lock()


@cached(_samples, key=_digest, lock=_samples_lock)
def shingle_sample(text: str) -> tuple[int, ...]:
    """The sampled shingle hashes of a text (``shingles.sample_hashes``), cached."""
    return tuple(shingles.sample_text(text[:MAX_TEXT_LENGTH]))


def cache_sample(text: str, hashes: Iterable[int]) -> None:
    """Add to the cache the sample that a worker process has taken of a text."""
    with _samples_lock:
        _samples[_digest(text)] = tuple(hashes)


@lru_cache(maxsize=64)
def _proper_nouns(text: str) -> frozenset[str]:
    """The words that are always capitalised, except at the beginning of a line."""
    capitalised: set[str] = set()
    lowercase: set[str] = set()
    for line in text.split("\n"):
        for token in _TOKEN.findall(line)[1:]:
            (capitalised if token[0].isupper() else lowercase).add(token)
    return frozenset(
        shingles.fold_text(token)
        for token in capitalised
        if token.lower() not in lowercase
    )


def repeated_lines(
    text: TokenisedText, repeated_hashes: Collection[int]
) -> set[tuple[str, ...]]:
    """The lines whose sampled shingles all occur in many dissimilar texts."""
    lines = set()
    for line in text.lines if repeated_hashes else ():
        sampled = [
            value
            for value in shingles.shingle_hashes(line)
            if value < shingles.SAMPLING_THRESHOLD or value in repeated_hashes
        ]
        if sampled and all(value in repeated_hashes for value in sampled):
            lines.add(line)
    return lines


def compare(
    one_text: TokenisedText,
    other_text: TokenisedText,
    days_apart: float = 0.0,
    common_lines: Collection[tuple[str, ...]] = (),
) -> Comparison:
    """Compare two texts, published ``days_apart``.

    ``common_lines`` occur in many dissimilar texts (``repeated_lines``).
    """
    unordered = _Pair.of(one_text, other_text)
    is_swapped = len(unordered.words) > len(unordered.other_words)
    pair = unordered.swapped() if is_swapped else unordered  # the shorter text first
    shared_marks = mark_shared_words(pair.words, pair.other_shingles)
    coverage = _count_with_gaps(shared_marks) / max(len(shared_marks), 1)
    if coverage < MIN_COVERAGE:
        return _NO_NEAR_DUPLICATE
    containment = pair.containment()
    is_nearly_equal = containment > NEARLY_EQUAL_SHARE
    is_long = len(pair.words) >= NEARLY_EQUAL_WORDS
    score = _score(_features(pair, coverage, containment, days_apart))
    if (
        score < 0.5
        or (days_apart > MAX_DAYS_APART and not (is_nearly_equal and is_long))
        or (containment < NEARLY_EQUAL_SHARE and _names_differ(unordered))
        or (common_lines and _shares_only_repeated_lines(pair, common_lines))
    ):
        return Comparison(False, 0.0, 0.0, round(score, 4))
    other_marks = mark_shared_words(pair.other_words, pair.shingles)
    share, other_share = (
        round(sum(marks) / max(len(marks), 1), 3)
        for marks in (shared_marks, other_marks)
    )
    if is_swapped:
        share, other_share = other_share, share
    return Comparison(True, share, other_share, round(score, 4))


def _significant_words(
    text: TokenisedText, other_text: TokenisedText
) -> tuple[list[str], list[str]]:
    """The words of both texts that count."""
    lines, other_lines = significant_lines(text, other_text)
    return (
        [word for line in text.lines[lines] for word in line],
        [word for line in other_text.lines[other_lines] for word in line],
    )


def significant_lines(
    text: TokenisedText, other_text: TokenisedText
) -> tuple[slice, slice]:
    """The lines of both texts that count: without their frames, if enough is left."""
    remaining = _without_frame(text, other_text), _without_frame(other_text, text)
    if all(
        sum(map(len, whole.lines[lines]))
        >= max(MIN_REMAINING_WORDS, MIN_REMAINING_SHARE * sum(map(len, whole.lines)))
        for lines, whole in zip(remaining, (text, other_text), strict=True)
    ):
        return remaining
    return slice(0, len(text.lines)), slice(0, len(other_text.lines))


def _without_frame(text: TokenisedText, other: TokenisedText) -> slice:
    """The lines of a text without the short ones at its ends that both texts have."""
    other_lines = set(other.lines)

    def is_frame(index: int) -> bool:
        line = text.lines[index]
        is_closed = text.ends_sentence[index]
        max_words = MAX_FRAME_WORDS if is_closed else MAX_OPEN_FRAME_WORDS
        return not line or (line in other_lines and len(line) < max_words)

    start, end = 0, len(text.lines)
    while end > start and is_frame(end - 1):
        end -= 1
    while start < end and is_frame(start):
        start += 1
    return slice(start, end)


def _shares_only_repeated_lines(
    pair: _Pair, common_lines: Collection[tuple[str, ...]]
) -> bool:
    """Whether nearly all that the shorter text shares is in repeated lines."""
    shared_counts = [
        (line, sum(mark_shared_words(line, pair.other_shingles)))
        for line in pair.text.lines
    ]
    repeated = sum(count for line, count in shared_counts if line in common_lines)
    return repeated >= MAX_REPEATED_SHARE * sum(count for _, count in shared_counts)


def mark_shared_words(words: Sequence[str], other_shingles: ShingleSet) -> bytes:
    """Which words are in a run of three that the other text has too: a byte each."""
    if len(words) < shingles.COMPARED_SHINGLE_SIZE:
        return (b"\1" if tuple(words) in other_shingles else b"\0") * len(words)
    hits = bytes(
        map(other_shingles.__contains__, zip(words, words[1:], words[2:], strict=False))
    )
    number = int.from_bytes(hits, "little")
    # A run also marks the two words after its first.
    return (number | number << 8 | number << 16).to_bytes(len(words), "little")


def _count_with_gaps(marks: bytes) -> int:
    """The number of marked words, with short gaps between them filled."""
    return sum(marks) + sum(
        len(gap)
        for gap in marks.strip(b"\0").split(b"\1")
        if 0 < len(gap) <= MAX_GAP_WORDS
    )


def _masked_shingles(
    shingle_set: ShingleSet, masked_words: Collection[str]
) -> dict[tuple[str, ...], int]:
    """Runs of which some words are masked, but not all → number of such runs."""
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for run in shingle_set:
        masked = tuple(["#" if word in masked_words else word for word in run])
        if 0 < masked.count("#") < len(run):
            counts[masked] += 1
    return counts


def _count_contradictions(
    first: ShingleSet, second: ShingleSet, masked_words: tuple[Set[str], Set[str]]
) -> tuple[int, int]:
    """Of the runs with masked words: how many agree, and how many do not.

    Only runs count whose other words are the same in both texts.
    """
    first_runs, second_runs = (
        {run for run in runs if not words.isdisjoint(run)}
        for runs, words in zip((first, second), masked_words, strict=True)
    )
    common = first_runs & second_runs
    second_masked = _masked_shingles(second_runs, masked_words[1])
    agreeing = sum(_masked_shingles(common, masked_words[0]).values())
    differing = sum(
        count
        for run, count in _masked_shingles(first_runs - common, masked_words[0]).items()
        if run in second_masked
    )
    return agreeing, differing


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if word[0].isdigit()}


def _names_differ(pair: _Pair) -> bool:
    """Whether names differ where the words around them are the same."""
    agreeing, differing = _count_contradictions(
        pair.shingles,
        pair.other_shingles,
        (_proper_nouns(pair.text.text), _proper_nouns(pair.other_text.text)),
    )
    return (
        differing >= MIN_CONTRADICTED_NAMES
        and differing >= MIN_CONTRADICTED_NAMES_SHARE * (agreeing + differing)
    )


def _features(
    pair: _Pair, coverage: float, containment: float, days_apart: float
) -> dict[str, float]:
    """The features of a pair, the shorter text first."""
    agreeing, differing = _count_contradictions(
        pair.shingles,
        pair.other_shingles,
        (_numbers(pair.words), _numbers(pair.other_words)),
    )
    titles = pair.text.title_words, pair.other_text.title_words
    title = len(titles[0] & titles[1]) / min(map(len, titles)) if all(titles) else 0.5
    short = min(max((80 - len(pair.words)) / 70, 0.0), 1.0)
    return {
        "": 1.0,
        "coverage": coverage,
        "numbers": differing / max(agreeing + differing, 1),
        "title": title,
        "short": short,
        "short title": short * title,
        "days": min(days_apart, 4.0),
        "equal": max(containment - 0.8, 0.0),
    }


def _score(features: dict[str, float]) -> float:
    total = sum(FEATURE_WEIGHTS[name] * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(min(total, 50.0), -50.0)))
