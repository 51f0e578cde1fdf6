"""What a page's meta elements state, and how such values are cleaned. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from harvester.parse.html.absolute import absolute
from harvester.parse.html.charset import line, plain
from harvester.parse.metadata.people import MOST, authors
from harvester.parse.metadata.statements import Stated


def contents(elements: list[HtmlElement]) -> dict[str, list[str]]:
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


def first(metas: dict[str, list[str]], *names: str) -> str:
    """The first content of the first of these names that is there."""
    return next((metas[name][0] for name in names if name in metas), "")


_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "pubdate", "publishdate",
    "publish-date", "publication_date", "article_date_original", "cxenseparse:recs:publishtime", "date", "originalpublicationdate",
    "rnews:datepublished", "og:published_time", "article:published", "last-published", "citation_publication_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "last-modified",
    "article:modified", "lastmod", "revised",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "citation_author", "twitter:creator_name",
)  # fmt: skip
_IMAGE = (
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
)


def state(found: Stated, url: str, at: str) -> None:
    """State what the meta elements say of all fields; ``robots`` too."""
    source, metas = "meta", found.metas
    people = [
        one
        for name in _AUTHOR
        for one in metas.get(name, ())
        if "://" not in one and one[:1] not in "@/"
    ]
    found.offer("authors", authors(people[:MOST]), source)
    for name, keys in (("published", _PUBLISHED), ("modified", _MODIFIED)):
        for key in keys:
            if key in metas:
                found.offer_time(name, metas[key][0], source, at)
    found.offer(
        "sections",
        names(metas.get("article:section", ()) or metas.get("parsely-section", ())),
        source,
    )
    tags = metas.get("article:tag") or [
        one
        for text in metas.get("news_keywords", metas.get("keywords", ()))
        for one in text.split(",")
    ]
    found.offer("tags", names(tags), source)
    found.offer("image", absolute(first(metas, *_IMAGE), url), source)
    text = first(
        metas, "og:description", "description", "twitter:description", "dc.description"
    )
    found.offer("description", plain(text, 5_000), source)
    words = {
        line(word, 60).lower()
        for name in ("robots", "googlebot")
        for text in metas.get(name, ())
        for word in text.split(",")
    }
    found.values["robots"] = tuple(sorted(words - {""}))[:MOST]


def names(values: Iterable[str]) -> tuple[str, ...]:
    """Labels as plain text, each once."""
    return tuple(dict.fromkeys(text for one in values if (text := plain(one, 200))))[
        :MOST
    ]


_LANGUAGE = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)")


def language(text: str) -> str:
    """ISO 639 of a language tag, lower case: "fr" of "fr-CA"; "" where it is none."""
    match = _LANGUAGE.match(text)
    return match[1].lower() if match else ""
