"""Bytes become a tree of elements: the one parse that all of the reading shares. Pure.

What is nested deeper than lxml and trafilatura can read is flattened. Not for: what the elements mean (``blocks``, ``metadata``).
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

TAGS_MOST = 60_000  # of one page, three times as many as the greatest real ones have; the middle of what has more is not looked at
CUT_OFF = 2_000  # the parser itself keeps nothing deeper than 2,048
DEPTH_MOST = 200  # lxml and trafilatura lose what is nested deeper than about 250


def tree_of(text: str) -> HtmlElement | None:
    """The tree of a page, None where nothing reads as HTML. Without comments and processing instructions."""
    text = text.replace("\0", "")  # where lxml would stop; other control characters go from what is kept
    if declared := _DECLARATION.match(text):
        text = text[declared.end() :]
    if "<" not in text:
        return None
    text = without_floods(bounded(text))
    tree = _parsed(text)
    if tree is not None and _TOO_DEEP(tree) and _flatten(tree) >= CUT_OFF:
        tree = _parsed(_WRAPPER.sub("", text))  # the parser gave up: what lay deeper is not in the tree
        if tree is not None and _TOO_DEEP(tree):  # of something else
            _flatten(tree)
    return tree


def not_read(text: str) -> str:
    """What of a page its tree does not hold, in words; "" where it holds everything."""
    tags = text.count("<")
    return f"of {tags:,} tags at most {TAGS_MOST:,} are read, of its beginning and its end" if tags > TAGS_MOST else ""


REPEATED_MOST = 500  # of the same few tags in a row, where there are too many
_REPEATED = re.compile(rf"((?:<[^<>]{{1,100}}>[^<>]{{0,20}}){{1,6}}?)\1{{{REPEATED_MOST},}}")


def bounded(text: str, most: int = TAGS_MOST, many: int = TAGS_MOST) -> str:
    """Markup with at most so many tags: where it has ``many``, without floods of the same; then its first and its last ones, for
    a flood may stand before an article or behind it."""
    if text.count("<") <= min(most, many):
        return text
    text = _REPEATED.sub(lambda flood: flood[1] * REPEATED_MOST, ends(text, most * 2))
    return ends(text, most)


def ends(text: str, most: int, sign: str = "<") -> str:
    """The beginning and the end of a text, each with half of ``most`` of a sign."""
    if text.count(sign) <= most:
        return text
    start, end = 0, len(text)
    for _ in range(most // 2):
        start = text.find(sign, start) + 1
        end = text.rfind(sign, 0, end)
    return text[: start - 1] + text[end:]


ATTRIBUTES_MOST = 150  # of an element: the parser compares each with all
LOOKED_AT = 3_000  # characters: a tag of so many may have too many attributes
TAGS_MANY = 6_000
_RAW = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_LONG = re.compile(rf"<[a-zA-Z](?=[^<]{{{LOOKED_AT}}})")
_NAMED = re.compile(r"<[a-zA-Z]")
_ATTRIBUTE = r"""[\s/]*+=*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{ATTRIBUTES_MOST}}}+(?P<more>(?:{_ATTRIBUTE})*+)")


def without_floods(text: str) -> str:
    """A page without the attributes of an element beyond so many. Only where there can be as many: in a long tag, or in one
    of a page of very many, whose signs may stand in values."""
    kept, at = [], 0
    raw, begins, until = _RAW.finditer(text), 0, 0
    for match in (_LONG if text.count("<") < TAGS_MANY else _NAMED).finditer(text):
        start = match.start()
        tag = _TAG.match(text, start) if start >= at else None
        if tag is None or not tag["more"]:
            continue
        while until <= start and (region := next(raw, None)) is not None:
            until = region.end()
            begins = region.start()
        if begins < start < until:
            continue  # what looks like a tag in a script
        kept.append(text[at : tag.start("more")])
        at = tag.end("more")
    return "".join((*kept, text[at:])) if kept else text


_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
# lxml.html asks a function of Python for the class of each element that is touched; forms and inputs need no class of their own here.
_PLAIN = etree.ElementDefaultClassLookup(element=HtmlElement)


_NO_MEMORY = 2  # libxml2's XML_ERR_NO_MEMORY


# What the parser lets in and lxml then refuses to move: control characters, written plainly or by number, and what is no character.
_CONTROLS = bytes(one for one in range(32) if one not in b"\t\n\f\r")
_SPACED = bytes.maketrans(b"\f", b" ")
_REFERENCES = re.compile(
    rb"&#(?:0*(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|[xX]0*(?:[1-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
_NO_CHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")


def _readable(text: str) -> bytes:
    return _NO_CHARACTERS.sub(b"", _REFERENCES.sub(b"", text.encode("utf-8", "replace").translate(_SPACED, _CONTROLS)))


def _parsed(text: str) -> HtmlElement | None:
    parser = HTMLParser(collect_ids=False, remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    parser.set_element_class_lookup(_PLAIN)
    try:
        return document_fromstring(_readable(text), parser=parser)  # the parser's own encoding: no detour
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if getattr(error, "code", None) == _NO_MEMORY:
            raise MemoryError from error
        return None


_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (DEPTH_MOST + 1)) + ")")
_TELLING = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "br", "a", "blockquote", "pre", "script", "style", "time", "img")
)
_WRAPPER = re.compile(
    r"</?(?:div|span|section|font|b|i|em|strong|center|table|tbody|tr|td|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE
)


def _flatten(tree: HtmlElement) -> int:
    """Take the wrappers out of what is nested deeper than anything can read, then all that is. How deep it was.

    What is too deep is made anew: to move elements one by one takes quadratic time.
    """
    depth, deepest, bounds = 0, 0, []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        if event == "start" and depth == DEPTH_MOST - 20 and len(element):
            bounds.append(element)
    for element in bounds:
        _lay_flat(element)
    return deepest


def _lay_flat(holding: HtmlElement) -> None:
    """Make what an element at the bound holds anew, less deep."""
    made = holding.makeelement(holding.tag)
    open_ = [made]  # the last is what is written into
    words = [holding.text or ""]  # that are not written yet
    kept: list[bool] = []
    telling = DEPTH_MOST - 20
    for event, element in etree.iterwalk(holding, events=("start", "end")):
        if element is holding:
            continue
        tag = element.tag
        if event == "start":
            telling += tag in _TELLING
            kept.append(tag in _TELLING and (telling <= DEPTH_MOST or tag in ("script", "style")))
            if kept[-1]:
                _write(open_[-1], words)
                open_.append(etree.SubElement(open_[-1], tag, dict(element.attrib)))
            words.append(element.text or "")
        else:
            telling -= tag in _TELLING
            if kept.pop():
                _write(open_.pop(), words)
            words.append(element.tail or "")
    _write(made, words)
    holding.text = made.text
    holding[:] = made[:]


def _write(element: HtmlElement, words: list[str]) -> None:
    """Put words behind the last that an element holds, and forget them."""
    text = "".join(words) or None
    if len(element):
        element[-1].tail = text
    else:
        element.text = text
    words.clear()
