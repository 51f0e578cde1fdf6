"""The cheap reading of a page that cannot be read otherwise in time or memory: its visible words, and its title. Pure.

Takes time in proportion to the page, of which only the beginning is read. What it gives is marked by the method ``visible``:
menus and boxes are in it, so that the words can be found; it is no wording to compare another with.
"""

from __future__ import annotations

from itertools import islice

from harvester.model import Extract
from harvester.parse.content.body import lines_of
from harvester.parse.content.extractor import EXTRACTOR
from harvester.parse.html.charset import decode, line
from harvester.parse.html.dom import not_read, tree_of

METHOD = "visible"
BYTES_MOST = 2_000_000  # of the page
TEXT_MOST = 200_000  # characters
LINES_MOST = 20_000
TITLE_MOST = 300


def read_visible(body: bytes, headers: tuple[tuple[str, str], ...]) -> Extract | None:
    """What can be seen on a page; None where nothing can."""
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    page = decode(body[:BYTES_MOST], content_type)
    tree = tree_of(page)
    if tree is None:
        return None
    lines = list(islice(lines_of(tree), LINES_MOST + 1))
    whole = "\n".join(lines[:LINES_MOST]).strip()
    text = whole[:TEXT_MOST].strip()
    if not text:
        return None
    beyond = len(body) > BYTES_MOST or len(lines) > LINES_MOST or len(whole) > TEXT_MOST
    cut = "only the beginning of the page is read" if beyond else not_read(page)
    shown = next((one for one in islice(tree.iter("h1"), 1)), None)
    stated = next((one for one in islice(tree.iter("title"), 1)), None)
    title = next((found for one in (shown, stated) if one is not None and (found := line("".join(islice(one.itertext(), 50))[:2_000], TITLE_MOST))), "")  # fmt: skip
    language = line(tree.get("lang") or "", 20).lower().partition("-")[0]
    return Extract(
        url="", title=title, authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language=language if language.isalpha() and len(language) in (2, 3) else "", sections=(), tags=(), image="",
        description="", text=text, sources={"text": "page"} | ({"title": "text"} if title else {}) | ({"cut": cut} if cut else {}),
        extractor=EXTRACTOR,
        method=METHOD, doubt=1.0,
    )  # fmt: skip
