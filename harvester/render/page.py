"""A difference as a page of HTML on its own, and blocks of it as HTML. Pure.

The page loads nothing and runs nothing, so that it can be sent. Changes can be told
without colours: removed words are struck through, added ones underlined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from harvester.render.difference import (
    Block,
    Difference,
    VersionHead,
    compare_paragraphs,
    list_field_blocks,
)
from harvester.render.side_by_side import Line, Run

# Controls, and marks that change the direction of text: one would reverse our words.
_UNSAFE_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SAFE_URL_PATTERN = re.compile(
    r"https?://[^\x00-\x20\x7f<>\"'`\\]{1,4000}", re.IGNORECASE
)
_LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_TAGS = {"-": "del", "+": "ins"}
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_STYLESHEET = """
:root{color-scheme:light dark}
body{font:1.05rem/1.55 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;
color:#1c1c1c;background:#fff}
h1{font-size:1.6rem;line-height:1.25}
header p,dl,footer{font:.9rem/1.5 system-ui,sans-serif;color:#555}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dd{margin:0;overflow-wrap:anywhere}
del{background:#fbdcdc;color:#7c1212;text-decoration:line-through}
ins{background:#d7f2dc;color:#0b4a1b;text-decoration:underline}
.moved{border-left:.25rem solid #888;padding-left:.6rem}
.note{font:.8rem/1.4 system-ui,sans-serif;color:#666}
a{color:inherit;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){
body{color:#e6e6e6;background:#161616}
header p,dl,footer,.note{color:#aaa}
del{background:#4a1c1c;color:#ffc9c9}
ins{background:#173d22;color:#c3f3cf}
}
@media print{body{margin:0;max-width:none}}
"""


def clean(text: str) -> str:
    """Text without characters that HTML and XML cannot carry, or that reorder others."""
    return _UNSAFE_CHARACTERS.sub("", text)


def escaped(text: str) -> str:
    """Text as HTML."""
    return escape(clean(text))


def safe_url(url: str) -> str:
    """A URL that may be linked to, else ""."""
    return url if _SAFE_URL_PATTERN.fullmatch(url) else ""


def language_tag(language: str) -> str:
    """A language as an attribute may have it, else ""."""
    return language if _LANGUAGE_PATTERN.fullmatch(language) else ""


def render_runs(runs: Iterable[Run]) -> str:
    """Removed words in <del>, added words in <ins>."""
    return "".join(
        f"<{_TAGS[sign]}>{escaped(words)}</{_TAGS[sign]}>"
        if sign in _TAGS
        else escaped(words)
        for sign, words in runs
    )


def render_block(block: Block) -> str:
    """A block as a paragraph."""
    label = f"<b>{escaped(block.label)}:</b> " if block.label else ""
    note = "<i>moved:</i> " if block.sign == ">" else ""
    return f'<p dir="auto">{label}{note}{render_runs(block.runs)}</p>'


def render_link(url: str, label: str = "") -> str:
    """A link, or only its text where the URL is not one to link to."""
    target = safe_url(url)
    text = escaped(label or url)
    if not target:
        return text
    return f'<a href="{escape(target)}" rel="noopener noreferrer nofollow">{text}</a>'


def render_page(difference: Difference, notice: str) -> str:
    """The whole page; ``notice``: who made it, and when."""
    title = escaped(difference.title or difference.title_before) or "(no title)"
    lang = language_tag(difference.language)
    fields = list_field_blocks(difference.fields)
    body = (
        [f"<section>\n{_join(map(render_block, fields))}\n</section>"] if fields else []
    )
    lines = compare_paragraphs(difference, fold=False)
    body.append(
        f'<article lang="{lang}">\n{_join(map(_render_line, lines))}\n</article>'
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_CONTENT_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title} · {escaped(_describe_versions(difference))}</title>\n"
        f"<style>{_STYLESHEET}</style>\n</head>\n<body>\n"
        f"{_render_head(difference, title, lang)}\n{_join(body)}\n"
        f"<footer><p>{escaped(notice)}</p></footer>\n</body>\n</html>\n"
    )


def _render_head(difference: Difference, title: str, lang: str) -> str:
    rows = [
        ("outlet", escaped(difference.outlet)),
        ("address", render_link(difference.url)),
        ("article", escaped(difference.article)),
        *(
            (f"version {head.number}", escaped(describe_times(head)))
            for head in (difference.before, difference.after)
        ),
        ("change", escaped(difference.describe())),
    ]
    listed = _join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return (
        f'<header>\n<h1 lang="{lang}" dir="auto">{title}</h1>\n<dl>\n{listed}\n</dl>\n'
        "<p><del>Struck through</del>: only in the version before. "
        "<ins>Underlined</ins>: only in the version after.</p>\n</header>"
    )


def _render_line(line: Line) -> str:
    if line.kind == "…":
        return f'<p class="note">{line.unchanged_count} unchanged</p>'
    words = render_runs(line.runs)
    if not words.strip():
        return ""
    if line.moved:
        way = "moved away from here" if line.kind == "-" else "moved to here"
        text = "".join(escaped(words) for _, words in line.runs)
        return (
            f'<p class="moved" dir="auto"><span class="note">{way}</span><br>{text}</p>'
        )
    return f'<p dir="auto">{words}</p>'


def describe_times(head: VersionHead) -> str:
    """From when to when a version was seen."""
    first, last = (_to_minute(at) for at in (head.first_seen, head.last_seen))
    return f"seen {first} UTC" if first == last else f"seen {first} to {last} UTC"


def _to_minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _describe_versions(difference: Difference) -> str:
    return f"versions {difference.before.number} and {difference.after.number}"


def _join(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)
