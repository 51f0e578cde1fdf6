"""The lines that count when two extractions of one article are compared. Pure.

Boilerplate between an article's own lines (``ExtractedText.inserts``) does not count:
it changes from visit to visit. Nor does a line that one extraction includes and the
other left out, though both pages have it: the extractions differ, not the article. A
line that repeats the headline is compared as the headline. Where several paragraphs are
repeated in one extraction alone, repetitions do not count: the page has two copies. Nor
does a line of both texts that a page has once more, outside its text: which of the two
is taken differs.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from harvester.identity.headline_counters import MAX_PART_LENGTH
from harvester.identity.wording import headline_key, normalise_text

# Characters: shorter lines count once, however often a page repeats them.
MIN_REPEATABLE_LENGTH = 60
MIN_REPETITIONS = 2  # lines: of fewer, the outlet may have removed one


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """Title, text, inserts and left-out line hashes, as in an ``Extract``."""

    title: str
    text: str
    inserts: frozenset[str] = field(default=frozenset())
    left_out: frozenset[str] = field(default=frozenset())


def significant_lines(before: ExtractedText, after: ExtractedText) -> tuple[str, str]:
    """Both texts reduced to the lines that count."""
    longest = MIN_REPEATABLE_LENGTH
    copied = _copied_lines(before, after)
    if _differ_in_repetitions(before.text, after.text):
        longest = max(len(before.text), len(after.text))
    return (
        _keep_significant_lines(before, after, longest, copied),
        _keep_significant_lines(after, before, longest, copied),
    )


def is_same_text(before: ExtractedText, after: ExtractedText) -> bool:
    """Whether the words of both texts are equal; line breaks are layout."""
    before_lines, after_lines = significant_lines(before, after)
    return _words(before_lines) == _words(after_lines)


def is_same_wording(before: ExtractedText, after: ExtractedText) -> bool:
    """Whether titles and texts are equal."""
    return headline_key(before.title) == headline_key(after.title) and is_same_text(
        before, after
    )


def _words(text: str) -> list[str]:
    return normalise_text(text).split()


def _differ_in_repetitions(text: str, other_text: str) -> bool:
    """Whether several long lines of both texts are repeated more often in one."""
    counts, other_counts = Counter(text.split("\n")), Counter(other_text.split("\n"))
    differing = sum(
        0 < other_counts[line] != count and len(line) >= MIN_REPEATABLE_LENGTH
        for line, count in counts.items()
    )
    return differing >= MIN_REPETITIONS


def _copied_lines(before: ExtractedText, after: ExtractedText) -> set[str]:
    """The lines of both texts that one of the pages has once more, outside its text."""
    left_out = before.left_out | after.left_out
    if not left_out:
        return set()
    common = set(before.text.split("\n")) & set(after.text.split("\n"))
    return {line for line in common if _line_hash(line) in left_out}


def _keep_significant_lines(
    extracted: ExtractedText,
    other: ExtractedText,
    once_below: int,
    copied: set[str],
) -> str:
    """``once_below``: shorter lines count once, however often they are repeated.

    ``copied``: lines that do not count.
    """
    other_lines = set(other.text.split("\n"))
    headline = headline_key(extracted.title)
    kept: list[str] = []
    kept_lines: set[str] = set()
    for line in extracted.text.split("\n"):
        if (
            (len(line) < once_below and line in kept_lines)
            or line in copied
            or line in extracted.inserts
            or (line not in other_lines and _is_headline(line, headline))
        ):
            continue
        if (
            line in other_lines
            or not other.left_out
            or _line_hash(line) not in other.left_out
        ):
            kept_lines.add(line)
            kept.append(line)
    return "\n".join(kept)


def _is_headline(line: str, headline: str) -> bool:
    """Whether a line is the headline, whatever its counters; compared with the title."""
    return (
        bool(headline)
        and len(line) <= len(headline) + 2 * MAX_PART_LENGTH
        and headline[:5] in line
        and headline_key(line) == headline
    )


def _line_hash(line: str) -> str:
    """The hash of a line's letters and digits, as in ``Extract.left_out``."""
    letters = "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", line).lower()))
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:8]
