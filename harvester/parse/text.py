"""Bytes as text, as browsers would have it, and text as we keep it. Pure."""

from __future__ import annotations

import codecs
import html
import re

CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\ufeff]"
)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]+)""")
# The WHATWG Encoding Standard reads these labels as windows-1252.
_LATIN = {"iso-8859-1", "latin-1", "latin1", "l1", "ascii", "us-ascii", "iso8859-1", "cp819"}


def decode(body: bytes, content_type: str) -> str:
    """The text of a body: by its byte order mark, else as UTF-8 where it is that, else as declared, else windows-1252.

    Valid UTF-8 beyond ASCII is hardly ever anything else, whatever the page declares. Never raises.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        text = body.decode("utf-8")
        if "\x1b$" not in text or "iso-2022" not in content_type.lower():
            return text
    except UnicodeDecodeError as error:
        # Cut off in the middle of a character, or one bad byte in a long page: still UTF-8.
        if error.start > len(body) - 4:
            return body.decode("utf-8", "replace")
    for name in _declared(body, content_type):
        try:
            if codecs.lookup(name)._is_text_encoding and name not in ("utf-7", "utf7", "idna", "punycode"):
                return body.decode("cp1252" if name in _LATIN else name, "replace")
        except (LookupError, UnicodeError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def _declared(body: bytes, content_type: str) -> list[str]:
    found = re.findall(r"charset\s*=\s*[\"']?([\w:.-]+)", content_type, re.IGNORECASE)
    for pattern in (_XML_CHARSET, _META_CHARSET):
        found += [match.decode("ascii", "replace") for match in pattern.findall(body[:4096])]
    return [name.lower() for name in found]


def line(text: str | None, most: int = 1_000) -> str:
    """Text on one line: white space folded, control characters out, bounded; a cut is marked by an ellipsis."""
    if not text:
        return ""
    text = " ".join(CONTROL.sub("", text[: most * 8]).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def plain(markup: str | None, most: int = 1_000) -> str:
    """Markup as plain text on one line: tags out, entities undone (twice: feeds escape what was escaped)."""
    if not markup:
        return ""
    markup = markup[: most * 20]
    if "<" in markup:
        markup = re.sub(r"<(script|style)\b.*?</\1\s*>", " ", markup, flags=re.DOTALL | re.IGNORECASE)
        markup = re.sub(
            r"</?(?:p|div|br|li|h[1-6]|td|tr|blockquote|section|ul|ol)\b[^<>]*>", " ", markup, flags=re.IGNORECASE
        )
        markup = re.sub(r"<(?:[a-zA-Z/!][^<>]*)>", "", markup)
    text = html.unescape(markup)
    if "&" in text:
        text = html.unescape(text)
    return line(text, most)
