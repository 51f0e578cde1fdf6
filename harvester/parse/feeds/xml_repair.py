"""What breaks a feed's XML, mended in its text, and what takes too long, cut out. Pure.

Nothing here runs on a feed that is well-formed, but for the document type, whose entities are never expanded by the XML parser.
Every step is linear in the text, whatever it holds. Not for: reading the feed (``feedxml``).
"""

from __future__ import annotations

import re
from html import escape
from html.entities import html5

LOOKED_AT = 200_000  # characters before the root: comments, stylesheets, warnings of the program that wrote it
COMMENTS_MOST = 200
PREFIXES_MOST = 200
EXPANSION_MOST = 1_000_000  # characters that a feed's own entities may add
_BEFORE_ROOT = re.compile(
    r"\s+|<\?[^>]{0,2000}>|<!--(?s:.){0,20000}?-->|<!DOCTYPE[^\[<>]{0,2000}(?:\[[^\]]{0,100000}\]\s*)?>",
    re.IGNORECASE,
)
_ROOT = re.compile(
    r"<((?:[\w.-]{1,60}:)?(rss|feed|rdf|channel|urlset|sitemapindex))(?=[\s/>])",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"<!ENTITY\s+([\w.-]{1,60})\s+(?:\"([^\"<%]{0,500})\"|'([^'<%]{0,500})')\s*>",
    re.IGNORECASE,
)
# A section whose text is left alone, a reference, or a lone sign.
_SIGN = re.compile(
    r"<!\[CDATA\[(?s:.)*?\]\]>|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z][\w.-]{0,60};)?|<(?![\w/!?:])|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
_SURROGATES = re.compile(
    r"&#(x[dD][89aAbB][0-9a-fA-F]{2}|5[56]\d{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});"
)
_OPENED = re.compile(r"</?([A-Za-z_][\w.-]{0,60}):[\w.-]+")
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.-]{0,60}):[\w.-]+\s*=")
_KEPT = {"amp", "lt", "gt", "quot", "apos"}
_SPACES = {
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


def root_of(text: str) -> re.Match[str] | None:
    """Where a feed's or sitemap's root element begins: its name with prefix, and without. None where there is none."""
    place = 0
    while (match := _BEFORE_ROOT.match(text, place)) is not None:
        place = match.end()
    return _ROOT.match(text, place) or _ROOT.search(text, 0, LOOKED_AT)


def from_root(text: str, root: re.Match[str]) -> str:
    """A text from its root on: declarations, document type and whatever a program wrote before it are left out.

    The simple entities that it declares are put in where they are named; one that names others, or a file, is not.
    """
    head, text = text[: root.start()], text[root.start() :]
    if "<!" not in head or "<!entity" not in head.lower():
        return text
    declared = {
        match[1]: match[2] if match[2] is not None else match[3]
        for match in _ENTITY.finditer(head)
    }
    simple = {
        name: value
        for name, value in declared.items()
        if "&" not in value or re.fullmatch(r"&#\w+;", value)
    }
    left = EXPANSION_MOST

    def value(match: re.Match[str]) -> str:
        nonlocal left
        found = simple.get(match[1])
        if found is None or left < len(found):
            return match[0]
        left -= len(found)
        return found if found.startswith("&") else escape(found, quote=True)

    return re.sub(r"&([\w.-]{1,60});", value, text) if simple else text


def mended(text: str) -> str:
    """A text that begins with its root, as more readers understand it: to the root's end, without comments in floods, lone signs, references to
    characters that do not exist and prefixes that are declared nowhere. Names of HTML's characters become these."""
    root = _ROOT.match(text)
    end = text.rfind(f"</{root[1]}") if root else -1
    close = text.find(">", end) if end >= 0 else -1
    text = text[: close + 1 if close >= 0 else None]
    if text.count("<!--") > COMMENTS_MOST:
        text = without_comments(text)
    text = _SURROGATES.sub(_paired, text)
    if text.count("<![CDATA[") <= text.count(
        "]]>"
    ):  # an open one would be looked for again and again
        text = _SIGN.sub(sign, text)
    else:
        text = "".join(sign(match) for match in _pieces(text))
    return _declared(text)


def _pieces(text: str) -> list[re.Match[str]]:
    """Every part of a text as a match: what stands between signs too."""
    return list(
        re.finditer(
            r"[^&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+|&(?:#(?:[xX][0-9a-fA-F]{1,12}|[0-9]{1,12});|[A-Za-z]\w{0,60};)?|(?s:.)",
            text,
        )
    )


def sign(match: re.Match[str]) -> str:
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
    if sign[1:-1] in _KEPT:
        return sign
    known = html5.get(sign[1:])
    return escape(known, quote=False) if known else f"&amp;{sign[1:]}"


def _paired(match: re.Match[str]) -> str:
    high, low = (
        int(one[1:], 16) if one[0] == "x" else int(one) for one in match.groups()
    )
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return ""
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def without_comments(text: str) -> str:
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


def _declared(text: str) -> str:
    """With a declaration of every prefix that is used and declared nowhere."""
    used = dict.fromkeys(_OPENED.findall(text)) | dict.fromkeys(
        _ATTRIBUTE.findall(text)
    )
    missing = [
        one for one in list(used)[:PREFIXES_MOST] if one not in ("xml", "xmlns") and not re.search(rf"\sxmlns:{re.escape(one)}\s*=", text)
    ]  # fmt: skip
    root = _ROOT.match(text)
    if not missing or root is None:
        return text
    spaces = "".join(
        f' xmlns:{one}="{_SPACES.get(one.lower(), f"urn:undeclared:{one}")}"'
        for one in missing
    )
    return f"{text[: root.end()]}{spaces}{text[root.end() :]}"
