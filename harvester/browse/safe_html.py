"""Outlets' words as markup: everything is escaped, and what is shown of a text goes through nh3 besides. Pure.

Not for: whole pages (``templates``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
from harvester.browse.side_by_side import Run
from harvester.identity.urls import mask_secrets

# What a text may consist of. No attribute, no address, no image: none is needed, and each would be a way in.
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
MAX_ADDRESS_CHARS = 110  # characters of an address


# Marks that turn the direction of what follows: one in a headline would turn our own words beside it.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def sanitize_html(html: str) -> Markup:
    """Only the tags above, without attributes; contents of script and style go too."""
    return Markup(  # noqa: S704  # this is where it is made safe
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
    """A text of the archive as paragraphs."""
    return sanitize_html(
        "\n".join(f"<p>{escape(line)}</p>" for line in body.split("\n") if line.strip())
    )


def render_snippet(snippet: str) -> Markup:
    """A snippet with the words found in <mark>: every mark that is opened is closed, whatever the text holds."""
    first, *rest = snippet.split(HIGHLIGHT_START)
    html = str(escape(first.replace(HIGHLIGHT_END, "")))
    for part in rest:
        found, _, after = part.partition(HIGHLIGHT_END)
        html += (
            f"<mark>{escape(found)}</mark>{escape(after.replace(HIGHLIGHT_END, ''))}"
        )
    return sanitize_html(html)


_RUN_TAGS = {"-": "del", "+": "ins"}


def render_runs(parts: Iterable[Run]) -> Markup:
    """Words removed in <del>, words added in <ins>."""
    return sanitize_html(
        "".join(
            f"<{_RUN_TAGS[sign]}>{escape(words)}</{_RUN_TAGS[sign]}>"
            if sign in _RUN_TAGS
            else str(escape(words))
            for sign, words in parts
        )
    )


def safe_href(url: str | None) -> str:
    """An address that may be linked to: http or https, and no secret in it; else ""."""
    url = (url or "").strip()
    if (
        re.search(r"[\x00-\x20\x7f<>\"'`\\]", url)
        or len(url) > 4_096
        or mask_secrets(url) != url
    ):
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if good else ""


def render_link(url: str | None, label: str = "") -> Markup:
    """A link to an outlet; only its words where the address may not be linked to."""
    shown = label or display_address(url)
    target = safe_href(url)
    if not target:
        return Markup('<span class="address">{}</span>').format(shown)
    return Markup('<a class="address" href="{}" rel="{}">{}</a>').format(
        target, LINK_REL, shown
    )


def display_address(url: str | None) -> str:
    """An address for people: without secrets, shortened in the middle."""
    shown = mask_secrets((url or "").strip())
    shown = re.sub(r"^https?://(?:www\.)?", "", shown).removesuffix("/")
    half = MAX_ADDRESS_CHARS // 2
    return (
        shown if len(shown) <= MAX_ADDRESS_CHARS else f"{shown[:half]}…{shown[-half:]}"
    )
