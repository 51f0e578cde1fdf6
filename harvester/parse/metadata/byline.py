"""Who wrote an article, if the page only shows it: bylines and signatures.

An element whose markup says that it names the author comes first, the nearer to the
headline the better; then a short line that begins with "By" in one of many languages.
What in a byline is a name is decided by ``people``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line
from harvester.parse.metadata.byline_lines import byline_lines
from harvester.parse.metadata.candidates import (
    MAX_SHORT_TEXT_LENGTH,
    CandidateElements,
    is_person_link,
    is_unrelated,
    short_text,
)
from harvester.parse.names import byline_words as words
from harvester.parse.names.people import is_handle, parse_author_names

MAX_NAMES_PER_ELEMENT = 8
MAX_HINTS_LENGTH = 1_000  # characters of class and id
MAX_BYLINE_LENGTH = 160  # characters of an element that names authors
MAX_DATE_LINE_LENGTH = 100  # characters of an element with a date and a name
MAX_CAPLESS_LENGTH = 30  # characters of a name in a script without capitals
MAX_LABELLED_LENGTH = 120  # characters of a line that begins with "By"
# Distances in candidate elements.
MAX_DATE_DISTANCE = 30  # from the headline to a date that a name may stand beside
MAX_COAUTHOR_DISTANCE = 30  # between elements that name authors together
MAX_SIBLINGS = 6  # elements beside one that are looked at
MAX_COAUTHOR_LEVELS = 3  # elements around both
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
    r"author[-_]*name|name[-_]*author|byline|by[-_]line|posted[-_]by|\bfn\b"
    r"|(?:^|[\W_])(?:author|autor|auteur|writer)(?:$|[\W_])"
    r"|author[-_]?link|contributor[-_]*name",
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
    r"|kommentare?|teilen|mehr|lesen|über|impressum|datenschutz|copyright|copied|rights"
    r"|reserved|licen[sc]ed|team page|website|web|newsletter|link|paid|free|written|edited"
    r"|researched|reviewed|verified|sponsored|text|words|zurück|back|bild|quelle)\b|©",
    re.IGNORECASE,
)
_OTHER_WORK = re.compile(
    r"(?:photo|image|img|picture|foto|bild|caption|video|media|quote|review|comment)"
    r"[-_]{0,2}(?:author|autor|by(?:line)?|credit|copyright|source|creator)"
    r"|photographer|illustrator|translator|fotograf|reviewed[-_]?by|fact[-_]?check",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"\W*(?:in|aus|à|at|for|from|of|on|pour|für|voor|para|dans|bei|via)\W*",
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
_PART_SEPARATOR = re.compile(r"\s*[|｜•·,\n]\s*|\s+[-–—]\s+")
_LAST_PREPOSITION = re.compile(r"\s+(?:in|on|at|am|le|el)$")
_DIGIT = re.compile(r"\d")
# Chinese, Japanese and Korean.
_WRITTEN_WITHOUT_SPACES = re.compile("[·\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,8}")
_SENTENCE_SIGN = re.compile("[？！，。：；、「」『』《》?!:;]")
_NON_NAME_TAGS = frozenset(("h1", "h2", "button", "option", "label", "time"))
_SECTION_LINK = re.compile(
    r"categor|/tags?/|\btag\b|topic|section|rubri|/c/|thema|ressort", re.IGNORECASE
)


def find_authors(
    candidates: CandidateElements, is_author: Callable[[str], bool]
) -> tuple[str, ...]:
    """The people that the page shows as its authors; empty if it shows none.

    Where it shows nobody who ``is_author``, it is the outlet or newsroom that it names.
    """
    ranked: list[tuple[int, int, tuple[str, ...]]] = []
    others: tuple[str, ...] = ()
    for index in candidates.author_indexes:
        rank = _rank(candidates, index)
        if rank >= _RANK_UNRELATED:
            continue
        is_author_markup = rank % _FAR_PENALTY < _RANK_LINK
        names = _author_names(candidates.elements[index], is_author_markup)
        if any(map(is_author, names)):
            ranked.append((rank, index, names))
        else:
            others = others or names
    if others and all(all(map(is_handle, names)) for _, _, names in ranked):
        ranked = []  # an account or initials, where the outlet's name is known
    if not ranked:
        return _find_byline_line(candidates) or others
    # An account's name in an element around another may be something else.
    outer = {
        ancestor
        for _, index, _ in ranked
        for ancestor in _around(candidates.elements[index])
    }
    ranked.sort(
        key=lambda entry: (
            entry[0],
            all(map(is_handle, entry[2])) and candidates.elements[entry[1]] in outer,
            entry[1],
        )
    )
    best_rank, first, names = ranked[0]
    signature = _element_signature(candidates.elements[first])
    around = set(_around(candidates.elements[first]))
    all_names = [*names]
    # Several authors may each have an element of the same kind.
    for rank, index, names in ranked[1:]:
        if (
            rank == best_rank
            and index - first < MAX_COAUTHOR_DISTANCE
            and not around.isdisjoint(_around(candidates.elements[index]))
            and _element_signature(candidates.elements[index]) == signature
        ):
            all_names += names
    return tuple({name.casefold(): name for name in reversed(all_names)}.values())[::-1]


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements around one, in which its co-authors stand."""
    return islice(element.iterancestors(), MAX_COAUTHOR_LEVELS)


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
    if _is_other_work(element):
        return _RANK_UNRELATED
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


