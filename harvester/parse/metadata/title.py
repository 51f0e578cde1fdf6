"""The headline of a page, chosen from what it states as its title in several places.

What in a text is the headline and what the site's name is told apart by ``headline``.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata.headline import (
    SEPARATOR_CLASS,
    is_site_name,
    split_words,
    strip_likely_site_name,
    strip_site_name,
)
from harvester.parse.metadata.statements import PageMetadata

MAX_HEADINGS = 5
MIN_HEADING_LENGTH = 10  # characters that a heading exceeds; a shorter says too little
MIN_SHARED_WORDS = 0.5  # share of a heading's words


def choose_title(
    metadata: PageMetadata,
    headings: list[HtmlElement],
    html_title: str,
    social_title: str,
    url: str,
) -> None:
    """Set ``title``, without the site's name if the page says elsewhere what that is.

    ``headings``: the h1 elements; ``html_title``: what ``<title>`` says;
    ``social_title``: what is stated for sharing. ``metadata.values`` holds ``headline``
    (of the JSON-LD; it is removed) and ``sites`` (names of the site).
    """
    texts = (clean_line(h1.text_content()) for h1 in headings[:MAX_HEADINGS])
    shown = [text for text in texts if text]
    sites = metadata.values["sites"]
    ld_title = metadata.values.pop("headline", "")
    others = set(split_words(f"{html_title} {social_title} {' '.join(shown)}"))
    if not set(split_words(ld_title)) & others:
        ld_title = ""  # not a title: Wikipedia's JSON-LD holds a description
    if not ld_title:
        heading = _visible_title(shown, html_title, social_title, sites, url)
        short = strip_site_name(social_title, sites, url)
        is_padded = (
            MIN_HEADING_LENGTH < len(short) < len(heading)
            and short.casefold() in heading.casefold()
        )
        if not is_padded:  # with a kicker, the site's name or a counter
            metadata.add("title", heading, "text")
    for title, source in ((ld_title, "json-ld"), (social_title, "meta")):
        if title:
            short = _cut_at_heading(strip_site_name(title, sites, url), shown)
            if not is_site_name(short, sites, url):
                metadata.add("title", short, source)
    _add_html_title(metadata, html_title, shown, url)
    for title, source in (
        (shown[0] if shown else "", "text"),
        (social_title, "meta"),
        (ld_title, "json-ld"),
    ):
        metadata.add("title", title, source)


def _cut_at_heading(title: str, headings: list[str]) -> str:
    """``Headline - Site`` without the site, if a heading is just ``Headline``."""
    for heading in headings:
        if (
            len(heading) > MIN_HEADING_LENGTH
            and title.startswith(heading)
            and re.match(rf"\s*{SEPARATOR_CLASS}", title[len(heading) :])
        ):
            title = heading
    return title


def _add_html_title(
    metadata: PageMetadata, html_title: str, headings: list[str], url: str
) -> None:
    """State the headings that ``<title>`` confirms, then ``<title>`` itself."""
    sites = metadata.values["sites"]
    short = strip_site_name(html_title, sites, url)
    for heading in headings:
        if (
            html_title.startswith(heading)
            and (len(heading) > MIN_HEADING_LENGTH or len(headings) == 1)
            and not is_site_name(heading, sites, url)
        ):
            metadata.add("title", heading, "text")
    if headings:
        first = headings[0]
        is_confirmed = len(headings) == 1 or first in html_title
        is_cut_off = bool(short) and first in html_title[len(short) :]  # site's name
        if is_confirmed and not is_cut_off and not is_site_name(first, sites, url):
            metadata.add("title", first, "text")
    metadata.add("title", strip_likely_site_name(short), "title")


def _visible_title(
    headings: list[str],
    html_title: str,
    social_title: str,
    site_names: list[str],
    url: str,
) -> str:
    """The heading that shares most words, and half of its own, with the titles.

    What readers saw is preferred to what was written for search engines and sharing.
    "" if there is none.
    """
    title_words = set(split_words(f"{html_title} {social_title}"))
    best, best_share = "", MIN_SHARED_WORDS
    for heading in headings:
        if (
            len(html_title) > len(heading) + 3
            and html_title.endswith(heading)
            and heading not in social_title
        ):
            continue  # the site's name
        words = set(split_words(heading))
        share = len(words & title_words) / max(len(words), 1)
        if (
            share > best_share
            and len(heading) > MIN_HEADING_LENGTH
            and not is_site_name(heading, site_names, url)
        ):
            best, best_share = heading, share
    return best


def find_html_title(elements: list[HtmlElement]) -> str:
    """What ``<title>`` says; titles of drawings do not count."""
    for element in elements:
        parent = element.getparent()
        if parent is None or parent.tag != "svg":
            return html_to_text(element.text_content())
    return ""
