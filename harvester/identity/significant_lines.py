"""Two readings of one article, line by line: which lines count when their words are compared. Pure.

What stands between the paragraphs (``Reading.inserts``) comes and goes by itself. And a line that one reading took for the
article's and the other left out, though it stood on both pages, is a change of ours: it makes no edit.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from harvester.identity.wording import comparison_key, normalise_text

MIN_REPEATABLE_LENGTH = (
    60  # characters: shorter lines count once, however often a page shows them
)


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """A text, the lines of it that are inserts, and short names of the lines that were left out (as an ``Extract`` has them)."""

    title: str
    text: str
    inserts: frozenset[str] = field(default=frozenset())
    left_out: frozenset[str] = field(default=frozenset())


def significant_lines(before: ExtractedText, after: ExtractedText) -> tuple[str, str]:
    """Both texts with the lines that count."""
    return _keep_significant_lines(before, after), _keep_significant_lines(
        after, before
    )


def is_same_text(before: ExtractedText, after: ExtractedText) -> bool:
    """Whether the words of both texts are equal; line breaks are layout."""
    one, other = significant_lines(before, after)
    return _words(one) == _words(other)


def is_same_wording(before: ExtractedText, after: ExtractedText) -> bool:
    """Whether both are one wording."""
    return comparison_key(before.title) == comparison_key(after.title) and is_same_text(
        before, after
    )


def _words(text: str) -> list[str]:
    return normalise_text(text).split()


def _keep_significant_lines(one: ExtractedText, other: ExtractedText) -> str:
    there = set(other.text.split("\n"))
    found: list[str] = []
    seen: set[str] = set()
    for line in one.text.split("\n"):
        if line in one.inserts or (len(line) < MIN_REPEATABLE_LENGTH and line in seen):
            continue
        if (
            line in there
            or not other.left_out
            or _line_hash(line) not in other.left_out
        ):
            seen.add(line)
            found.append(line)
    return "\n".join(found)


def _line_hash(line: str) -> str:
    """As ``parse.inserts`` names lines: their letters and digits."""
    letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", line).lower()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:8]
