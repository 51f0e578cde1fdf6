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

from harvester.identity import shingles
from harvester.identity.memo import Memo

LONGEST = 100_000  # characters of a text that are compared
GAP = 4  # words between two common runs that count as common
FRAME = 12  # words: a shorter line that frames both texts does not count; one that ends no sentence up to FRAME_OPEN
FRAME_OPEN = 30
LEFT = 0.3  # at least that share of a text is left when lines are taken out, else all lines count
LEFT_WORDS = 40
REPEATED = (
    0.9  # of the words in common: so much of them in repeated lines makes no copy
)
HARDLY = 0.3  # coverage below which nothing else is asked
DAYS = 3.0  # apart from each other: beyond, only what is nearly equal and no short notice is a copy
NEARLY, NEARLY_WORDS = 0.95, 150
NAMES, NAMES_LEAST = (
    0.6,
    3,
)  # contradicted names in common surroundings that make it another story
WEIGHTS = {
    "": -7.4, "coverage": 9.8, "numbers": -9.2, "title": 3.6, "short": -12.3, "short title": 8.4, "days": -1.7, "equal": 2.9,
}  # fmt: skip

_END = frozenset(".!?…。！？؟।")
_CLOSING = " \t\"'»”’)]」』"
_TOKEN = re.compile(r"\w+")

Runs = Set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut into words, line by line."""

    text: str
    lines: tuple[tuple[str, ...], ...]
    ends: tuple[bool, ...]  # whether a line ends a sentence
    title: frozenset[str]

    @property
    def all(self) -> list[str]:
        """All words in order."""
        return [word for line in self.lines for word in line]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts compare. ``share``: part of the first's words that stand in the second, ``shared``: the other way round."""

    same: bool
    share: float
    shared: float
    score: float


_UNLIKE = Likeness(False, 0.0, 0.0, 0.0)


@lru_cache(maxsize=64)
def cut(title: str, text: str) -> Words:
    """A text as words."""
    return Words(*_cut(text), frozenset(shingles.words(title)))


@lru_cache(maxsize=64)
def _cut(text: str) -> tuple[str, tuple[tuple[str, ...], ...], tuple[bool, ...]]:
    """What ``Words`` has of the text alone."""
    text = text[:LONGEST]
    lines = [line for line in text.split("\n") if line.strip()]
    folded = shingles.folded("\n".join(lines)).split("\n")
    return (
        text,
        tuple(tuple(shingles.split(line)) for line in folded),
        tuple(line.rstrip(_CLOSING)[-1:] in _END for line in lines),
    )


_samples: Memo[bytes, tuple[int, ...]] = Memo(400)  # digest of a text →


def sample(text: str) -> tuple[int, ...]:
    """The names of the runs that stand for a text (``shingles.sample``), ascending; remembered."""
    return _samples.get(
        _digest(text),
        lambda: tuple(
            shingles.sample([word for line in _cut(text)[1] for word in line])
        ),
    )


def remember(text: str, names: Iterable[int]) -> None:
    """A worker has taken this text's sample."""
    _samples.put(_digest(text), tuple(names))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=64)
def _proper(text: str) -> frozenset[str]:
    """The words that are written with a capital inside of a line, and never without."""
    capital: set[str] = set()
    small: set[str] = set()
    for line in text.split("\n"):
        for token in _TOKEN.findall(line)[1:]:
            (capital if token[0].isupper() else small).add(token)
    return frozenset(
        shingles.folded(token) for token in capital if token.lower() not in small
    )


def repeated_lines(text: Words, repeated: Collection[int]) -> set[tuple[str, ...]]:
    """The lines of a text all whose names in the sample are among ``repeated``: names known from many unlike texts."""
    found = set()
    for line in text.lines if repeated else ():
        named = [
            name
            for name in shingles.names(line)
            if name < shingles.BELOW or name in repeated
        ]
        if named and all(name in repeated for name in named):
            found.add(line)
    return found


def compare(
    one: Words,
    other: Words,
    days: float = 0.0,
    repeated: Collection[tuple[str, ...]] = (),
) -> Likeness:
    """Compare two texts, published ``days`` apart. ``repeated``: lines that stand in many unlike texts."""
    first, second = _counted(one, other)
    runs = shingles.runs(first), shingles.runs(second)
    small = len(first) > len(second)
    shorter = second if small else first
    mark = _marked(second, runs[0]) if small else _marked(first, runs[1])
    coverage = _filled(mark) / max(len(mark), 1)
    if coverage < HARDLY:
        return _UNLIKE
    contained = len(runs[0] & runs[1]) / max(min(map(len, runs)), 1)
    ordered = (
        ((second, first), (runs[1], runs[0])) if small else ((first, second), runs)
    )
    score = _score(
        _features((one.title, other.title), *ordered, coverage, contained, days)
    )
    same = score >= 0.5
    if days > DAYS and not (contained > NEARLY and len(shorter) >= NEARLY_WORDS):
        same = False
    if same and contained < NEARLY and _names_differ(one, other, runs):
        same = False
    if (
        same
        and repeated
        and _only_repeated(*((other, runs[0]) if small else (one, runs[1])), repeated)
    ):
        same = False
    if not same:
        return Likeness(False, 0.0, 0.0, round(score, 4))
    rest = _marked(first, runs[1]) if small else _marked(second, runs[0])
    share, shared = (
        round(sum(marks) / max(len(marks), 1), 3)
        for marks in ((rest, mark) if small else (mark, rest))
    )
    return Likeness(True, share, shared, round(score, 4))


