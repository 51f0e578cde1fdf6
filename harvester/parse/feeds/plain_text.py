"""What a feed's texts say as plain text: escaped CDATA sections, and titles.

A format that says whether a text is markup is believed: RFC 4287, 3.1.1, and JSON Feed
1.1. RSS does not say, and most feeds mean markup only if it is complete; so do most
feed readers.
"""

from __future__ import annotations

import re
from html import escape

from harvester.entities import unescape
from harvester.parse.html.charset import clean_line, html_to_text, strip_tags

MAX_TITLE_LENGTH = 1_000  # characters
# With attributes that style each word.
_MAX_MARKUP_LENGTH = MAX_TITLE_LENGTH * 20
# A section that was escaped once or twice together with its markers.
_ESCAPED_CDATA = re.compile(r"\s*(?:&(?:amp;)?lt;|<)!\[CDATA\[")
_CDATA_MARKER = re.compile(r"(?:&(?:amp;)?lt;|<)!\[CDATA\[|\]\](?:&(?:amp;)?gt;|>)")
_LINE_END = re.compile(r"\r\n?|\n")
_EMPTY_LINES = re.compile(r"(?:(?:\r\n?|\n)[ \t]*){2,}")
# An element that ends, is always empty, or has an attribute, or a block that begins
# the text: not "how <b> became <strong>".
_COMPLETE_MARKUP = re.compile(
    r"</[a-z][\w:-]*\s*>|<(?:br|hr|img|wbr)\b[^<>]*>|<[a-z]\w*\s+[\w:-]+\s*=\s*[\"']"
    r"|^\s*<(?:p|div|span|h[1-6])\s*>|<(?:!--|!\[CDATA\[)",
    re.IGNORECASE,
)


def unwrap_cdata(text: str) -> str:
    """A text without the markers of a CDATA section that were escaped with it.

    They are part of no text: the section is the whole of it, or is in its markup, where
    browsers take it for a comment.
    """
    if "![CDATA[" not in text:
        return text
    if _ESCAPED_CDATA.match(text):
        return _CDATA_MARKER.sub("", text).strip()
    if "]]>" not in text:
        return text
    end = text.rfind("]]>") + 3
    return text[:end].replace("<![CDATA[", "").replace("]]>", "") + text[end:]


def title_to_text(title: str, is_markup: bool | None) -> str:
    """A title as plain text on one line.

    ``is_markup``: as stated; None if nothing is stated. Character references are
    replaced in all but what is stated to be text, twice: feeds escape what was escaped
    before. What looks like a tag is kept if it is not markup.
    """
    if is_markup is False or not ("<" in title or "&" in title):
        return clean_line(title, MAX_TITLE_LENGTH)
    title = title[:_MAX_MARKUP_LENGTH]
    text = strip_tags(title) if is_markup or looks_like_markup(title) else title
    for _ in range(2):
        if "&" not in text:
            break
        text = unescape(text)
        if looks_like_markup(text):
            text = strip_tags(text)
    return clean_line(text, MAX_TITLE_LENGTH)


def looks_like_markup(text: str) -> bool:
    """Whether a text has an element that is complete."""
    return "<" in text and _COMPLETE_MARKUP.search(text) is not None


def plain_to_text(text: str, max_length: int) -> str:
    """A text that should be plain on one line, also if it is markup nevertheless."""
    if looks_like_markup(text):
        return html_to_text(text, max_length)
    return clean_line(unescape(text) if "&" in text else text, max_length)


def unescape_markup(markup: str) -> str:
    """Markup that was escaped once too often, as what it was."""
    if "<" in markup or "&lt;" not in markup:
        return markup
    unescaped = unescape(markup)
    return unescaped if looks_like_markup(unescaped) else markup


def to_html(text: str, is_markup: bool) -> str:
    """A text of a feed as HTML, whether it is markup or plain."""
    if is_markup or looks_like_markup(text):
        return unescape_markup(text)
    return text_to_html(text)


def text_to_html(text: str) -> str:
    """A plain text as HTML: a paragraph for each part between empty lines."""
    paragraphs = (part.strip() for part in _EMPTY_LINES.split(text))
    return "\n".join(
        f"<p>{_LINE_END.sub('<br>', escape(part, quote=False))}</p>"
        for part in paragraphs
        if part
    )
