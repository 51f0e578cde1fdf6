"""Who wrote it, where only what is seen says so: bylines beside the headline and signatures. Pure.

An element that says of itself that it names the author comes first, the nearer to the headline the better; then a short line
that begins with "By" in one of many languages. Not for: what in a byline is a name (``people``).
"""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.html.charset import line
from harvester.parse.metadata.candidates import SHORT, Seen, apart, short_text
from harvester.parse.metadata.people import authors

BESIDE = 30  # elements from the headline to a date that a name may stand beside
_EXACT = re.compile(
    r"author[-_]*name|name[-_]*author|byline|by[-_]line|\bauthor\b|\bautor\b|\bauteur\b|\bwriter\b|posted[-_]by|\bfn\b|author[-_]?link|contributor[-_]*name",
    re.IGNORECASE,
)
_HINTED = re.compile(
    r"auth?or|auteur|yline|writer|username|user-name|submitted|verfasser|redakteur|contributor",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:by|from|get app)$|\b(?:insights?|share|comment|comments|read|more|about|follow|subscribe|posts?|articles?|email|e-mail|twitter|facebook|the author|click|here|print|save|photo|image|credit|source|updated|published|min|bio|profile|view|all|contact"
    r"|minutes?|ago|home|menu|search|login|sign|blog|news|category|tags?|reply|kommentare?|teilen|mehr|lesen|über|impressum|datenschutz|copyright|rights|reserved|licen[sc]ed|team page|website|web|newsletter)\b",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^\W{0,3}(?:by|par|von|por|door|(?:written|posted|published|submitted) by|(?:écrit|publié|rédigé) par|(?:geschrieben|verfasst|veröffentlicht) von|(?:publicado|escrito) por|texte?\s?:|authors?\s?:|autor(?:in)?\s?:|auteur\s?:|redaktion\s?:|[(（]?责编\s?[:：]|作者\s?[:：])(?:\s|$|(?<=[:：]))",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    ("de", "da", "di", "du", "des", "del", "della", "van", "von", "der", "den", "ter", "la", "le", "el", "al", "bin", "ibn", "dos",
     "das", "y", "e", "zu", "zum", "af", "av", "st", "mc", "the", "team", "editors")
)  # fmt: skip


def find(seen: Seen) -> tuple[str, ...]:
    """The people that the page shows as those who wrote it; empty where it shows none."""
    ranked = sorted(
        (rank, place, names)
        for place in seen.people
        if (rank := _rank(seen, place)) < 10
        and (names := _names(seen.elements[place], rank % 4 < 3))
    )
    if not ranked:
        return _lines(seen)
    best, first, names = ranked[0]
    kind = _kind(seen.elements[first])
    together = [*names]
    for rank, place, more in ranked[
        1:
    ]:  # several authors, each in an element of the same kind
        if rank == best and place - first < 30 and _kind(seen.elements[place]) == kind:
            together += more
    return tuple({name.casefold(): name for name in reversed(together)}.values())[::-1]


def _kind(element: HtmlElement) -> tuple[str, str]:
    return (
        str(element.tag),
        f"{element.get('class', '')} {element.get('itemprop', '')} {element.get('rel', '')}",
    )


def _rank(seen: Seen, place: int) -> int:
    """The lower, the likelier; 10 where it is not about this article. The remainder by four is 3 where it is only a link."""
    element = seen.elements[place]
    hints = f"{element.get('class', '')} {element.get('id', '')}"
    if (
        "author" in (element.get("rel") or "").split()
        or "author" in (element.get("itemprop") or "").split()
    ):
        rank = 0
    elif _EXACT.search(hints):
        rank = 1
    else:
        rank = 2 if _HINTED.search(hints) else 3  # a link to a page about somebody
    beside = rank < 2 and seen.headline >= 0 and 0 < place - seen.headline < 12
    if apart(element, seen.frame, asides=not beside):
        return 10
    if seen.headline >= 0 and not seen.headline - 30 < place < seen.headline + 60:
        rank += 4
    return rank


def _names(element: HtmlElement, marked: bool) -> tuple[str, ...]:
    inner = None
    if element.get("itemprop"):
        inner = next(
            (
                one
                for one in islice(element.iter("*"), 30)
                if one.get("itemprop") == "name"
            ),
            None,
        )
    text = short_text(inner if inner is not None else element, 120)
    names = authors([text], handles=marked) if text else ()
    return (
        names
        if names and len(names) <= 8 and all(is_name(name, marked) for name in names)
        else ()
    )


def beside(seen: Seen, places: list[int]) -> tuple[str, ...]:
    """A full name that stands alone right beside the date of publication. ``places``: where dates stand."""
    for place in places:
        if abs(place - seen.headline) > BESIDE:
            continue
        for step in (-1, 1, -2, 2, -3, 3, -4, 4, 5, 6):
            at = place + step
            if not 0 <= at < len(seen.elements) or seen.elements[at].tag in _HEADINGS:
                continue
            element = seen.elements[at]
            text = line(element.text or "", 60)
            if (
                _FULL_NAME.fullmatch(text)
                and not len(element)
                and _own(element)
                and is_name(text, False)
                and not apart(element, seen.frame)
            ):
                return authors([text])
    return ()


def _own(element: HtmlElement) -> bool:
    """Whether it is no link to a section or a tag."""
    link = next(
        (
            one
            for one in chain((element,), islice(element.iterancestors(), 2))
            if one.tag == "a"
        ),
        None,
    )
    if link is None:
        return True
    return (
        _OF_LABELS.search(
            f"{link.get('href') or ''} {link.get('rel') or ''} {link.get('class') or ''}"
        )
        is None
    )


_HEADINGS = frozenset(("h1", "h2", "button", "option", "label", "time"))
_OF_LABELS = re.compile(
    r"categor|/tags?/|\btag\b|topic|section|rubri|/c/|thema|ressort", re.IGNORECASE
)
_FULL_NAME = re.compile(
    r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*\.?(?: (?:de|van|von|der|la|[^\W\d_]\.|[^\W\d_]+(?:[-'’][^\W\d_]+)*)){1,3}"
)


def _lines(seen: Seen) -> tuple[str, ...]:
    """Of a short line that begins with "By", near the headline."""
    for place in seen.around():
        element = seen.elements[place]
        for text, whole in ((element.text, True), (element.tail, False)):
            if not text or len(text) > SHORT or not _LINE.match(text):
                continue
            shown = short_text(element, 100) if whole else line(text)
            names = authors([shown]) if shown and not apart(element, seen.frame) else ()
            if names and all(is_name(name, False) for name in names):
                return names
    return ()


def is_name(text: str, marked: bool) -> bool:
    """Whether a text looks like a person's name. ``marked``: it stands where names stand, so that one word suffices."""
    if _NOT_A_NAME.search(text):
        return False
    words = [word for word in text.split() if word.lower() not in _PARTICLES]
    if not words or len(words) > 5 or (" " not in text and not marked):
        return False
    if not text.isascii() and not any(
        c.isupper() for c in text
    ):  # scripts without capitals
        return len(text) <= 30
    capitals = sum(word[0].isupper() or not word[0].isalpha() for word in words)
    return capitals == len(words) or (marked and (len(words) == 1 or capitals > 0))