def _is_other_work(element: HtmlElement) -> bool:
    """Whether an element names who took a picture, or checked or translated."""
    return any(
        _is_hint_of_other_work(
            f"{node.get('class', '')} {node.get('id', '')}"[:MAX_HINTS_LENGTH]
        )
        for node in chain((element,), islice(element.iterancestors(), 1))
    )


@lru_cache(maxsize=512)
def _is_hint_of_other_work(hints: str) -> bool:
    return len(hints) > 1 and _OTHER_WORK.search(hints) is not None


def _author_names(element: HtmlElement, is_author_markup: bool) -> tuple[str, ...]:
    """The names in an element, by its lines.

    The first line with a name decides; others add what is surely a full name.
    """
    name_element = element
    if element.get("itemprop"):
        for descendant in islice(element.iter("*"), 30):
            if descendant.get("itemprop") == "name":
                name_element = descendant
                break
    lines = byline_lines(name_element)
    if name_element.tag == "meta":
        lines = [clean_line(name_element.get("content"))]
    if sum(map(len, lines)) > MAX_BYLINE_LENGTH:
        return ()
    names: list[str] = []
    after_preposition = False
    for line in lines:
        is_place = after_preposition
        after_preposition = _PREPOSITION.fullmatch(line) is not None
        if after_preposition or is_place:
            continue
        people = parse_author_names(
            [line], allow_handles=is_author_markup and not names
        )
        is_full = all(_FULL_NAME.fullmatch(name) for name in people)
        if all(_is_name(name, is_author_markup) for name in people) and (
            is_full or not names
        ):
            names += people
        elif not names:
            return ()
    handles = [name for name in names if is_handle(name)]
    if handles == names[:1] and len(names) == 2:
        names = handles  # what follows says more about him
    elif len(handles) < len(names):
        names = [name for name in names if name not in handles]
    return tuple(names) if len(names) <= MAX_NAMES_PER_ELEMENT else ()


def find_name_beside_date(
    candidates: CandidateElements, date_indexes: list[int]
) -> tuple[str, ...]:
    """A full name alone beside the date of publication, or in an element beside it."""
    elements = candidates.elements
    title_words: set[str] = set()
    if candidates.headline_index >= 0:
        headline = short_text(elements[candidates.headline_index], 400)
        title_words.update(headline.casefold().split())
    for date_index in date_indexes:
        if abs(date_index - candidates.headline_index) > MAX_DATE_DISTANCE:
            continue
        for step in (0, -1, 1, -2, 2, -3, 3, -4, 4, 5, 6):
            index = date_index + step
            if not 0 <= index < len(elements):
                continue
            element = elements[index]
            if step and element.tag in _NON_NAME_TAGS:
                continue
            name = _full_name(_own_text(element))
            if (
                name
                and not title_words.issuperset(name.casefold().split())
                and not _is_other_link(element, name)
                and not is_unrelated(element, candidates.headline_ancestors)
            ):
                return (name,)
    return ()


def _own_text(element: HtmlElement) -> str:
    """The text of a short element without that of the elements in it, as parts."""
    texts = [element.text, *(child.tail for child in islice(element, MAX_SIBLINGS))]
    parts = (clean_line(text, MAX_BYLINE_LENGTH) for text in texts)
    own_text = "|".join(part for part in parts if part)
    return own_text if own_text and short_text(element, MAX_DATE_LINE_LENGTH) else ""


