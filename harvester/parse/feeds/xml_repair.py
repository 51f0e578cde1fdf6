"""Repairs what breaks a feed's XML, and cuts out what takes too long to parse.

A well-formed feed is not changed, but for its document type, whose entities the XML
parser never expands. Every step takes linear time, whatever the text. The feed is read
by ``feed_xml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5

# Characters before the root: comments, stylesheets, warnings of the program.
MAX_ROOT_OFFSET = 200_000
MAX_COMMENTS = 200
MAX_PREFIXES = 200
MAX_OPEN_SECTIONS = 2_000  # that are closed where their entries end
MAX_ENTITY_EXPANSION = 1_000_000  # characters that a feed's own entities may add
_SECTION = "<![CDATA["
_PROLOG = re.compile(
    r"\s+|<\?[^>]{0,2000}>|<!--(?s:.){0,20000}?-->"
    r"|<!DOCTYPE[^\[<>]{0,2000}(?:\[[^\]]{0,100000}\]\s*)?>",
    re.IGNORECASE,
)
_FEED_ROOT = re.compile(
    r"<((?:[\w.-]{1,60}:)?(rss|feed|rdf|channel|urlset|sitemapindex))(?=[\s/>])",
    re.IGNORECASE,
)
# RFC 4287, 2: an entry may be a document of its own.
_ENTRY_ROOT = re.compile(
    r"<((?:[\w.-]{1,60}:)?(entry))(?=\s[^<>]{0,2000}['\"]http://www\.w3\.org/2005/Atom['\"])"
)
_ENTITY_DECLARATION = re.compile(
    r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"<%]{0,500})\"|'([^'<%]{0,500})')\s*>",
    re.IGNORECASE,
)
# A section whose text is left alone, a reference, or a lone character.
_REPAIR_TOKEN = re.compile(
    r"<!\[CDATA\[(?s:.)*?\]\]>"
    r"|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z][\w.-]{0,60};)?"
    r"|<(?![\w/!?:])|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
# Every part of a text, also what stands between those.
_ANY_TOKEN = re.compile(
    r"[^&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+"
    r"|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z]\w{0,60};)?|(?s:.)"
)
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,60}:)?(?:item|entry)\s*>", re.IGNORECASE)
_OPEN_TAG = re.compile(r"<([\w.:-]{1,120})(?:\s[^<>]{0,500})?>\s*$")
_SURROGATE_PAIR = re.compile(
    r"&#(x[dD][89aAbB][0-9a-fA-F]{2}|5[56]\d{3});"
    r"&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});"
)
_TAG_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,60}):[\w.-]+")
_ATTRIBUTE_PREFIX = re.compile(r"\s([A-Za-z_][\w.-]{0,60}):[\w.-]+\s*=")
_DECLARED_PREFIX = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,60})\s*=")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_NAMESPACES = {
    "a10": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "http://purl.org/rss/1.0/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def find_root(text: str) -> re.Match[str] | None:
    """Where a feed's or sitemap's root element begins; None if there is none.

    Groups: its name with prefix, and without.
    """
    position = 0
    while (match := _PROLOG.match(text, position)) is not None:
        position = match.end()
    root = _match_root(text, position)
    return root or _FEED_ROOT.search(text, 0, MAX_ROOT_OFFSET)


def _match_root(text: str, position: int = 0) -> re.Match[str] | None:
    return _FEED_ROOT.match(text, position) or _ENTRY_ROOT.match(text, position)


def strip_prolog(text: str, root_match: re.Match[str]) -> str:
    """A text from its root on, without declarations and whatever preceded the root.

    Simple entities that the document type declares are expanded; entities that refer to
    others, or to a file, are not.
    """
    head, text = text[: root_match.start()], text[root_match.start() :]
    if "<!" not in head or "<!entity" not in head.lower():
        return text
    declared = {
        match[1]: match[2] if match[2] is not None else match[3]
        for match in _ENTITY_DECLARATION.finditer(head)
    }
    simple = {
        name: value
        for name, value in declared.items()
        if "&" not in value or re.fullmatch(r"&#\w+;", value)
    }
    remaining = MAX_ENTITY_EXPANSION

    def expand(match: re.Match[str]) -> str:
        nonlocal remaining
        value = simple.get(match[1])
        if value is None or remaining < len(value):
            return match[0]
        remaining -= len(value)
        return value if value.startswith("&") else escape(value, quote=True)

    return re.sub(r"&([\w.-]{1,60});", expand, text) if simple else text


def close_open_sections(text: str) -> str:
    """A text in which no CDATA section swallows the entries after its own.

    One that was left open ends with the section of a later entry, which is well-formed:
    it is closed where its element ends, or its entry.
    """
    if text.count(_SECTION) <= text.count("]]>"):
        return text
    parts: list[str] = []
    position, end = 0, -1
    start = text.find(_SECTION)
    while start >= 0 and len(parts) < 2 * MAX_OPEN_SECTIONS:
        following = text.find(_SECTION, start + len(_SECTION))
        if end < start:
            end = text.find("]]>", start)
        if following < 0 or end < 0:
            break
        entry_end = following < end and _ENTRY_END.search(text, start, following)
        if entry_end:
            tag = _OPEN_TAG.search(text, max(0, start - 640), start)
            close = text.find(f"</{tag[1]}", start, entry_end.start()) if tag else -1
            close = close if close >= 0 else entry_end.start()
            parts += text[position:close], "]]>"
            position = close
        start = following if entry_end or following > end else text.find(_SECTION, end)
    return "".join([*parts, text[position:]])


def repair_xml(text: str) -> str:
    """A text that begins with its root, so that more XML parsers understand it.

    It ends with the root, and has no flood of comments, open CDATA section, lone special
    characters, references to invalid characters, or undeclared prefixes. HTML's named references
    become characters.
    """
    root = _match_root(text)
    end = text.rfind(f"</{root[1]}") if root else -1
    close = text.find(">", end) if end >= 0 else -1
    text = text[: close + 1 if close >= 0 else None]
    if text.count("<!--") > MAX_COMMENTS:
        text = strip_comments(text)
    text = _open_last_section(text)
    text = _SURROGATE_PAIR.sub(_join_surrogates, text)
    if text.count("<![CDATA[") <= text.count("]]>"):
        text = _REPAIR_TOKEN.sub(repair_token, text)
    else:  # the end of an open section would be searched for again and again
        text = _ANY_TOKEN.sub(repair_token, text)
    return _declare_prefixes(text)


def _open_last_section(text: str) -> str:
    """A text without the beginning of a section that never ends."""
    end = text.rfind("]]>") + 1
    if text.find("<![CDATA[", end) < 0:
        return text
    return text[:end] + text[end:].replace("<![CDATA[", "")


def repair_token(match: re.Match[str]) -> str:
    """What replaces a token: nothing if it is, or refers to, an invalid character."""
    token = match[0]
    if token[0] == "<":
        return token if len(token) > 1 else "&lt;"
    if token[0] != "&":
        is_valid = (" " <= token < "\ufffe") or token in "\t\n\r"
        return token if len(token) > 1 or is_valid else ""
    if len(token) == 1:
        return "&amp;"
    if token[1] == "#":
        return token if _is_xml_character(_reference_number(token)) else ""
    if token[1:-1] in _XML_ENTITIES:
        return token
    character = html5.get(token[1:])
    return escape(character, quote=False) if character else f"&amp;{token[1:]}"


def _reference_number(reference: str) -> int:
    """The code point of a numeric reference; 0 if it is not a number."""
    if reference[2] in "xX":
        return int(reference[3:-1], 16)
    return int(reference[2:-1]) if reference[2:-1].isdigit() else 0


def _is_xml_character(code_point: int) -> bool:
    """XML 1.0, 2.2."""
    return (
        code_point in (9, 10, 13)
        or 32 <= code_point < 0xD800
        or 0xE000 <= code_point < 0xFFFE
        or 0x10000 <= code_point < 0x110000
    )


def _join_surrogates(match: re.Match[str]) -> str:
    high, low = (
        int(number[1:], 16) if number[0] == "x" else int(number)
        for number in match.groups()
    )
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return ""
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def strip_comments(text: str) -> str:
    """A text without its comments.

    In one pass: a regular expression would start again at each unclosed comment.
    """
    return "".join(_between_comments(text))


def _between_comments(text: str) -> Iterator[str]:
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        yield text[position:start]
        position = end + 3
    yield text[position:].replace("<!--", "")


def _declare_prefixes(text: str) -> str:
    """A text with a declaration of every prefix that is used and not declared."""
    prefixes = dict.fromkeys(
        (*_TAG_PREFIX.findall(text), *_ATTRIBUTE_PREFIX.findall(text))
    )
    declared = {"xml", "xmlns", *_DECLARED_PREFIX.findall(text)}
    undeclared = [prefix for prefix in prefixes if prefix not in declared]
    root = _match_root(text)
    if not undeclared or root is None:
        return text
    declarations = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix.lower(), f"urn:undeclared:{prefix}")}"'
        for prefix in undeclared[:MAX_PREFIXES]
    )
    return f"{text[: root.end()]}{declarations}{text[root.end() :]}"
