"""Outlets' words as markup: everything is escaped, and what is shown of a text goes through nh3 besides. Pure.

Not for: whole pages (``templates``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup, escape

from harvester.archive.queries.search import BEGIN, END
from harvester.browse.side_by_side import Run
from harvester.identity.urls import mask

# What a text may consist of. No attribute, no address, no image: none is needed, and each would be a way in.
TAGS = {
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
REL = "noreferrer nofollow noopener"
SHOWN = 110  # characters of an address


# Marks that turn the direction of what follows: one in a headline would turn our own words beside it.
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(html: str) -> Markup:
    """Only the tags above, without attributes; contents of script and style go too."""
    return Markup(  # noqa: S704  # this is where it is made safe
        nh3.clean(
            _STEERING.sub("", html),
            tags=TAGS,
            attributes={},
            clean_content_tags={"script", "style"},
            link_rel=None,
            url_schemes=set(),
        )
    )


def text(lines: str) -> Markup:
    """A text of the archive as paragraphs."""
    return clean(
        "\n".join(
            f"<p>{escape(line)}</p>" for line in lines.split("\n") if line.strip()
        )
    )


def marked(snippet: str) -> Markup:
    """A snippet with the words found in <mark>: every mark that is opened is closed, whatever the text holds."""
    first, *rest = snippet.split(BEGIN)
    html = str(escape(first.replace(END, "")))
    for part in rest:
        found, _, after = part.partition(END)
        html += f"<mark>{escape(found)}</mark>{escape(after.replace(END, ''))}"
    return clean(html)


_TAG = {"-": "del", "+": "ins"}


def runs(parts: Iterable[Run]) -> Markup:
    """Words removed in <del>, words added in <ins>."""
    return clean(
        "".join(
            f"<{_TAG[sign]}>{escape(words)}</{_TAG[sign]}>"
            if sign in _TAG
            else str(escape(words))
            for sign, words in parts
        )
    )


def href(url: str | None) -> str:
    """An address that may be linked to: http or https, and no secret in it; else ""."""
    url = (url or "").strip()
    if (
        re.search(r"[\x00-\x20\x7f<>\"'`\\]", url)
        or len(url) > 4_096
        or mask(url) != url
    ):
        return ""
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if good else ""


def link(url: str | None, words: str = "") -> Markup:
    """A link to an outlet; only its words where the address may not be linked to."""
    shown = words or address(url)
    target = href(url)
    if not target:
        return Markup('<span class="address">{}</span>').format(shown)
    return Markup('<a class="address" href="{}" rel="{}">{}</a>').format(
        target, REL, shown
    )


def address(url: str | None) -> str:
    """An address for people: without secrets, shortened in the middle."""
    shown = mask((url or "").strip())
    shown = re.sub(r"^https?://(?:www\.)?", "", shown).removesuffix("/")
    half = SHOWN // 2
    return shown if len(shown) <= SHOWN else f"{shown[:half]}…{shown[-half:]}"
