"""The headline of a page, chosen from what it states as its title in several places.

What in a text is the headline and what the site's name is told apart by ``headline``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.html.element_text import element_lines
from harvester.parse.metadata.headline import (
    SEPARATOR_CLASS,
    drop_counters,
    fold_quotes,
    goes_on,
    is_site_name,
    may_be_site_name,
    split_words,
    strip_bar_suffix,
    strip_likely_site_name,
    strip_site_name,
)
from harvester.parse.metadata.statements import PageMetadata

MAX_HEADINGS = 5
MAX_SUBHEADINGS = 20
MIN_HEADING_LENGTH = 10  # characters that a heading exceeds; a shorter says too little
MIN_SHARED_WORDS = 0.5  # share of a heading's words
MAX_HEADLINE_LENGTH = 200  # characters; longer ones of JSON-LD are descriptions
MAX_KICKER_ELEMENTS = 12  # elements in a heading that are looked at
MAX_ANCESTORS = 6  # that say what a heading belongs to

_KICKER_CLASS = re.compile(
    r"kicker|eyebrow|overline|topline|roofline|dachzeile|spitzmarke|rubri|categor"
    r"|section-?(?:name|label|title)|label|tagline|\bflag\b|badge|\btopic",
    re.IGNORECASE,
)
# Parts of a heading that are no words of it: links to edit it, what only screen readers
# say, marks of paid articles.
_NO_WORDS_CLASS = re.compile(
    r"(?:^|[\s_-])(?:edit(?:-?section|-?link)?|sr-only|screen-reader(?:-text)?"
    r"|visually-?hidden|assistive|permalink|anchor|badge|premium|paywall|paid|plus-?icon"
    r"|share|tooltip|comments?-?count|bookmark)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(r"display:\s*none|visibility:\s*hidden", re.IGNORECASE)
_NOT_HEADLINE_TAGS = frozenset(("nav", "footer", "aside", "dialog"))
# A whole class or id: "with-sidebar" is a page that has one.
_NOT_HEADLINE_CLASS = re.compile(
    r"(?:main|site|top|mega|side|mobile|primary)?[-_]?(?:menu|nav|navbar|navigation)"
    r"(?:[-_]\w+)*"
    r"|(?:cookies?|consent|gdpr|modal|popup|newsletter|subscribe|sidebar|search)"
    r"(?:[-_]\w+)*"
    r"|cookie\w*|(?:\w+[-_])?(?:logo|brand)(?:[-_]\w+)*"
    r"|(?:site|blog)[-_]?(?:name|logo)|site[-_]?title",
    re.IGNORECASE,
)
_TITLE_SEPARATOR = re.compile(r"\s+[-–—|｜·:»•/]\s+|[|｜]")
_ARCHIVE_PREFIX = re.compile(r"^(?:(?:blog )?archive? » |\(\d{1,3}\) )", re.IGNORECASE)
_BREADCRUMB = re.compile(
    r"(?:home(?:page)?|start(?:seite)?|accueil|inicio) [»>›/|] ", re.I
)
_PLACEHOLDER = re.compile(
    r"home(?:page)?|start(?:seite)?|index|untitled(?: document)?|unbenanntes dokument"
    r"|accueil|inicio|início|home page|document|article|new page \d*|title|titel",
    re.IGNORECASE,
)
# The likelier first: of schema.org, of microformats and blogs, of some news sites.
_FIND_MARKED_TITLES = etree.XPath(
    "//*[@itemprop='headline'] | //h2[contains(@class, 'title') or contains(@class,"
    " 'headline')] | //*[contains(@class, 'entry-title') or contains(@class,"
    " 'article-title') or contains(@class, 'post-title') or @class='headline']"
)
_CUT_OFF_BY = ("...", "…")


@dataclass(frozen=True, slots=True)
class StatedTitles:
    """What a page shows and states as its title, as plain text.

    ``headings``: its h1 elements; ``subheadings``: its h2 elements; ``html``: what
    ``<title>`` says; ``social``: what is stated for sharing; ``json_ld``: the headline
    of the article's object.
    """

    headings: tuple[str, ...]
    subheadings: tuple[str, ...]
    html: str
    social: str
    json_ld: str = ""

    @property
    def stated(self) -> str:
        """What the page's head says, for comparing words."""
        return f"{self.html} {self.social}"


def read_headings(elements: list[HtmlElement], html_title: str) -> tuple[str, ...]:
    """The texts of the headings that may be the headline.

    Those of menus, cookie banners and logos are left out, unless ``<title>`` begins
    with them.
    """
    title_key = _key(html_title)
    texts = (
        (element, _heading_text(element))
        for element in islice(elements, MAX_HEADINGS * 2)
    )
    kept = (
        text
        for element, text in texts
        if text
        and (_begins_title(_key(text), title_key) or not _is_of_other_part(element))
    )
    return tuple(islice(kept, MAX_HEADINGS))


