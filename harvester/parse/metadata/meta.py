"""What a page's meta elements state, and how such values are cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import machine_dates
from harvester.parse.metadata.reservations import meta_directives
from harvester.parse.metadata.statements import PageMetadata
from harvester.parse.names.byline_words import is_byline_label
from harvester.parse.names.people import (
    MAX_NAME_LENGTH,
    MAX_NAMES,
    is_person,
    parse_author_names,
)

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
_LISTED_TIME_METAS = frozenset(name for names in _TIME_METAS.values() for name in names)
_LABELLED_AUTHOR = "twitter:data"
# The more a name is used for the author alone, the earlier: "author" is often the
# publisher.
_AUTHOR_METAS = (
    "byl",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "citation_author",
    "dc.creator",
    "dcterms.creator",
    "article:author",
    "og:article:author",
    "author",
    "og:author",
    "article:author_name",
    "twitter:creator_name",
    _LABELLED_AUTHOR,
)
# Of the site or who publishes it.
SITE_NAME_METAS = (
    "og:site_name",
    "application-name",
    "publisher",
    "dc.publisher",
    "copyright",
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
_NAME_ATTRIBUTES = ("property", "name", "itemprop", "http-equiv")
_DUBLIN_CORE = re.compile(r"^(dc|dcterms)[:.](?:terms[:.])?")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LANGUAGE_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)")


def collect_metas(elements: list[HtmlElement]) -> dict[str, list[str]]:
    """Lower-case name → contents, in page order.

    A ``property`` may hold several names (RDFa 1.1), and an element several attributes.
    """
    metas: dict[str, list[str]] = {}
    for meta in elements:
        content = (meta.get("content") or "").strip()
        if not content:
            continue
        stated = " ".join(filter(None, map(meta.get, _NAME_ATTRIBUTES)))
        for name in dict.fromkeys(stated.lower().split()):
            if name.startswith("dc"):
                name = _DUBLIN_CORE.sub(r"\1.", name)
            metas.setdefault(name, []).append(content)
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
    unlisted = {n: metas[n] for n in metas if n not in _LISTED_TIME_METAS}
    for field, time in machine_dates.times_in_metas(unlisted):
        if field not in metadata.values:
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
    metadata.values["robots"] = meta_directives(metas, url)


def stated_days(metas: dict[str, list[str]]) -> tuple[str, ...]:
    """The days of publication that meta elements state as ISO 8601."""
    contents = (metas[name][0] for name in _TIME_METAS["published"] if name in metas)
    return tuple(text[:10] for text in contents if _ISO_DAY.match(text))


def _labelled_authors(metas: dict[str, list[str]]) -> dict[str, list[str]]:
    """The author among the facts that are stated for previews on Twitter and Slack.

    ``twitter:label1`` is "Written by", ``twitter:data1`` the name.
    """
    for number in "12":
        label = first_content(metas, f"twitter:label{number}")
        if label and is_byline_label(label):
            return {_LABELLED_AUTHOR: metas.get(f"twitter:data{number}", [])}
    return {}


def _author_names(metas: dict[str, list[str]]) -> tuple[str, ...]:
    """The people of the first name that states any, else the organisation."""
    others: tuple[str, ...] = ()
    metas = metas | _labelled_authors(metas)
    sites = {content for name in SITE_NAME_METAS for content in metas.get(name, ())}
    for name in filter(metas.__contains__, _AUTHOR_METAS):
        bylines = [
            content
            for content in metas[name][:MAX_NAMES]
            if "://" not in content[:20] and content[:1] not in "@/"
        ]
        # "Roux & Petit" may be an outlet.
        own_names = [
            clean_line(text, MAX_NAME_LENGTH) for text in bylines if text in sites
        ]
        names = parse_author_names(text for text in bylines if text not in sites)
        if any(map(is_person, names)):
            return names
        others = others or names or tuple(own_names)
    return others


def clean_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Labels as plain text, each once."""
    texts = (html_to_text(value, 200) for value in values)
    return tuple(dict.fromkeys(text for text in texts if text))[:MAX_NAMES]


def language_code(tag: str) -> str:
    """The ISO 639 code of a language tag: "fr" of "fr-CA"; "" if it is not one."""
    match = _LANGUAGE_TAG.match(tag)
    return match[1].lower() if match else ""
