"""Pieces of HTML and XML that the three shapes of site share. Not for: whole pages."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from harvester.newsroom.article import PAGE_BREAK, strip_mark

if TYPE_CHECKING:
    from harvester.newsroom.article import Article

# Where a page is cut into parts. Private-use characters: no invented article contains them.
TOP_MARK, DYNAMIC_MARK, SIDEBAR_MARK, BOTTOM_MARK = (
    "\ue000",
    "\ue001",
    "\ue002",
    "\ue003",
)
MARKS = TOP_MARK + DYNAMIC_MARK + SIDEBAR_MARK + BOTTOM_MARK

MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
WEEKDAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
}
CORRECTION_LABELS = {"fr": "Mise à jour", "en": "Correction"}


def escape(text: str) -> str:
    """Text for an element or an attribute in double quotes."""
    return html.escape(
        re.sub(f"[{MARKS}\x00-\x08\x0b\x0c\x0e-\x1f]", "", text), quote=True
    )


def slugify(title: str, max_words: int = 9) -> str:
    """The title as the end of an address: "L’église de Brévignon" → "leglise-de-brevignon"."""
    bare = (
        unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    )
    found = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", bare)).strip("-")
    return "-".join(found.split("-")[:max_words]) or "article"


def slugify_label(label: str) -> str:
    """A section or tag as part of an address."""
    return slugify(label, 4)


def format_date(date: datetime, language: str, with_weekday: bool = False) -> str:
    """A date in words: "6 septembre 2025", "Saturday 6 September 2025"."""
    language = language if language in MONTHS else "en"
    number = "1er" if language == "fr" and date.day == 1 else str(date.day)
    words = f"{number} {MONTHS[language][date.month - 1]} {date.year}"
    return f"{WEEKDAYS[language][date.weekday()]} {words}" if with_weekday else words


def format_age(seconds: float, language: str) -> str:
    """A relative time: "il y a 3 heures", "3 hours ago"."""
    for size, french, english in (
        (86_400, "jour", "day"),
        (3_600, "heure", "hour"),
        (60, "minute", "minute"),
    ):
        if seconds >= size:
            count = int(seconds // size)
            many = "s" if count > 1 else ""
            return (
                f"il y a {count} {french}{many}"
                if language == "fr"
                else f"{count} {english}{many} ago"
            )
    return "à l’instant" if language == "fr" else "just now"


def render_blocks(
    article: Article, correction_class: str = "note", page: int = 0
) -> str:
    """The text as HTML blocks, a line each; ``page``: of one page alone, from 1."""
    found: list[str] = []
    here = 1
    for paragraph in article.paragraphs:
        if paragraph == PAGE_BREAK:
            here += 1
            continue
        if page not in (0, here):
            continue
        words = escape(strip_mark(paragraph))
        if paragraph.startswith("## "):
            found.append(f"<h2>{words}</h2>")
        elif paragraph.startswith("> "):
            found.append(f"<blockquote><p>{words}</p></blockquote>")
        elif paragraph.startswith("- ") and found and found[-1].endswith("</ul>"):
            found[-1] = f"{found[-1].removesuffix('</ul>')}<li>{words}</li></ul>"
        elif paragraph.startswith("- "):
            found.append(f"<ul><li>{words}</li></ul>")
        else:
            found.append(f"<p>{words}</p>")
    if article.correction and page in (0, article.page_count):
        found.append(
            f'<p class="{correction_class}"><em>{escape(article.correction)}</em></p>'
        )
    return "\n".join(found)


def excerpt(article: Article, max_words: int = 40) -> str:
    """The beginning of the text, as feeds and descriptions carry it; plain text."""
    first = next((one for one in article.paragraphs if not one.startswith("## ")), "")
    found = strip_mark(first).split()
    return " ".join(found[:max_words]) + (" […]" if len(found) > max_words else "")


def render_links(
    articles: Sequence[Article], tag: str = "li", css_class: str = ""
) -> str:
    """The articles as links to them."""
    attribute = f' class="{css_class}"' if css_class else ""
    return "".join(
        f'<{tag}{attribute}><a href="{escape(one.path)}">{escape(one.title)}</a></{tag}>'
        for one in articles
    )
