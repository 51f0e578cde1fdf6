"""The visible words of a page that cannot be read otherwise in time or memory.

Takes time in proportion to the page, and reads only its beginning. Menus and boxes are
in the text, so that its words can be found; the method ``visible`` marks that it is no
version to compare with others.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement

from harvester.model import Extract
from harvester.parse.content.extractor import EMPTY_EXTRACT
from harvester.parse.html.charset import clean_line, decode
from harvester.parse.html.dom import describe_unread, parse_html
from harvester.parse.html.element_text import element_lines

METHOD = "visible"
MAX_BYTES = 2_000_000  # of the page
MAX_TEXT_LENGTH = 200_000  # characters
MAX_LINES = 20_000
MAX_TITLE_LENGTH = 300
MAX_TITLE_SEARCHED = 2_000  # characters of the element


def read_visible_text(
    body: bytes, headers: tuple[tuple[str, str], ...]
) -> Extract | None:
    """The visible text of a page with its title; None if there is none."""
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    page = decode(body[:MAX_BYTES], content_type)
    tree = parse_html(page)
    if tree is None:
        return None
    lines = list(islice(element_lines(tree), MAX_LINES + 1))
    whole_text = "\n".join(lines[:MAX_LINES]).strip()
    text = whole_text[:MAX_TEXT_LENGTH].strip()
    if not text:
        return None
    is_cut = (
        len(body) > MAX_BYTES
        or len(lines) > MAX_LINES
        or len(whole_text) > MAX_TEXT_LENGTH
    )
    cut = "only the beginning of the page is read" if is_cut else describe_unread(page)
    title = _title(tree)
    return replace(
        EMPTY_EXTRACT,
        title=title,
        language=_language(tree),
        text=text,
        sources={"text": "page"}
        | ({"title": "text"} if title else {})
        | ({"cut": cut} if cut else {}),
        method=METHOD,
        doubt=1.0,
    )


def _title(tree: HtmlElement) -> str:
    """The first ``h1``, else the ``title``; "" if both are missing or empty."""
    for tag in ("h1", "title"):
        for element in islice(tree.iter(tag), 1):
            text = "".join(islice(element.itertext(), 50))[:MAX_TITLE_SEARCHED]
            if title := clean_line(text, MAX_TITLE_LENGTH):
                return title
    return ""


def _language(tree: HtmlElement) -> str:
    language = clean_line(tree.get("lang") or "", 20).lower().partition("-")[0]
    return language if language.isalpha() and len(language) in (2, 3) else ""
