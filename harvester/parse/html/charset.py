"""Bytes decoded to text as browsers do, and text cleaned for keeping."""

from __future__ import annotations

import codecs
import re
import unicodedata
import zlib

from harvester.entities import unescape
from harvester.parse.html.charset_guess import guess_charset

CONTROL_CHARS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069\ufeff]"
)
# Where a word may be broken. Joiners stay: they are spelling.
_INVISIBLE_CHARS = re.compile("[\xad\u200b\u2060]")
# What ``clean_line`` removes.
REMOVED_CHARS = re.compile(f"{CONTROL_CHARS.pattern}|{_INVISIBLE_CHARS.pattern}")
_META_CHARSET_DECLARATION = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE
)
_XML_CHARSET_DECLARATION = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]+)"""
)
# Labels that the WHATWG Encoding Standard reads otherwise than Python: codec → labels.
_LABELS_BY_CODEC = {
    "cp1252": "iso-8859-1 latin-1 latin1 l1 ascii us-ascii iso8859-1 cp819",
    "cp1254": "iso-8859-9 latin5",
    "cp874": "tis-620 iso-8859-11 windows-874",
    "gb18030": "gb2312 gb_2312-80 gbk x-gbk",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601 korean",
    "big5hkscs": "big5",
    "mac-roman": "x-mac-roman macintosh mac",
    "mac-cyrillic": "x-mac-cyrillic",
    "euc-jp": "x-euc-jp",
    "utf-16-le": "unicode utf-16",
}
_CODEC_BY_LABEL = {
    label: codec
    for codec, labels in _LABELS_BY_CODEC.items()
    for label in labels.split()
}
# Only charsets: Python also has codecs that unpack, unescape or raise.
_CHARSET_NAME = re.compile(
    r"utf[-_]?8|utf[-_]?(?:16|32)(?:[-_]?[lb]e)?"
    r"|(?:iso|windows|cp|ibm|koi8|mac|euc|big5|gb|hz|johab|tis|ptcp|kz|shift)[\w-]*"
    r"|\d{3,4}"
)
_BYTE_ORDER_MARKS = (  # the longer ones first: one begins with another
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Charsets of seven bits, whose bytes are valid UTF-8 too: name, sign, Python's codec.
_SEVEN_BIT_CHARSETS = (
    ("iso-2022-jp", b"\x1b$", "iso-2022-jp"),
    ("iso-2022-kr", b"\x1b$", "iso-2022-kr"),
    ("hz-gb-2312", b"~{", "hz"),
)
_NON_ASCII = re.compile("[\x80-\U0010ffff]+")
GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_DECOMPRESSED_BYTES = 50_000_000  # of a gzipped sitemap, by the protocol
_EBCDIC_XML_PREFIX = b"\x4c\x6f\xa7\x94"  # <?xm


def without_gzip(body: bytes) -> bytes:
    """A body as it is under gzip that no header declared.

    Some servers compress whatever they send, and many sitemaps are gzipped files. Never
    raises; what is no gzip is returned as it is.
    """
    if not body.startswith(GZIP_MAGIC):
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(
            body, MAX_DECOMPRESSED_BYTES
        )
    except zlib.error:
        return body


def decode(body: bytes, content_type: str) -> str:
    """Decode a body: byte order mark, valid UTF-8, declared charset, its letters.

    Valid UTF-8 beyond ASCII is hardly ever anything else, whatever the page declares.
    Of several declared charsets, one that decodes it without an error comes first. What
    declares none is decoded by ``charset_guess``, in the end as windows-1252. Never
    raises.
    """
    return decode_to_utf_8(body, content_type)[0]


def decode_to_utf_8(body: bytes, content_type: str) -> tuple[str, bytes]:
    """A body decoded as by ``decode``, and the text as UTF-8, which most bodies are."""
    body = without_gzip(body)
    if body.startswith(_EBCDIC_XML_PREFIX):
        body = body.decode("cp037").encode("utf-8")
    declared = _declared_charsets(body, content_type)
    text = _decode_marked(body, declared)
    if text is None:
        try:
            return body.decode("utf-8"), body
        except UnicodeDecodeError as error:
            # Cut off in the middle of a character: still UTF-8.
            is_cut = error.start > len(body) - 4
        text = body.decode("utf-8", "replace") if is_cut else _decode_by(body, declared)
    return text, text.encode("utf-8", "replace")


def _decode_marked(body: bytes, declared: list[str]) -> str | None:
    """A body with a byte order mark, or of a charset of seven bits; None if neither."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[0 if b"<" in mark else len(mark) :].decode(codec, "replace")
    for name, sign, codec in _SEVEN_BIT_CHARSETS:
        if name in declared and sign in body:
            return body.decode(codec, "replace")
    return None


def _decode_by(body: bytes, declared: list[str]) -> str:
    """A body that is not UTF-8, by a charset that it declares, else by its letters."""
    codecs_declared = [codec for name in declared if (codec := _codec_name(name))]
    for codec in codecs_declared:
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    if not codecs_declared:
        is_utf_8 = _is_mostly_utf_8(body)
        return body.decode("utf-8" if is_utf_8 else guess_charset(body), "replace")
    if "utf-8" not in codecs_declared or _is_mostly_utf_8(body):
        return body.decode(codecs_declared[0], "replace")
    return body.decode("cp1252", "replace")


