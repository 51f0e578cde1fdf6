"""What a page says of itself: title, authors, times, language … each with where it came from. Pure.

JSON-LD first (it says what it means), then meta elements, then microdata and what is seen, then its address. All that is
stated otherwise stays beside what was chosen. Not for: the text (``article``).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Rules
from harvester.parse.dates import moments, zones
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import byline, candidates, jsonld, meta, page_dates, title
from harvester.parse.metadata.headline import is_site_name
from harvester.parse.metadata.meta import clean_tags, first_content, language_code
from harvester.parse.metadata.people import MAX_NAMES, is_handle, is_person
from harvester.parse.metadata.statements import PageMetadata


def extract_metadata(tree: HtmlElement, url: str, captured_at: str) -> PageMetadata:
    """All that can be had without looking for the text."""
    parts = _collect_elements(tree)
    found = PageMetadata(
        objects=jsonld.parse_objects(parts["script"]),
        metas=meta.collect_metas(parts["meta"]),
    )
    metas = found.metas
    canonical = next(
        (
            absolute_url(one.get("href"), url)
            for one in parts["link"]
            if "canonical" in _rels(one)
        ),
        "",
    )
    found.add("url", canonical, "link")
    found.values["aliases"] = _find_aliases(parts["link"], metas, url, canonical)
    ld = jsonld.find_article(found.objects, canonical or url)
    _add_json_ld(found, ld, url, captured_at)
    meta.add_meta_values(found, url, captured_at)
    _add_languages(found, tree, metas)
    page, social = (
        title.find_html_title(parts["title"]),
        html_to_text(
            first_content(metas, "og:title", "twitter:title", "dc.title", "title")
        ),
    )
    stated = [
        *(first_content(metas, name) for name in _SITE_NAME_METAS),
        found.values.pop("publisher", ""),
    ]
    found.values["sites"] = [clean_line(one, 100) for one in stated if one]
    title.choose_title(found, parts["h1"], page, social, url)
    _drop_site_authors(found, url)
    _add_visible(
        found,
        tree,
        [*parts["h1"], *parts["h2"]],
        (found.values.get("title", ""), page, social),
        url,
        captured_at,
    )
    _add_sections_and_tags(found, tree)
    _add_caption(found, tree)
    if len(found.values.get("published_local", "")) == 10:
        found.add_time(
            "published",
            page_dates.time_in_scripts_on_day(
                parts["script"], found.values["published_local"]
            ),
            "script",
            captured_at,
        )
    moments.resolve_times(found, url, page_dates.date_in_url(url))
    return found


MAX_FIGURES = 30
_SITE_NAME_METAS = (
    "og:site_name",
    "application-name",
    "publisher",
    "dc.publisher",
    "copyright",
)


def _collect_elements(tree: HtmlElement) -> dict[str, list[HtmlElement]]:
    """The elements that say something of the page, in one pass."""
    parts: dict[str, list[HtmlElement]] = {
        "meta": [],
        "link": [],
        "script": [],
        "title": [],
        "h1": [],
        "h2": [],
    }
    for element in tree.iter(*parts):
        parts[element.tag].append(element)
    return parts


# ---- JSON-LD


def _add_json_ld(
    metadata: PageMetadata, node: dict[str, Any], url: str, captured_at: str
) -> None:
    source = "json-ld"
    metadata.add(
        "headline",
        html_to_text(
            next(iter(jsonld.get_texts(node.get("headline") or node.get("name"))), "")
        ),
        source,
    )
    metadata.add(
        "publisher",
        html_to_text(next(iter(jsonld.get_texts(node.get("publisher"))), "")),
        source,
    )
    persons, houses = jsonld.get_authors(
        node.get("author") or node.get("creator"), metadata.objects
    )
    metadata.add("authors", persons, source)
    metadata.add("house", houses, source)
    for name, key in (("published", "datePublished"), ("modified", "dateModified")):
        metadata.add_time(
            name, next(iter(jsonld.get_texts(node.get(key))), ""), source, captured_at
        )
    metadata.add(
        "language",
        language_code(next(iter(jsonld.get_texts(node.get("inLanguage"))), "")),
        source,
    )
    metadata.add(
        "sections", clean_tags(jsonld.get_texts(node.get("articleSection"))), source
    )
    keywords = jsonld.get_texts(node.get("keywords"))
    metadata.add(
        "tags",
        clean_tags(keywords[0].split(",") if len(keywords) == 1 else keywords),
        source,
    )
    picture = node.get("image") or node.get("thumbnailUrl")
    metadata.add("image", absolute_url(jsonld.get_image_url(picture), url), source)
    metadata.add("caption", html_to_text(jsonld.get_caption(picture)), source)
    metadata.add(
        "description",
        html_to_text(next(iter(jsonld.get_texts(node.get("description"))), ""), 5_000),
        source,
    )


def _add_languages(
    metadata: PageMetadata, tree: HtmlElement, metas: dict[str, list[str]]
) -> None:
    root = tree.getroottree().getroot()
    stated = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang")
        or ""
    )
    if language_code(stated):
        metadata.override("language", language_code(stated), "html")
    locale = first_content(
        metas, "og:locale", "content-language", "dc.language", "language"
    )
    metadata.add("language", language_code(locale), "meta")
    metadata.values["locale"] = f"{stated} {locale}"


# ---- what is seen


def _add_visible(
    metadata: PageMetadata,
    tree: HtmlElement,
    headings: list[HtmlElement],
    titles: tuple[str, ...],
    url: str,
    captured_at: str,
) -> None:
    """What the page only shows: looked for where something is missing, around the headline, then everywhere."""
    if not _needs_visible(metadata, url):
        return
    american = _prefers_month_first(metadata.values["locale"], url)
    around = candidates.candidates_near_headline(headings, titles)
    if around is not None:
        _add_candidates(metadata, around, american, url, captured_at)
    nobody, undated = (
        "authors" not in metadata.values,
        "published" not in metadata.values,
    )
    if around is None or nobody or undated:
        frame = around.headline_ancestors if around is not None else frozenset()
        _add_candidates(
            metadata,
            candidates.candidates_anywhere(tree, frame, nobody, undated),
            american,
            url,
            captured_at,
        )


def _needs_visible(metadata: PageMetadata, url: str) -> bool:
    published, local = (
        metadata.values.get("published", ""),
        metadata.values.get("published_local", ""),
    )
    if (
        "authors" not in metadata.values
        or _has_only_handles(metadata)
        or len(published) <= 10
    ):
        return True
    zone = zones.guess_outlet_zone(url, "") if local.endswith("Z") else None
    return zone is not None and not zones.is_utc_in_winter(
        zone
    )  # local times are given out as UTC


def _has_only_handles(metadata: PageMetadata) -> bool:
    return all(map(is_handle, metadata.values.get("authors", ())))


def _add_candidates(
    metadata: PageMetadata,
    elements: candidates.CandidateElements,
    prefer_month_first: bool,
    url: str,
    captured_at: str,
) -> None:
    spots = page_dates.find_date_candidates(elements, captured_at, prefer_month_first)
    for spot in spots:
        metadata.add_time(
            "modified" if spot.modified else "published",
            spot.text,
            spot.source,
            captured_at,
        )
    if _has_only_handles(metadata):
        places = (
            [spot.index for spot in spots[:3]] if elements.headline_index >= 0 else []
        )
        names = byline.find_authors(elements) or byline.find_name_beside_date(
            elements, places
        )
        people = tuple(name for name in names if _is_author(metadata, name, url))
        if (
            "authors" in metadata.values
            and people
            and _are_full_names(metadata.values["authors"], people)
        ):
            metadata.override("authors", people, "text")
        metadata.add("authors", people, "text")
        metadata.add("house", names, "text")


def _are_full_names(current_names: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether these are full names of those that are held by first name or account."""
    if len(names) != len(current_names) or any(map(is_handle, names)):
        return False
    words = {word for name in names for word in name.casefold().split()}
    return all(one.casefold() in words or not one.istitle() for one in current_names)