def drop_site_heading(
    headings: tuple[str, ...], subheadings: tuple[str, ...], html_title: str
) -> tuple[str, ...]:
    """The headings without the site's name.

    ``<title>`` is ``Site » Headline``, and the headline is a subheading.
    """
    first, *others = _TITLE_SEPARATOR.split(html_title)
    if any(len(text) > len(first) and text in others for text in subheadings):
        return tuple(text for text in headings if text != first)
    return headings


def read_subheadings(elements: list[HtmlElement], html_title: str) -> tuple[str, ...]:
    """The texts of the headings that ``<title>`` holds."""
    title_key = _key(html_title)
    texts = (
        clean_line(element.text_content())
        for element in islice(elements, MAX_SUBHEADINGS)
    )
    return tuple(text for text in texts if _key(text) and _key(text) in title_key)


def split_title(html_title: str) -> list[str]:
    """The parts of ``<title>``: headline, section, the site's name."""
    parts = _TITLE_SEPARATOR.split(html_title)
    return parts if len(parts) > 1 else []


def _begins_title(heading_key: str, title_key: str) -> bool:
    return len(heading_key) > MIN_HEADING_LENGTH and title_key.startswith(heading_key)


def _heading_text(heading: HtmlElement) -> str:
    """The text of a heading, without kicker and marks in elements of their own."""
    text = clean_line(" ".join(element_lines(heading)))
    for element in islice(heading.iterdescendants("*"), MAX_KICKER_ELEMENTS):
        hints = f"{element.get('class', '')} {element.get('id', '')}"
        if len(hints) == 1:
            continue
        is_mark = _NO_WORDS_CLASS.search(hints) is not None
        if is_mark or _KICKER_CLASS.search(hints):
            part = clean_line(" ".join(element_lines(element)))
            rest = text.removeprefix(part).lstrip(" :|·•–—-")
            if rest == text and is_mark:
                rest = text.removesuffix(part).rstrip(" |·•")
            if part and rest != text and len(rest) > MIN_HEADING_LENGTH:
                text = rest
    return text


def _is_of_other_part(heading: HtmlElement) -> bool:
    """Whether a heading is of a menu, a banner or a logo, or hidden."""
    if heading.get("hidden") is not None or _HIDDEN_STYLE.search(
        heading.get("style") or ""
    ):
        return True
    for element in chain((heading,), islice(heading.iterancestors(), MAX_ANCESTORS)):
        if element.tag in ("main", "article", "body"):
            return False
        if element.tag in _NOT_HEADLINE_TAGS:
            return True
        hints = f"{element.get('class', '')} {element.get('id', '')}"[:300].split()
        if any(map(_NOT_HEADLINE_CLASS.fullmatch, hints)):
            return True
    return False


def _key(title: str) -> str:
    return "".join(split_words(title))


def choose_title(metadata: PageMetadata, titles: StatedTitles, url: str) -> None:
    """Set ``title``, without the site's name if the page says elsewhere what that is.

    ``metadata.values`` holds ``sites``, the names of the site.
    """
    sites = metadata.values["sites"]
    shown = titles.headings
    json_ld = _believed_json_ld(titles, sites, url)
    metadata.add("title", _continued_title(titles), "text")
    if not json_ld:
        heading = _visible_title(titles, sites, url)
        short = strip_site_name(titles.social, sites, url)
        is_padded = (
            MIN_HEADING_LENGTH < len(short) < len(heading)
            and short.casefold() in heading.casefold()
            and not _is_cut_off(short, heading)
        )
        if not is_padded:  # with a kicker, the site's name or a counter
            metadata.add("title", heading, "text")
    for title, source in ((json_ld, "json-ld"), (titles.social, "meta")):
        if title:
            short = strip_bar_suffix(strip_site_name(title, sites, url))
            short = _cut_at_heading(short, shown)
            if not is_site_name(short, sites, url):
                metadata.add("title", short, source)
    _add_html_title(metadata, titles, url)
    for title, source in (
        (shown[0] if shown else "", "text"),
        (titles.social, "meta"),
        (json_ld, "json-ld"),
    ):
        metadata.add("title", title, source)


def _believed_json_ld(titles: StatedTitles, sites: list[str], url: str) -> str:
    """The headline of the JSON-LD; "" if it is none.

    It is none if it shares no word with any other title (Wikipedia's is a description)
    or is as long as a paragraph; and it is no use if the page shows it in full where
    it ends with an ellipsis. The site's name is no other title.
    """
    others = " ".join(
        title
        for title in (titles.html, titles.social, *titles.headings)
        if title and not is_site_name(title, sites, url)
    )
    title = titles.json_ld
    if others and (
        len(title) > MAX_HEADLINE_LENGTH
        or set(split_words(title)).isdisjoint(split_words(others))
        or any(_is_cut_off(title, heading) for heading in titles.headings)
    ):
        return ""
    return title


def _continued_title(titles: StatedTitles) -> str:
    """The heading that goes on, behind a comma, where other titles end; "" for none.

    ``<title>`` has all of it: the headline was written anew, but not for sharing.
    """
    for heading in titles.headings:
        if fold_quotes(titles.html).startswith(fold_quotes(heading)) and any(
            len(older) > MIN_HEADING_LENGTH and goes_on(heading, older)
            for older in (titles.json_ld, titles.social)
        ):
            return heading
    return ""


