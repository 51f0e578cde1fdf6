"""One parse of an HTML page to a tree of elements, shared by all that read it.

Elements nested deeper than lxml and trafilatura can read are flattened; what comes
after the end of the body is put into it; ruby annotations, which are not words of the
text, are dropped. Does not say what elements mean; see ``content.page_blocks`` and
``metadata``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from harvester.parse.html.charset import limit_combining_marks

# Tags of one page: three times as many as the largest real pages have. Of a page with
# more, the middle is skipped.
MAX_TAGS = 60_000
PARSER_DEPTH_LIMIT = 2_000  # the parser drops what is nested deeper than 2,048
MAX_DEPTH = 200  # lxml and trafilatura lose what is nested deeper than about 250


def parse_html(text: str) -> HtmlElement | None:
    """The tree of a page, without comments; None if nothing reads as HTML."""
    encoded = text.encode("utf-8", "replace")
    return _parse_encoded(text, encoded, _unusual_bytes(encoded), encoded.count(b"<"))


def parse_page(
    text: str, encoded: bytes | None = None
) -> tuple[HtmlElement | None, str]:
    """The tree of a page, and what it leaves out, in words ("" if nothing).

    Characters are composed (NFC), because the model reads letters, and a combining
    accent is none. ``encoded``: the text as UTF-8, if that is known.
    """
    if encoded is None:
        encoded = text.encode("utf-8", "replace")
    unusual = _unusual_bytes(encoded)
    if not _is_composed(unusual):
        text = unicodedata.normalize("NFC", limit_combining_marks(text))
        encoded = text.encode("utf-8", "replace")
        unusual = _unusual_bytes(encoded)
    tag_count = encoded.count(b"<")
    tree = _parse_encoded(text, encoded, unusual, tag_count)
    return tree, _describe_skipped_tags(tag_count)


def describe_unread(text: str) -> str:
    """What the tree of a page leaves out, in words; "" if nothing."""
    return _describe_skipped_tags(text.count("<"))


def _describe_skipped_tags(tag_count: int) -> str:
    if tag_count <= MAX_TAGS:
        return ""
    return (
        f"of {tag_count:,} tags at most {MAX_TAGS:,} are read,"
        " from the beginning and the end"
    )


_ASCII_BYTES = bytes(range(128))
_CONTROL_BYTES = bytes(code for code in range(32) if code not in b"\t\n\r")
_USUAL_BYTES = bytes(code for code in _ASCII_BYTES if code not in _CONTROL_BYTES)
# Bytes beyond ASCII; a page in another script has more, and is normalised unchecked.
_MAX_NON_ASCII_BYTES = 40_000
# Characters of common scripts that NFC leaves alone, whatever is next to them.
_COMPOSED_CHARS = re.compile(
    "[\x80-\u02ff\u0388-\u0482\u048a-\u052f\u05d0-\u05ea\u0600-\u060f\u061b-\u064a"
    "\u0660-\u066f\u1e00-\u1eff\u2002-\u206f\u20a0-\u20bf\u2100-\u2125\u212c-\u2328"
    "\u232b-\u2adb\u3000-\u3029\u3030-\u3096\u309b-\u312f\u4e00-\u9fff\uac00-\ud7a3"
    "\ue000-\uf8ff\ufe00-\ufe0f\ufeff-\uffff\U0001f000-\U0001faff]*"
)


def _unusual_bytes(encoded: bytes) -> bytes:
    """The bytes beyond ASCII and the control characters of a text.

    They are few, and tell what need not be searched for in all of it.
    """
    return encoded.translate(None, _USUAL_BYTES)


def _is_composed(unusual: bytes) -> bool:
    """Whether text is composed for sure; False if it may not be."""
    non_ascii = unusual.translate(None, _ASCII_BYTES)
    return not non_ascii or (
        len(non_ascii) <= _MAX_NON_ASCII_BYTES
        and _COMPOSED_CHARS.fullmatch(non_ascii.decode()) is not None
    )


_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")


def _parse_encoded(
    text: str, encoded: bytes, unusual: bytes, tag_count: int
) -> HtmlElement | None:
    """Parse a page. ``encoded``: the text as UTF-8, which is much faster to search.

    ``unusual``: its ``_unusual_bytes``; ``tag_count``: how many "<" it has.
    """
    changed = b"\0" in unusual
    if changed:  # lxml would stop there; other control characters are dropped later
        text = text.replace("\0", "")
    if declaration := _XML_DECLARATION.match(text):
        text, changed = text[declaration.end() :], True
    if changed:
        encoded = text.encode("utf-8", "replace")
    if b"<" not in encoded:
        return None
    if _may_exceed_limits(encoded, tag_count):
        text = limit_attributes(limit_tags(text))
        encoded = text.encode("utf-8", "replace")
    has_ruby = _RUBY_TEXT.search(encoded) is not None
    if has_ruby:
        encoded = _UNCLOSED_RUBY_TEXT.sub(rb"\1</rt>", encoded)
    tree = _parse_bytes(encoded, unusual)
    if tree is not None and _IS_TOO_DEEP(tree) and _flatten(tree) >= PARSER_DEPTH_LIMIT:
        # The parser dropped what was nested deeper: parse again without wrappers.
        encoded = _WRAPPER_TAG.sub("", text).encode("utf-8", "replace")
        tree = _parse_bytes(encoded, unusual)
        if tree is not None and _IS_TOO_DEEP(tree):  # because of other elements
            _flatten(tree)
    if tree is not None:
        _move_into_body(tree)
        if has_ruby:
            etree.strip_elements(tree, *_RUBY_TAGS, with_tail=False)
    return tree


# How characters are read, set beside them: the text has the characters.
_RUBY_TAGS = ("rt", "rp", "rtc")
_RUBY_TEXT = re.compile(rb"<rt\b", re.IGNORECASE)
# The parser knows no implied end tags of ruby (HTML 13.1.2.4), and would nest what
# follows.
_UNCLOSED_RUBY_TEXT = re.compile(
    rb"(<rt\b[^<>]*+>[^<>]*+)(?=<(?:r[bpt]|rtc)\b|</ruby\b)", re.IGNORECASE
)


def _move_into_body(tree: HtmlElement) -> None:
    """Move elements beside the body into it, as browsers do (HTML 13.2.6.4.19).

    The parser leaves what follows ``</body>`` beside it.
    """
    body = tree.find("body")
    if body is None:
        return
    after = [one for one in body.itersiblings() if one.tag not in ("head", "frameset")]
    if after:
        body.extend(after)


def _may_exceed_limits(encoded: bytes, tag_count: int) -> bool:
    """Whether a page may have too many tags, or a tag too many attributes.

    False only if it certainly has not.
    """
    return tag_count >= MANY_TAGS or any(
        part[:1].isalpha() and not _PLAIN_TAG.match(part)
        for part in _iter_long_parts(encoded)
    )


def _iter_long_parts(encoded: bytes) -> Iterator[bytes]:
    """What is longer than ``LONG_TAG_LENGTH`` from one "<" to the next."""
    start = 0
    while len(encoded) - start > LONG_TAG_LENGTH:
        end = encoded.rfind(b"<", start, start + LONG_TAG_LENGTH + 1)
        if end < 0:
            end = encoded.find(b"<", start)
            end = len(encoded) if end < 0 else end
            yield encoded[start:end]
        start = end + 1


MAX_REPEATED_TAGS = (
    500  # repetitions of the same one to six tags, on a page of too many
)
_REPEATED_TAGS = re.compile(
    rf"((?:<[^<>]{{1,100}}>[^<>]{{0,20}}){{1,6}}?)\1{{{MAX_REPEATED_TAGS},}}"
)


def limit_tags(text: str, max_tags: int = MAX_TAGS, threshold: int = MAX_TAGS) -> str:
    """Markup with at most ``max_tags`` tags; unchanged below ``threshold``.

    Floods of repeated tags go first. Then the beginning and the end are kept, since a
    flood may come before the article or after it.
    """
    if text.count("<") <= min(max_tags, threshold):
        return text
    text = _REPEATED_TAGS.sub(
        lambda flood: flood[1] * MAX_REPEATED_TAGS, head_and_tail(text, max_tags * 2)
    )
    return head_and_tail(text, max_tags)


def head_and_tail(text: str, max_count: int, marker: str = "<") -> str:
    """The beginning and the end of a text, each with half of ``max_count`` markers."""
    if text.count(marker) <= max_count:
        return text
    start, end = 0, len(text)
    for _ in range(max_count // 2):
        start = text.find(marker, start) + 1
        end = text.rfind(marker, 0, end)
    return text[: start - 1] + text[end:]


MAX_ATTRIBUTES = 150  # of an element: the parser compares each with all others
LONG_TAG_LENGTH = 3_000  # characters; only a tag this long can have too many attributes
MANY_TAGS = 6_000
_RAW_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL
)
_LONG_TAG = re.compile(rf"<[a-zA-Z](?=[^<]{{{LONG_TAG_LENGTH}}})")
_TAG_START = re.compile(r"<[a-zA-Z]")
_ATTRIBUTE = r"""[\s/]*+=*+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
_ATTRIBUTE_VALUE = rb"""="[^"]*+"|='[^']*+'|=[^\s"'=<>`]++"""
# A well-formed tag without its "<" that has few enough attributes.
_PLAIN_TAG = re.compile(
    rb"""[^\s"'>=/]++(?:\s++[^\s"'>=/]++(?:%b)?+){0,%d}+\s*+/?>"""
    % (_ATTRIBUTE_VALUE, MAX_ATTRIBUTES)
)
_TAG_WITH_EXCESS = re.compile(
    rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+"
    rf"(?P<excess>(?:{_ATTRIBUTE})*+)"
)


