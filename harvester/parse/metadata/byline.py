"""Who wrote an article, if the page only shows it: bylines and signatures.

An element whose markup says that it names the author comes first, the nearer to the
headline the better; then a short line that begins with "By" in one of many languages.
What in a byline is a name is decided by ``people``.
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

MAX_NAMES_PER_ELEMENT = 8
# Distances in candidate elements.
MAX_DATE_DISTANCE = 30  # from the headline to a date that a name may stand beside
MAX_COAUTHOR_DISTANCE = 30  # between elements that name authors together
MAX_BESIDE_DISTANCE = 12  # from the headline to a byline that may be an aside
MAX_BEFORE_HEADLINE, MAX_AFTER_HEADLINE = 30, 60

# Ranks of elements that may name an author, the likeliest first.
_RANK_STATED = 0  # by rel or itemprop
_RANK_HINT = 1  # by class or id
_RANK_WEAK_HINT = 2
_RANK_LINK = 3  # only a link to a page about somebody
_FAR_PENALTY = 4  # added if it is far from the headline
_RANK_UNRELATED = 10  # not about this article

_AUTHOR_HINT = re.compile(
    r"author[-_]*name|name[-_]*author|byline|by[-_]line|\bauthor\b|\bautor\b|\bauteur\b"
    r"|\bwriter\b|posted[-_]by|\bfn\b|author[-_]?link|contributor[-_]*name",
    re.IGNORECASE,
)
_WEAK_AUTHOR_HINT = re.compile(
    r"auth?or|auteur|yline|writer|username|user-name|submitted|verfasser|redakteur"
    r"|contributor",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:by|from|get app)$"
    r"|\b(?:insights?|share|comment|comments|read|more|about|follow|subscribe|posts?"
    r"|articles?|email|e-mail|twitter|facebook|the author|click|here|print|save|photo"
    r"|image|credit|source|updated|published|min|bio|profile|view|all|contact"
    r"|minutes?|ago|home|menu|search|login|sign|blog|news|category|tags?|reply"
    r"|kommentare?|teilen|mehr|lesen|über|impressum|datenschutz|copyright|rights"
    r"|reserved|licen[sc]ed|team page|website|web|newsletter)\b",
    re.IGNORECASE,
)
_BYLINE_START = re.compile(
    r"^\W{0,3}(?:by|par|von|por|door|(?:written|posted|published|submitted) by"
    r"|(?:écrit|publié|rédigé) par|(?:geschrieben|verfasst|veröffentlicht) von"
    r"|(?:publicado|escrito) por|texte?\s?:|authors?\s?:|autor(?:in)?\s?:|auteur\s?:"
    r"|redaktion\s?:|[(（]?责编\s?[:：]|作者\s?[:：])(?:\s|$|(?<=[:：]))",
    re.IGNORECASE,
)
_FULL_NAME = re.compile(
    r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*\.?"
    r"(?: (?:de|van|von|der|la|[^\W\d_]\.|[^\W\d_]+(?:[-'’][^\W\d_]+)*)){1,3}"
)
_NAME_PARTICLES = frozenset(
    "de da di du des del della van von der den ter la le el al bin ibn dos das y e zu "
    "zum af av st mc the team editors".split()
)
_NON_NAME_TAGS = frozenset(("h1", "h2", "button", "option", "label", "time"))
_SECTION_LINK = re.compile(
    r"categor|/tags?/|\btag\b|topic|section|rubri|/c/|thema|ressort", re.IGNORECASE
)


def find_authors(candidates: CandidateElements) -> tuple[str, ...]:
    """The people that the page shows as its authors; empty if it shows none."""
    ranked = []
    for index in candidates.author_indexes:
        rank = _rank(candidates, index)
        if rank >= _RANK_UNRELATED:
            continue
        is_author_markup = rank % _FAR_PENALTY < _RANK_LINK
        names = _author_names(candidates.elements[index], is_author_markup)
        if names:
            ranked.append((rank, index, names))
    if not ranked:
        return _find_byline_line(candidates)
    ranked.sort()
    best_rank, first, names = ranked[0]
    signature = _element_signature(candidates.elements[first])
    all_names = [*names]
    # Several authors may each have an element of the same kind.
    for rank, index, names in ranked[1:]:
        if (
            rank == best_rank
            and index - first < MAX_COAUTHOR_DISTANCE
            and _element_signature(candidates.elements[index]) == signature
        ):
            all_names += names
    return tuple({name.casefold(): name for name in reversed(all_names)}.values())[::-1]


def _element_signature(element: HtmlElement) -> tuple[str, str]:
    attributes = (element.get(name, "") for name in ("class", "itemprop", "rel"))
    return str(element.tag), " ".join(attributes)


def _rank(candidates: CandidateElements, index: int) -> int:
    """How unlikely an element is to name the author: one of the ranks above."""
    element = candidates.elements[index]
    headline_index = candidates.headline_index
    hints = f"{element.get('class', '')} {element.get('id', '')}"
    if (
        "author" in (element.get("rel") or "").split()
        or "author" in (element.get("itemprop") or "").split()
    ):
        rank = _RANK_STATED
    elif _AUTHOR_HINT.search(hints):
        rank = _RANK_HINT
    elif _WEAK_AUTHOR_HINT.search(hints):
        rank = _RANK_WEAK_HINT
    else:
        rank = _RANK_LINK
    is_beside_headline = (
        rank <= _RANK_HINT
        and headline_index >= 0
        and 0 < index - headline_index < MAX_BESIDE_DISTANCE
    )
    if is_unrelated(
        element,
        candidates.headline_ancestors,
        asides_unrelated=not is_beside_headline,
    ):
        return _RANK_UNRELATED
    if headline_index >= 0 and not (
        -MAX_BEFORE_HEADLINE < index - headline_index < MAX_AFTER_HEADLINE
    ):
        rank += _FAR_PENALTY
    return rank


def _author_names(element: HtmlElement, is_author_markup: bool) -> tuple[str, ...]:
    """The names in an element; empty if any of them does not look like a name."""
    name_element = element
    if element.get("itemprop"):
        for descendant in islice(element.iter("*"), 30):
            if descendant.get("itemprop") == "name":
                name_element = descendant
                break
    text = short_text(name_element, 120)
    names = parse_author_names([text], allow_handles=is_author_markup) if text else ()
    if len(names) > MAX_NAMES_PER_ELEMENT:
        return ()
    return names if all(_is_name(name, is_author_markup) for name in names) else ()


def find_name_beside_date(
    candidates: CandidateElements, date_indexes: list[int]
) -> tuple[str, ...]:
    """A full name alone in an element right beside the date of publication."""
    for date_index in date_indexes:
        if abs(date_index - candidates.headline_index) > MAX_DATE_DISTANCE:
            continue
        for step in (-1, 1, -2, 2, -3, 3, -4, 4, 5, 6):
            index = date_index + step
            if not 0 <= index < len(candidates.elements):
                continue
            element = candidates.elements[index]
            if element.tag in _NON_NAME_TAGS:
                continue
            text = clean_line(element.text or "", 60)
            if (
                _FULL_NAME.fullmatch(text)
                and not len(element)
                and not _is_section_link(element)
                and _is_name(text, False)
                and not is_unrelated(element, candidates.headline_ancestors)
            ):
                return parse_author_names([text])
    return ()


def _is_section_link(element: HtmlElement) -> bool:
    """Whether an element is, or is in, a link to a section or a tag."""
    for ancestor in chain((element,), islice(element.iterancestors(), 2)):
        if ancestor.tag == "a":
            hints = (ancestor.get(name) or "" for name in ("href", "rel", "class"))
            return _SECTION_LINK.search(" ".join(hints)) is not None
    return False


def _find_byline_line(candidates: CandidateElements) -> tuple[str, ...]:
    """The names in a short line near the headline that begins with "By"."""
    for index in candidates.headline_range():
        element = candidates.elements[index]
        for text, is_own in ((element.text, True), (element.tail, False)):
            if (
                not text
                or len(text) > MAX_SHORT_TEXT_LENGTH
                or not _BYLINE_START.match(text)
            ):
                continue
            byline = short_text(element, 100) if is_own else clean_line(text)
            if not byline or is_unrelated(element, candidates.headline_ancestors):
                continue
            names = parse_author_names([byline])
            if names and all(_is_name(name, False) for name in names):
                return names
    return ()


def _is_name(text: str, is_author_markup: bool) -> bool:
    """Whether a text looks like a person's name.

    With ``is_author_markup``, it is known to name somebody, and one word suffices.
    """
    if _NOT_A_NAME.search(text):
        return False
    words = [word for word in text.split() if word.lower() not in _NAME_PARTICLES]
    if not words or len(words) > 5 or (" " not in text and not is_author_markup):
        return False
    if not text.isascii() and not any(c.isupper() for c in text):
        return len(text) <= 30  # a script without capitals
    capitals = sum(word[0].isupper() or not word[0].isalpha() for word in words)
    return capitals == len(words) or (
        is_author_markup and (len(words) == 1 or capitals > 0)
    )
