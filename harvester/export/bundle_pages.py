"""The pages of a bundle of evidence: HTML without scripts, and the same in plain text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from harvester.identity import diff

STYLESHEET = (
    "body{font:16px/1.5 Georgia,serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
    "table{border-collapse:collapse;font:14px/1.4 sans-serif}td,th{padding:.2rem .6rem;border-bottom:1px solid #ccc;"
    "text-align:left;vertical-align:top}del{background:#fdd}ins{background:#dfd}code{font-size:12px;word-break:break-all}"
)


def render_page(title: str, body: str) -> str:
    """A whole page. ``body`` is HTML; the title is not."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{STYLESHEET}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def render_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are HTML."""
    lines = [
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
    ]
    return (
        f"<table><tr>{''.join(f'<th>{escape(one)}</th>' for one in headers)}</tr>\n"
        + "\n".join(lines)
        + "</table>"
    )


def render_link(address: str, text: str) -> str:
    """A link to a file of the bundle."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def render_difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    """What differs between two versions: as HTML, and as text."""
    found = diff.diff_sentences(before["text"], after["text"])
    html: list[str] = []
    text: list[str] = []

    def put(sign: str, old: str, new: str) -> None:
        if sign == "~":
            runs = diff.diff_words(old, new)
            html.append("<p>" + "".join(_html_run(*run) for run in runs) + "</p>")
            text.append("~ " + "".join(_text_run(*run) for run in runs))
        else:
            html.append(f"<p>{_html_run(sign, old or new)}</p>")
            text.append(f"{sign} {old or new}")

    if before["title"] != after["title"]:
        html.append("<h2>Title</h2>")
        text.append("Title")
        put("~", before["title"], after["title"])
    for name, sign, pairs in (
        ("Changed", "~", found.changed),
        ("Taken out", "-", [(one, "") for one in found.removed]),
        ("Put in", "+", [("", one) for one in found.added]),
    ):
        if pairs:
            html.append(f"<h2>{name}</h2>")
            text += ["", name]
            for old, new in pairs:
                put(sign, old, new)
    if not html:
        html, text = ["<p>No words differ.</p>"], ["No words differ."]
    return "\n".join(html), "\n".join(text).strip() + "\n"


def _html_run(sign: str, text: str) -> str:
    name = {"-": "del", "+": "ins"}.get(sign)
    return f"<{name}>{escape(text)}</{name}>" if name else escape(text)


def _text_run(sign: str, text: str) -> str:
    begin, end = {"-": ("[-", "-]"), "+": ("{+", "+}")}.get(sign, ("", ""))
    return f"{begin}{text}{end}"
