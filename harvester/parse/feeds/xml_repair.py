"""What breaks a feed's XML, mended in its text, and what takes too long, cut out. Pure.

Nothing here runs on a feed that is well-formed, but for the document type, whose entities are never expanded by the XML parser.
Every step is linear in the text, whatever it holds. Not for: reading the feed (``feedxml``).
"""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

MAX_ROOT_OFFSET = 200_000  # characters before the root: comments, stylesheets, warnings of the program that wrote it
MAX_COMMENTS = 200
MAX_PREFIXES = 200
MAX_ENTITY_EXPANSION = 1_000_000  # characters that a feed's own entities may add
_PROLOG = re.compile(
    r"\s+|<\?[^>]{0,2000}>|<!--(?s:.){0,20000}?-->|<!DOCTYPE[^\[<>]{0,2000}(?:\[[^\]]{0,100000}\]\s*)?>",
    re.IGNORECASE,
)
_FEED_ROOT = re.compile(
    r"<((?:[\w.-]{1,60}:)?(rss|feed|rdf|channel|urlset|sitemapindex))(?=[\s/>])",
    re.IGNORECASE,
)
_ENTITY_DECLARATION = re.compile(
    r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"<%]{0,500})\"|'([^'<%]{0,500})')\s*>",
    re.IGNORECASE,
)
# A section whose text is left alone, a reference, or a lone sign.
_REPAIR_TOKEN = re.compile(
    r"<!\[CDATA\[(?s:.)*?\]\]>|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z][\w.-]{0,60};)?|<(?![\w/!?:])|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
_SURROGATE_PAIR = re.compile(
    r"&#(x[dD][89aAbB][0-9a-fA-F]{2}|5[56]\d{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});"
)
_TAG_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]{0,60}):[\w.-]+")
_ATTRIBUTE_PREFIX = re.compile(r"\s([A-Za-z_][\w.-]{0,60}):[\w.-]+\s*=")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


def find_root(text: str) -> re.Match[str] | None:
    """Where a feed's or sitemap's root element begins: its name with prefix, and without. None where there is none."""
    place = 0
    while (match := _PROLOG.match(text, place)) is not None:
        place = match.end()
    return _FEED_ROOT.match(text, place) or _FEED_ROOT.search(text, 0, MAX_ROOT_OFFSET)


def strip_prolog(text: str, root_match: re.Match[str]) -> str:
    """A text from its root on: declarations, document type and whatever a program wrote before it are left out.

    The simple entities that it declares are put in where they are named; one that names others, or a file, is not.
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
    left = MAX_ENTITY_EXPANSION

    def value(match: re.Match[str]) -> str:
        nonlocal left
        found = simple.get(match[1])
        if found is None or left < len(found):
            return match[0]
        left -= len(found)
        return found if found.startswith("&") else escape(found, quote=True)

    return re.sub(r"&([\w.-]{1,60});", value, text) if simple else text


def repair_xml(text: str) -> str:
    """A text that begins with its root, as more readers understand it: to the root's end, without comments in floods, lone signs, references to
    characters that do not exist and prefixes that are declared nowhere. Names of HTML's characters become these."""
    root = _FEED_ROOT.match(text)
    end = text.rfind(f"</{root[1]}") if root else -1
    close = text.find(">", end) if end >= 0 else -1
    text = text[: close + 1 if close >= 0 else None]
    if text.count("<!--") > MAX_COMMENTS:
        text = strip_comments(text)
    text = _SURROGATE_PAIR.sub(_join_surrogates, text)
    if text.count("<![CDATA[") <= text.count(
        "]]>"
    ):  # an open one would be looked for again and again
        text = _REPAIR_TOKEN.sub(repair_token, text)
    else:
        text = "".join(repair_token(match) for match in _tokenise(text))
    return _declare_prefixes(text)


def _tokenise(text: str) -> list[re.Match[str]]:
    """Every part of a text as a match: what stands between signs too."""
    return list(
        re.finditer(
            r"[^&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z]\w{0,60};)?|(?s:.)",
            text,
        )
    )


def repair_token(match: re.Match[str]) -> str:
    """What stands in place of a sign, a reference or a section: nothing for what is no character."""
    sign = match[0]
    if sign[0] == "<":
        return sign if len(sign) > 1 else "&lt;"
    if sign[0] != "&":
        return (
            sign
            if len(sign) > 1 or (sign >= " " and sign < "\ufffe") or sign in "\t\n\r"
            else ""
        )
    if len(sign) == 1:
        return "&amp;"
    if sign[1] == "#":
        number = (
            int(sign[3:-1], 16)
            if sign[2] in "xX"
            else int(sign[2:-1])
            if sign[2:-1].isdigit()
            else 0
        )
        return sign if number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000 else ""  # fmt: skip
    if sign[1:-1] in _XML_ENTITIES:
        return sign
    known = html5.get(sign[1:])
    return escape(known, quote=False) if known else f"&amp;{sign[1:]}"


def _join_surrogates(match: re.Match[str]) -> str:
    high, low = (
        int(one[1:], 16) if one[0] == "x" else int(one) for one in match.groups()
    )
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return ""
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def strip_comments(text: str) -> str:
    """A text without its comments. In one pass: an expression would begin anew at each comment that never ends."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + 3
    kept.append(text[at:].replace("<!--", ""))
    return "".join(kept)


def _declare_prefixes(text: str) -> str:
    """With a declaration of every prefix that is used and declared nowhere."""
    used = dict.fromkeys(_TAG_PREFIX.findall(text)) | dict.fromkeys(
        _ATTRIBUTE_PREFIX.findall(text)
    )
    missing = [
        one for one in list(used)[:MAX_PREFIXES] if one not in ("xml", "xmlns") and not re.search(rf"\sxmlns:{re.escape(one)}\s*=", text)
    ]  # fmt: skip
    root = _FEED_ROOT.match(text)
    if not missing or root is None:
        return text
    spaces = "".join(
        f' xmlns:{one}="{_NAMESPACES.get(one.lower(), f"urn:undeclared:{one}")}"'
        for one in missing
    )
    return f"{text[: root.end()]}{spaces}{text[root.end() :]}"
