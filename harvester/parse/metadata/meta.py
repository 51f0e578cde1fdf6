"""What a page's meta elements state, and how such values are cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import machine_dates
from harvester.parse.metadata.people import MAX_NAMES, parse_author_names
from harvester.parse.metadata.statements import PageMetadata

MAX_DESCRIPTION_LENGTH = 5_000  # characters
# Names of meta elements by field, the most reliable first.
_TIME_METAS = {
    "published": (
        "article:published_time",
        "og:article:published_time",
        "datepublished",
        "article.published",
        "parsely-pub-date",
        "sailthru.date",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "dc.date.created",
        "dc.date",
        "dcterms.date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publication_date",
        "article_date_original",
        "cxenseparse:recs:publishtime",
        "date",
        "originalpublicationdate",
        "rnews:datepublished",
        "og:published_time",
        "article:published",
        "last-published",
        "citation_publication_date",
    ),
    "modified": (
        "article:modified_time",
        "og:updated_time",
        "datemodified",
        "dcterms.modified",
        "dc.date.modified",
        "last-modified",
        "article:modified",
        "lastmod",
        "revised",
    ),
}
_AUTHOR_METAS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
    "twitter:creator_name",
)
_IMAGE_METAS = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
)
_DESCRIPTION_METAS = (
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
)
_LANGUAGE_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)")


def collect_metas(elements: list[HtmlElement]) -> dict[str, list[str]]:
    """Lower-case name → contents, in page order."""
    metas: dict[str, list[str]] = {}
    for meta in elements:
        name = (
            meta.get("property")
            or meta.get("name")
            or meta.get("itemprop")
            or meta.get("http-equiv")
        )
        content = meta.get("content")
        if name and content and content.strip():
            metas.setdefault(name.strip().lower(), []).append(content.strip())
    return metas


def first_content(metas: dict[str, list[str]], *names: str) -> str:
    """The first content of the first of these names that is present; "" if none."""
    return next((metas[name][0] for name in names if name in metas), "")


def add_meta_values(metadata: PageMetadata, url: str, captured_at: str) -> None:
    """Add what the meta elements state of all fields, and ``robots``."""
    metas = metadata.metas
    metadata.add("authors", _author_names(metas), "meta")
    for field, names in _TIME_METAS.items():
        for name in names:
            if name in metas:
                metadata.add_time(field, metas[name][0], "meta", captured_at)
    for field, time in machine_dates.times_in_metas(metas):
        metadata.add_time(field, time, "meta", captured_at)
    sections = metas.get("article:section") or metas.get("parsely-section") or ()
    metadata.add("sections", clean_tags(sections), "meta")
    tags = metas.get("article:tag") or [
        tag
        for content in metas.get("news_keywords", metas.get("keywords", ()))
        for tag in content.split(",")
    ]
    metadata.add("tags", clean_tags(tags), "meta")
    image_url = absolute_url(first_content(metas, *_IMAGE_METAS), url)
    metadata.add("image", image_url, "meta")
    description = first_content(metas, *_DESCRIPTION_METAS)
    description = html_to_text(description, MAX_DESCRIPTION_LENGTH)
    metadata.add("description", description, "meta")
    metadata.values["robots"] = _robots_directives(metas)


def _author_names(metas: dict[str, list[str]]) -> tuple[str, ...]:
    bylines = [
        content
        for name in _AUTHOR_METAS
        for content in metas.get(name, ())
        if "://" not in content and content[:1] not in "@/"
    ]
    return parse_author_names(bylines[:MAX_NAMES])


def _robots_directives(metas: dict[str, list[str]]) -> tuple[str, ...]:
    directives = {
        clean_line(directive, 60).lower()
        for name in ("robots", "googlebot")
        for content in metas.get(name, ())
        for directive in content.split(",")
    }
    return tuple(sorted(directives - {""}))[:MAX_NAMES]


def clean_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Labels as plain text, each once."""
    texts = (html_to_text(value, 200) for value in values)
    return tuple(dict.fromkeys(text for text in texts if text))[:MAX_NAMES]


def language_code(tag: str) -> str:
    """The ISO 639 code of a language tag: "fr" of "fr-CA"; "" if it is not one."""
    match = _LANGUAGE_TAG.match(tag)
    return match[1].lower() if match else ""
