"""Bytes become a tree of elements: the one parse that all of the reading shares. Pure.

What is nested deeper than lxml and trafilatura can read is flattened. Not for: what the elements mean (``blocks``, ``metadata``).
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from harvester.parse.html.charset import unstacked

TAGS_MOST = 60_000  # of one page, three times as many as the greatest real ones have; the middle of what has more is not looked at
CUT_OFF = 2_000  # the parser itself keeps nothing deeper than 2,048
DEPTH_MOST = 200  # lxml and trafilatura lose what is nested deeper than about 250


def tree_of(text: str) -> HtmlElement | None:
    """The tree of a page, None where nothing reads as HTML. Without comments and processing instructions."""
    return _tree(text, text.encode("utf-8", "replace"))


def page_of(text: str) -> tuple[HtmlElement | None, str]:
    """The tree of a page with its letters composed, and what of the page it does not hold, in words; "" where it holds everything.

    Composed: the model reads letters, and an accent that stands alone is none.
    """
    encoded = text.encode("utf-8", "replace")
    if not _is_composed(encoded):
        text = unicodedata.normalize("NFC", unstacked(text))
        encoded = text.encode("utf-8", "replace")
    return _tree(text, encoded), _beyond(encoded.count(b"<"))


def not_read(text: str) -> str:
    """What of a page its tree does not hold, in words; "" where it holds everything."""
    return _beyond(text.count("<"))


def _beyond(tags: int) -> str:
    return (
        f"of {tags:,} tags at most {TAGS_MOST:,} are read, of its beginning and its end"
        if tags > TAGS_MOST
        else ""
    )


_ASCII = bytes(range(128))
_LETTERS_MOST = (
    40_000  # bytes beyond ASCII: a page in another script is looked at whole
)
# Letters and signs of the scripts of most pages that are composed, alone and beside all others of these.
_COMPOSED = re.compile(
    "[\x80-\u02ff\u0388-\u0482\u048a-\u052f\u05d0-\u05ea\u0600-\u060f\u061b-\u064a\u0660-\u066f\u1e00-\u1eff\u2002-\u206f\u20a0-\u20bf\u2100-\u2125"
    "\u212c-\u2328\u232b-\u2adb\u3000-\u3029\u3030-\u3096\u309b-\u312f\u4e00-\u9fff\uac00-\ud7a3\ue000-\uf8ff\ufe00-\ufe0f\ufeff-\uffff\U0001f000-\U0001faff]*"
)


def _is_composed(encoded: bytes) -> bool:
    """Whether that is plain to see."""
    others = encoded.translate(None, _ASCII)
    return not others or (
        len(others) <= _LETTERS_MOST
        and _COMPOSED.fullmatch(others.decode()) is not None
    )


def _tree(text: str, encoded: bytes) -> HtmlElement | None:
    """``encoded``: the text as UTF-8, in which signs are found in a fraction of the time."""
    again = (
        b"\0" in encoded
    )  # where lxml would stop; other control characters go from what is kept
    if again:
        text = text.replace("\0", "")
    if declared := _DECLARATION.match(text):
        text, again = text[declared.end() :], True
    if again:
        encoded = text.encode("utf-8", "replace")
    if b"<" not in encoded:
        return None
    if _may_flood(encoded):
        text = without_floods(bounded(text))
        encoded = text.encode("utf-8", "replace")
    tree = _parsed(encoded)
    if tree is not None and _TOO_DEEP(tree) and _flatten(tree) >= CUT_OFF:
        tree = _parsed(
            _WRAPPER.sub("", text).encode("utf-8", "replace")
        )  # the parser gave up: what lay deeper is not in the tree
        if tree is not None and _TOO_DEEP(tree):  # of something else
            _flatten(tree)
    return tree


def _may_flood(encoded: bytes) -> bool:
    """Whether a page may have too many tags, or one of them too many attributes; False only where it plainly has not."""
    parts = encoded.split(b"<")
    if len(parts) > TAGS_MANY:
        return True
    long = [part for part in parts if len(part) > LOOKED_AT]
    return any(part[:1].isalpha() and not _SHORT.match(part) for part in long)


REPEATED_MOST = 500  # of the same few tags in a row, where there are too many
_REPEATED = re.compile(
    rf"((?:<[^<>]{{1,100}}>[^<>]{{0,20}}){{1,6}}?)\1{{{REPEATED_MOST},}}"
)


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
_RAW = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL
)
_LONG = re.compile(rf"<[a-zA-Z](?=[^<]{{{LOOKED_AT}}})")
_NAMED = re.compile(r"<[a-zA-Z]")
_ATTRIBUTE = r"""[\s/]*+=*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_VALUE = rb"""="[^"]*+"|='[^']*+'|=[^\s"'=<>`]++"""
_SHORT = re.compile(
    rb"""[^\s"'>=/]++(?:\s++[^\s"'>=/]++(?:%b)?+){0,%d}+\s*+/?>"""
    % (_VALUE, ATTRIBUTES_MOST)
)  # a plain tag
_TAG = re.compile(
    rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{ATTRIBUTES_MOST}}}+(?P<more>(?:{_ATTRIBUTE})*+)"
)


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


