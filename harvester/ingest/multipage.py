"""Articles over several pages: whether to ask for the next one, and how their texts become one. Pure.

Not for: which link leads to the next page (``parse.paging``), nor for fetching it (``spiders.pagination``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from harvester.model import Extract, LivePost, Prepared

PAGED_KINDS = (
    "article",
    "live",
    "gallery",
)  # the next page of a wall, an index or a stub is not read
MIN_NEW_WORDS_SHARE = 0.2  # a page with fewer new words than this share is no further page: it pages comments under the same text
_PAGER = re.compile(
    r"(?:(?:pages?|seiten?|p[áa]ginas?)\s*:?\s*)?[\d\s|/›»«‹…·.-]{1,80}", re.IGNORECASE
)  # "Pages: 1 2 3"
MIN_REPEATED_LINE_LENGTH = (
    40  # characters: so long a line does not stand twice in one article
)


def next_page_url(extract: Extract | None) -> str:
    """Address of the page that is to be read after this one; "" where there is none."""
    return (
        extract.next_page
        if extract is not None and extract.text and extract.kind in PAGED_KINDS
        else ""
    )


def continues_article(pages: Sequence[Extract], candidate: Extract) -> bool:
    """Whether another page goes on with the article, rather than show the same again."""
    kept = " ".join(
        text for _, text in _new_lines(_lines_of_pages(pages), candidate)
    ).split()
    return len(kept) >= MIN_NEW_WORDS_SHARE * len(candidate.text.split()) and bool(kept)


def join_pages(pages: Sequence[Extract]) -> Extract:
    """One extract: the fields of the first page, the text of all; what the site repeats on each page stands once."""
    first, lines, seen = pages[0], _text_lines(pages[0]), _lines_of_pages(pages[:1])
    parts = list(first.parts)
    for page in pages[1:]:
        places: dict[int, int] = {}
        for place, text in _new_lines(seen, page):
            places[place] = len(lines)
            lines.append(text)
        parts += [
            LivePost(one.at, places[one.line], one.title)
            for one in page.parts
            if one.line in places
        ]
        seen.update(_text_lines(page))
    cut = next((page.sources["cut"] for page in pages if "cut" in page.sources), "")
    return replace(
        first,
        text="\n".join(lines),
        sources={**first.sources, "cut": cut} if cut else first.sources,
        parts=tuple(parts),
        links=tuple(dict.fromkeys(link for page in pages for link in page.links)),
        images=tuple(
            dict.fromkeys(picture for page in pages for picture in page.images)
        ),
        next_page=pages[-1].next_page,
        doubt=max(page.doubt for page in pages),
        inserts=tuple(dict.fromkeys(one for page in pages for one in page.inserts)),
        left_out=tuple(dict.fromkeys(one for page in pages for one in page.left_out)),
    )


def join_prepared(
    prepared: Prepared,
    pages: Sequence[Extract],
    missing_reason: str = "",
    ended: bool = False,
) -> Prepared:
    """What was prepared of the first page, with the others. ``missing``: why the one after the last could not be read;
    ``ended``: it turned out not to go on."""
    extract = join_pages(pages)
    if ended:
        extract = replace(extract, next_page="")
    return replace(
        prepared,
        extract=extract,
        page_extracts=tuple(pages) if len(pages) > 1 else (),
        missing_reason=missing_reason,
    )


def _lines_of_pages(pages: Sequence[Extract]) -> set[str]:
    return {line for page in pages for line in _text_lines(page)}


def _text_lines(page: Extract) -> list[str]:
    """The lines of a page, without the numbers of all pages that stand below some."""
    lines = page.text.split("\n")
    while len(lines) > 1 and _PAGER.fullmatch(lines[-1]):
        lines.pop()
    return lines


def _new_lines(seen_lines: set[str], page: Extract) -> list[tuple[int, str]]:
    """The lines of a page that go on with the text, each with its place in the page: without what the pages before had too
    at its beginning or end, or anywhere where it is long."""
    lines = list(enumerate(_text_lines(page)))
    begin, end = 0, len(lines)
    while begin < end and lines[begin][1] in seen_lines:
        begin += 1
    while end > begin and lines[end - 1][1] in seen_lines:
        end -= 1
    return [
        (place, text)
        for place, text in lines[begin:end]
        if text not in seen_lines or len(text) < MIN_REPEATED_LINE_LENGTH
    ]
