"""The cheap reading of a page that cannot be read otherwise in time or memory: its visible words, and its title. Pure.

Takes time in proportion to the page, of which only the beginning is read. What it gives is marked by the method ``visible``:
menus and boxes are in it, so that the words can be found; it is no wording to compare another with.
"""

from __future__ import annotations

from itertools import islice

from harvester.model import Extract
from harvester.parse.content.body import element_lines
from harvester.parse.content.extractor import EXTRACTOR
from harvester.parse.html.charset import clean_line, decode
from harvester.parse.html.dom import describe_unread, parse_html

METHOD = "visible"
MAX_BYTES = 2_000_000  # of the page
MAX_TEXT_LENGTH = 200_000  # characters
MAX_LINES = 20_000
MAX_TITLE_LENGTH = 300


def read_visible_text(
    body: bytes, headers: tuple[tuple[str, str], ...]
) -> Extract | None:
    """What can be seen on a page; None where nothing can."""
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    page = decode(body[:MAX_BYTES], content_type)
    tree = parse_html(page)
    if tree is None:
        return None
    lines = list(islice(element_lines(tree), MAX_LINES + 1))
    whole = "\n".join(lines[:MAX_LINES]).strip()
    text = whole[:MAX_TEXT_LENGTH].strip()
    if not text:
        return None
    beyond = (
        len(body) > MAX_BYTES or len(lines) > MAX_LINES or len(whole) > MAX_TEXT_LENGTH
    )
    cut = "only the beginning of the page is read" if beyond else describe_unread(page)
    shown = next((one for one in islice(tree.iter("h1"), 1)), None)
    stated = next((one for one in islice(tree.iter("title"), 1)), None)
    title = next((found for one in (shown, stated) if one is not None and (found := clean_line("".join(islice(one.itertext(), 50))[:2_000], MAX_TITLE_LENGTH))), "")  # fmt: skip
    language = clean_line(tree.get("lang") or "", 20).lower().partition("-")[0]
    return Extract(
        url="", title=title, authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language=language if language.isalpha() and len(language) in (2, 3) else "", sections=(), tags=(), image="",
        description="", text=text, sources={"text": "page"} | ({"title": "text"} if title else {}) | ({"cut": cut} if cut else {}),
        extractor=EXTRACTOR,
        method=METHOD, doubt=1.0,
    )  # fmt: skip