_END = re.compile(rb"</html\s*>", re.IGNORECASE)


def _without_early_end(encoded: bytes) -> bytes:
    """A page that goes on behind its first ``</html>`` without any such: the parser would lose what follows, and browsers do not (HTML
    13.2.6.4.22, after after body)."""
    end = _END.search(encoded)
    return (
        _END.sub(b"", encoded)
        if end and encoded.find(b"<", end.end()) >= 0
        else encoded
    )


def _readable(encoded: bytes) -> bytes:
    encoded = encoded.translate(_SPACED, _CONTROLS)
    return _NO_CHARACTERS.sub(b"", _REFERENCES.sub(b"", _without_early_end(encoded)))


def _parsed(encoded: bytes) -> HtmlElement | None:
    parser = HTMLParser(
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        encoding="utf-8",
    )
    parser.set_element_class_lookup(_PLAIN)
    try:
        return document_fromstring(
            _readable(encoded), parser=parser
        )  # the parser's own encoding: no detour
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if getattr(error, "code", None) == _NO_MEMORY:
            raise MemoryError from error
        return None


_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (DEPTH_MOST + 1)) + ")")
_TELLING = frozenset(
    (
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "br",
        "a",
        "blockquote",
        "pre",
        "script",
        "style",
        "time",
        "img",
    )
)
_WRAPPER = re.compile(
    r"</?(?:div|span|section|font|b|i|em|strong|center|table|tbody|tr|td|ul|ol|blockquote)\b[^<>]*>",
    re.IGNORECASE,
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
    made = holding.makeelement("div")
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
            kept.append(
                tag in _TELLING
                and (telling <= DEPTH_MOST or tag in ("script", "style"))
            )
            if kept[-1]:
                _write(open_[-1], words)
                open_.append(_copied(element, open_[-1]))
            words.append(element.text or "")
        else:
            telling -= tag in _TELLING
            if kept.pop():
                _write(open_.pop(), words)
            words.append(element.tail or "")
    _write(made, words)
    holding.text = made.text
    holding[:] = made[:]


def _copied(element: HtmlElement, parent: HtmlElement) -> HtmlElement:
    """The element alone, at the end of another. Names that the parser lets in and XML does not are left out."""
    made = etree.SubElement(parent, element.tag)
    for name, value in element.attrib.items():
        with suppress(ValueError):
            made.set(name, value)
    return made


def _write(element: HtmlElement, words: list[str]) -> None:
    """Put words behind the last that an element holds, and forget them."""
    text = "".join(words) or None
    if len(element):
        element[-1].tail = text
    else:
        element.text = text
    words.clear()
