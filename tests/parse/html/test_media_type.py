"""Bodies that are no text, by their bytes."""

from __future__ import annotations

import random

import pytest

from harvester.parse.html.media_type import sniff_binary

HTML = "<!doctype html><title>Été</title><p>Le pont — « fermé » — ждёт 橋</p>"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a\1\0\1\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"PK\3\4\x14\0\6\0", "application/zip"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"OggS\0\2", "application/ogg"),
        (random.Random(1).randbytes(4000), "application/octet-stream"),
        (b"", ""),
        (b"%PDF is a format", ""),
        (b"BMW shows a new car", ""),
        (b"RIFF and others", ""),
    ],
)
def test_signatures(body: bytes, media_type: str) -> None:
    assert sniff_binary(body) == media_type


@pytest.mark.parametrize(
    "charset",
    "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le iso-8859-1".split(),
)
def test_text_in_any_charset_is_text(charset: str) -> None:
    assert sniff_binary(HTML.encode(charset, "replace")) == ""


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("<p>" + "橋は閉鎖された。" * 40, "iso-2022-jp"),
        ("<p>" + "橋は閉鎖された。" * 40, "shift_jis"),
        ("<p>" + "大桥已经关闭" * 40, "gb18030"),
        ("<p>" + "大桥已经关闭" * 40, "hz"),
        ("<p>" + "Мост закрыт" * 40, "koi8-r"),
    ],
)
def test_so_is_text_of_other_alphabets(text: str, charset: str) -> None:
    assert sniff_binary(text.encode(charset)) == ""


def test_stray_control_characters_make_no_binary() -> None:
    body = (HTML + "\0").encode() * 12
    assert sniff_binary(body) == ""