def limit_attributes(text: str) -> str:
    """Markup with at most ``MAX_ATTRIBUTES`` attributes in each tag.

    Looks only at long tags; at all tags of a page of very many, because there "<" may
    also be inside attribute values.
    """
    kept, position = [], 0
    raw_texts, raw_start, raw_end = _RAW_TEXT.finditer(text), 0, 0
    candidates = _LONG_TAG if text.count("<") < MANY_TAGS else _TAG_START
    for match in candidates.finditer(text):
        start = match.start()
        tag = _TAG_WITH_EXCESS.match(text, start) if start >= position else None
        if tag is None or not tag["excess"]:
            continue
        while raw_end <= start and (raw_text := next(raw_texts, None)) is not None:
            raw_start, raw_end = raw_text.span()
        if raw_start < start < raw_end:
            continue  # text of a script or comment
        kept.append(text[position : tag.start("excess")])
        position = tag.end("excess")
    return "".join((*kept, text[position:])) if kept else text


# Characters that the parser accepts but lxml then refuses to move: control characters,
# plain or as numeric references, and noncharacters.
_REMOVED_BYTES = _CONTROL_BYTES.replace(b"\f", b"")
_FORM_FEED_TO_SPACE = bytes.maketrans(b"\f", b" ")
_INVALID_REFERENCES = re.compile(
    rb"&#(?:0*(?:[1-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9])"
    rb"|[xX]0*(?:[1-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
_NONCHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")
_HTML_END_TAG = re.compile(rb"</html\s*>", re.IGNORECASE)


def _sanitise(encoded: bytes, unusual: bytes) -> bytes:
    if unusual.translate(None, _CONTROL_BYTES) != unusual:
        encoded = encoded.translate(_FORM_FEED_TO_SPACE, _REMOVED_BYTES)
    encoded = _INVALID_REFERENCES.sub(b"", _remove_early_end(encoded))
    if _NONCHARACTERS.search(unusual):
        encoded = _NONCHARACTERS.sub(b"", encoded)
    return encoded


def _remove_early_end(encoded: bytes) -> bytes:
    """Drop ``</html>`` from a page that goes on after it.

    The parser would lose what follows; browsers do not (HTML 13.2.6.4.22, the "after
    after body" insertion mode).
    """
    end = _HTML_END_TAG.search(encoded)
    if end and encoded.find(b"<", end.end()) >= 0:
        return _HTML_END_TAG.sub(b"", encoded)
    return encoded


# lxml.html calls Python for the class of each element; no form classes are needed.
_ELEMENT_CLASS_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)
_XML_ERR_NO_MEMORY = 2  # of libxml2


