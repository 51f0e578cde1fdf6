"""Title and text normalised, so that only a change of wording makes an edit. Pure.

Dropped is what pages change on their own: white space, typography, scripts of digits,
invisible characters, counters, "il y a 3 heures", tracking parameters of links. See
``docs/changes.md``.
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
from harvester.identity.headline_counters import strip_counters

_TYPOGRAPHY_TABLE = {
    **dict.fromkeys("‘’‚‛′ʼ`´＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "…": "...",
}
_INVISIBLE_CHARACTERS = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff"
)
_TYPOGRAPHIC_CHARACTERS = re.compile(
    f"[{''.join(_TYPOGRAPHY_TABLE)}{_INVISIBLE_CHARACTERS}]"
)
# What NFKC makes of the characters that texts have most.
_COMMON_COMPATIBILITY = (("\u00a0", " "), ("\u202f", " "), ("…", "..."))
# White space that NFKC leaves as it is.
_OTHER_WHITE_SPACE = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"
# Digits of other scripts, Arabic to Mongolian; NFKC leaves them as they are.
_OTHER_DIGIT = re.compile(
    "[\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef"
    "\u0b66-\u0b6f\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u0ed0-\u0ed9"
    "\u0f20-\u0f29\u1040-\u1049\u17e0-\u17e9\u1810-\u1819]"
)
_SPACE_BEFORE_PUNCTUATION = re.compile(r" ([;:!?%,.)\]])")

# Up to hours, times pass while the page is online; "il y a 3 ans" is part of the text.
_INLINE_TIME_UNIT = (
    r"(?:secondes?|minutes?|min|mn|heures?|h|seconds?|secs|hours?|hrs?|sekunden?"
    r"|minuten?|stunden?|segundos?|minutos?|horas?|secondi|minuti|ore|ora)"
)
_INLINE_TIME = rf"{NUMBER_PATTERN} ?{_INLINE_TIME_UNIT}"
_RELATIVE_TIME = re.compile(
    rf"\b(?:il y a (?:environ )?{_INLINE_TIME}|{_INLINE_TIME} (?:ago|fa)"
    rf"|vor {_INLINE_TIME}|hace {_INLINE_TIME})\b",
    re.IGNORECASE,
)
_ITALIAN_AGO = re.compile(r" fa\b")  # "tre ore fa"
_SEPARATOR = re.compile(r"\s+[-|·•]\s+")
_TRACKING_PARAMETER = re.compile(
    r"([?&])(?:utm_\w+|fbclid|gclid|mc_[ce]id|xtor|at_\w+)=[^\s&#\")>\]]*"
)


def normalise_typography(text: str) -> str:
    """A text in one typography, without superfluous white space and empty lines."""
    if text.isascii():
        text = text.replace("`", "'")
    else:
        # NFKC would turn the acute accent into a space and a combining accent.
        text = text.replace("´", "'")
        for mark, plain in _COMMON_COMPATIBILITY:  # then most texts are in NFKC
            text = text.replace(mark, plain)
        text = unicodedata.normalize("NFKC", text)
        for mark in set(_TYPOGRAPHIC_CHARACTERS.findall(text)):
            text = text.replace(mark, _TYPOGRAPHY_TABLE.get(mark, ""))
        text = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), text)
    if not _has_superfluous_space(text):
        return text
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _has_superfluous_space(text: str) -> bool:
    """Whether more than one space or line break separates any two words."""
    return (
        "  " in text
        or "\n\n" in text
        or " \n" in text
        or "\n " in text
        or text[:1] in " \n"
        or text[-1:] in " \n"
        or any(space in text for space in _OTHER_WHITE_SPACE)
    )


def normalise_text(text: str) -> str:
    """The wording of a text, line by line: one typography, nothing volatile.

    Without boilerplate (see ``boilerplate``), counters and relative times.
    """
    text = normalise_typography(text)
    lowercase_text = text.lower()
    # Most texts have nothing of the kind: then no line is searched for it.
    has_volatile = _may_have_tracking(text) or _may_have_relative_time(lowercase_text)
    lines = []
    for line, lowercase_line in zip(
        text.split("\n"), lowercase_text.split("\n"), strict=True
    ):
        if 0 < len(line) <= MAX_LINE_LENGTH:
            if is_boilerplate(lowercase_line):
                continue
            if len(lowercase_line) < 100:
                parts = _SEPARATOR.split(line)
                if len(parts) > 1:  # "The Paper - Visits: 4001"
                    line = " - ".join(
                        part for part in parts if not is_counter(part.lower())
                    )
        if has_volatile and (
            _may_have_tracking(line) or _may_have_relative_time(lowercase_line)
        ):
            line = _remove_tracking_and_times(line)
        if line:
            lines.append(line)
    return _join_marks("\n".join(lines))


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
    """A line without relative times, tracking parameters, and spaces around marks.

    The line must be in one typography already.
    """
    return _join_marks(_remove_tracking_and_times(line))


def _remove_tracking_and_times(line: str) -> str:
    if _may_have_tracking(line):
        line = _remove_tracking(line)
    if _may_have_relative_time(line.lower()):
        line = _RELATIVE_TIME.sub("§", line)
    return line


def _join_marks(text: str) -> str:
    """Lines without spaces around quotes and before other marks."""
    # Newsrooms set quotes and other marks with or without spaces around them.
    text = text.replace(' "', '"').replace('" ', '"')
    return _SPACE_BEFORE_PUNCTUATION.sub(r"\1", text)


def _may_have_tracking(text: str) -> bool:
    """Whether a text has an address with parameters."""
    return ("?" in text or "&" in text) and "://" in text


def _may_have_relative_time(lowercase_line: str) -> bool:
    """Whether a line has one of the words that relative times have."""
    return (
        "il y a" in lowercase_line
        or " ago" in lowercase_line
        or "vor " in lowercase_line
        or "hace " in lowercase_line
        or (" fa" in lowercase_line and _ITALIAN_AGO.search(lowercase_line) is not None)
    )


def comparison_key(sentence: str) -> str:
    """A title or sentence in the form in which it is compared with others."""
    return remove_volatile(" ".join(normalise_typography(sentence).split("\n")))


@lru_cache(maxsize=256)  # an article's headline is compared with each version's
def headline_key(title: str) -> str:
    """A headline in the form in which it is compared: without counters and clocks."""
    headline = " ".join(normalise_typography(title).split("\n"))
    return remove_volatile(strip_counters(headline))


def _remove_tracking(line: str) -> str:
    before = None
    while before != line:
        before, line = line, _TRACKING_PARAMETER.sub(r"\1", line)
    return re.sub(r"[?&]+(?=[\s\")>\]#]|$)", "", re.sub(r"\?&+", "?", line))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def wording_digest(title: str, text: str) -> str:
    """The SHA-256 of title and text, normalised. Line breaks are layout."""
    return wording_and_text_digests(title, text)[0]


def text_digest(text: str, title: str = "", authors: Sequence[str] = ()) -> str:
    """The SHA-256 of a text without lines that are its title or byline; "" if empty."""
    return wording_and_text_digests(title, text, authors)[1]


def wording_and_text_digests(
    title: str, text: str, authors: Sequence[str] = ()
) -> tuple[str, str]:
    """``wording_digest`` and ``text_digest``, at the cost of one."""
    return _digests(title, text, tuple(authors))


@lru_cache(maxsize=16)  # the digests are needed at several steps
def _digests(title: str, text: str, authors: tuple[str, ...]) -> tuple[str, str]:
    normalised = normalise_text_cached(text)
    headline = headline_key(title)
    wording = _digest(f"{' '.join(headline.split())}\n{_join_lines(normalised)}")
    dropped = {
        headline.lower(),
        comparison_key(title).lower(),
        *(comparison_key(name).lower() for name in authors),
    }
    dropped |= {
        f"{by} {name}"
        for by in ("par", "by", "von", "por", "di")
        for name in list(dropped)
    }
    longest = max(map(len, dropped))
    lines = [
        line
        for line in normalised.split("\n")
        if line and (len(line) > longest or line.lower() not in dropped)
    ]
    words = _join_lines("\n".join(lines))
    return wording, _digest(words) if words else ""


def _join_lines(normalised: str) -> str:
    """The words of a normalised text with one space between them."""
    line = normalised.replace("\n", " ")
    return (
        " ".join(line.split())
        if "  " in line or line[:1] == " " or line[-1:] == " "
        else line
    )


_UNSPACED_SCRIPTS = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]"
)


def has_unspaced_script(text: str) -> bool:
    """Whether a text has letters of scripts without spaces between words."""
    return not text.isascii() and _UNSPACED_SCRIPTS.search(text) is not None


@lru_cache(maxsize=16)  # a text is compared with several others
def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of 3 words of a text; of characters in scripts without spaces."""
    lowercase_text = normalise_text_cached(text).lower()
    words: list[str] = re.findall(r"\w+", lowercase_text)
    if has_unspaced_script(lowercase_text):
        words = [
            part
            for word in words
            for part in (word if has_unspaced_script(word) else [word])
        ]
    if len(words) < 3:
        return frozenset([tuple(words)] if words else ())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def shingle_containment(text: str, other_text: str) -> float:
    """The share of the shorter text's 3-word shingles that are in the other, 0 to 1."""
    first, second = _shingles(text), _shingles(other_text)
    if not first or not second:
        return 1.0 if first == second else 0.0
    return len(first & second) / min(len(first), len(second))


def share_in_other_text(text: str, other_text: str) -> float:
    """The share of a text's 3-word shingles that are in another text, 0 to 1."""
    shingles = _shingles(text)
    if not shingles:
        return 1.0
    return len(shingles & _shingles(other_text)) / len(shingles)
