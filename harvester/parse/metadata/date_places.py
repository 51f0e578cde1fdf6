"""Where a date stands: at the head of an article, in its text, or in another part."""

from __future__ import annotations

import re
from datetime import date
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.metadata.candidates import (
    CandidateElements,
    is_person_link,
    is_unrelated,
    short_text,
)

MIN_PROSE_LENGTH = 90  # characters of a paragraph
MIN_HAN_PROSE_LENGTH = 40  # the same of a script without spaces
MIN_TEASER_WORDS = 5  # words of a link to another article
MAX_TEASER_LENGTH = 250  # characters, without the blanks of its markup
MAX_TEASER_TEXTS = 60  # pieces of text
MAX_LABEL_LEVELS = 3  # elements that begin with a date, after its label

_OTHER_DATE_HINT = re.compile(
    r"event|expir|valid|deadline|birth|copyright|start-?date|end-?date|release-?date"
    r"|\bdue\b|sch?edule|kalender|calendar",
    re.IGNORECASE,
)
_OTHER_PART_HINT = re.compile(
    r"(?:^|[\s_-])(?:repl(?:y|ies)|reactions?|discussions?|kommentare?|commentaires?"
    r"|comentarios|reader[\w-]*|more|col-?right|right-?col\w*|calendar|kalender)"
    r"(?:$|[\s_-])"
)
_TEASER_HINT = re.compile(r"(?:^|[\s_-])teaser[\w-]*(?:$|[\s_-])")
_WHOLE_PAGE_TAGS = frozenset(("h1", "main", "body", "html"))
_OWN_LINKS = ("author", "tag", "category", "bookmark")
_HEADING_TAGS = ("h2", "h3", "h4", "h5")


class Regions:
    """Where a candidate element stands: at the head of the article, or in its text."""

    def __init__(self, candidates: CandidateElements) -> None:
        self._candidates = candidates
        self._body: range | None = None

    def is_in_text(self, index: int) -> bool:
        """Whether an element is among the paragraphs of the article.

        The first paragraph may be a standfirst: the head ends with the second.
        """
        return index in self._find_body()

    def is_in_head(self, index: int) -> bool:
        """Whether an element is between the headline and the paragraphs."""
        body = self._find_body()
        return bool(body) and self._candidates.headline_index < index < body.start

    def is_after_text(self, index: int) -> bool:
        """Whether an element follows the paragraphs of the article."""
        body = self._find_body()
        return bool(body) and index >= body.stop

    def _find_body(self) -> range:
        if self._body is None:
            elements = self._candidates.elements
            start = self._candidates.headline_index
            following = range(start + 1, len(elements)) if start >= 0 else range(0)
            paragraphs = (n for n in following if is_prose(elements[n]))
            second = next(islice(paragraphs, 1, None), None)
            if second is None:
                self._body = range(0)
            else:
                backwards = reversed(range(second, len(elements)))
                last = next(n for n in backwards if is_prose(elements[n]))
                self._body = range(second, last + 1)
        return self._body


def is_prose(element: HtmlElement) -> bool:
    """Whether an element is a paragraph, or has one as its own text."""
    tag = element.tag
    if tag == "p":
        text = element.text  # mostly enough, and cheaper than all
        if not text or len(text.strip()) < MIN_PROSE_LENGTH:
            text = element.text_content()
    elif tag == "br":
        text = element.tail
    else:
        text = element.text
    if not text or len(text) < MIN_HAN_PROSE_LENGTH or tag in ("script", "style"):
        return False
    text = text[:4_000].strip()
    return len(text) >= MIN_PROSE_LENGTH or (
        len(text) >= MIN_HAN_PROSE_LENGTH and text[:20].isalnum() and not text.isascii()
    )


def is_in_text(element: HtmlElement) -> bool:
    """Whether an element is a part of a sentence, or stands between paragraphs."""
    before, after = element.getprevious(), element.getnext()
    if before is not None and after is not None and before.tag == after.tag == "p":
        return is_prose(before) and is_prose(after)
    parent = element.getparent()
    if parent is None or parent.tag not in ("p", "li", "td"):
        return False
    beside = f"{parent.text or ''} {element.tail or ''}"
    return sum(word.islower() for word in beside[:300].split()) > 4