def _parse_bytes(encoded: bytes, unusual: bytes) -> HtmlElement | None:
    parser = HTMLParser(
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
        encoding="utf-8",  # which the parser uses itself: nothing is converted
    )
    parser.set_element_class_lookup(_ELEMENT_CLASS_LOOKUP)
    try:
        return document_fromstring(_sanitise(encoded, unusual), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        if getattr(error, "code", None) == _XML_ERR_NO_MEMORY:
            raise MemoryError from error
        return None


_IS_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (MAX_DEPTH + 1)) + ")")
_FLATTENING_DEPTH = MAX_DEPTH - 20
_MEANINGFUL_TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 li br a blockquote pre script style time img".split()
)
_WRAPPER_TAG = re.compile(
    r"</?(?:div|span|section|font|b|i|em|strong|center"
    r"|table|tbody|tr|td|ul|ol|blockquote)\b[^<>]*>",
    re.IGNORECASE,
)


def _flatten(tree: HtmlElement) -> int:
    """Flatten what is nested too deep; returns how deep the tree was.

    Wrappers go first, then all elements below ``MAX_DEPTH``. The deep parts are built
    anew, because moving elements one by one takes quadratic time.
    """
    depth, deepest, too_deep = 0, 0, []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        if event == "start" and depth == _FLATTENING_DEPTH and len(element):
            too_deep.append(element)
    for element in too_deep:
        _flatten_element(element)
    return deepest


