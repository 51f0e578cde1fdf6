"""The headline of a page, out of what it states as its title in several places. Pure.

Not for: what in a text is the headline and what the site's name (``headline``).
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse.html.charset import line, plain
from harvester.parse.metadata.headline import (
    DASH,
    first_part,
    is_site,
    without_site,
    words,
)
from harvester.parse.metadata.statements import Stated

HEADINGS_MOST = 5
SHORT = 10  # characters: a heading of fewer says too little


def choose(
    found: Stated, headings: list[HtmlElement], page: str, social: str, url: str
) -> None:
    """Set ``title``, without the site's name where the page says elsewhere which part that is.

    ``headings``: the elements of the first rank; ``page``: what ``<title>`` says; ``social``: what is said for sharing.
    ``found.values`` gives ``headline`` (of the JSON-LD) and ``sites`` (names of the site).
    """
    shown = [
        text for one in headings[:HEADINGS_MOST] if (text := line(one.text_content()))
    ]
    sites = found.values["sites"]
    head = found.values.pop("headline", "")
    if not set(words(head)) & set(words(f"{page} {social} {' '.join(shown)}")):
        head = ""  # it says something else than the whole page: Wikipedia's JSON-LD names a description
    if not head:
        heading = _shown(shown, page, social, sites, url)
        cut = without_site(social, sites, url)
        if (
            len(cut) > SHORT
            and len(cut) < len(heading)
            and cut.casefold() in heading.casefold()
        ):
            heading = (
                ""  # a kicker, a site's name or a counter stands in the heading too
            )
        found.offer("title", heading, "text")
    for text, source in ((head, "json-ld"), (social, "meta")):
        if not text:
            continue
        cut = without_site(text, sites, url)
        for heading in shown:  # "Headline - Site" where a heading says just "Headline"
            if (
                len(heading) > 10
                and cut.startswith(heading)
                and re.match(rf"\s*{DASH}", cut[len(heading) :])
            ):
                cut = heading
        if not is_site(cut, sites, url):
            found.offer("title", cut, source)
    short = without_site(page, sites, url)
    for heading in shown:
        if (
            page.startswith(heading)
            and (len(heading) > 10 or len(shown) == 1)
            and not is_site(heading, sites, url)
        ):
            found.offer("title", heading, "text")
    if (
        shown
        and (len(shown) == 1 or shown[0] in page)
        and not is_site(shown[0], sites, url)
    ):
        if (
            not short or shown[0] not in page[len(short) :]
        ):  # else it is the name of the site, cut off
            found.offer("title", shown[0], "text")
    found.offer("title", first_part(short), "title")
    for text, source in (
        (shown[0] if shown else "", "text"),
        (social, "meta"),
        (head, "json-ld"),
    ):
        found.offer("title", text, source)


def _shown(shown: list[str], page: str, social: str, sites: list[str], url: str) -> str:
    """The heading that shares half of its words with what is stated as title: what readers saw, before what was made
    for search engines and sharing. "" where there is none."""
    told = set(words(f"{page} {social}"))
    best, most = "", 0.5
    for heading in shown:
        if (
            len(page) > len(heading) + 3
            and page.endswith(heading)
            and heading not in social
        ):
            continue  # the name of the site stands there
        own = set(words(heading))
        share = len(own & told) / max(len(own), 1)
        if share > most and len(heading) > SHORT and not is_site(heading, sites, url):
            best, most = heading, share
    return best


def page_title(elements: list[HtmlElement]) -> str:
    """What ``<title>`` says; not that of a drawing."""
    for one in elements:
        parent = one.getparent()
        if parent is None or parent.tag != "svg":
            return plain(one.text_content())
    return ""
