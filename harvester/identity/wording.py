"""When words are equal: title and text without what is not the outlet's wording. Pure.

What pages change by themselves makes no edit: white space, typography, invisible characters, counters, "il y a 3 heures",
tracking parameters of links. Steps and their effect: the measured list "What is an edit" that this follows.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

from cachetools import LRUCache, cached

from harvester.identity.boilerplate import (
    MAX_LINE_LENGTH,
    NUMBER_PATTERN,
    is_boilerplate,
    is_counter,
)

_TYPOGRAPHY_TABLE = {
    **dict.fromkeys("‘’‚‛′ʼ`´＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "…": "...",
}
_INVISIBLE_CHARACTERS = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_TYPOGRAPHIC_CHARACTERS = re.compile(
    f"[{''.join(_TYPOGRAPHY_TABLE)}{_INVISIBLE_CHARACTERS}]"
)
_SPACED_QUOTE = re.compile(' ?" ?')
_SPACE_BEFORE_PUNCTUATION = re.compile(r" ([;:!?%,.)\]])")

# Hours and less pass while the page is open; "il y a 3 ans" is history, and counts.
_INLINE_TIME_UNIT = r"(?:secondes?|minutes?|min|mn|heures?|h|seconds?|secs|hours?|hrs?|sekunden?|minuten?|stunden?|segundos?|minutos?|horas?|secondi|minuti|ore|ora)"
_RELATIVE_TIME = re.compile(
    rf"\b(?:il y a (?:environ )?{NUMBER_PATTERN} ?{_INLINE_TIME_UNIT}|{NUMBER_PATTERN} ?{_INLINE_TIME_UNIT} (?:ago|fa)|vor {NUMBER_PATTERN} ?{_INLINE_TIME_UNIT}|hace {NUMBER_PATTERN} ?{_INLINE_TIME_UNIT})\b",
    re.IGNORECASE,
)
_ITALIAN_AGO = re.compile(
    r" fa\b"
)  # "tre ore fa"; words that only begin so are frequent
_SEPARATOR = re.compile(r"\s+[-|·•]\s+")
_TRACKING_PARAMETER = re.compile(
    r"([?&])(?:utm_\w+|fbclid|gclid|mc_[ce]id|xtor|at_\w+)=[^\s&#\")>\]]*"
)


def normalise_typography(text: str) -> str:
    """A text in one typography, its lines as they are; each without needless white space. No line is left out but empty ones."""
    # NFKC would make the accent a space and an accent.
    text = unicodedata.normalize("NFKC", text.replace("´", "'"))
    text = _TYPOGRAPHIC_CHARACTERS.sub(
        lambda match: _TYPOGRAPHY_TABLE.get(match[0], ""), text
    )
    return "\n".join(
        line for one in text.split("\n") if (line := " ".join(one.split()))
    )


def normalise_text(text: str) -> str:
    """The wording of a text: lines of words in one typography, without what is the page's (``furniture``), counters and relative
    times."""
    lines = []
    for line in normalise_typography(text).split("\n"):
        low = line.lower() if len(line) <= MAX_LINE_LENGTH else ""
        if low and is_boilerplate(low):
            continue
        if (
            0 < len(low) < 100 and (parts := _SEPARATOR.split(line))[1:]
        ):  # "The Paper - Visits: 4001"
            line = " - ".join(part for part in parts if not is_counter(part.lower()))
        if line:
            lines.append(remove_volatile(line))
    return "\n".join(lines)


_normalised: LRUCache[str, str] = LRUCache(16)
_normalised_lock = Lock()


@cached(_normalised, key=lambda text: text, lock=_normalised_lock)
def normalise_text_cached(text: str) -> str:
    """``normalise_text``, cached, as a text is compared at several steps."""
    return normalise_text(text)


def cache_normalised(text: str, normalised: str) -> None:
    """Add to the cache what a worker process has normalised."""
    with _normalised_lock:
        _normalised[text] = normalised


def remove_volatile(line: str) -> str:
    """A line in one typography without what changes inside of it: relative times, tracking parameters, spaces around marks."""
    if ("?" in line or "&" in line) and "://" in line:
        line = _remove_tracking(line)
    if _may_have_relative_time(line.lower()):
        line = _RELATIVE_TIME.sub("§", line)
    # Quotes and other marks are set with or without a space around them.
    if '"' in line:
        line = _SPACED_QUOTE.sub('"', line)
    return _SPACE_BEFORE_PUNCTUATION.sub(r"\1", line)


def _may_have_relative_time(lowercase_line: str) -> bool:
    """Whether a relative time may stand in a line: each has one of these words."""
    return (
        "il y a" in lowercase_line
        or " ago" in lowercase_line
        or "vor " in lowercase_line
        or "hace " in lowercase_line
        or (" fa" in lowercase_line and _ITALIAN_AGO.search(lowercase_line) is not None)
    )


def comparison_key(sentence: str) -> str:
    """The wording of a title or a sentence, whatever it looks like."""
    return remove_volatile(" ".join(normalise_typography(sentence).split("\n")))


def _remove_tracking(line: str) -> str:
    before = None
    while before != line:
        before, line = line, _TRACKING_PARAMETER.sub(r"\1", line)
    return re.sub(r"[?&]+(?=[\s\")>\]#]|$)", "", re.sub(r"\?&+", "?", line))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def wording_digest(title: str, text: str) -> str:
    """The name of a wording: sha256 of title and text, normalised. Line breaks are layout, not words."""
    return wording_and_text_digests(title, text)[0]


def text_digest(text: str, title: str = "", authors: Sequence[str] = ()) -> str:
    """The name of a text alone, without lines that are only its title or byline; "" where there are no words."""
    return wording_and_text_digests(title, text, authors)[1]


def wording_and_text_digests(
    title: str, text: str, authors: Sequence[str] = ()
) -> tuple[str, str]:
    """Both, for the price of one: ``wording`` and ``text_name``."""
    return _digests(title, text, tuple(authors))


@lru_cache(maxsize=16)  # a text is named at several steps of its way
def _digests(title: str, text: str, authors: tuple[str, ...]) -> tuple[str, str]:
    lines_of_words = normalise_text_cached(text)
    headline = comparison_key(title)
    whole = _digest(f"{' '.join(headline.split())}\n{_join_lines(lines_of_words)}")
    drop = {headline.lower(), *(comparison_key(author).lower() for author in authors)}
    drop |= {
        f"{by} {author}"
        for by in ("par", "by", "von", "por", "di")
        for author in list(drop)
    }
    longest = max(map(len, drop))
    lines = [
        line
        for line in lines_of_words.split("\n")
        if line and (len(line) > longest or line.lower() not in drop)
    ]
    words = _join_lines("\n".join(lines))
    return whole, _digest(words) if words else ""


def _join_lines(normal: str) -> str:
    """The words of a normalised text with one space between them."""
    line = normal.replace("\n", " ")
    return (
        " ".join(line.split())
        if "  " in line or line[:1] == " " or line[-1:] == " "
        else line
    )


_UNSPACED_SCRIPTS = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]"
)


def has_unspaced_script(text: str) -> bool:
    """Whether a text has letters of scripts that set no spaces between words."""
    return _UNSPACED_SCRIPTS.search(text) is not None


def shingles(text: str, size: int = 3) -> set[tuple[str, ...]]:
    """The runs of ``size`` words of a text; of characters where words are not spaced."""
    low = normalise_text_cached(text).lower()
    words: list[str] = re.findall(r"\w+", low)
    if has_unspaced_script(low):
        words = [
            part
            for word in words
            for part in (word if has_unspaced_script(word) else [word])
        ]
    if len(words) < size:
        return {tuple(words)} if words else set()
    return set(zip(*(words[start:] for start in range(size)), strict=False))


@lru_cache(maxsize=16)  # a text is compared with several others
def _cached_shingles(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(shingles(text))


def shingle_containment(one: str, other: str) -> float:
    """How much of the shorter text stands in the other: share of its three-word shingles, 0 to 1."""
    first, second = _cached_shingles(one), _cached_shingles(other)
    if not first or not second:
        return 1.0 if first == second else 0.0
    return len(first & second) / min(len(first), len(second))
