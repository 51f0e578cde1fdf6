"""What a body is that is no text, whatever its header says. Pure.

By the signatures of the WHATWG's MIME Sniffing Standard (sections 6 and 7.1), as
browsers do. Text in any charset is none of these.
"""

from __future__ import annotations

import codecs
import re

SNIFFED_BYTES = 1_445  # as many as the standard has browsers look at
# Share of bytes that no text has, in what is looked at: compressed or encrypted data has
# a tenth, and text with stray control characters far less.
MIN_BINARY_SHARE = 0.04
MIN_BINARY_BYTES = 4
_BINARY_BYTES = bytes((*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)))
_SIGNATURES = (
    ("application/pdf", rb"%PDF-"),
    ("application/postscript", rb"%!PS-Adobe-"),
    ("image/png", rb"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", rb"\xff\xd8\xff"),
    ("image/gif", rb"GIF8[79]a"),
    ("image/webp", rb"RIFF.{4}WEBPVP"),
    ("image/bmp", rb"BM.{4}\0\0\0\0"),
    ("image/x-icon", rb"\0\0[\x01\x02]\0"),
    ("image/avif", rb".{4}ftypavi[fs]"),
    ("video/mp4", rb".{4}ftyp"),
    ("video/webm", rb"\x1a\x45\xdf\xa3"),
    ("video/avi", rb"RIFF.{4}AVI "),
    ("audio/wave", rb"RIFF.{4}WAVE"),
    ("audio/mpeg", rb"ID3[\x02-\x04]\0|\xff\xfb[\x80-\xef]"),
    ("application/ogg", rb"OggS\0"),
    ("font/woff2", rb"wOF2"),
    ("font/woff", rb"wOFF"),
    ("application/zip", rb"PK\x03\x04"),
    ("application/x-rar-compressed", rb"Rar!\x1a\x07"),
    ("application/x-7z-compressed", rb"7z\xbc\xaf\x27\x1c"),
    ("application/x-bzip2", rb"BZh[1-9]1AY&SY"),
    ("application/x-xz", rb"\xfd7zXZ\0"),
    ("application/zstd", rb"\x28\xb5\x2f\xfd"),
    ("application/gzip", rb"\x1f\x8b\x08"),
)
_SIGNATURE = re.compile(
    b"|".join(b"(%s)" % pattern for _, pattern in _SIGNATURES), re.DOTALL
)
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_WIDE_MARKUP = re.compile(rb"<\0|\0<")  # of UTF-16 and UTF-32 without a mark


def sniff_binary(body: bytes) -> str:
    """The media type of a body that is no text; "" if it is text, or may be.

    "application/octet-stream": no signature is known, and its bytes are no text's.
    """
    match = _SIGNATURE.match(body)
    if match is not None:
        return _SIGNATURES[(match.lastindex or 1) - 1][0]
    beginning = body[:SNIFFED_BYTES].lstrip()
    if beginning.startswith(b"<"):
        return ""  # markup, whatever else is in it
    if beginning.startswith(_WIDE_MARKS) or _WIDE_MARKUP.search(beginning):
        return ""
    count = len(beginning) - len(beginning.translate(None, _BINARY_BYTES))
    is_binary = count >= max(MIN_BINARY_BYTES, MIN_BINARY_SHARE * len(beginning))
    return "application/octet-stream" if is_binary else ""
