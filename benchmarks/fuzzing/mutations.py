"""Mutations of seeds, chosen by the random generator: equal seeds give equal cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

MAX_BYTES = 200_000  # of a mutated case; larger cases are ``attacks``
BIDI = "\u202e\u2066\u200f\u202a\ufeff\u2028"
TOKENS = tuple(
    one.encode("utf-8", "surrogatepass")
    for one in (
        "\0",
        "\x1b[2J",
        "\x9b31m",
        "\ud800",
        "\udc00\ud800",
        BIDI,
        "\ufffe\uffff",
        "\u0301" * 40,
        "&#0;",
        "&#xD800;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&amp;" * 40,
        "&nosuch;",
        "&lt;script&gt;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?php",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
        "</",
        "<",
        ">",
        '"',
        "'",
        "{",
        "}",
        "[[[[",
        "]",
        "\\u0000",
        "\\ud800",
        "\\",
        "//",
        "\r",
        "\n\n\n",
        "\t",
        "9" * 40,
        "1e308",
        "-1",
        "NaN",
        "Infinity",
        "0x10",
        "99999-99-99",
        "0000-00-00T00:00:00Z",
        "10000-01-01",
        "1969-12-31T23:59:59-23:59",
        "+99:99",
        "24:00:60",
        "9" * 5000,
        "&#" + "9" * 5000 + ";",
        "\xb2",
        "\u0661\u0662",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://[::1",
        "http://a:99999/",
        "http://\u2100.example/",
        "%00",
        "%ud800",
        "a@a.a.a.a",
        "AND",
        "NOT",
        "NEAR(",
        "* ",
        "^",
        "\u2028",
        "null",
        "true",
        "[]",
        "{}",
        "@id",
        "🏳️‍🌈",
        "ｆｕｌｌ",
        "ß",
        "İ",
        "ı",
        "ﬃ",
        "\u212a",
    )
)
CHARSETS = (
    "utf-16",
    "utf-16-be",
    "utf-16-le",
    "utf-7",
    "utf-32",
    "cp037",
    "cp1252",
    "shift_jis",
    "iso-2022-jp",
    "gb18030",
    "hz",
)
STATED = (
    "utf-8",
    "hex",
    "rot13",
    "idna",
    "utf-16",
    "utf-7",
    "iso-2022-kr",
    "hz-gb-2312",
    "x" * 300,
    "",
    "unicode_escape",
    "zlib",
    "punycode",
    "undefined",
    "mbcs",
    "cp65001",
    "😀",
)
TYPES = (
    "text/html",
    "application/rss+xml",
    "text/xml",
    "application/json",
    "image/png",
    "",
    "application/octet-stream",
    ";;;",
    "text/html; charset",
)
_ELEMENT = re.compile(rb"<[a-zA-Z][^<>]{0,300}>")
_NUMBER = re.compile(rb"\d+")
_QUOTED = re.compile(rb'"[^"]{0,200}"|\'[^\']{0,200}\'')
_JSON = (
    b"{",
    b"[",
    b'{"a":',
    b'"a",',
    b"[[",
    b'{"@graph":[',
    b'{"mainEntity":{',
    b'{"name":',
    b'{"author":[',
)


def _position(rng: Random, body: bytes) -> int:
    return rng.randrange(len(body) + 1)


def _slice(rng: Random, body: bytes, maximum: int = 2_000) -> tuple[int, int]:
    start = _position(rng, body)
    return start, min(
        len(body), start + rng.randrange(1, max(2, min(maximum, len(body)) + 1))
    )


def flip(rng: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice(
                (0, 10, 34, 38, 60, 62, 127, 128, 255, rng.randrange(256))
            )
    return bytes(changed)


def cut(rng: Random, body: bytes) -> bytes:
    start, end = _slice(rng, body, len(body))
    return rng.choice((body[:start], body[start:], body[:start] + body[end:]))


def insert(rng: Random, body: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 3))):
        at = _position(rng, body)
        body = body[:at] + rng.choice(TOKENS) + body[at:]
    return body


def repeat(rng: Random, body: bytes) -> bytes:
    start, end = _slice(rng, body, 400)
    return body[:end] + body[start:end] * rng.choice((2, 10, 100, 1_000)) + body[end:]


def element(rng: Random, body: bytes) -> bytes:
    """An element a thousand times; never closed, so that it is nested."""
    found = (
        list(_ELEMENT.finditer(body))
        or list(_QUOTED.finditer(body))
        or list(re.finditer(rb"\S+", body))
    )
    if not found:
        return body
    one = rng.choice(found)
    return body[: one.end()] + one[0] * rng.choice((10, 300, 3_000)) + body[one.end() :]


def nest(rng: Random, body: bytes) -> bytes:
    at, times = _position(rng, body), rng.choice((5, 50, 300, 3_000))
    sign = rng.choice(
        (
            b"<div>",
            b"<b>",
            b"<table><tr><td>",
            b"<ul><li>",
            b"(",
            b'"',
            b"NOT ",
            b"<a><b>",
            b"<outline>",
            b"{a={",
            *_JSON,
        )
    )
    closed = {b"(": b")", b"<div>": b"</div>", b"[": b"]", b"{": b"}"}.get(sign, b"")
    return body[:at] + sign * times + body[at:] + closed * rng.choice((0, times))


def run(rng: Random, body: bytes) -> bytes:
    at = _position(rng, body)
    sign = rng.choice(
        (
            b" ",
            b"a",
            b"9",
            b".",
            b"-",
            b"&",
            b"<",
            b"\n",
            b"\t ",
            b"a.",
            b"a@",
            b"1/",
            b"1:",
            b"\xc2\xa0",
            b"\xe2\x80\xa6",
            b"((",
            b"\\",
            b"=",
            b"%41",
            b"\xe6\xa9\x8b",
            b"A.",
            b"et al., ",
        )
    )
    return body[:at] + sign * rng.choice((50, 1_000, 20_000)) + body[at:]


def soup(rng: Random, body: bytes) -> bytes:
    at = _position(rng, body)
    return (
        body[:at]
        + b"".join(rng.choice(TOKENS) for _ in range(rng.choice((10, 100))))
        + body[at:]
    )


def attributes(rng: Random, body: bytes) -> bytes:
    found = list(_ELEMENT.finditer(body))
    if not found:
        return body
    one = rng.choice(found)
    many = b"".join(
        b" %s%d='%s'"
        % (
            rng.choice((b"a", b"data-", b"xmlns:n", b"class")),
            n,
            rng.choice(TOKENS[:20]),
        )
        for n in range(rng.choice((3, 300)))
    )
    return body[: one.end() - 1] + many + body[one.end() - 1 :]


def number(rng: Random, body: bytes) -> bytes:
    found = list(_NUMBER.finditer(body))
    if not found:
        return body
    one = rng.choice(found)
    new = rng.choice(
        (
            b"0",
            b"-1",
            b"13",
            b"32",
            b"61",
            b"9999",
            b"10000",
            b"1e309",
            b"9" * 20,
            b"9" * 5_000,
            b"\xd9\xa3",
            b"\xc2\xb2",
        )
    )
    return body[: one.start()] + new + body[one.end() :]


def swap(rng: Random, body: bytes) -> bytes:
    """Swap two elements, or two quoted values."""
    found = (
        list(_ELEMENT.finditer(body))
        if rng.random() < 0.5
        else list(_QUOTED.finditer(body))
    )
    if len(found) < 2:
        return body
    one, other = sorted(rng.sample(range(len(found)), 2))
    a, b = found[one], found[other]
    return body[: a.start()] + b[0] + body[a.end() : b.start()] + a[0] + body[b.end() :]


def value(rng: Random, body: bytes) -> bytes:
    """Replace a quoted value or a text between elements."""
    found = list(_QUOTED.finditer(body)) + list(
        re.finditer(rb"(?<=>)[^<>]{1,200}(?=<)", body)
    )
    if not found:
        return body
    one = rng.choice(found)
    new = rng.choice((*TOKENS, b"", b'{"@value":[null]}', b"[" * 50, b"1" * 300))
    if one[0][:1] in (b'"', b"'") and rng.random() < 0.7:
        new = one[0][:1] + new + one[0][:1]
    return body[: one.start()] + new + body[one.end() :]


def recode(rng: Random, body: bytes) -> bytes:
    """Use another encoding than stated."""
    text = body.decode("utf-8", "replace")
    mark = rng.choice(
        (b"", b"", b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\x0e", b"+/v8-")
    )
    return mark + text.encode(rng.choice(CHARSETS), "replace")


def restate(rng: Random, body: bytes) -> bytes:
    """State another encoding than used."""
    stated = rng.choice(STATED).encode()
    head = (
        b"Content-Type: "
        + rng.choice(TYPES).encode()
        + b"; charset="
        + stated
        + b"\n\n"
    )
    return rng.choice(
        (
            head + body,
            b"<meta charset='" + stated + b"'>" + body,
            b"<?xml version='1.0' encoding='" + stated + b"'?>" + body,
        )
    )


CHANGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    flip, flip, cut, insert, insert, repeat, element, nest, run, soup, attributes, number, swap,
    swap, value, value, recode, restate,
)  # fmt: skip


def mutated(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A seed, or two spliced, changed one to six times."""
    body = rng.choice(seeds)
    if rng.random() < 0.15:
        other = rng.choice(seeds)
        body = body[: _position(rng, body)] + other[_position(rng, other) :]
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        body = rng.choice(CHANGES)(rng, body)[:MAX_BYTES]
    return body


