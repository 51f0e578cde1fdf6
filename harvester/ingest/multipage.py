"""Articles over several pages: whether to fetch the next, how to join them. Pure.

Does not find the link to the next page (``parse.kinds.paging``), nor fetch it
(``spiders.pagination``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from harvester.model import Extract, LivePost, Prepared

PAGED_KINDS = ("article", "live", "gallery")  # only these are read page by page
# A page with a smaller share of new words is not a further page: it shows, for
# example, more comments under the same text.
MIN_NEW_WORDS_SHARE = 0.2
MIN_REPEATED_LINE_LENGTH = 40  # characters; an article has such a line only once
_PAGER = re.compile(  # "Pages: 1 2 3"
    r"(?:(?:pages?|seiten?|p[áa]ginas?)\s*:?\s*)?[\d\s|/›»«‹…·.-]{1,80}", re.IGNORECASE
)


def next_page_url(extract: Extract | None) -> str:
    """URL of the page to be read after this one; "" if there is none."""
    if extract is None or not extract.text or extract.kind not in PAGED_KINDS:
        return ""
    return extract.next_page


def continues_article(pages: Sequence[Extract], candidate: Extract) -> bool:
    """Whether another page continues the article instead of repeating it."""
    new_lines = _new_lines(_lines_of_pages(pages), candidate)
    new_words = " ".join(text for _, text in new_lines).split()
    return bool(new_words) and (
        len(new_words) >= MIN_NEW_WORDS_SHARE * len(candidate.text.split())
    )


def join_pages(pages: Sequence[Extract]) -> Extract:
    """One extract: the fields of the first page, the text of all.

    What the site repeats on each page is in the text once.
    """
    first, lines, seen = pages[0], _text_lines(pages[0]), _lines_of_pages(pages[:1])
    posts = list(first.parts)
    for page in pages[1:]:
        joined_index: dict[int, int] = {}  # line of the page → line of the joined text
        for index, text in _new_lines(seen, page):
            joined_index[index] = len(lines)
            lines.append(text)
        posts += [
            LivePost(post.at, joined_index[post.line], post.title)
            for post in page.parts
            if post.line in joined_index
        ]
        seen.update(_text_lines(page))
    cut = next((page.sources["cut"] for page in pages if "cut" in page.sources), "")
    return replace(
        first,
        text="\n".join(lines),
        sources={**first.sources, "cut": cut} if cut else first.sources,
        parts=tuple(posts),
        links=tuple(dict.fromkeys(link for page in pages for link in page.links)),
        images=tuple(dict.fromkeys(image for page in pages for image in page.images)),
        next_page=pages[-1].next_page,
        doubt=max(page.doubt for page in pages),
        inserts=tuple(dict.fromkeys(line for page in pages for line in page.inserts)),
        left_out=tuple(dict.fromkeys(line for page in pages for line in page.left_out)),
    )


def join_prepared(
    prepared: Prepared,
    pages: Sequence[Extract],
    missing_reason: str = "",
    ended: bool = False,
) -> Prepared:
    """The prepared first page, joined with the others.

    ``missing_reason``: why the page after the last could not be read; ``ended``: it
    turned out not to continue the article.
    """
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
    """The lines of a page, without a pager at its end."""
    lines = page.text.split("\n")
    while len(lines) > 1 and _PAGER.fullmatch(lines[-1]):
        lines.pop()
    return lines


def _new_lines(seen_lines: set[str], page: Extract) -> list[tuple[int, str]]:
    """The lines that continue the text, each with its index in the page.

    Leaves out lines that earlier pages had too: short ones only at the page's beginning
    or end, long ones anywhere.
    """
    lines = list(enumerate(_text_lines(page)))
    start, end = 0, len(lines)
    while start < end and lines[start][1] in seen_lines:
        start += 1
    while end > start and lines[end - 1][1] in seen_lines:
        end -= 1
    return [
        (index, text)
        for index, text in lines[start:end]
        if text not in seen_lines or len(text) < MIN_REPEATED_LINE_LENGTH
    ]
