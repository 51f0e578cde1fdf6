"""Real pages whose text is known, and scores of an extracted text against it.

Shared by the benchmarks of extraction and the training of the model.
"""

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

# Sets whose figures make the mean, a set reported by language, and sets that are used
# for training only.
SETS = ("scrapinghub", "fundus", "fundus-evaluation", "wcxb", "trafilatura")
NEWS = "daniel"
MORE = ("readability", "newspaper4k")
TRAINING_SETS = (*SETS, NEWS, *MORE)
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A page whose text is known, in whole or in part.

    Either ``text`` is the whole text, or ``wanted`` and ``unwanted`` are segments that
    must and must not be in it.
    """

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
        """The registered domain, or the page itself; a site is never in two folds."""
        from harvester.identity.urls import site

        return (site(self.url) if self.url else "") or f"{self.set}/{self.file}"


def cases(*sets: str) -> Iterator[Case]:
    """The pages of some sets, in order. Raises SystemExit without corpora."""
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    for name in sets:
        for line in (
            (folder / "pages" / name / "truth.jsonl")
            .read_text("utf-8")
            .strip("\n")
            .split("\n")
        ):
            row = json.loads(line)
            truth = row["truth"]
            text = truth.get("text") or ""
            if not text and "with" not in truth:
                continue
            body = gzip.decompress((folder / "pages" / name / row["file"]).read_bytes())
            segments = () if text else (tuple(truth["with"]), tuple(truth["without"]))
            yield Case(
                name,
                row["file"],
                row["url"] or "",
                row["language"],
                body,
                text,
                *(segments or ((), ())),
                truth,
            )


def fold(case: Case, count: int, seed: int = 1) -> int:
    """The fold of a page, in a cross-validation by sites."""
    return int(hashlib.sha256(f"{seed}{case.site}".encode()).hexdigest(), 16) % count


def tokens(text: str) -> list[str]:
    """Words in lower case; single characters in scripts without spaces."""
    words: list[str] = []
    for word in _WORD.findall(text.lower()):
        words.extend(word if _UNSPACED.search(word) else [word])
    return words


def score(text: str, truth: str) -> float:
    """F1 of the words of a text, as multisets."""
    ours, theirs = Counter(tokens(text)), Counter(tokens(truth))
    total = ours.total() + theirs.total()
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * (ours & theirs).total() / total


def exact(text: str, truth: str) -> bool:
    """Whether all words are equal, in order."""
    return tokens(text) == tokens(truth)


def segments(text: str, case: Case) -> tuple[int, int, int]:
    """Counts of wanted segments found, unwanted ones found, wanted ones missed."""
    normalised = " ".join(text.split())
    found = sum(" ".join(segment.split()) in normalised for segment in case.wanted)
    false = sum(" ".join(segment.split()) in normalised for segment in case.unwanted)
    return found, false, len(case.wanted) - found


class Tally:
    """Scores of the extracted texts of one set, added up."""

    def __init__(self) -> None:
        self.scores: list[float] = []
        self.exact = self.pages = 0
        self.counts = [0, 0, 0]

    def add(self, text: str, case: Case) -> float:
        """Count one extracted text; returns its own score."""
        self.pages += 1
        if case.whole:
            self.scores.append(score(text, case.text))
            self.exact += exact(text, case.text)
            return self.scores[-1]
        counts = segments(text, case)
        self.counts = [a + b for a, b in zip(self.counts, counts, strict=True)]
        return f1(*counts)

    @property
    def f1(self) -> float:
        """Mean F1 of the words over pages; for segments the F1 of all together."""
        return sum(self.scores) / len(self.scores) if self.scores else f1(*self.counts)


def f1(found: int, false: int, missed: int) -> float:
    """F1 of counts."""
    return (
        2 * found / (2 * found + false + missed)
        if found
        else float(not false and not missed)
    )
