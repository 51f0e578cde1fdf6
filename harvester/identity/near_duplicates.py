"""Whether two texts are the same report, as copied, cut, grown, corrected or lightly rewritten. Pure: words in, a decision out.

Measured on words, never on addresses or titles alone. What counts:

- *coverage*: the share of the shorter text's words that stand in the other in common runs of three, with gaps of up to four words
  between two such runs filled. Rewriting scatters its changes: the gaps are filled, coverage stays near 1. A shared quotation is one
  block in a foreign text: coverage is no more than its length.
- *numbers*: where the words around a number are the same, so must the number be (weather, results, markets are templates); the
  same for names.
- lines that stand in many unlike texts (appeals, newsletters, credits) make no copy by themselves; what frames both does not count: short
  lines or lines that end no sentence, at the beginning or end of both.
- the title, the more the shorter the text; the days between the two.

How they are weighed: a logistic rule of seven numbers, see docs/copies.md for how it was fitted and how well it does.
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
MAX_FRAME_WORDS = 12  # words: a shorter line that frames both texts does not count; one that ends no sentence up to FRAME_OPEN
MAX_OPEN_FRAME_WORDS = 30
MIN_REMAINING_SHARE = 0.3  # at least that share of a text is left when lines are taken out, else all lines count
MIN_REMAINING_WORDS = 40
MAX_REPEATED_SHARE = (
    0.9  # of the words in common: so much of them in repeated lines makes no copy
)
MIN_COVERAGE = 0.3  # coverage below which nothing else is asked
MAX_DAYS_APART = 3.0  # apart from each other: beyond, only what is nearly equal and no short notice is a copy
NEARLY_EQUAL_SHARE, NEARLY_EQUAL_WORDS = 0.95, 150
MIN_CONTRADICTED_NAMES_SHARE, MIN_CONTRADICTED_NAMES = (
    0.6,
    3,
)  # contradicted names in common surroundings that make it another story
FEATURE_WEIGHTS = {
    "": -7.4, "coverage": 9.8, "numbers": -9.2, "title": 3.6, "short": -12.3, "short title": 8.4, "days": -1.7, "equal": 2.9,
}  # fmt: skip

_SENTENCE_ENDS = frozenset(".!?…。！？؟।")
_CLOSING_MARKS = " \t\"'»”’)]」』"
_TOKEN = re.compile(r"\w+")

ShingleSet = Set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text cut into words, line by line."""

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
    """How two texts compare. ``share``: part of the first's words that stand in the second, ``shared``: the other way round."""

    is_near_duplicate: bool
    share_of_first: float
    share_of_second: float
    score: float


_NO_NEAR_DUPLICATE = Comparison(False, 0.0, 0.0, 0.0)


@lru_cache(maxsize=64)
def tokenise(title: str, text: str) -> TokenisedText:
    """A text as words."""
    return TokenisedText(
        *_tokenise_text(text), frozenset(shingles.split_into_words(title))
    )


@lru_cache(maxsize=64)
def _tokenise_text(
    text: str,
) -> tuple[str, tuple[tuple[str, ...], ...], tuple[bool, ...]]:
    """What ``Words`` has of the text alone."""
    text = text[:MAX_TEXT_LENGTH]
    lines = [line for line in text.split("\n") if line.strip()]
    folded = shingles.fold_text("\n".join(lines)).split("\n")
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
    lines = _tokenise_text(text)[1]
    return tuple(shingles.sample_hashes([word for line in lines for word in line]))


def cache_sample(text: str, hashes: Iterable[int]) -> None:
    """Add to the cache the sample that a worker process has taken of a text."""
    with _samples_lock:
        _samples[_digest(text)] = tuple(hashes)


@lru_cache(maxsize=64)
def _proper_nouns(text: str) -> frozenset[str]:
    """The words that are written with a capital inside of a line, and never without."""
    capital: set[str] = set()
    small: set[str] = set()
    for line in text.split("\n"):
        for token in _TOKEN.findall(line)[1:]:
            (capital if token[0].isupper() else small).add(token)
    return frozenset(
        shingles.fold_text(token) for token in capital if token.lower() not in small
    )