def _flatten_element(container: HtmlElement) -> None:
    """Rebuild the content of an element at ``_FLATTENING_DEPTH``, less deep."""
    flat = container.makeelement("div")
    open_elements = [flat]  # text and elements are added to the last one
    pending_text = [container.text or ""]
    is_kept: list[bool] = []
    depth = _FLATTENING_DEPTH  # counting meaningful elements only
    for event, element in etree.iterwalk(container, events=("start", "end")):
        if element is container:
            continue
        tag = element.tag
        if event == "start":
            depth += tag in _MEANINGFUL_TAGS
            is_kept.append(
                tag in _MEANINGFUL_TAGS
                and (depth <= MAX_DEPTH or tag in ("script", "style"))
            )
            if is_kept[-1]:
                _append_text(open_elements[-1], pending_text)
                open_elements.append(_copy_element(element, open_elements[-1]))
            pending_text.append(element.text or "")
        else:
            depth -= tag in _MEANINGFUL_TAGS
            if is_kept.pop():
                _append_text(open_elements.pop(), pending_text)
            pending_text.append(element.tail or "")
    _append_text(flat, pending_text)
    container.text = flat.text
    container[:] = flat[:]


def _copy_element(element: HtmlElement, parent: HtmlElement) -> HtmlElement:
    """Append a copy of an element to ``parent``, without its content.

    Attribute names that the parser accepts and XML does not are dropped.
    """
    copy = etree.SubElement(parent, element.tag)
    for name, value in element.attrib.items():
        with suppress(ValueError):
            copy.set(name, value)
    return copy


def _append_text(element: HtmlElement, pending_text: list[str]) -> None:
    """Add the pending text at the end of an element, and clear it."""
    text = "".join(pending_text) or None
    if len(element):
        element[-1].tail = text
    else:
        element.text = text
    pending_text.clear()
