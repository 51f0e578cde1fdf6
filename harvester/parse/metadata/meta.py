"""What a page's meta elements state, and how such values are cleaned. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata.people import MAX_NAMES, parse_author_names
from harvester.parse.metadata.statements import PageMetadata


def collect_metas(elements: list[HtmlElement]) -> dict[str, list[str]]:
    """Name in lower case → contents, in the order of the page."""
    found: dict[str, list[str]] = {}
    for meta in elements:
        name = (
            meta.get("property")
            or meta.get("name")
            or meta.get("itemprop")
            or meta.get("http-equiv")
        )
        content = meta.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), []).append(content.strip())
    return found


def first_content(metas: dict[str, list[str]], *names: str) -> str:
    """The first content of the first of these names that is there."""
    return next((metas[name][0] for name in names if name in metas), "")


_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "pubdate", "publishdate",
    "publish-date", "publication_date", "article_date_original", "cxenseparse:recs:publishtime", "date", "originalpublicationdate",
    "rnews:datepublished", "og:published_time", "article:published", "last-published", "citation_publication_date",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "last-modified",
    "article:modified", "lastmod", "revised",
)  # fmt: skip
_AUTHOR_METAS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "citation_author", "twitter:creator_name",
)  # fmt: skip
_IMAGE_METAS = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
)


def add_meta_values(metadata: PageMetadata, url: str, captured_at: str) -> None:
    """State what the meta elements say of all fields; ``robots`` too."""
    source, metas = "meta", metadata.metas
    people = [
        one
        for name in _AUTHOR_METAS
        for one in metas.get(name, ())
        if "://" not in one and one[:1] not in "@/"
    ]
    metadata.add("authors", parse_author_names(people[:MAX_NAMES]), source)
    for name, keys in (("published", _PUBLISHED_METAS), ("modified", _MODIFIED_METAS)):
        for key in keys:
            if key in metas:
                metadata.add_time(name, metas[key][0], source, captured_at)
    metadata.add(
        "sections",
        clean_tags(
            metas.get("article:section", ()) or metas.get("parsely-section", ())
        ),
        source,
    )
    tags = metas.get("article:tag") or [
        one
        for text in metas.get("news_keywords", metas.get("keywords", ()))
        for one in text.split(",")
    ]
    metadata.add("tags", clean_tags(tags), source)
    metadata.add(
        "image", absolute_url(first_content(metas, *_IMAGE_METAS), url), source
    )
    text = first_content(
        metas, "og:description", "description", "twitter:description", "dc.description"
    )
    metadata.add("description", html_to_text(text, 5_000), source)
    words = {
        clean_line(word, 60).lower()
        for name in ("robots", "googlebot")
        for text in metas.get(name, ())
        for word in text.split(",")
    }
    metadata.values["robots"] = tuple(sorted(words - {""}))[:MAX_NAMES]


def clean_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Labels as plain text, each once."""
    return tuple(
        dict.fromkeys(text for one in values if (text := html_to_text(one, 200)))
    )[:MAX_NAMES]


_LANGUAGE_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)")


def language_code(text: str) -> str:
    """ISO 639 of a language tag, lower case: "fr" of "fr-CA"; "" where it is none."""
    match = _LANGUAGE_TAG.match(text)
    return match[1].lower() if match else ""
