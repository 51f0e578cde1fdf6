"""What a page states about itself: title, authors, times, language and more.

JSON-LD comes first, because it says what it means, then meta elements, then microdata
and what the page shows, then its URL. Each value has its source; differing statements
are kept beside it. The text is extracted by ``parse.content``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from harvester.model import Rules
from harvester.parse.dates import zones
from harvester.parse.dates.day_order import guess_day_order
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import (
    byline,
    candidates,
    jsonld,
    machine_dates,
    meta,
    page_dates,
    title,
)
from harvester.parse.metadata.date_lines import DateStyle
from harvester.parse.metadata.headline import is_site_name
from harvester.parse.metadata.meta import clean_tags, first_content, language_code
from harvester.parse.metadata.published_guess import guess_published
from harvester.parse.metadata.stated_times import resolve_times
from harvester.parse.metadata.statements import PageMetadata
from harvester.parse.metadata.text_language import guess_language
from harvester.parse.names.people import MAX_NAMES, is_handle, is_person

MAX_FIGURES = 30
MAX_ALIASES = 10
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "title")
_LOCALE_METAS = ("og:locale", "content-language", "dc.language", "language")
_CAPTION_METAS = ("og:image:alt", "twitter:image:alt")
_COLLECTED_TAGS = ("meta", "link", "script", "title", "h1", "h2", "time", "figure")


def extract_metadata(tree: HtmlElement, url: str, captured_at: str) -> PageMetadata:
    """All metadata that can be read without the text, and cheaply."""
    elements: dict[str, list[HtmlElement]] = {tag: [] for tag in _COLLECTED_TAGS}
    elements["relative-time"] = elements["time"]
    for element in tree.iter(*elements):
        elements[element.tag].append(element)
    metadata = PageMetadata(
        objects=jsonld.parse_objects(elements["script"]),
        metas=meta.collect_metas(elements["meta"]),
    )
    canonical = _add_urls(metadata, elements["link"], url)
    titles = _read_titles(metadata, elements)
    page = jsonld.PageFacts(
        urls=(canonical, url, first_content(metadata.metas, "og:url")),
        titles=(*titles.headings, *titles.subheadings, titles.html, titles.social),
        days=(*meta.stated_days(metadata.metas), machine_dates.date_in_url(url)),
    )
    if article := jsonld.find_article(metadata.objects, page):
        _add_json_ld(metadata, article, url, captured_at)
    else:
        _add_people_and_times(
            metadata, jsonld.find_page(metadata.objects, page), captured_at
        )
    meta.add_meta_values(metadata, url, captured_at)
    _add_languages(metadata, tree)
    _add_site_names(metadata)
    headline = metadata.values.pop("headline", "")
    title.choose_title(metadata, replace(titles, json_ld=headline), url)
    if not titles.headings:
        title.add_marked_title(metadata, tree, url)
    metadata.values["title_parts"] = title.split_title(titles.html)
    _drop_site_authors(metadata, url)
    all_titles = (metadata.values.get("title", ""), titles.html, titles.social)
    _add_visible(metadata, tree, elements, all_titles, url, captured_at)
    _add_sections_and_tags(metadata, tree)
    _add_caption(metadata, elements["figure"])
    day = metadata.values.get("published_local", "")
    if len(day) == 10:
        time = machine_dates.time_in_scripts_on_day(elements["script"], day)
        metadata.add_time("published", time, "script", captured_at)
    resolve_times(metadata, url, machine_dates.date_in_url(url))
    return metadata


# ---- what the page states


def _read_titles(
    metadata: PageMetadata, elements: dict[str, list[HtmlElement]]
) -> title.StatedTitles:
    """What the page shows and states as its title."""
    html_title = title.find_html_title(elements["title"])
    subheadings = title.read_subheadings(elements["h2"], html_title)
    headings = title.read_headings(elements["h1"], html_title)
    return title.StatedTitles(
        headings=title.drop_site_heading(headings, subheadings, html_title),
        subheadings=subheadings,
        html=html_title,
        social=html_to_text(first_content(metadata.metas, *_TITLE_METAS)),
    )


def _add_urls(metadata: PageMetadata, links: list[HtmlElement], url: str) -> str:
    """Set ``url`` and ``aliases``, the page's other URLs; returns the canonical URL."""
    hrefs = [
        (link.get("href"), (link.get("rel") or "").lower().split()) for link in links
    ]
    canonical_hrefs = (href for href, rels in hrefs if "canonical" in rels)
    canonical = absolute_url(next(canonical_hrefs, None), url)
    metadata.add("url", canonical, "link")
    alias_hrefs = [
        *(href for href, rels in hrefs if "amphtml" in rels or "shortlink" in rels),
        first_content(metadata.metas, "og:url"),
    ]
    aliases = (absolute_url(href, url) for href in alias_hrefs)
    others = (alias for alias in aliases if alias and alias != canonical)
    metadata.values["aliases"] = tuple(dict.fromkeys(others))[:MAX_ALIASES]
    return canonical


