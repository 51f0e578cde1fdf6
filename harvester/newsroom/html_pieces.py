"""Pieces of HTML and XML that the three shapes of site share."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from harvester.newsroom.article import PAGE_BREAK, Article, strip_mark

# Where a page is cut into parts: private-use characters, which no article contains.
TOP_MARK, DYNAMIC_MARK, SIDEBAR_MARK, BOTTOM_MARK = "\ue000\ue001\ue002\ue003"
MARKS = TOP_MARK + DYNAMIC_MARK + SIDEBAR_MARK + BOTTOM_MARK
_UNPRINTABLE = re.compile(f"[{MARKS}\x00-\x08\x0b\x0c\x0e-\x1f]")

MONTHS = {
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre"
    ).split(),
    "en": (
        "January February March April May June July August September October November "
        "December"
    ).split(),
}
WEEKDAYS = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
CORRECTION_LABELS = {"fr": "Mise à jour :", "en": "Correction:"}


Entry = TypeVar("Entry")


def localized(by_language: Mapping[str, Entry], language: str) -> Entry:
    """The entry for a language; the English one where there is none."""
    return by_language.get(language, by_language["en"])


def escape(text: str) -> str:
    """Text for an element or an attribute in double quotes."""
    return html.escape(_UNPRINTABLE.sub("", text), quote=True)


def slugify(title: str, max_words: int = 9) -> str:
    """A title for a URL: "L’église de Brévignon" → "leglise-de-brevignon"."""
    ascii_title = (
        unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    )
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", ascii_title)).strip("-")
    return "-".join(slug.split("-")[:max_words]) or "article"


def slugify_label(label: str) -> str:
    """A section or tag for a URL."""
    return slugify(label, 4)


def format_date(date: datetime, language: str, with_weekday: bool = False) -> str:
    """A date for readers: "6 septembre 2025", "Saturday 6 September 2025"."""
    day = "1er" if language == "fr" and date.day == 1 else str(date.day)
    text = f"{day} {localized(MONTHS, language)[date.month - 1]} {date.year}"
    weekday = localized(WEEKDAYS, language)[date.weekday()]
    return f"{weekday} {text}" if with_weekday else text


def format_age(seconds: float, language: str) -> str:
    """A relative time: "il y a 3 heures", "3 hours ago"."""
    for size, french, english in (
        (86_400, "jour", "day"),
        (3_600, "heure", "hour"),
        (60, "minute", "minute"),
    ):
        if seconds >= size:
            count = int(seconds // size)
            plural = "s" if count > 1 else ""
            if language == "fr":
                return f"il y a {count} {french}{plural}"
            return f"{count} {english}{plural} ago"
    return "à l’instant" if language == "fr" else "just now"


def render_blocks(
    article: Article, correction_class: str = "note", page: int = 0
) -> str:
    """The text as HTML blocks, a line each; ``page``: of one page only, from 1."""
    blocks: list[str] = []
    current_page = 1
    for paragraph in article.paragraphs:
        if paragraph == PAGE_BREAK:
            current_page += 1
            continue
        if page not in (0, current_page):
            continue
        text = escape(strip_mark(paragraph))
        if paragraph.startswith("## "):
            blocks.append(f"<h2>{text}</h2>")
        elif paragraph.startswith("> "):
            blocks.append(f"<blockquote><p>{text}</p></blockquote>")
        elif paragraph.startswith("- ") and blocks and blocks[-1].endswith("</ul>"):
            blocks[-1] = f"{blocks[-1].removesuffix('</ul>')}<li>{text}</li></ul>"
        elif paragraph.startswith("- "):
            blocks.append(f"<ul><li>{text}</li></ul>")
        else:
            blocks.append(f"<p>{text}</p>")
    if article.correction and page in (0, article.page_count):
        blocks.append(
            f'<p class="{correction_class}"><em>{escape(article.correction)}</em></p>'
        )
    return "\n".join(blocks)


def excerpt(article: Article, max_words: int = 40) -> str:
    """The beginning of the text for feeds and descriptions; plain text."""
    first = next(
        (
            paragraph
            for paragraph in article.paragraphs
            if not paragraph.startswith("## ")
        ),
        "",
    )
    words = strip_mark(first).split()
    return " ".join(words[:max_words]) + (" […]" if len(words) > max_words else "")


def render_links(
    articles: Sequence[Article], tag: str = "li", css_class: str = ""
) -> str:
    """Links to articles, each in an element."""
    attribute = f' class="{css_class}"' if css_class else ""
    return "".join(
        f'<{tag}{attribute}><a href="{escape(article.path)}">'
        f"{escape(article.title)}</a></{tag}>"
        for article in articles
    )