def paragraphs(one: Words, other: Words) -> list[tuple[str, float]]:
    """The lines of one text, each with the share of its words that stand in the other."""
    there = shingles.runs(other.all)
    lines = [line for line in one.text.split("\n") if line.strip()]
    found = []
    for text, words in zip(lines, one.lines, strict=True):
        mark = _marked(words, there)
        found.append((text, round(sum(mark) / max(len(mark), 1), 3)))
    return found


def _counted(one: Words, other: Words) -> tuple[list[str], list[str]]:
    """The words of both that count: without what frames both, where enough is left."""
    kept = _kept(one, other), _kept(other, one)
    if all(
        len(left) >= max(LEFT_WORDS, LEFT * sum(map(len, text.lines)))
        for left, text in zip(kept, (one, other), strict=True)
    ):
        return kept
    return one.all, other.all


def _kept(text: Words, other: Words) -> list[str]:
    there = set(other.lines)

    def frames(place: int) -> bool:
        line = text.lines[place]
        return not line or (
            line in there and len(line) < (FRAME if text.ends[place] else FRAME_OPEN)
        )

    begin, end = 0, len(text.lines)
    while end > begin and frames(end - 1):
        end -= 1
    while begin < end and frames(begin):
        begin += 1
    return [word for line in text.lines[begin:end] for word in line]


def _only_repeated(
    text: Words, there: Runs, repeated: Collection[tuple[str, ...]]
) -> bool:
    """Whether what a text shares stands nearly all in repeated lines."""
    marked = [(line, sum(_marked(line, there))) for line in text.lines]
    return sum(count for line, count in marked if line in repeated) >= REPEATED * sum(
        count for _, count in marked
    )


def _marked(found: Sequence[str], there: Runs) -> bytes:
    """Which words stand in a run of three that the other has too: a byte each."""
    if len(found) < shingles.COMPARED:
        return (b"\1" if tuple(found) in there else b"\0") * len(found)
    hits = bytes(
        map(there.__contains__, zip(found, found[1:], found[2:], strict=False))
    )
    number = int.from_bytes(
        hits, "little"
    )  # a run marks the two words after its first, too
    return (number | number << 8 | number << 16).to_bytes(len(found), "little")


def _filled(marks: bytes) -> int:
    """How many are marked when short gaps between marked ones are filled."""
    return sum(marks) + sum(
        len(gap) for gap in marks.strip(b"\0").split(b"\1") if 0 < len(gap) <= GAP
    )


def _surrounded(runs: Runs, meant: Collection[str]) -> dict[tuple[str, ...], int]:
    """Runs with some but not all of their words among those meant, these masked → how many runs look like that."""
    known: dict[tuple[str, ...], int] = defaultdict(int)
    for run in runs:
        masked = tuple(["#" if word in meant else word for word in run])
        if 0 < masked.count("#") < len(run):
            known[masked] += 1
    return known


def _contradicted(
    first: Runs, second: Runs, meant: tuple[Set[str], Set[str]]
) -> tuple[int, int]:
    """Of the runs with words that are meant, in surroundings that both texts have: how many agree, how many do not."""
    mine, others = (
        {run for run in runs if not words.isdisjoint(run)}
        for runs, words in zip((first, second), meant, strict=True)
    )
    both = mine & others
    there = _surrounded(others, meant[1])
    agreed = sum(_surrounded(both, meant[0]).values())
    differing = sum(
        count
        for masked, count in _surrounded(mine - both, meant[0]).items()
        if masked in there
    )
    return agreed, differing


def _numbers(found: Sequence[str]) -> set[str]:
    return {word for word in found if word[0].isdigit()}


def _names_differ(one: Words, other: Words, runs: tuple[Runs, Runs]) -> bool:
    agreed, differing = _contradicted(*runs, (_proper(one.text), _proper(other.text)))
    return differing >= NAMES_LEAST and differing >= NAMES * (agreed + differing)


def _features(
    titles: tuple[frozenset[str], frozenset[str]],
    texts: tuple[Sequence[str], Sequence[str]],
    runs: tuple[Runs, Runs],
    coverage: float,
    contained: float,
    days: float,
) -> dict[str, float]:
    """``texts``, and their ``runs``: the shorter first."""
    agreed, differing = _contradicted(*runs, (_numbers(texts[0]), _numbers(texts[1])))
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
    total = sum(WEIGHTS[name] * value for name, value in features.items())
    return 1 / (1 + math.exp(-max(min(total, 50.0), -50.0)))
