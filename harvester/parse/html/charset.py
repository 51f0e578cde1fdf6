"""Bytes as text, as browsers would have it, and text as we keep it. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

from harvester.entities import unescape

CONTROL_CHARS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\ufeff]"
)
_INVISIBLE_CHARS = re.compile(
    "[\xad\u200b\u2060]"
)  # where a word may be broken; joiners stay, they are spelling
REMOVED_CHARS = re.compile(
    f"{CONTROL_CHARS.pattern}|{_INVISIBLE_CHARS.pattern}"
)  # what ``line`` takes out
_META_CHARSET_DECLARATION = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE
)
_XML_CHARSET_DECLARATION = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]+)"""
)
# Labels as the WHATWG Encoding Standard reads them, where Python reads them otherwise.
_CHARSET_LABELS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "l1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "iso8859-1": "cp1252", "cp819": "cp1252", "iso-8859-9": "cp1254", "latin5": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874",
    "windows-874": "cp874", "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "korean": "cp949", "big5": "big5hkscs", "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "macintosh": "mac-roman", "mac": "mac-roman", "x-euc-jp": "euc-jp", "unicode": "utf-16-le", "utf-16": "utf-16-le",
}  # fmt: skip
# Only what is a charset: Python also has codecs that unpack, unescape or raise.
_CHARSET_NAME = re.compile(
    r"utf[-_]?8|utf[-_]?(?:16|32)(?:[-_]?[lb]e)?|(?:iso|windows|cp|ibm|koi8|mac|euc|big5|gb|hz|johab|tis|ptcp|kz|shift)[\w-]*|\d{3,4}"
)
_BYTE_ORDER_MARKS = (  # the longer ones first: one begins with another
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)  # fmt: skip
_NON_ASCII = re.compile("[\x80-\U0010ffff]+")
_EBCDIC_XML_PREFIX = b"\x4c\x6f\xa7\x94"  # <?xm


def decode(body: bytes, content_type: str) -> str:
    """The text of a body: by its byte order mark, else as UTF-8 where it is that, else as declared, else windows-1252.

    Valid UTF-8 beyond ASCII is hardly ever anything else, whatever the page declares. Of several declarations, one that
    reads it without a fault is believed first. Never raises.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[0 if b"<" in mark else len(mark) :].decode(name, "replace")
    if body.startswith(_EBCDIC_XML_PREFIX):
        body = body.decode("cp037").encode("utf-8")
    declared = _declared_charsets(body, content_type)
    for name, sign in (
        ("iso-2022-jp", b"\x1b$"),
        ("iso-2022-kr", b"\x1b$"),
        ("hz-gb-2312", b"~{"),
    ):
        if name in declared and sign in body:  # in seven bits: valid UTF-8 too
            return body.decode("hz" if name.startswith("hz") else name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut off in the middle of a character: still UTF-8.
        if error.start > len(body) - 4:
            return body.decode("utf-8", "replace")
    read = [codec for name in declared if (codec := _codec_name(name))]
    for codec in read:
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    if read and ("utf-8" not in read or _is_mostly_utf_8(body)):
        return body.decode(read[0], "replace")
    return body.decode(
        "utf-8" if _is_mostly_utf_8(body) and not read else "cp1252", "replace"
    )


def _codec_name(name: str) -> str:
    """Python's name of a charset; "" where it is none. Without a mark nothing is UTF-16, whatever is said."""
    name = _CHARSET_LABELS.get(name, name)
    if not _CHARSET_NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""  # iso-8859-99
    return "" if found.startswith(("utf-16", "utf-32")) else found


def _is_mostly_utf_8(body: bytes) -> bool:
    """Whether its faults are fewer than its characters beyond ASCII."""
    text = body.decode("utf-8", "replace")
    return text.count("\ufffd") * 2 < sum(map(len, _NON_ASCII.findall(text)))