def document(
    rng: Random, vocabulary: Sequence[str], texts: Sequence[str], maximum: int = 300
) -> bytes:
    """Markup by a grammar: elements of a vocabulary in any order, some closed, some not."""
    parts: list[str] = []
    opened: list[str] = []
    for _ in range(rng.randrange(1, maximum)):
        roll = rng.random()
        if roll < 0.4:
            name = rng.choice(vocabulary)
            opened.append(name.split(" ")[0])
            parts.append(f"<{name}>")
        elif roll < 0.65 and opened:
            parts.append(
                f"</{opened.pop() if rng.random() < 0.8 else rng.choice(opened)}>"
            )
        else:
            parts.append(rng.choice(texts))
    return "".join(parts).encode("utf-8", "surrogatepass")


def json_value(rng: Random, keys: Sequence[str], depth: int = 0) -> str:
    """JSON by a grammar, with the mistakes that pages make."""
    roll = rng.random()
    if depth > 5 or roll < 0.45:
        return rng.choice(
            (
                '"x"',
                '"2025-09-06"',
                "null",
                "true",
                "1",
                "-1e400",
                '"\\ud800"',
                '"\\u0000"',
                "[]",
                "{}",
                '"https://a.example/"',
                "9" * 400,
                '"False"',
                "'x'",
                '"Anne Roux"',
                '"' + "ab " * 200 + '"',
            )
        )
    inside = rng.randrange(0, 5)
    if roll < 0.65:
        return (
            "["
            + ",".join(json_value(rng, keys, depth + 1) for _ in range(inside))
            + rng.choice(("]", "]", "]", ",]", ""))
        )
    pairs = (
        f'"{rng.choice(keys)}"{rng.choice(":::: ")}{json_value(rng, keys, depth + 1)}'
        for _ in range(inside)
    )
    return "{" + ",".join(pairs) + rng.choice(("}", "}", "}", ",}", ""))


def words(rng: Random, tokens: Sequence[str], maximum: int = 30) -> bytes:
    """Tokens in any order."""
    return (
        rng.choice(("", " "))
        .join(rng.choice(tokens) for _ in range(rng.randrange(maximum)))
        .encode("utf-8", "surrogatepass")
    )