def _is_cut_off(title: str, heading: str) -> bool:
    """Whether a title is a heading cut off by an ellipsis or a quotation mark."""
    start = title
    for ellipsis in _CUT_OFF_BY:
        start = start.removesuffix(ellipsis)
    rest = heading[len(start) :]
    return (
        len(start) > MIN_HEADING_LENGTH
        and heading.startswith(start)
        and (start != title or rest.lstrip().startswith('"'))
        and rest.strip() not in ("", *_CUT_OFF_BY)
    )


def _cut_at_heading(title: str, headings: tuple[str, ...]) -> str:
    """``Headline - Site`` without the site, if a heading is just ``Headline``."""
    for heading in headings:
        if (
            len(heading) > MIN_HEADING_LENGTH
            and title.startswith(heading)
            and re.match(rf"\s*{SEPARATOR_CLASS}", title[len(heading) :])
        ):
            title = heading
    return title


def _add_html_title(metadata: PageMetadata, titles: StatedTitles, url: str) -> None:
    """State the headings that ``<title>`` confirms, then ``<title>`` itself."""
    sites = metadata.values["sites"]
    headings, html_title = titles.headings, titles.html
    short = _ARCHIVE_PREFIX.sub("", strip_site_name(html_title, sites, url))
    if _BREADCRUMB.match(short):
        short = _TITLE_SEPARATOR.split(short)[-1]
    for heading in headings:
        if (
            html_title.startswith(heading)
            and (len(heading) > MIN_HEADING_LENGTH or len(headings) == 1)
            and not is_site_name(heading, sites, url)
        ):
            metadata.add("title", heading, "text")
    parts = _TITLE_SEPARATOR.split(html_title)
    for heading in titles.subheadings:
        if (
            _key(heading) == _key(short)
            or _cut_at_heading(short, (heading,)) != short
            or heading == max(parts, key=len)
        ):
            metadata.add("title", heading, "text")
    if headings and _is_confirmed(titles, short, url, sites):
        metadata.add("title", headings[0], "text")
    metadata.add("title", strip_likely_site_name(short), "title")


def add_marked_title(metadata: PageMetadata, tree: HtmlElement, url: str) -> None:
    """State what markup calls the headline, where no title but the site's is known."""
    sites = metadata.values["sites"]
    if not may_be_site_name(metadata.values.get("title", ""), sites, url):
        return
    for element in islice(_FIND_MARKED_TITLES(tree), MAX_HEADINGS * 2):
        text = _heading_text(element)
        if (
            MIN_HEADING_LENGTH < len(text) <= MAX_HEADLINE_LENGTH
            and not may_be_site_name(text, sites, url)
            and not _is_of_other_part(element)
        ):
            metadata.override("title", text, "text")
            return


def _is_confirmed(titles: StatedTitles, short: str, url: str, sites: list[str]) -> bool:
    """Whether the first heading is the headline, by ``<title>``.

    ``short``: what ``<title>`` says, without the site's name.
    """
    first, html_title = titles.headings[0], titles.html
    if is_site_name(first, sites, url) or _is_lesser_part(first, html_title):
        return False
    if short and first in html_title[len(short) :]:
        return False  # the site's name
    if first in html_title:
        return True
    # A label or a slogan shares no word.
    return len(titles.headings) == 1 and (
        is_site_name(short, sites, url)
        or all(
            _PLACEHOLDER.fullmatch(part) or may_be_site_name(part, sites, url)
            for part in _TITLE_SEPARATOR.split(short)
        )
        or not set(split_words(first)).isdisjoint(split_words(titles.stated))
    )


def _is_lesser_part(heading: str, html_title: str) -> bool:
    """Whether ``<title>`` is ``Headline - Heading``: a section's or the site's name."""
    first, *others = _TITLE_SEPARATOR.split(html_title)
    longest = max(map(len, (first, *others)))
    return heading != first and heading in others and len(heading) < longest


def _visible_title(titles: StatedTitles, site_names: list[str], url: str) -> str:
    """The heading that shares most words, and half of its own, with the titles.

    What readers saw is preferred to what was written for search engines and sharing.
    What may be a counter does not count: a headline would be another one by it. "" if
    there is none.
    """
    title_words = set(split_words(titles.stated))
    best, best_share = "", MIN_SHARED_WORDS
    for heading in titles.headings:
        if (
            len(titles.html) > len(heading) + 3
            and titles.html.endswith(heading)
            and heading not in titles.social
        ):
            continue  # the site's name
        words = set(split_words(drop_counters(heading)))
        share = len(words & title_words) / max(len(words), 1)
        if (
            share > best_share
            and len(heading) > MIN_HEADING_LENGTH
            and not is_site_name(heading, site_names, url)
        ):
            best, best_share = heading, share
    return best


def find_html_title(elements: list[HtmlElement]) -> str:
    """What ``<title>`` says; titles of drawings and "Home" do not count."""
    for element in elements:
        parent = element.getparent()
        if parent is None or parent.tag != "svg":
            title = html_to_text(element.text_content())
            return "" if _PLACEHOLDER.fullmatch(title) else title
    return ""