def _declared_charsets(body: bytes, content_type: str) -> list[str]:
    found = re.findall(r"charset\s*=\s*[\"']?([\w:.-]+)", content_type, re.IGNORECASE)
    for pattern in (_XML_CHARSET_DECLARATION, _META_CHARSET_DECLARATION):
        found += [
            match.decode("ascii", "replace") for match in pattern.findall(body[:4096])
        ]
    return [name.lower() for name in found]


MAX_COMBINING_MARKS = 30  # marks on one letter: what Unicode's stream-safe format has (UAX 15, 12.1); more are ordered in quadratic time
_LONG_MARK_RUN = re.compile(rf"[^\w\s\x00-\u02ff]{{{MAX_COMBINING_MARKS + 1},}}")


def limit_combining_marks(text: str) -> str:
    """A text without the marks that are heaped on one letter beyond what any script does."""
    if text.isascii() or not any(
        map(unicodedata.combining, set(text[::MAX_COMBINING_MARKS]))
    ):
        return text  # so long a heap has one of them at such a place
    return _LONG_MARK_RUN.sub(_limit_match, text)


def _limit_match(match: re.Match[str]) -> str:
    kept, stacked = [], 0
    for sign in match[0]:
        stacked = stacked + 1 if unicodedata.combining(sign) else 0
        if stacked <= MAX_COMBINING_MARKS:
            kept.append(sign)
    return "".join(kept)


def clean_line(text: str | None, max_length: int = 1_000) -> str:
    """Text on one line: white space folded, control characters out, bounded; a cut is marked by an ellipsis."""
    if not text:
        return ""
    text = limit_combining_marks(text[: max_length * 8])
    if not text.isprintable():  # all that goes is not
        text = _INVISIBLE_CHARS.sub("", CONTROL_CHARS.sub("", text))
    text = " ".join(text.split())
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"


# What is taken for markup: "RSS <<<Tutorial>>>" and "a < b" are words.
_ELEMENT_NAMES = (
    "a|abbr|acronym|address|article|aside|audio|b|bdi|bdo|big|blink|blockquote|body|br|button|canvas|center|cite|code|dd|del|details|dfn"
    "|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link"
    "|main|map|mark|marquee|meta|nav|nobr|noscript|object|ol|option|p|param|picture|pre|q|rp|rt|ruby|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr"
    r"|[a-z]\w*[:-][\w:-]+"
)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|li|h[1-6]|td|tr|th|dt|dd|blockquote|section|article|figure|figcaption|ul|ol)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(
    rf"</?(?:{_ELEMENT_NAMES})(?:[\s/][^<>]*)?>|<!--(?s:.)*?(?:-->|\Z)|<[!?][^<>]*>",
    re.IGNORECASE,
)
_SCRIPT_OR_STYLE_TAG = re.compile(r"<(/?)(?:script|style)\b[^<>]*>", re.IGNORECASE)


def html_to_text(markup: str | None, max_length: int = 1_000) -> str:
    """Markup as plain text on one line: tags out, entities undone (twice: feeds escape what was escaped)."""
    if not markup:
        return ""
    if len(markup) > max_length * 20:
        markup = markup[: max_length * 20]
        if markup.rfind("<") > markup.rfind(">"):  # not half a tag
            markup = markup[: markup.rfind("<")]
    text = strip_tags(markup)
    if "&" in text:
        text = unescape(text)
        if "&" in text or "<" in text:
            text = unescape(strip_tags(text))
    return clean_line(text, max_length)


def strip_tags(markup: str) -> str:
    """Markup without its tags, comments, scripts and styles; entities stay. In linear time, whatever comes."""
    if "<" not in markup:
        return markup
    kept, at, hidden = [], 0, False
    for match in _SCRIPT_OR_STYLE_TAG.finditer(markup):
        if not hidden:
            kept.append(markup[at : match.start()])
        hidden, at = not match[1], match.end()
    if not hidden:
        kept.append(markup[at:])
    return _TAG.sub("", _BLOCK_TAG.sub(" ", " ".join(kept)))