def _add_json_ld(
    metadata: PageMetadata, article: dict[str, Any], url: str, captured_at: str
) -> None:
    """Add what the article's JSON-LD object states."""

    def add(name: str, value: Any) -> None:
        metadata.add(name, value, "json-ld")

    text = jsonld.get_first_text
    add("headline", html_to_text(text(article.get("headline") or article.get("name"))))
    add("publisher", html_to_text(text(article.get("publisher"))))
    _add_people_and_times(metadata, article, captured_at)
    add("language", language_code(text(article.get("inLanguage"))))
    add("sections", clean_tags(jsonld.get_texts(article.get("articleSection"))))
    keywords = jsonld.get_texts(article.get("keywords"))
    if len(keywords) == 1:
        keywords = keywords[0].split(",")
    add("tags", clean_tags(keywords))
    image = article.get("image") or article.get("thumbnailUrl")
    add("image", absolute_url(jsonld.get_image_url(image), url))
    add("caption", html_to_text(jsonld.get_caption(image)))
    description = text(article.get("description"))
    add("description", html_to_text(description, meta.MAX_DESCRIPTION_LENGTH))


def _add_people_and_times(
    metadata: PageMetadata, node: dict[str, Any], captured_at: str
) -> None:
    """Add the authors and the times of the article's, or the page's, JSON-LD object."""
    author = node.get("author") or node.get("creator")
    persons, organisations = jsonld.get_authors(author, metadata.objects)
    metadata.add("authors", persons, "json-ld")
    metadata.add("house", organisations, "json-ld")
    for name, key in (("published", "datePublished"), ("modified", "dateModified")):
        metadata.add_time(name, jsonld.get_time(node, key), "json-ld", captured_at)


def _add_languages(metadata: PageMetadata, tree: HtmlElement) -> None:
    """Set ``language``, by the root element first, and ``locale``."""
    root = tree.getroottree().getroot()
    stated = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang")
        or ""
    )
    if language_code(stated):
        metadata.override("language", language_code(stated), "html")
    locale = first_content(metadata.metas, *_LOCALE_METAS)
    metadata.add("language", language_code(locale), "meta")
    metadata.values["locale"] = f"{stated} {locale}"


def _add_site_names(metadata: PageMetadata) -> None:
    """Set ``sites``, the names of the site; ``publisher`` becomes one of them."""
    names = [
        *(first_content(metadata.metas, name) for name in meta.SITE_NAME_METAS),
        metadata.values.pop("publisher", ""),
    ]
    metadata.values["sites"] = [clean_line(name, 100) for name in names if name]


def _drop_site_authors(metadata: PageMetadata, url: str) -> None:
    """Move the site's own name and its newsroom out of ``authors``.

    If there is no other author, it becomes ``house``.
    """
    stated = metadata.values.get("authors", ())
    last_part = metadata.values["title_parts"][-1:]
    authors = tuple(
        name
        for name in stated
        if _is_author(metadata, name, url)
        and not (last_part and is_site_name(name, last_part, ""))
    )
    if authors:
        metadata.values["authors"] = authors
    elif stated:
        names, source = metadata.values.pop("authors"), metadata.sources.pop("authors")
        metadata.add("house", names, source)


def _is_author(metadata: PageMetadata, name: str, url: str) -> bool:
    site_names = [*metadata.values["sites"], *metadata.values.get("house", ())]
    return is_person(name) and not is_site_name(name, site_names, url)


# ---- what the page shows


def _add_visible(
    metadata: PageMetadata,
    tree: HtmlElement,
    elements: dict[str, list[HtmlElement]],
    titles: tuple[str, ...],
    url: str,
    captured_at: str,
) -> None:
    """Add authors and times that the page shows, if any is missing or in doubt.

    They are searched around the headline, then everywhere. ``elements``: by tag.
    """
    if not _needs_visible(metadata, url):
        return
    headings = [*elements["h1"], *elements["h2"]]
    near = candidates.candidates_near_headline(headings, titles)
    if near is not None:
        _add_candidates(metadata, near, url, captured_at)
    want_authors = "authors" not in metadata.values
    want_times = "published" not in metadata.values
    if near is None or want_authors or want_times:
        ancestors = near.headline_ancestors if near is not None else frozenset()
        anywhere = candidates.candidates_anywhere(
            tree, elements["time"], ancestors, want_authors, want_times
        )
        _add_candidates(metadata, anywhere, url, captured_at)


def _needs_visible(metadata: PageMetadata, url: str) -> bool:
    published = metadata.values.get("published", "")
    if (
        "authors" not in metadata.values
        or _has_only_handles(metadata)
        or len(published) <= 10
    ):
        return True
    # Local times are published as UTC.
    is_utc = metadata.values.get("published_local", "").endswith("Z")
    zone = zones.guess_outlet_zone(url, "") if is_utc else None
    return zone is not None and not zones.is_utc_in_winter(zone)