def repeated_lines(
    text: TokenisedText, repeated_hashes: Collection[int]
) -> set[tuple[str, ...]]:
    """The lines of a text all whose names in the sample are among ``repeated``: names known from many unlike texts."""
    found = set()
    for line in text.lines if repeated_hashes else ():
        named = [
            name
            for name in shingles.shingle_hashes(line)
            if name < shingles.SAMPLING_THRESHOLD or name in repeated_hashes
        ]
        if named and all(name in repeated_hashes for name in named):
            found.add(line)
    return found


def compare(
    one_text: TokenisedText,
    other_text: TokenisedText,
    days_apart: float = 0.0,
    common_lines: Collection[tuple[str, ...]] = (),
) -> Comparison:
    """Compare two texts, published ``days`` apart. ``repeated``: lines that stand in many unlike texts."""
    first, second = _significant_words(one_text, other_text)
    runs = shingles.word_runs(first), shingles.word_runs(second)
    small = len(first) > len(second)
    shorter = second if small else first
    mark = (
        _mark_shared_words(second, runs[0])
        if small
        else _mark_shared_words(first, runs[1])
    )
    coverage = _count_with_gaps(mark) / max(len(mark), 1)
    if coverage < MIN_COVERAGE:
        return _NO_NEAR_DUPLICATE
    contained = len(runs[0] & runs[1]) / max(min(map(len, runs)), 1)
    ordered = (
        ((second, first), (runs[1], runs[0])) if small else ((first, second), runs)
    )
    score = _score(
        _features(
            (one_text.title_words, other_text.title_words),
            *ordered,
            coverage,
            contained,
            days_apart,
        )
    )
    same = score >= 0.5
    if days_apart > MAX_DAYS_APART and not (
        contained > NEARLY_EQUAL_SHARE and len(shorter) >= NEARLY_EQUAL_WORDS
    ):
        same = False
    if (
        same
        and contained < NEARLY_EQUAL_SHARE
        and _names_differ(one_text, other_text, runs)
    ):
        same = False
    if (
        same
        and common_lines
        and _shares_only_repeated_lines(
            *((other_text, runs[0]) if small else (one_text, runs[1])), common_lines
        )
    ):
        same = False
    if not same:
        return Comparison(False, 0.0, 0.0, round(score, 4))
    rest = (
        _mark_shared_words(first, runs[1])
        if small
        else _mark_shared_words(second, runs[0])
    )
    share, shared = (
        round(sum(marks) / max(len(marks), 1), 3)
        for marks in ((rest, mark) if small else (mark, rest))
    )
    return Comparison(True, share, shared, round(score, 4))


def line_overlaps(one: TokenisedText, other: TokenisedText) -> list[tuple[str, float]]:
    """The lines of one text, each with the share of its words that stand in the other."""
    there = shingles.word_runs(other.words)
    lines = [line for line in one.text.split("\n") if line.strip()]
    found = []
    for text, words in zip(lines, one.lines, strict=True):
        mark = _mark_shared_words(words, there)
        found.append((text, round(sum(mark) / max(len(mark), 1), 3)))
    return found


def _significant_words(
    one: TokenisedText, other: TokenisedText
) -> tuple[list[str], list[str]]:
    """The words of both that count: without what frames both, where enough is left."""
    kept = _without_frame(one, other), _without_frame(other, one)
    if all(
        len(left)
        >= max(MIN_REMAINING_WORDS, MIN_REMAINING_SHARE * sum(map(len, text.lines)))
        for left, text in zip(kept, (one, other), strict=True)
    ):
        return kept
    return one.words, other.words


def _without_frame(text: TokenisedText, other: TokenisedText) -> list[str]:
    there = set(other.lines)

    def frames(place: int) -> bool:
        line = text.lines[place]
        return not line or (
            line in there
            and len(line)
            < (MAX_FRAME_WORDS if text.ends_sentence[place] else MAX_OPEN_FRAME_WORDS)
        )

    begin, end = 0, len(text.lines)
    while end > begin and frames(end - 1):
        end -= 1
    while begin < end and frames(begin):
        begin += 1
    return [word for line in text.lines[begin:end] for word in line]


