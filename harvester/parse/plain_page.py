"""Reads a page that is plain text: an agency's wire, a press release; Markdown too.

Pure. Paragraphs stand between empty lines, or begin with an indentation. Lines that were
wrapped at a width are joined, those that end before it (lists, verse, tables) are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from itertools import pairwise

from harvester.model import Extract, Rules
from harvester.parse.content.extractor import EMPTY_EXTRACT
from harvester.parse.html.charset import REMOVED_CHARS, clean_line, decode
from harvester.parse.html.element_text import MAX_TEXT_LENGTH
from harvester.parse.metadata.text_language import guess_language

METHOD = "plain"
CUT = f"only the first {MAX_TEXT_LENGTH:,} characters are read"
MAX_TITLE_LENGTH = 200  # characters of a first line that is a headline
MIN_WRAP_WIDTH, MAX_WRAP_WIDTH = 45, 120  # columns of prose that was wrapped
# By which a wrapped line may be shorter than it could be, and lines that must be full.
RAGGED_SHARE, MIN_FULL_SHARE = 0.12, 0.75
MIN_INDENT = 2  # columns by which a paragraph is indented
MIN_VERSE_LINES = 3
_MEDIA_TYPE = re.compile(r"\s*text/(?:plain|(?:x-)?markdown)\s*(?:;|$)", re.IGNORECASE)
_MARKDOWN_TYPE = re.compile(r"\s*text/(?:x-)?markdown\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype|\?xml|html|head|body|title|meta|article|div|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_BULLET = re.compile(r"(?:[-*+•·–—]|\(?\d{1,3}[.)]|[a-z]\))\s+\S", re.IGNORECASE)
_FIELD = re.compile(r"[^\W\d_][\w-]{1,20}: ")  # "Contact: …"
_STARTS_LINE = re.compile(f"{_BULLET.pattern}|{_FIELD.pattern}", re.IGNORECASE)
_RULE = re.compile(r"[-=_*~#.\s]{3,}")
_PAGE_FOOTER = re.compile(r".*\[Page \d{1,4}\]\s*|\s*(?:Page|-) ?\d{1,4}(?: ?-)?\s*")
_RELEASE_LABEL = re.compile(
    r"(?:for immediate release|(?:press|news|media) release|communiqué(?: de presse)?"
    r"|pressemitteilung|comunicado de prensa|comunicato stampa|embargoed? .{0,60})\W*",
    re.IGNORECASE,
)
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MARKDOWN = (
    (
        re.compile(r"!\[[^\[\]\n]{0,500}\]\([^()\s]{0,2000}[^()\n]{0,200}\)"),
        "",
    ),  # image
    (re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\s]{0,2000}[^()\n]{0,200}\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^\n*]{1,500}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=\S)([^\n*_]{1,500})(?<=\S)\1(?![\w*])"), r"\2"),
    (
        re.compile(r"^[ ]{0,3}#{1,6}[ \t]+([^\n]*?)[ \t]*#*[ \t]*$", re.MULTILINE),
        r"\1\n",
    ),
    (re.compile(r"^[ ]{0,3}>[ ]?", re.MULTILINE), ""),
    (re.compile(r"`([^`\n]{1,500})`"), r"\1"),
)


def is_plain_text(body: bytes, content_type: str) -> bool:
    """Whether a page is plain text by its type, and not markup all the same."""
    return (
        _MEDIA_TYPE.match(content_type) is not None
        and _MARKUP.match(decode(body[:4_096], content_type)) is None
    )


def read_plain_page(body: bytes, content_type: str, rules: Rules) -> Extract:
    """What a page of plain text says; ``error``: why it has no text."""
    text = decode(body, content_type)
    if _is_json(text):
        return replace(EMPTY_EXTRACT, error="no page: application/json")
    if _MARKDOWN_TYPE.match(content_type):
        text = _strip_markdown(text)
    paragraphs = read_paragraphs(text[:MAX_TEXT_LENGTH])
    title = _take_title(paragraphs)
    whole_text = "\n".join(paragraphs)
    language = rules.language or guess_language(whole_text)
    source = "settings" if rules.language else "text"
    sources = {
        **({"title": "text"} if title else {}),
        **({"language": source} if language else {}),
        **({"text": "page"} if whole_text else {}),
        **({"cut": CUT} if len(text) > MAX_TEXT_LENGTH else {}),
    }
    return replace(
        EMPTY_EXTRACT,
        title=title,
        language=language,
        text=whole_text,
        sources=sources,
        method=METHOD if whole_text else "",
        error="" if whole_text else "a text without words",
    )


def _is_json(text: str) -> bool:
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _strip_markdown(text: str) -> str:
    """Markdown without its marks, each heading a paragraph of its own."""
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    return text


# ---- paragraphs


def read_paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text, each on one line."""
    paragraphs: list[str] = []
    for block in _blocks(_content_lines(text)):
        width = _wrap_width(block)
        for segment in _segments(block):
            if _BULLET.match(segment[0].strip()) or width:
                paragraphs.append(reduce(_join, map(str.strip, segment)))
            else:
                paragraphs += segment
    return [
        cleaned for line in paragraphs if (cleaned := clean_line(line, MAX_TEXT_LENGTH))
    ]


