"""Bytes become a tree of elements: the one parse that all of the reading shares. Pure.

What is nested deeper than lxml and trafilatura can read is flattened. Not for: what the elements mean (``blocks``, ``metadata``).
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from harvester.parse.html.charset import limit_combining_marks

MAX_TAGS = 60_000  # of one page, three times as many as the greatest real ones have; the middle of what has more is not looked at
PARSER_DEPTH_LIMIT = 2_000  # the parser itself keeps nothing deeper than 2,048
MAX_DEPTH = 200  # lxml and trafilatura lose what is nested deeper than about 250


def parse_html(text: str) -> HtmlElement | None:
    """The tree of a page, None where nothing reads as HTML. Without comments and processing instructions."""
    return _parse_encoded(text, text.encode("utf-8", "replace"))


def parse_page(text: str) -> tuple[HtmlElement | None, str]:
    """The tree of a page with its letters composed, and what of the page it does not hold, in words; "" where it holds everything.

    Composed: the model reads letters, and an accent that stands alone is none.
    """
    encoded = text.encode("utf-8", "replace")
    if not _is_composed(encoded):
        text = unicodedata.normalize("NFC", limit_combining_marks(text))
        encoded = text.encode("utf-8", "replace")
    return _parse_encoded(text, encoded), _describe_tags_beyond_limit(
        encoded.count(b"<")
    )


def describe_unread(text: str) -> str:
    """What of a page its tree does not hold, in words; "" where it holds everything."""
    return _describe_tags_beyond_limit(text.count("<"))


def _describe_tags_beyond_limit(tag_count: int) -> str:
    return (
        f"of {tag_count:,} tags at most {MAX_TAGS:,} are read, of its beginning and its end"
        if tag_count > MAX_TAGS
        else ""
    )


_ASCII_BYTES = bytes(range(128))
_MAX_NON_ASCII_BYTES = (
    40_000  # bytes beyond ASCII: a page in another script is looked at whole
)
# Letters and signs of the scripts of most pages that are composed, alone and beside all others of these.
_COMPOSED_CHARS = re.compile(
    "[\x80-\u02ff\u0388-\u0482\u048a-\u052f\u05d0-\u05ea\u0600-\u060f\u061b-\u064a\u0660-\u066f\u1e00-\u1eff\u2002-\u206f\u20a0-\u20bf\u2100-\u2125"
    "\u212c-\u2328\u232b-\u2adb\u3000-\u3029\u3030-\u3096\u309b-\u312f\u4e00-\u9fff\uac00-\ud7a3\ue000-\uf8ff\ufe00-\ufe0f\ufeff-\uffff\U0001f000-\U0001faff]*"
)


def _is_composed(encoded: bytes) -> bool:
    """Whether that is plain to see."""
    others = encoded.translate(None, _ASCII_BYTES)
    return not others or (
        len(others) <= _MAX_NON_ASCII_BYTES
        and _COMPOSED_CHARS.fullmatch(others.decode()) is not None
    )


def _parse_encoded(text: str, encoded: bytes) -> HtmlElement | None:
    """``encoded``: the text as UTF-8, in which signs are found in a fraction of the time."""
    again = (
        b"\0" in encoded
    )  # where lxml would stop; other control characters go from what is kept
    if again:
        text = text.replace("\0", "")
    if declared := _XML_DECLARATION.match(text):
        text, again = text[declared.end() :], True
    if again:
        encoded = text.encode("utf-8", "replace")
    if b"<" not in encoded:
        return None
    if _may_exceed_limits(encoded):
        text = limit_attributes(limit_tags(text))
        encoded = text.encode("utf-8", "replace")
    tree = _parse_bytes(encoded)
    if tree is not None and _IS_TOO_DEEP(tree) and _flatten(tree) >= PARSER_DEPTH_LIMIT:
        tree = _parse_bytes(
            _WRAPPER_TAG.sub("", text).encode("utf-8", "replace")
        )  # the parser gave up: what lay deeper is not in the tree
        if tree is not None and _IS_TOO_DEEP(tree):  # of something else
            _flatten(tree)
    return tree


def _may_exceed_limits(encoded: bytes) -> bool:
    """Whether a page may have too many tags, or one of them too many attributes; False only where it plainly has not."""
    parts = encoded.split(b"<")
    if len(parts) > MANY_TAGS:
        return True
    long = [part for part in parts if len(part) > LONG_TAG_LENGTH]
    return any(part[:1].isalpha() and not _PLAIN_TAG.match(part) for part in long)


MAX_REPEATED_TAGS = 500  # of the same few tags in a row, where there are too many
_REPEATED_TAGS = re.compile(
    rf"((?:<[^<>]{{1,100}}>[^<>]{{0,20}}){{1,6}}?)\1{{{MAX_REPEATED_TAGS},}}"
)


def limit_tags(text: str, max_tags: int = MAX_TAGS, threshold: int = MAX_TAGS) -> str:
    """Markup with at most so many tags: where it has ``many``, without floods of the same; then its first and its last ones, for
    a flood may stand before an article or behind it."""
    if text.count("<") <= min(max_tags, threshold):
        return text
    text = _REPEATED_TAGS.sub(
        lambda flood: flood[1] * MAX_REPEATED_TAGS, head_and_tail(text, max_tags * 2)
    )
    return head_and_tail(text, max_tags)


def head_and_tail(text: str, max_count: int, marker: str = "<") -> str:
    """The beginning and the end of a text, each with half of ``most`` of a sign."""
    if text.count(marker) <= max_count:
        return text
    start, end = 0, len(text)
    for _ in range(max_count // 2):
        start = text.find(marker, start) + 1
        end = text.rfind(marker, 0, end)
    return text[: start - 1] + text[end:]


MAX_ATTRIBUTES = 150  # of an element: the parser compares each with all
LONG_TAG_LENGTH = 3_000  # characters: a tag of so many may have too many attributes
MANY_TAGS = 6_000
_RAW_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL
)
_LONG_TAG = re.compile(rf"<[a-zA-Z](?=[^<]{{{LONG_TAG_LENGTH}}})")
_TAG_START = re.compile(r"<[a-zA-Z]")
_ATTRIBUTE = r"""[\s/]*+=*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_ATTRIBUTE_VALUE = rb"""="[^"]*+"|='[^']*+'|=[^\s"'=<>`]++"""
_PLAIN_TAG = re.compile(
    rb"""[^\s"'>=/]++(?:\s++[^\s"'>=/]++(?:%b)?+){0,%d}+\s*+/?>"""
    % (_ATTRIBUTE_VALUE, MAX_ATTRIBUTES)
)  # a plain tag
_TAG_WITH_EXCESS = re.compile(
    rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+(?P<more>(?:{_ATTRIBUTE})*+)"
)


