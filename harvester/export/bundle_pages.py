"""Render the pages of an evidence bundle: HTML without scripts, and text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from harvester.identity import diff

STYLESHEET = (
    "body{font:16px/1.5 Georgia,serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#222;background:#fff}"
    "table{border-collapse:collapse;font:14px/1.4 sans-serif}"
    "td,th{padding:.2rem .6rem;border-bottom:1px solid #ccc;"
    "text-align:left;vertical-align:top}"
    "del{background:#fdd}ins{background:#dfd}"
    "code{font-size:12px;word-break:break-all}"
)
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_page(title: str, body: str) -> str:
    """Render a whole page. ``body`` is HTML; the title is plain text."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">'
        f"<style>{STYLESHEET}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def render_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table whose cells are HTML."""
    header = "".join(f"<th>{escape(name)}</th>" for name in headers)
    lines = [
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    ]
    return f"<table><tr>{header}</tr>\n" + "\n".join(lines) + "</table>"


def render_link(address: str, text: str) -> str:
    """Render a link to a file of the bundle."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def render_difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    """Render what differs between two versions, as HTML and as text."""
    difference = diff.diff_sentences(before["text"], after["text"])
    html: list[str] = []
    text: list[str] = []
    if before["title"] != after["title"]:
        runs = diff.diff_words(before["title"], after["title"])
        html += ["<h2>Title</h2>", _html_line(runs)]
        text += ["Title", f"~ {_text_line(runs)}"]
    if difference.changed:
        html.append("<h2>Changed</h2>")
        text += ["", "Changed"]
        for old, new in difference.changed:
            runs = diff.diff_words(old, new)
            html.append(_html_line(runs))
            text.append(f"~ {_text_line(runs)}")
    for heading, sign, sentences in (
        ("Removed", "-", difference.removed),
        ("Added", "+", difference.added),
    ):
        if sentences:
            html.append(f"<h2>{heading}</h2>")
            html += [_html_line([(sign, sentence)]) for sentence in sentences]
            text += ["", heading, *(f"{sign} {sentence}" for sentence in sentences)]
    if not html:
        html, text = ["<p>No words differ.</p>"], ["No words differ."]
    return "\n".join(html), "\n".join(text).strip() + "\n"


def _html_line(runs: Iterable[tuple[str, str]]) -> str:
    return f"<p>{''.join(_html_run(sign, text) for sign, text in runs)}</p>"


def _html_run(sign: str, text: str) -> str:
    name = {"-": "del", "+": "ins"}.get(sign)
    return f"<{name}>{escape(text)}</{name}>" if name else escape(text)


def _text_line(runs: Iterable[tuple[str, str]]) -> str:
    return "".join(_text_run(sign, text) for sign, text in runs)


def _text_run(sign: str, text: str) -> str:
    start, end = {"-": ("[-", "-]"), "+": ("{+", "+}")}.get(sign, ("", ""))
    return f"{start}{text}{end}"
