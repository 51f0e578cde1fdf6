"""Outlets' words as safe HTML: escaped, and texts sanitised by nh3 as well. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
from harvester.identity.urls import mask_secrets

# No attributes, links or images: none is needed, and each would be a way in.
ALLOWED_TAGS = {
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "em",
    "strong",
    "br",
    "ins",
    "del",
    "mark",
}
LINK_REL = "noreferrer nofollow noopener"
MAX_ADDRESS_CHARS = 110


# Controls that change text direction: one in a headline would reverse our own words.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def sanitize_html(html: str) -> Markup:
    """Only ``ALLOWED_TAGS``, without attributes; scripts and styles are dropped."""
    return Markup(  # noqa: S704 (made safe here)
        nh3.clean(
            _BIDI_CONTROLS.sub("", html),
            tags=ALLOWED_TAGS,
            attributes={},
            clean_content_tags={"script", "style"},
            link_rel=None,
            url_schemes=set(),
        )
    )


def render_text(body: str) -> Markup:
    """A text as paragraphs."""
    return sanitize_html(
        "\n".join(f"<p>{escape(line)}</p>" for line in body.split("\n") if line.strip())
    )


def render_snippet(snippet: str) -> Markup:
    """A snippet with matches in <mark>, well-formed whatever the text contains."""
    first, *rest = snippet.split(HIGHLIGHT_START)
    html = str(escape(first.replace(HIGHLIGHT_END, "")))
    for part in rest:
        match, _, after = part.partition(HIGHLIGHT_END)
        html += (
            f"<mark>{escape(match)}</mark>{escape(after.replace(HIGHLIGHT_END, ''))}"
        )
    return sanitize_html(html)


_RUN_TAGS = {"-": "del", "+": "ins", ">": "mark"}


def render_runs(parts: Iterable[tuple[str, str]]) -> Markup:
    """Removed words in <del>, added words in <ins>, moved ones in <mark>."""
    return sanitize_html(
        "".join(
            f"<{_RUN_TAGS[sign]}>{escape(words)}</{_RUN_TAGS[sign]}>"
            if sign in _RUN_TAGS
            else str(escape(words))
            for sign, words in parts
        )
    )


def render_code(words: str) -> Markup:
    """Our own words, with what stands in backticks as code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:  # one is without its other: an outlet's
        return escape(words)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def safe_href(url: str | None) -> str:
    """A URL that may be linked to (http or https, without a secret), else ""."""
    url = (url or "").strip()
    if (
        re.search(r"[\x00-\x20\x7f<>\"'`\\]", url)
        or len(url) > 4_096
        or mask_secrets(url) != url
    ):
        return ""
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if is_safe else ""


def render_link(url: str | None, label: str = "") -> Markup:
    """A link to an outlet, or only its label if the URL is not safe to link to."""
    shown = label or display_address(url)
    target = safe_href(url)
    if not target:
        return Markup('<span class="address">{}</span>').format(shown)
    return Markup('<a class="address" href="{}" rel="{}">{}</a>').format(
        target, LINK_REL, shown
    )


def display_address(url: str | None) -> str:
    """A URL for people: without scheme and secrets, shortened in the middle."""
    shown = mask_secrets((url or "").strip())
    shown = re.sub(r"^https?://(?:www\.)?", "", shown).removesuffix("/")
    half = MAX_ADDRESS_CHARS // 2
    return (
        shown if len(shown) <= MAX_ADDRESS_CHARS else f"{shown[:half]}…{shown[-half:]}"
    )