def _full_name(text: str) -> str:
    """The only full name in a text of parts, beside a date; "" if none."""
    if " " not in text:
        return ""
    parts = _PART_SEPARATOR.split(words.WHOLE_DATE.sub("|", text))
    names = [
        name
        for part in parts
        if _FULL_NAME.fullmatch(_LAST_PREPOSITION.sub("", part.strip(" -–—")))
        for name in parse_author_names([part])
        if _is_name(name, False)
    ]
    return names[0] if len(names) == 1 else ""


def _is_other_link(element: HtmlElement, name: str) -> bool:
    """Whether an element is, or is in, a link to something else than this person."""
    for ancestor in chain((element,), islice(element.iterancestors(), 2)):
        if ancestor.tag == "a" and (href := (ancestor.get("href") or "").lower()):
            is_named = any(word in href for word in name.casefold().split())
            return _SECTION_LINK.search(href) is not None or not (
                is_named or is_person_link(ancestor) or "mailto:" in href
            )
    return False


def _find_byline_line(candidates: CandidateElements) -> tuple[str, ...]:
    """The names in a short line near the headline that begins with "By"."""
    for index in candidates.headline_range():
        element = candidates.elements[index]
        for text, is_own in ((element.text, True), (element.tail, False)):
            if not text or text.isspace() or len(text) > MAX_SHORT_TEXT_LENGTH:
                continue
            names = _names_after_label(element, text, is_own)
            if (
                names
                and not _is_other_work(element)
                and not is_unrelated(element, candidates.headline_ancestors)
            ):
                return names
    return ()


def _names_after_label(
    element: HtmlElement, text: str, is_own: bool
) -> tuple[str, ...]:
    """The names after "By" at the beginning, or after "Author:" anywhere.

    ``is_own``: the text is the element's, not the one that follows it.
    """
    starts = words.find_byline_start(text)
    if starts is None:
        line = words.find_inner_label(text)
    elif text[starts.end() :].strip(" :："):
        line = (byline_lines(element)[:1] or [""])[0] if is_own else clean_line(text)
    else:  # the label is apart from the name
        lines = byline_lines(element)[1:2] if is_own else []
        line = f"{clean_line(text)} {(lines or [_following_text(element, is_own)])[0]}"
    if not 0 < len(line) <= MAX_LABELLED_LENGTH:
        return ()
    names = parse_author_names([line], allow_handles=starts is not None)
    if names and all(_is_name(name, False) for name in names):
        return names
    # "Posted by anne on 3 May", or "by anne" alone: an account's name.
    is_account = starts and (
        words.WRITTEN_BY.match(text)
        or _DIGIT.search(line)
        or (is_own and len(line.split()) == 2)
    )
    return names if is_account and len(names) == 1 and _is_name(names[0], True) else ()


def _following_text(element: HtmlElement, is_own: bool) -> str:
    """The first line after an element, or after the text that follows it."""
    if is_own and element.tail and element.tail.strip():
        return clean_line(element.tail)
    for sibling in islice(element.itersiblings("*"), MAX_SIBLINGS):
        lines = byline_lines(sibling) or [clean_line(sibling.tail)]
        if lines[0]:
            return lines[0]
    return ""


def _is_name(text: str, is_author_markup: bool) -> bool:
    """Whether a text looks like a person's name.

    With ``is_author_markup``, it is known to name somebody, and one word suffices.
    """
    if _NOT_A_NAME.search(text):
        return False
    parts = [part for part in text.split() if part.lower() not in _NAME_PARTICLES]
    is_one_word = " " not in text and not _WRITTEN_WITHOUT_SPACES.fullmatch(text)
    if not parts or len(parts) > 5 or (is_one_word and not is_author_markup):
        return False
    if not any(c.isupper() or c.islower() for c in text):
        # A script without capitals.
        return len(text) <= MAX_CAPLESS_LENGTH and not _SENTENCE_SIGN.search(text)
    capitals = sum(part[0].isupper() or not part[0].isalpha() for part in parts)
    return capitals == len(parts) or (
        is_author_markup and (len(parts) == 1 or capitals > 0)
    )
