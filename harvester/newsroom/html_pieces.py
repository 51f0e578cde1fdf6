"""Pieces of HTML and XML that the three shapes of site share. Not for: whole pages."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from harvester.newsroom.article import PAGE_BREAK, unmarked

if TYPE_CHECKING:
    from harvester.newsroom.article import Article

# Where a page is cut into parts. Private-use characters: no invented article contains them.
TOP, MOVING, SIDE, BOTTOM = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = TOP + MOVING + SIDE + BOTTOM

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
NOTE = {"fr": "Mise à jour", "en": "Correction"}


def esc(text: str) -> str:
    """Text for an element or an attribute in double quotes."""
    return html.escape(
        re.sub(f"[{MARKS}\x00-\x08\x0b\x0c\x0e-\x1f]", "", text), quote=True
    )


def slug_of(title: str, words: int = 9) -> str:
    """The title as the end of an address: "L’église de Brévignon" → "leglise-de-brevignon"."""
    bare = (
        unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    )
    found = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", bare)).strip("-")
    return "-".join(found.split("-")[:words]) or "article"


def name_of(label: str) -> str:
    """A section or tag as part of an address."""
    return slug_of(label, 4)


def day(when: datetime, language: str, weekday: bool = False) -> str:
    """A date in words: "6 septembre 2025", "Saturday 6 September 2025"."""
    language = language if language in MONTHS else "en"
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    words = f"{number} {MONTHS[language][when.month - 1]} {when.year}"
    return f"{WEEKDAYS[language][when.weekday()]} {words}" if weekday else words


def ago(seconds: float, language: str) -> str:
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


def blocks(article: Article, note_class: str = "note", page: int = 0) -> str:
    """The text as HTML blocks, a line each; ``page``: of one page alone, from 1."""
    found: list[str] = []
    here = 1
    for paragraph in article.paragraphs:
        if paragraph == PAGE_BREAK:
            here += 1
            continue
        if page not in (0, here):
            continue
        words = esc(unmarked(paragraph))
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
    if article.note and page in (0, article.pages):
        found.append(f'<p class="{note_class}"><em>{esc(article.note)}</em></p>')
    return "\n".join(found)


def excerpt(article: Article, words: int = 40) -> str:
    """The beginning of the text, as feeds and descriptions carry it; plain text."""
    first = next((one for one in article.paragraphs if not one.startswith("## ")), "")
    found = unmarked(first).split()
    return " ".join(found[:words]) + (" […]" if len(found) > words else "")


def links(articles: Sequence[Article], tag: str = "li", cls: str = "") -> str:
    """The articles as links to them."""
    attribute = f' class="{cls}"' if cls else ""
    return "".join(
        f'<{tag}{attribute}><a href="{esc(one.path)}">{esc(one.title)}</a></{tag}>'
        for one in articles
    )
