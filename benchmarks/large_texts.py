"""Texts for ``large_archive.py``: real paragraphs, and invented words by Zipf's law."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np

VOCABULARY, ZIPF_EXPONENT = 400_000, 1.07
SEGMENT_WORDS = 6  # real words between two drawn ones


def paragraphs(folder: Path | None) -> dict[str, list[str]]:
    """Language → real paragraphs; invented ones without the corpora."""
    found: dict[str, list[str]] = {"en": [], "fr": [], "de": []}
    if folder is None:
        word = Words(random.Random(5))
        line = [" ".join(word.draw() for _ in range(60)) + "." for _ in range(5_000)]
        return dict.fromkeys(found, line)
    for name in ("reuters", "wire"):
        with gzip.open(folder / "duplicates" / f"{name}.jsonl.gz", "rt") as file:
            for one in map(json.loads, file):
                language = one.get("language", "en")
                lines = one["text"].split("\n\n" if name == "reuters" else "\n")
                found.setdefault(language, []).extend(lines)
    for path in sorted((folder / "pages").glob("*/truth.jsonl")):
        for line in path.read_text("utf-8").strip("\n").split("\n"):
            one = json.loads(line)
            text = str(one["truth"].get("text") or "")
            found.setdefault(one.get("language") or "en", []).extend(text.split("\n"))
    long_enough = {
        language: [
            text
            for line in lines
            if len((text := " ".join(line.split())).split()) >= 25
        ]
        for language, lines in found.items()
    }
    return {
        language: lines for language, lines in long_enough.items() if len(lines) > 300
    }


class Words:
    """Invented words, drawn by Zipf's law."""

    def __init__(self, chance: random.Random) -> None:
        weights = np.arange(1, VOCABULARY + 1, dtype=float) ** -ZIPF_EXPONENT
        self._steps = np.cumsum(weights / weights.sum())
        self._numbers = np.random.default_rng(chance.randrange(1 << 30))
        self._words = [self._spell(rank) for rank in range(VOCABULARY)]
        self._drawn: list[str] = []

    @staticmethod
    def _spell(rank: int) -> str:
        number, word = rank + 400, ""
        while number:
            number, digit = divmod(number, 85)
            word += "bcdfghklmnprstvzj"[digit // 5] + "aeiou"[digit % 5]
        return word

    def draw(self) -> str:
        """The next word."""
        if not self._drawn:
            ranks = np.searchsorted(self._steps, self._numbers.random(100_000))
            self._drawn = [
                self._words[min(rank, VOCABULARY - 1)] for rank in ranks.tolist()
            ]
        return self._drawn.pop()


def segments(line: str) -> list[str]:
    """The words of a line, a few a string."""
    words = line.split()
    return [
        " ".join(words[start : start + SEGMENT_WORDS])
        for start in range(0, len(words), SEGMENT_WORDS)
    ]