def limit_attributes(text: str) -> str:
    """A page without the attributes of an element beyond so many. Only where there can be as many: in a long tag, or in one
    of a page of very many, whose signs may stand in values."""
    kept, at = [], 0
    raw, begins, until = _RAW_TEXT.finditer(text), 0, 0
    for match in (_LONG_TAG if text.count("<") < MANY_TAGS else _TAG_START).finditer(
        text
    ):
        start = match.start()
        tag = _TAG_WITH_EXCESS.match(text, start) if start >= at else None
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


_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
# lxml.html asks a function of Python for the class of each element that is touched; forms and inputs need no class of their own here.
_ELEMENT_CLASS_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)


_XML_ERR_NO_MEMORY = 2  # libxml2's XML_ERR_NO_MEMORY


# What the parser lets in and lxml then refuses to move: control characters, written plainly or by number, and what is no character.
_CONTROL_BYTES = bytes(one for one in range(32) if one not in b"\t\n\f\r")
_FORM_FEED_TO_SPACE = bytes.maketrans(b"\f", b" ")
_INVALID_REFERENCES = re.compile(
    rb"&#(?:0*(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])|[xX]0*(?:[1-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
_NONCHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")


_HTML_END_TAG = re.compile(rb"</html\s*>", re.IGNORECASE)


def _remove_early_end(encoded: bytes) -> bytes:
    """A page that goes on behind its first ``</html>`` without any such: the parser would lose what follows, and browsers do not (HTML
    13.2.6.4.22, after after body)."""
    end = _HTML_END_TAG.search(encoded)
    return (
        _HTML_END_TAG.sub(b"", encoded)
        if end and encoded.find(b"<", end.end()) >= 0
        else encoded
    )


def _sanitise(encoded: bytes) -> bytes:
    encoded = encoded.translate(_FORM_FEED_TO_SPACE, _CONTROL_BYTES)
    return _NONCHARACTERS.sub(
        b"", _INVALID_REFERENCES.sub(b"", _remove_early_end(encoded))
    )


def _parse_bytes(encoded: bytes) -> HtmlElement | None:
    parser = HTMLParser(
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        encoding="utf-8",
    )
    parser.set_element_class_lookup(_ELEMENT_CLASS_LOOKUP)
    try:
        return document_fromstring(
            _sanitise(encoded), parser=parser
        )  # the parser's own encoding: no detour
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if getattr(error, "code", None) == _XML_ERR_NO_MEMORY:
            raise MemoryError from error
        return None


_IS_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (MAX_DEPTH + 1)) + ")")
_MEANINGFUL_TAGS = frozenset(
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
_WRAPPER_TAG = re.compile(
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
        if event == "start" and depth == MAX_DEPTH - 20 and len(element):
            bounds.append(element)
    for element in bounds:
        _flatten_element(element)
    return deepest


def _flatten_element(container: HtmlElement) -> None:
    """Make what an element at the bound holds anew, less deep."""
    made = container.makeelement("div")
    open_ = [made]  # the last is what is written into
    words = [container.text or ""]  # that are not written yet
    kept: list[bool] = []
    telling = MAX_DEPTH - 20
    for event, element in etree.iterwalk(container, events=("start", "end")):
        if element is container:
            continue
        tag = element.tag
        if event == "start":
            telling += tag in _MEANINGFUL_TAGS
            kept.append(
                tag in _MEANINGFUL_TAGS
                and (telling <= MAX_DEPTH or tag in ("script", "style"))
            )
            if kept[-1]:
                _append_text(open_[-1], words)
                open_.append(_copy_element(element, open_[-1]))
            words.append(element.text or "")
        else:
            telling -= tag in _MEANINGFUL_TAGS
            if kept.pop():
                _append_text(open_.pop(), words)
            words.append(element.tail or "")
    _append_text(made, words)
    container.text = made.text
    container[:] = made[:]


def _copy_element(element: HtmlElement, parent: HtmlElement) -> HtmlElement:
    """The element alone, at the end of another. Names that the parser lets in and XML does not are left out."""
    made = etree.SubElement(parent, element.tag)
    for name, value in element.attrib.items():
        with suppress(ValueError):
            made.set(name, value)
    return made


def _append_text(element: HtmlElement, words: list[str]) -> None:
    """Put words behind the last that an element holds, and forget them."""
    text = "".join(words) or None
    if len(element):
        element[-1].tail = text
    else:
        element.text = text
    words.clear()