def _blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    """Lines that no empty line and no rule of dashes parts."""
    block: list[str] = []
    for line in lines:
        if line.strip() and not _RULE.fullmatch(line.strip()):
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _segments(block: list[str]) -> Iterator[list[str]]:
    """The items of lists, and paragraphs that begin with an indentation."""
    segment = [block[0]]
    for previous, line in pairwise(block):
        is_item = _BULLET.match(segment[0].strip()) is not None
        is_below_item = is_item and _indent(line) > _indent(segment[0])
        if _STARTS_LINE.match(line.strip()) or (
            not is_below_item
            and (is_item or _indent(line) >= _indent(previous) + MIN_INDENT)
        ):
            yield segment
            segment = []
        segment.append(line)
    yield segment


def _wrap_width(block: list[str]) -> int:
    """Columns at which the lines of a block were wrapped; 0 if they were not.

    A line was wrapped where the first word of the next one would not have fitted in. Verse
    has capitals at the beginning of every line.
    """
    width = max(map(len, block))
    if not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:
        return 0
    starts = [line.strip()[0] for line in block]
    if len(block) >= MIN_VERSE_LINES and all(map(str.isupper, starts)):
        return 0
    pairs = [
        (line, following)
        for line, following in pairwise(block)
        if not _STARTS_LINE.match(following.strip())
        and _indent(following) < _indent(line) + MIN_INDENT
    ]
    full = sum(
        len(line) + 1 + _length_of_first_word(following) > width * (1 - RAGGED_SHARE)
        for line, following in pairs
    )
    return width if full >= MIN_FULL_SHARE * len(pairs) else 0


def _length_of_first_word(line: str) -> int:
    words = line.split(None, 1)
    return 0 if _UNSPACED.match(words[0]) else len(words[0])


def _content_lines(text: str) -> Iterator[str]:
    """The lines without control characters, and without what pages are numbered by."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_page_start = False
    for line in text.split("\n"):
        if "\f" in line:
            is_page_start = True
            line = line.replace("\f", "")
        if _PAGE_FOOTER.fullmatch(line[:200]):
            continue
        if is_page_start and line.strip():
            is_page_start = False
            continue  # the header of a printed page
        yield REMOVED_CHARS.sub("", line.expandtabs(8)).rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _join(before: str, after: str) -> str:
    """Two lines as one: without a space between characters of scripts without spaces."""
    if _UNSPACED.match(before[-1]) and _UNSPACED.match(after):
        return f"{before}{after}"
    return f"{before} {after}"


def _take_title(paragraphs: list[str]) -> str:
    """Take the headline from the beginning; "" if the text begins at once."""
    position = 0
    while position < min(3, len(paragraphs)) and _RELEASE_LABEL.fullmatch(
        paragraphs[position]
    ):
        position += 1
    if len(paragraphs) - position < 2:
        return ""
    line = paragraphs[position]
    is_sentence = line.endswith((".", "。", ":", ",", ";")) and not line.endswith("..")
    if len(line) > MAX_TITLE_LENGTH or is_sentence or _BULLET.match(line):
        return ""
    del paragraphs[: position + 1]
    return line
