"""Who wrote it, where only what is seen says so: bylines beside the headline and signatures. Pure.

An element that says of itself that it names the author comes first, the nearer to the headline the better; then a short line
that begins with "By" in one of many languages. Not for: what in a byline is a name (``people``).
"""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line
from harvester.parse.metadata.candidates import (
    MAX_SHORT_TEXT_LENGTH,
    CandidateElements,
    is_unrelated,
    short_text,
)
from harvester.parse.metadata.people import parse_author_names

MAX_DATE_DISTANCE = (
    30  # elements from the headline to a date that a name may stand beside
)
_AUTHOR_HINT = re.compile(
    r"author[-_]*name|name[-_]*author|byline|by[-_]line|\bauthor\b|\bautor\b|\bauteur\b|\bwriter\b|posted[-_]by|\bfn\b|author[-_]?link|contributor[-_]*name",
    re.IGNORECASE,
)
_WEAK_AUTHOR_HINT = re.compile(
    r"auth?or|auteur|yline|writer|username|user-name|submitted|verfasser|redakteur|contributor",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:by|from|get app)$|\b(?:insights?|share|comment|comments|read|more|about|follow|subscribe|posts?|articles?|email|e-mail|twitter|facebook|the author|click|here|print|save|photo|image|credit|source|updated|published|min|bio|profile|view|all|contact"
    r"|minutes?|ago|home|menu|search|login|sign|blog|news|category|tags?|reply|kommentare?|teilen|mehr|lesen|über|impressum|datenschutz|copyright|rights|reserved|licen[sc]ed|team page|website|web|newsletter)\b",
    re.IGNORECASE,
)
_BYLINE_START = re.compile(
    r"^\W{0,3}(?:by|par|von|por|door|(?:written|posted|published|submitted) by|(?:écrit|publié|rédigé) par|(?:geschrieben|verfasst|veröffentlicht) von|(?:publicado|escrito) por|texte?\s?:|authors?\s?:|autor(?:in)?\s?:|auteur\s?:|redaktion\s?:|[(（]?责编\s?[:：]|作者\s?[:：])(?:\s|$|(?<=[:：]))",
    re.IGNORECASE,
)
_NAME_PARTICLES = frozenset(
    ("de", "da", "di", "du", "des", "del", "della", "van", "von", "der", "den", "ter", "la", "le", "el", "al", "bin", "ibn", "dos",
     "das", "y", "e", "zu", "zum", "af", "av", "st", "mc", "the", "team", "editors")
)  # fmt: skip


def find_authors(candidates: CandidateElements) -> tuple[str, ...]:
    """The people that the page shows as those who wrote it; empty where it shows none."""
    ranked = sorted(
        (rank, place, names)
        for place in candidates.author_indexes
        if (rank := _rank(candidates, place)) < 10
        and (names := _author_names(candidates.elements[place], rank % 4 < 3))
    )
    if not ranked:
        return _find_byline_line(candidates)
    best, first, names = ranked[0]
    kind = _element_signature(candidates.elements[first])
    together = [*names]
    for rank, place, more in ranked[
        1:
    ]:  # several authors, each in an element of the same kind
        if (
            rank == best
            and place - first < 30
            and _element_signature(candidates.elements[place]) == kind
        ):
            together += more
    return tuple({name.casefold(): name for name in reversed(together)}.values())[::-1]


def _element_signature(element: HtmlElement) -> tuple[str, str]:
    return (
        str(element.tag),
        f"{element.get('class', '')} {element.get('itemprop', '')} {element.get('rel', '')}",
    )