def _shares_only_repeated_lines(
    text: TokenisedText,
    other_shingles: ShingleSet,
    common_lines: Collection[tuple[str, ...]],
) -> bool:
    """Whether what a text shares stands nearly all in repeated lines."""
    marked = [
        (line, sum(_mark_shared_words(line, other_shingles))) for line in text.lines
    ]
    return sum(
        count for line, count in marked if line in common_lines
    ) >= MAX_REPEATED_SHARE * sum(count for _, count in marked)


def _mark_shared_words(words: Sequence[str], other_shingles: ShingleSet) -> bytes:
    """Which words stand in a run of three that the other has too: a byte each."""
    if len(words) < shingles.COMPARED_SHINGLE_SIZE:
        return (b"\1" if tuple(words) in other_shingles else b"\0") * len(words)
    hits = bytes(
        map(other_shingles.__contains__, zip(words, words[1:], words[2:], strict=False))
    )
    number = int.from_bytes(
        hits, "little"
    )  # a run marks the two words after its first, too
    return (number | number << 8 | number << 16).to_bytes(len(words), "little")


def _count_with_gaps(marks: bytes) -> int:
    """How many are marked when short gaps between marked ones are filled."""
    return sum(marks) + sum(
        len(gap)
        for gap in marks.strip(b"\0").split(b"\1")
        if 0 < len(gap) <= MAX_GAP_WORDS
    )


def _masked_shingles(
    shingle_set: ShingleSet, masked_words: Collection[str]
) -> dict[tuple[str, ...], int]:
    """Runs with some but not all of their words among those meant, these masked → how many runs look like that."""
    known: dict[tuple[str, ...], int] = defaultdict(int)
    for run in shingle_set:
        masked = tuple(["#" if word in masked_words else word for word in run])
        if 0 < masked.count("#") < len(run):
            known[masked] += 1
    return known


def _count_contradictions(
    first: ShingleSet, second: ShingleSet, masked_words: tuple[Set[str], Set[str]]
) -> tuple[int, int]:
    """Of the runs with words that are meant, in surroundings that both texts have: how many agree, how many do not."""
    mine, others = (
        {run for run in runs if not words.isdisjoint(run)}
        for runs, words in zip((first, second), masked_words, strict=True)
    )
    both = mine & others
    there = _masked_shingles(others, masked_words[1])
    agreed = sum(_masked_shingles(both, masked_words[0]).values())
    differing = sum(
        count
        for masked, count in _masked_shingles(mine - both, masked_words[0]).items()
        if masked in there
    )
    return agreed, differing


def _numbers(words: Sequence[str]) -> set[str]:
    return {word for word in words if word[0].isdigit()}


def _names_differ(
    one: TokenisedText,
    other: TokenisedText,
    shingle_sets: tuple[ShingleSet, ShingleSet],
) -> bool:
    agreed, differing = _count_contradictions(
        *shingle_sets, (_proper_nouns(one.text), _proper_nouns(other.text))
    )
    return (
        differing >= MIN_CONTRADICTED_NAMES
        and differing >= MIN_CONTRADICTED_NAMES_SHARE * (agreed + differing)
    )


def _features(
    titles: tuple[frozenset[str], frozenset[str]],
    texts: tuple[Sequence[str], Sequence[str]],
    shingle_sets: tuple[ShingleSet, ShingleSet],
    coverage: float,
    contained: float,
    days: float,
) -> dict[str, float]:
    """``texts``, and their ``runs``: the shorter first."""
    agreed, differing = _count_contradictions(
        *shingle_sets, (_numbers(texts[0]), _numbers(texts[1]))
    )
    length = len(texts[0])
    title = len(titles[0] & titles[1]) / min(map(len, titles)) if all(titles) else 0.5
    short = min(max((80 - length) / 70, 0.0), 1.0)
    return {
        "": 1.0,
        "coverage": coverage,
        "numbers": differing / max(agreed + differing, 1),
        "title": title,
        "short": short,
        "short title": short * title,
        "days": min(days, 4.0),
        "equal": max(contained - 0.8, 0.0),
    }


def _score(features: dict[str, float]) -> float:
    total = sum(FEATURE_WEIGHTS[name] * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(min(total, 50.0), -50.0)))