def _codec_name(charset: str) -> str:
    """Python's codec for a charset; "" if unknown or, without a mark, UTF-16 or 32."""
    name = _CODEC_BY_LABEL.get(charset, charset)
    if not _CHARSET_NAME.fullmatch(name):
        return ""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""  # iso-8859-99
    return "" if codec.startswith(("utf-16", "utf-32")) else codec


def _is_mostly_utf_8(body: bytes) -> bool:
    """Whether UTF-8 errors are fewer than half of the characters beyond ASCII."""
    text = body.decode("utf-8", "replace")
    return text.count("\ufffd") * 2 < sum(map(len, _NON_ASCII.findall(text)))


def _declared_charsets(body: bytes, content_type: str) -> list[str]:
    """Charsets in lower case: of the header, the XML declaration, ``<meta>``."""
    names = re.findall(r"charset\s*=\s*[\"']?([\w:.-]+)", content_type, re.IGNORECASE)
    for pattern in (_XML_CHARSET_DECLARATION, _META_CHARSET_DECLARATION):
        names += [
            match.decode("ascii", "replace") for match in pattern.findall(body[:4096])
        ]
    return [name.lower() for name in names]


# Combining marks on one letter: the limit of Unicode's stream-safe format (UAX 15,
# 12.1). More of them are put in order in quadratic time.
MAX_COMBINING_MARKS = 30
_LONG_MARK_RUN = re.compile(rf"[^\w\s\x00-\u02ff]{{{MAX_COMBINING_MARKS + 1},}}")


def limit_combining_marks(text: str) -> str:
    """Drop combining marks on one letter beyond ``MAX_COMBINING_MARKS``."""
    # A run that is too long has a mark at one of every MAX_COMBINING_MARKS positions.
    if (
        len(text) <= MAX_COMBINING_MARKS
        or text.isascii()
        or not any(map(unicodedata.combining, set(text[::MAX_COMBINING_MARKS])))
    ):
        return text
    return _LONG_MARK_RUN.sub(_limit_run, text)


def _limit_run(match: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_COMBINING_MARKS:
            kept.append(character)
    return "".join(kept)


def clean_line(text: str | None, max_length: int = 1_000) -> str:
    """Text on one line: white space collapsed, control characters dropped.

    Text longer than ``max_length`` is cut, and ends with an ellipsis.
    """
    if not text:
        return ""
    if (
        len(text) <= max_length
        and text.isascii()
        and text.isprintable()
        and "  " not in text
    ):  # as most are
        return text.strip(" ")
    text = limit_combining_marks(text[: max_length * 8])
    text = text.replace("\n", " ").replace("\t", " ").replace("\r", " ")
    if not text.isprintable():  # nothing that is removed is printable
        text = _INVISIBLE_CHARS.sub("", CONTROL_CHARS.sub("", text))
    text = " ".join(text.split())
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"


# Only known elements are markup: "RSS <<<Tutorial>>>" and "a < b" are words.
_ELEMENT_NAMES = (
    "a|abbr|acronym|address|article|aside|audio|b|bdi|bdo|big|blink|blockquote|body"
    "|br|button|canvas|center|cite|code|dd|del|details|dfn|div|dl|dt|em|embed|fieldset"
    "|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input"
    "|ins|kbd|label|li|link|main|map|mark|marquee|meta|nav|nobr|noscript|object|ol"
    "|option|p|param|picture|pre|q|rp|rt|ruby|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea"
    "|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr"
    r"|[a-z]\w*[:-][\w:-]+"
)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|li|h[1-6]|td|tr|th|dt|dd|blockquote|section|article|figure"
    r"|figcaption|ul|ol)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(
    rf"</?(?:{_ELEMENT_NAMES})(?:[\s/][^<>]*)?>|<!--(?s:.)*?(?:-->|\Z)|<[!?][^<>]*>",
    re.IGNORECASE,
)
_SCRIPT_OR_STYLE_TAG = re.compile(r"<(/?)(?:script|style)\b[^<>]*>", re.IGNORECASE)


def html_to_text(markup: str | None, max_length: int = 1_000) -> str:
    """Markup as plain text on one line, without tags and with entities resolved.

    Entities are resolved twice: feeds escape what was escaped before.
    """
    if not markup:
        return ""
    if len(markup) > max_length * 20:
        markup = markup[: max_length * 20]
        if markup.rfind("<") > markup.rfind(">"):  # drop half a tag
            markup = markup[: markup.rfind("<")]
    text = strip_tags(markup)
    if "&" in text:
        text = unescape(text)
        if "&" in text or "<" in text:
            text = unescape(strip_tags(text))
    return clean_line(text, max_length)


def strip_tags(markup: str) -> str:
    """Markup without tags, comments, scripts and styles; entities stay. Linear time."""
    if "<" not in markup:
        return markup
    kept, position, in_script = [], 0, False
    for match in _SCRIPT_OR_STYLE_TAG.finditer(markup):
        if not in_script:
            kept.append(markup[position : match.start()])
        in_script, position = not match[1], match.end()
    if not in_script:
        kept.append(markup[position:])
    return _TAG.sub("", _BLOCK_TAG.sub(" ", " ".join(kept)))