def _rank(candidates: CandidateElements, index: int) -> int:
    """The lower, the likelier; 10 where it is not about this article. The remainder by four is 3 where it is only a link."""
    element = candidates.elements[index]
    hints = f"{element.get('class', '')} {element.get('id', '')}"
    if (
        "author" in (element.get("rel") or "").split()
        or "author" in (element.get("itemprop") or "").split()
    ):
        rank = 0
    elif _AUTHOR_HINT.search(hints):
        rank = 1
    else:
        rank = (
            2 if _WEAK_AUTHOR_HINT.search(hints) else 3
        )  # a link to a page about somebody
    beside = (
        rank < 2
        and candidates.headline_index >= 0
        and 0 < index - candidates.headline_index < 12
    )
    if is_unrelated(
        element, candidates.headline_ancestors, asides_unrelated=not beside
    ):
        return 10
    if (
        candidates.headline_index >= 0
        and not candidates.headline_index - 30 < index < candidates.headline_index + 60
    ):
        rank += 4
    return rank


def _author_names(element: HtmlElement, is_author_markup: bool) -> tuple[str, ...]:
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
    names = parse_author_names([text], allow_handles=is_author_markup) if text else ()
    return (
        names
        if names
        and len(names) <= 8
        and all(is_name(name, is_author_markup) for name in names)
        else ()
    )


def find_name_beside_date(
    candidates: CandidateElements, date_indexes: list[int]
) -> tuple[str, ...]:
    """A full name that stands alone right beside the date of publication. ``places``: where dates stand."""
    for place in date_indexes:
        if abs(place - candidates.headline_index) > MAX_DATE_DISTANCE:
            continue
        for step in (-1, 1, -2, 2, -3, 3, -4, 4, 5, 6):
            at = place + step
            if (
                not 0 <= at < len(candidates.elements)
                or candidates.elements[at].tag in _NON_NAME_TAGS
            ):
                continue
            element = candidates.elements[at]
            text = clean_line(element.text or "", 60)
            if (
                _FULL_NAME.fullmatch(text)
                and not len(element)
                and _is_not_section_link(element)
                and is_name(text, False)
                and not is_unrelated(element, candidates.headline_ancestors)
            ):
                return parse_author_names([text])
    return ()


def _is_not_section_link(element: HtmlElement) -> bool:
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
        _SECTION_LINK.search(
            f"{link.get('href') or ''} {link.get('rel') or ''} {link.get('class') or ''}"
        )
        is None
    )


_NON_NAME_TAGS = frozenset(("h1", "h2", "button", "option", "label", "time"))
_SECTION_LINK = re.compile(
    r"categor|/tags?/|\btag\b|topic|section|rubri|/c/|thema|ressort", re.IGNORECASE
)
_FULL_NAME = re.compile(
    r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*\.?(?: (?:de|van|von|der|la|[^\W\d_]\.|[^\W\d_]+(?:[-'’][^\W\d_]+)*)){1,3}"
)


def _find_byline_line(candidates: CandidateElements) -> tuple[str, ...]:
    """Of a short line that begins with "By", near the headline."""
    for place in candidates.headline_range():
        element = candidates.elements[place]
        for text, whole in ((element.text, True), (element.tail, False)):
            if (
                not text
                or len(text) > MAX_SHORT_TEXT_LENGTH
                or not _BYLINE_START.match(text)
            ):
                continue
            shown = short_text(element, 100) if whole else clean_line(text)
            names = (
                parse_author_names([shown])
                if shown and not is_unrelated(element, candidates.headline_ancestors)
                else ()
            )
            if names and all(is_name(name, False) for name in names):
                return names
    return ()


def is_name(text: str, is_author_markup: bool) -> bool:
    """Whether a text looks like a person's name. ``marked``: it stands where names stand, so that one word suffices."""
    if _NOT_A_NAME.search(text):
        return False
    words = [word for word in text.split() if word.lower() not in _NAME_PARTICLES]
    if not words or len(words) > 5 or (" " not in text and not is_author_markup):
        return False
    if not text.isascii() and not any(
        c.isupper() for c in text
    ):  # scripts without capitals
        return len(text) <= 30
    capitals = sum(word[0].isupper() or not word[0].isalpha() for word in words)
    return capitals == len(words) or (
        is_author_markup and (len(words) == 1 or capitals > 0)
    )