def is_of_another(
    element: HtmlElement,
    headline_ancestors: frozenset[HtmlElement],
    hints: str = "",
    *,
    may_be_teaser: bool = True,
) -> bool:
    """Whether a date is not of the article: of a comment, an event, a teaser."""
    if _OTHER_DATE_HINT.search(hints):
        return True
    if is_unrelated(element, headline_ancestors):
        return True
    for node in chain((element,), element.iterancestors()):
        if node in headline_ancestors or node.tag in _WHOLE_PAGE_TAGS:
            break
        if node.tag == "header" and _is_of_site(node):
            return True
        names = f"{node.get('class', '')} {node.get('id', '')}"[:300].lower()
        if len(names) > 1 and (
            _OTHER_PART_HINT.search(names)
            or (may_be_teaser and _TEASER_HINT.search(names))
        ):
            return True
        # An element with much text is no teaser, nor is anything around it.
        may_be_teaser = may_be_teaser and is_small(node)
        if may_be_teaser and is_teaser(node):
            return True
    return False


def is_of_link(element: HtmlElement, tail: str) -> bool:
    """Whether a text in brackets after an element is on the page that it links to."""
    return (
        element.tag == "a"
        and tail.lstrip()[:1] in ("(", "[")
        and not is_person_link(element)
    )


def is_masthead_day(
    time: str,
    captured_at: str,
    element: HtmlElement,
    headline_ancestors: frozenset[HtmlElement],
) -> bool:
    """Whether an element before the headline shows the day on which it was fetched.

    It is in the masthead if it is outside of the part of the page with the headline.
    ``time`` begins with the day.
    """
    try:
        distance = date.fromisoformat(captured_at[:10]) - date.fromisoformat(time[:10])
    except ValueError:
        return False
    if abs(distance.days) > 1:
        return False
    for ancestor in chain((element,), element.iterancestors()):
        if ancestor in headline_ancestors:
            return ancestor.tag == "body" or any(
                part.tag in ("main", "article") and ancestor in part.iterancestors()
                for part in headline_ancestors
            )
    return False


def is_small(element: HtmlElement, max_length: int = 2 * MAX_TEASER_LENGTH) -> bool:
    """Whether an element has few and short texts, the blanks of its markup included."""
    texts = list(islice(element.itertext(), MAX_TEASER_TEXTS + 1))
    return len(texts) <= MAX_TEASER_TEXTS and sum(map(len, texts)) <= max_length


def _is_of_site(header: HtmlElement) -> bool:
    """Whether a header is the site's: outside of an article, and without a headline."""
    if any(node.tag in ("article", "main") for node in header.iterancestors()):
        return False
    return next(header.iter("h1", "h2"), None) is None


def is_teaser(element: HtmlElement, min_words: int = MIN_TEASER_WORDS) -> bool:
    """Whether an element links to another article, by its headline of so many words."""
    links = (element,) if element.tag == "a" else islice(element.iter("a"), 5)
    for link in links:
        if link.get("rel") in _OWN_LINKS or is_person_link(link):
            continue
        parent = link.getparent()
        if parent is not None and parent.tag in _HEADING_TAGS:
            return True
        if next(link.iter(*_HEADING_TAGS), None) is not None:
            return True
        words = short_text(link, 400).split()
        if sum(word.isalpha() for word in words) >= min_words:
            return True
    return False


def text_before(element: HtmlElement) -> str:
    """What stands right before an element on the same line; "" if it has a date."""
    for _ in range(MAX_LABEL_LEVELS):
        previous, parent = element.getprevious(), element.getparent()
        if previous is not None or parent is None or (parent.text or "").strip():
            break
        element = parent
    if previous is None:
        text = parent.text if parent is not None else ""
    elif previous.tail and previous.tail.strip():
        text = previous.tail
    else:
        text = short_text(previous, 40)
    text = (text or "")[-40:]
    return "" if any(c.isdigit() for c in text) else text