def _has_only_handles(metadata: PageMetadata) -> bool:
    return all(map(is_handle, metadata.values.get("authors", ())))


def _add_candidates(
    metadata: PageMetadata,
    elements: candidates.CandidateElements,
    url: str,
    captured_at: str,
) -> None:
    dates: list[page_dates.DateCandidate] = []
    # Elsewhere than beside the headline no date is better than an instant that is known.
    is_known = len(metadata.values.get("published", "")) > 10
    if elements.headline_index >= 0 or not (is_known and "modified" in metadata.values):
        style = _date_style(metadata, url)
        dates = page_dates.find_date_candidates(elements, captured_at, style)
    for date in dates:
        name = "modified" if date.modified else "published"
        metadata.add_time(name, date.text, date.source, captured_at)
    if metadata.sources.get("published") in ("json-ld", "meta"):
        stated = metadata.values["published_local"]
        index = elements.headline_index
        shown = page_dates.shown_before(dates, index, stated, captured_at)
        if shown is not None and index >= 0:
            metadata.replace_time("published", shown.text, shown.source, captured_at)
    if not _has_only_handles(metadata):
        return
    indexes = [date.index for date in dates[:3]] if elements.headline_index >= 0 else []
    parts = metadata.values["title_parts"]

    def is_author(name: str) -> bool:
        return _is_author(metadata, name, url) and (
            " " not in name or not is_site_name(name, parts, "")
        )

    names = byline.find_authors(elements, is_author) or byline.find_name_beside_date(
        elements, indexes
    )
    people = tuple(filter(is_author, names))
    authors = metadata.values.get("authors")
    if authors is not None and people and _are_full_names(authors, people):
        metadata.override("authors", people, "text")
    metadata.add("authors", people, "text")
    metadata.add("house", names, "text")


def _are_full_names(handles: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether these are the full names of authors known by first name or account."""
    if len(names) != len(handles) or any(map(is_handle, names)):
        return False
    words = {word for name in names for word in name.casefold().split()}
    return all(handle.casefold() in words or not handle.istitle() for handle in handles)


def _date_style(metadata: PageMetadata, url: str) -> DateStyle:
    order = guess_day_order(metadata.values["locale"], url)
    return DateStyle(order, metadata.values.get("language", ""))


def _add_sections_and_tags(metadata: PageMetadata, tree: HtmlElement) -> None:
    """Add sections and tags by the page's links, if nothing else states them."""
    if "sections" in metadata.values and "tags" in metadata.values:
        return
    links = candidates.find_category_links(tree)
    for name, rels in (("sections", ("category", "category tag")), ("tags", ("tag",))):
        if name not in metadata.values:
            own = [link for link in links if link.get("rel").strip().lower() in rels]
            labels = (clean_line(link.text_content(), 100) for link in own[:MAX_NAMES])
            metadata.add(name, clean_tags(labels), "text")


def _add_caption(metadata: PageMetadata, figures: list[HtmlElement]) -> None:
    """Add the lead image's caption from the page, else its alternative text."""
    if "caption" not in metadata.values:
        image_name = metadata.values.get("image", "").partition("?")[0]
        caption = _find_caption(figures, image_name.rpartition("/")[2])
        if caption:
            metadata.add("caption", caption, "text")
            return
    alternative = html_to_text(first_content(metadata.metas, *_CAPTION_METAS))
    metadata.add("caption", alternative, "meta")


def _find_caption(figures: list[HtmlElement], image_name: str) -> str:
    """The caption of the figure with an image of that name; "" if none."""
    if len(image_name) <= 4:
        return ""
    for figure in figures[:MAX_FIGURES]:
        figcaption = next(figure.iter("figcaption"), None)
        if figcaption is None:
            continue
        text = candidates.short_text(figcaption, 1_000)
        images = islice(figure.iter("img", "source"), 5)
        if text and any(image_name in v for image in images for v in image.values()):
            return text
    return ""


# ---- what is expensive


def fill_missing(
    tree: HtmlElement,
    metadata: PageMetadata,
    text: str,
    rules: Rules,
    url: str,
    captured_at: str,
    feed_fields: tuple[str, ...],
) -> None:
    """Fill in what nothing states, by means that are expensive or less certain.

    ``text``: the article's; ``feed_fields``: fields that the feed states.
    """
    values = metadata.values
    if "published" not in values and "published" not in feed_fields:
        style = _date_style(metadata, url)
        guess_published(tree, metadata, url, captured_at, style)
        resolve_times(metadata, url, machine_dates.date_in_url(url))
    metadata.add("authors", values.get("house"), metadata.sources.get("house", ""))
    metadata.add("language", rules.language, "settings")
    if "language" not in values:
        metadata.add("language", guess_language(text), "text")