def _prefers_month_first(locale: str, url: str) -> bool:
    """Whether ``3/4/2020`` is the fourth of March."""
    if re.search(r"en[-_]US", locale, re.IGNORECASE):
        return True
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return (
        locale.strip()[:2].lower() == "en"
        and host.endswith((".com", ".org", ".net", ".us", ".gov", ".edu"))
        and "-" not in locale
    )


def _add_sections_and_tags(metadata: PageMetadata, tree: HtmlElement) -> None:
    """Sections and tags, where only links say them."""
    if "sections" in metadata.values and "tags" in metadata.values:
        return
    links = candidates.find_category_links(tree)
    for name, rels in (("sections", ("category", "category tag")), ("tags", ("tag",))):
        if name not in metadata.values:
            own = [
                one for one in links if (one.get("rel") or "").strip().lower() in rels
            ]
            metadata.add(
                name,
                clean_tags(
                    clean_line(one.text_content(), 100) for one in own[:MAX_NAMES]
                ),
                "text",
            )


def _add_caption(metadata: PageMetadata, tree: HtmlElement) -> None:
    """What stands under the lead image, where the page shows it."""
    name = metadata.values.get("image", "").partition("?")[0].rpartition("/")[2]
    if "caption" not in metadata.values and len(name) > 4:
        for figure in islice(tree.iter("figure"), MAX_FIGURES):
            text = next(
                (
                    candidates.short_text(one, 1_000)
                    for one in figure.iter("figcaption")
                ),
                "",
            )
            if text and any(
                name in value
                for one in islice(figure.iter("img", "source"), 5)
                for value in one.values()
            ):
                return metadata.add("caption", text, "text")
    metadata.add(
        "caption",
        html_to_text(
            first_content(metadata.metas, "og:image:alt", "twitter:image:alt")
        ),
        "meta",
    )
    return None


