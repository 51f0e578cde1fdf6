"""Real pages with known text, and how a reading is compared with it: what the benchmarks of reading and the training share."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.common import corpora

SETS = ("scrapinghub", "fundus", "fundus-evaluation", "wcxb", "trafilatura")  # reported
MORE = ("readability", "newspaper4k")  # trained on as well
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A page whose text is known: whole (``text``), or some segments that must (not) be in it (``wanted``, ``unwanted``)."""

    set: str
    file: str
    url: str
    language: str
    body: bytes
    text: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    truth: dict[str, Any]

    @property
    def whole(self) -> bool:
        """Whether the whole text is known."""
        return bool(self.text)

    @property
    def site(self) -> str:
        """What must not stand on both sides of a division: the registered domain, else the page itself."""
        from harvester.identity.urls import site

        return (site(self.url) if self.url else "") or f"{self.set}/{self.file}"


def cases(*sets: str) -> Iterator[Case]:
    """The pages of some sets, in their order. Raises SystemExit where there are no corpora."""
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    for name in sets:
        for row in (
            (folder / "pages" / name / "truth.jsonl")
            .read_text("utf-8")
            .strip("\n")
            .split("\n")
        ):
            one = json.loads(row)
            truth = one["truth"]
            text = truth.get("text") or ""
            if not text and "with" not in truth:
                continue
            body = gzip.decompress((folder / "pages" / name / one["file"]).read_bytes())
            segments = () if text else (tuple(truth["with"]), tuple(truth["without"]))
            yield Case(
                name,
                one["file"],
                one["url"] or "",
                one["language"],
                body,
                text,
                *(segments or ((), ())),
                truth,
            )


def fold(case: Case, count: int, seed: int = 1) -> int:
    """Which part of a division by sites a page is in."""
    return int(hashlib.sha256(f"{seed}{case.site}".encode()).hexdigest(), 16) % count


def tokens(text: str) -> list[str]:
    """Words in lower case; single characters where words are not spaced."""
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        found.extend(word if _UNSPACED.search(word) else [word])
    return found


def score(text: str, truth: str) -> float:
    """F1 of the words of a text, as multisets."""
    ours, theirs = Counter(tokens(text)), Counter(tokens(truth))
    total = ours.total() + theirs.total()
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (ours & theirs).total() / total


def exact(text: str, truth: str) -> bool:
    """Whether all words are the same, in their order."""
    return tokens(text) == tokens(truth)


def segments(text: str, case: Case) -> tuple[int, int, int]:
    """Of the segments: wanted ones found, unwanted ones found, wanted ones missed."""
    folded = " ".join(text.split())
    found = sum(" ".join(one.split()) in folded for one in case.wanted)
    false = sum(" ".join(one.split()) in folded for one in case.unwanted)
    return found, false, len(case.wanted) - found


class Tally:
    """Readings of one set, added up."""

    def __init__(self) -> None:
        self.scores: list[float] = []
        self.exact = self.pages = 0
        self.counts = [0, 0, 0]

    def add(self, text: str, case: Case) -> float:
        """Count one reading; returns its own score."""
        self.pages += 1
        if case.whole:
            self.scores.append(score(text, case.text))
            self.exact += exact(text, case.text)
            return self.scores[-1]
        one = segments(text, case)
        self.counts = [a + b for a, b in zip(self.counts, one, strict=True)]
        return f1(*one)

    @property
    def f1(self) -> float:
        """Mean over pages of the words' F1; for segments the F1 of all together."""
        return sum(self.scores) / len(self.scores) if self.scores else f1(*self.counts)


def f1(found: int, false: int, missed: int) -> float:
    """F1 of counts."""
    return (
        2 * found / (2 * found + false + missed)
        if found
        else float(not false and not missed)
    )
