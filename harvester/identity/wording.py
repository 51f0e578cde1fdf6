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

from harvester.identity.boilerplate import LONGEST, NUMBER, counter, furniture
from harvester.identity.memo import Memo

_ONE_WAY = {
    **dict.fromkeys("‘’‚‛′ʼ`´＇", "'"),
    **dict.fromkeys("“”„‟″«»＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "…": "...",
}
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_MARKS = re.compile(f"[{''.join(_ONE_WAY)}{_INVISIBLE}]")
_QUOTED = re.compile(' ?" ?')
_BEFORE_MARK = re.compile(r" ([;:!?%,.)\]])")

# Hours and less pass while the page is open; "il y a 3 ans" is history, and counts.
_UNIT_INLINE = r"(?:secondes?|minutes?|min|mn|heures?|h|seconds?|secs|hours?|hrs?|sekunden?|minuten?|stunden?|segundos?|minutos?|horas?|secondi|minuti|ore|ora)"
_RELATIVE = re.compile(
    rf"\b(?:il y a (?:environ )?{NUMBER} ?{_UNIT_INLINE}|{NUMBER} ?{_UNIT_INLINE} (?:ago|fa)|vor {NUMBER} ?{_UNIT_INLINE}|hace {NUMBER} ?{_UNIT_INLINE})\b",
    re.IGNORECASE,
)
_PASSED = re.compile(r" fa\b")  # "tre ore fa"; words that only begin so are frequent
_BARS = re.compile(r"\s+[-|·•]\s+")
_TRACKED = re.compile(
    r"([?&])(?:utm_\w+|fbclid|gclid|mc_[ce]id|xtor|at_\w+)=[^\s&#\")>\]]*"
)


def typography(text: str) -> str:
    """A text in one typography, its lines as they are; each without needless white space. No line is left out but empty ones."""
    # NFKC would make the accent a space and an accent.
    text = unicodedata.normalize("NFKC", text.replace("´", "'"))
    text = _MARKS.sub(lambda match: _ONE_WAY.get(match[0], ""), text)
    return "\n".join(
        line for one in text.split("\n") if (line := " ".join(one.split()))
    )


def normalise(text: str) -> str:
    """The wording of a text: lines of words in one typography, without what is the page's (``furniture``), counters and relative
    times."""
    lines = []
    for line in typography(text).split("\n"):
        low = line.lower() if len(line) <= LONGEST else ""
        if low and furniture(low):
            continue
        if (
            0 < len(low) < 100 and (parts := _BARS.split(line))[1:]
        ):  # "The Paper - Visits: 4001"
            line = " - ".join(part for part in parts if not counter(part.lower()))
        if line:
            lines.append(plain(line))
    return "\n".join(lines)


_normal: Memo[str, str] = Memo(16)


def normal(text: str) -> str:
    """The same as ``normalise``, remembered: a text is compared at several steps of its way."""
    return _normal.get(text, lambda: normalise(text))


def remember(text: str, normalised: str) -> None:
    """A worker has normalised this text."""
    _normal.put(text, normalised)


def plain(line: str) -> str:
    """A line in one typography without what changes inside of it: relative times, tracking parameters, spaces around marks."""
    if ("?" in line or "&" in line) and "://" in line:
        line = _clean_links(line)
    if _passes(line.lower()):
        line = _RELATIVE.sub("§", line)
    # Quotes and other marks are set with or without a space around them.
    if '"' in line:
        line = _QUOTED.sub('"', line)
    return _BEFORE_MARK.sub(r"\1", line)


def _passes(low: str) -> bool:
    """Whether a relative time may stand in a line: each has one of these words."""
    return (
        "il y a" in low
        or " ago" in low
        or "vor " in low
        or "hace " in low
        or (" fa" in low and _PASSED.search(low) is not None)
    )


def key(sentence: str) -> str:
    """The wording of a title or a sentence, whatever it looks like."""
    return plain(" ".join(typography(sentence).split("\n")))


def _clean_links(line: str) -> str:
    before = None
    while before != line:
        before, line = line, _TRACKED.sub(r"\1", line)
    return re.sub(r"[?&]+(?=[\s\")>\]#]|$)", "", re.sub(r"\?&+", "?", line))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def wording(title: str, text: str) -> str:
    """The name of a wording: sha256 of title and text, normalised. Line breaks are layout, not words."""
    return names(title, text)[0]


def text_name(text: str, title: str = "", authors: Sequence[str] = ()) -> str:
    """The name of a text alone, without lines that are only its title or byline; "" where there are no words."""
    return names(title, text, authors)[1]


def names(title: str, text: str, authors: Sequence[str] = ()) -> tuple[str, str]:
    """Both, for the price of one: ``wording`` and ``text_name``."""
    return _names(title, text, tuple(authors))


@lru_cache(maxsize=16)  # a text is named at several steps of its way
def _names(title: str, text: str, authors: tuple[str, ...]) -> tuple[str, str]:
    lines_of_words = normal(text)
    headline = key(title)
    whole = _digest(f"{' '.join(headline.split())}\n{_one_line(lines_of_words)}")
    drop = {headline.lower(), *(key(author).lower() for author in authors)}
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
    words = _one_line("\n".join(lines))
    return whole, _digest(words) if words else ""


def _one_line(normal: str) -> str:
    """The words of a normalised text with one space between them."""
    line = normal.replace("\n", " ")
    return (
        " ".join(line.split())
        if "  " in line or line[:1] == " " or line[-1:] == " "
        else line
    )


_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")


def unspaced(text: str) -> bool:
    """Whether a text has letters of scripts that set no spaces between words."""
    return _CJK.search(text) is not None


def shingles(text: str, size: int = 3) -> set[tuple[str, ...]]:
    """The runs of ``size`` words of a text; of characters where words are not spaced."""
    low = normal(text).lower()
    words: list[str] = re.findall(r"\w+", low)
    if unspaced(low):
        words = [
            part for word in words for part in (word if unspaced(word) else [word])
        ]
    if len(words) < size:
        return {tuple(words)} if words else set()
    return set(zip(*(words[start:] for start in range(size)), strict=False))


@lru_cache(maxsize=16)  # a text is compared with several others
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(shingles(text))


def alike(one: str, other: str) -> float:
    """How much of the shorter text stands in the other: share of its three-word shingles, 0 to 1."""
    first, second = _runs(one), _runs(other)
    if not first or not second:
        return 1.0 if first == second else 0.0
    return len(first & second) / min(len(first), len(second))