def _rels(link: HtmlElement) -> list[str]:
    return str(link.get("rel") or "").lower().split()


def _find_aliases(
    links: list[HtmlElement], metas: dict[str, list[str]], url: str, canonical: str
) -> tuple[str, ...]:
    """Other addresses that the page names for itself."""
    named = [
        absolute_url(one.get("href"), url)
        for one in links
        if {"amphtml", "shortlink"} & set(_rels(one))
    ]
    named.append(absolute_url(first_content(metas, "og:url"), url))
    return tuple(dict.fromkeys(one for one in named if one and one != canonical))[:10]


def _drop_site_authors(metadata: PageMetadata, url: str) -> None:
    """The site's own name is no author, nor is its newsroom; it stays where there is no other, as ``house``."""
    stated = metadata.values.get("authors", ())
    others = tuple(name for name in stated if _is_author(metadata, name, url))
    if others:
        metadata.values["authors"] = others
    elif stated:
        metadata.add(
            "house", metadata.values.pop("authors"), metadata.sources.pop("authors")
        )


def _is_author(metadata: PageMetadata, name: str, url: str) -> bool:
    return is_person(name) and not is_site_name(
        name, [*metadata.values["sites"], *metadata.values.get("house", ())], url
    )


# ---- what is dear


def fill_missing(
    tree: HtmlElement,
    metadata: PageMetadata,
    text: str,
    rules: Rules,
    url: str,
    captured_at: str,
    feed_fields: tuple[str, ...],
) -> None:
    """What is dear, and only asked for where nothing else says it. ``known``: fields that the feed states."""
    found = metadata.values
    if "published" not in found and "published" not in feed_fields:
        _guess_published(tree, metadata, url, captured_at, bool(text))
        moments.resolve_times(metadata, url, page_dates.date_in_url(url))
    metadata.add("authors", found.get("house"), metadata.sources.get("house", ""))
    metadata.add("language", rules.language, "settings")
    if "language" not in found and len(text) >= 100:
        metadata.add("language", _guess_language(text), "text")


def _guess_published(
    tree: HtmlElement,
    metadata: PageMetadata,
    url: str,
    captured_at: str,
    search_text: bool,
) -> None:
    """Where nothing states the day: the address, the page's scripts, when it was changed, then a search of its text."""
    body = tree.find("body")
    for find, source in (
        (lambda: page_dates.date_in_url(url), "url"),
        (lambda: page_dates.time_in_scripts(tree.iter("script")), "script"),
        # What was changed was published, and that day is the best that is known.
        (lambda: metadata.values.get("modified_local", ""), "modified"),
        (lambda: _date_by_htmldate(tree, url, captured_at), "text"),
        (
            lambda: (
                page_dates.date_in_text(body, captured_at)
                if body is not None and search_text
                else ""
            ),
            "text",
        ),
        (lambda: page_dates.date_in_url(metadata.values.get("image", "")), "image"),
    ):
        if metadata.add_time("published", find(), source, captured_at):
            return


def _date_by_htmldate(tree: HtmlElement, url: str, captured_at: str) -> str:
    from htmldate import find_date

    try:
        day = find_date(
            candidates.without_unrelated(tree),
            url=url or None,
            original_date=True,
            extensive_search=False,
            max_date=captured_at[:10],
        )
    except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
        return ""
    return (
        day if day and not day.endswith("-01-01") else ""
    )  # made of nothing but a year


def _guess_language(text: str) -> str:
    import py3langid

    return str(py3langid.classify(text[:5_000])[0])
