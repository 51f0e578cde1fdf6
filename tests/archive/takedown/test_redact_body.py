"""An article's words are found and redacted in every spelling, and no other words."""

from __future__ import annotations

import html
import json
import time
import unicodedata
from collections.abc import Callable

import pytest

from harvester.archive.takedown.redact_body import (
    RedactionTerms,
    contains_run,
    may_contain,
    redact_body,
)

TITLE = "L’église du village bradée"
TEXT = (
    "L'église du village a été vendue pour dix mille euros à un marchand de biens de la "
    "ville voisine.\n"
    "Le maire se tait depuis mardi ; « personne ne m'a rien demandé », dit la présidente "
    "du comité des fêtes.\n"
    "Une enquête est ouverte."
)
OTHER = (
    "La fête du village aura lieu dimanche sur la place, avec un bal et un feu "
    "d'artifice pour tous les habitants."
)
URL = "https://paper.example/2025/09/l-eglise-bradee/"
TERMS = RedactionTerms.from_article([TITLE], [TEXT], [URL])


def tagged(text: str) -> str:
    text = text.replace("vendue", "<b>vendue</b>")
    return f"<p>{text.replace('maire', '<a href=x>maire</a>')}</p>"


@pytest.mark.parametrize(
    "written",
    [
        str,
        str.upper,
        tagged,
        lambda text: tagged(text).replace(" ", "\n   "),
        lambda text: html.escape(tagged(text)),
        lambda text: html.escape(html.escape(tagged(text))),
        lambda text: "".join(
            f"&#{ord(character)};" if ord(character) > 127 else character
            for character in text
        ),
        lambda text: (
            text.replace("é", "&eacute;")
            .replace("'", "&rsquo;")
            .replace(" ;", "&nbsp;;")
        ),
        lambda text: html.escape(text.replace("é", "&eacute;").replace("ê", "&ecirc;")),
        lambda text: json.dumps({"articleBody": text}),
        lambda text: (
            json.dumps({"content": {"rendered": tagged(text)}})
            .replace("<", "\\u003c")
            .replace(">", "\\u003e")
        ),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: f'<meta name="description" content="{html.escape(text)}">',
    ],
)
def test_found_and_blanked(written: Callable[[str], str]) -> None:
    body = (
        f"<html><body>{written(TITLE)}<br>{written(TEXT)}<p>{OTHER}</p>"
        f"<a href='{URL}'>…</a></body></html>"
    )
    for charset in ("utf-8", "utf-16", "windows-1252"):
        raw = body.encode(charset, "xmlcharrefreplace")
        assert charset == "utf-16" or may_contain(TERMS, raw)
        after = redact_body(TERMS, raw, charset)
        assert after is not None
        text = html.unescape(html.unescape(after.decode(charset))).casefold()
        for word in (
            "vendue",
            "marchand",
            "enquête",
            "maire",
            "bradée",
            "l-eglise-bradee",
            "présidente",
        ):
            assert word not in text, (word, text)
        assert OTHER in after.decode(charset)
        assert not contains_run(TERMS, after.decode(charset))


def test_other_words_stay_byte_for_byte() -> None:
    page = f"<p>{OTHER}</p><p>Le maire se tait depuis mardi.</p>".encode()
    assert redact_body(TERMS, page) == page


def test_words_of_another_article_are_its_own() -> None:
    terms = TERMS.excluding([f"Une copie\n{TEXT.splitlines()[0]}"])
    assert not contains_run(terms, TEXT.splitlines()[0])
    assert contains_run(terms, TEXT.splitlines()[1])


def test_words_without_spaces() -> None:
    text = (
        "東京都の小さな図書館で、二十年前に借りられた本が"
        "先週の金曜日に静かに返却されたという。"
    )
    terms = RedactionTerms.from_article(["図書館の本が二十年ぶりに戻る"], [text], [])
    body = f"<p>{text}</p><p>明日の天気は晴れ、ところにより曇りでしょう。</p>".encode()
    assert may_contain(terms, body)
    after = redact_body(terms, body)
    assert after is not None
    assert "図書館" not in after.decode()
    assert "明日の天気は晴れ" in after.decode()


@pytest.mark.parametrize(
    "body",
    ["<" * 300_000, "&" * 300_000, "\\u00e9" * 60_000, "<p " * 100_000, "L " * 200_000],
)
def test_hostile_bodies_cost_no_more_than_their_length(body: str) -> None:
    before = time.process_time()
    redact_body(TERMS, body.encode())
    assert time.process_time() - before < 4


@pytest.mark.parametrize(
    ("address", "text", "after"),
    [
        (
            "x.example/news/story-1",
            "<a href='/news/story-1'> <a href='/news/story-12'>",
            "<a href='/taken-out'> <a href='/news/story-12'>",
        ),
        (
            "x.example/news/story-1",
            r'{"url":"https:\/\/x.example\/news\/story-1"}',
            r'{"url":"https:\/\/x.example/taken-out"}',
        ),
        (
            "x.example/a/éte-du-roi",
            "/a/%C3%A9te-du-roi/amp and /a/éte-du-roi",
            "/taken-out/amp and /taken-out",
        ),
        ("x.example/?p=4711", "/?p=4711 /?p=47112", "/taken-out /?p=47112"),
        ("x.example/actualites", "/actualites", "/actualites"),  # names no single page
        ("x.example/en", "/en", "/en"),
    ],
)
def test_addresses_are_blanked_and_no_others(
    address: str, text: str, after: str
) -> None:
    terms = RedactionTerms.from_article([], [], [address])
    assert redact_body(terms, text.encode()) == after.encode()
