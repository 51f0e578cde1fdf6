"""JSON-LD as pages carry it, mistakes and all: the article's object and its values.

Read with ``json`` alone; extruct would bring rdflib into every worker process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from harvester.parse.metadata.people import MAX_NAMES, parse_author_names

MAX_DEPTH = 8  # levels of nested objects
MAX_OBJECTS_PER_BLOCK = 2_000
MAX_LIST_ITEMS = 500
MAX_BLOCK_LENGTH = 2_000_000  # characters
MAX_IMAGES = 5
_ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem"
    r"|SocialMediaPosting)$"
)
# The properties that hold further objects of interest.
_NESTING_KEYS = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "hasPart",
)


def parse_objects(scripts: Iterable[HtmlElement]) -> list[dict[str, Any]]:
    """All objects of all JSON-LD blocks, nested ones after their parents."""
    objects: list[dict[str, Any]] = []
    for script in scripts:
        if "ld+json" not in script.get("type", "").lower() or not script.text:
            continue
        try:
            nodes = _iter_objects(_load_json(script.text), 0)
            objects += islice(nodes, MAX_OBJECTS_PER_BLOCK)
        except (ValueError, RecursionError):
            continue
    return objects


def _load_json(text: str) -> Any:
    """JSON, also in a comment or a CDATA section, or with trailing commas."""
    text = text[:MAX_BLOCK_LENGTH].strip()
    text = text.removeprefix("<!--").removesuffix("-->").strip()
    text = re.sub(r"^(?://)?\s*<!\[CDATA\[", "", text)
    if text.endswith("]]>"):
        text = text[:-3].rstrip().removesuffix("//")
    text = text.strip().rstrip(";")
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return json.loads(re.sub(r",\s*([}\]])", r"\1", text), strict=False)


def _iter_objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:MAX_LIST_ITEMS]:
            yield from _iter_objects(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _NESTING_KEYS:
            if isinstance(value.get(key), list | dict):
                yield from _iter_objects(value[key], depth + 1)


def get_types(node: dict[str, Any]) -> list[str]:
    """The types of an object."""
    value = node.get("@type")
    types = value if isinstance(value, list) else [value]
    return [name for name in types if isinstance(name, str)]


def find_article(nodes: Iterable[dict[str, Any]], url: str) -> dict[str, Any]:
    """The object of this page's article; {} if there is none.

    An article with this URL, else the first article with a headline, else the first.
    """
    articles = [
        node for node in nodes if any(map(_ARTICLE_TYPES.search, get_types(node)))
    ]
    path = _url_path(url)
    for node in articles:
        page = node.get("mainEntityOfPage")
        page_url = page.get("@id") if isinstance(page, dict) else page
        if path and any(
            isinstance(value, str) and _url_path(value) == path
            for value in (node.get("url"), node.get("@id"), page_url)
        ):
            return node
    with_headline = (node for node in articles if node.get("headline"))
    return next(with_headline, articles[0] if articles else {})


def _url_path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


# ---- values


def get_texts(value: Any, depth: int = 0) -> list[str]:
    """The texts in a value: a string, a list, or an object with a name."""
    if isinstance(value, str):
        return [value]
    if depth > MAX_DEPTH:
        return []
    if isinstance(value, list):
        texts = [
            text for item in value[:MAX_NAMES] for text in get_texts(item, depth + 1)
        ]
        return texts[:MAX_NAMES]
    if isinstance(value, dict):
        name = value.get("name") or value.get("@value") or value.get("url")
        return get_texts(name, depth + 1)
    return []


def get_first_text(value: Any) -> str:
    """The first text in a value; "" if it has none."""
    return next(iter(get_texts(value)), "")


def get_authors(
    value: Any, nodes: Iterable[dict[str, Any]] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(persons, organisations) in a value.

    ``nodes``: the objects among which references by ``@id`` are resolved.
    """
    persons: list[str] = []
    organisations: list[str] = []
    for author in (value if isinstance(value, list) else [value])[:MAX_NAMES]:
        author = _resolve_reference(author, nodes)
        is_organisation = isinstance(author, dict) and any(
            "Organization" in name for name in get_types(author)
        )
        (organisations if is_organisation else persons).extend(get_texts(author))
    return parse_author_names(persons), parse_author_names(organisations)


def _resolve_reference(value: Any, nodes: Iterable[dict[str, Any]]) -> Any:
    """An object that is only referred to, as it is described elsewhere."""
    if isinstance(value, dict) and not value.get("name"):
        identifier = value.get("@id")
        if isinstance(identifier, str):
            for node in nodes:
                if node.get("@id") == identifier and node.get("name"):
                    return node
    return value


def get_image_url(value: Any, depth: int = 0) -> str:
    """The URL of an image, or of the first of several; "" if none."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, list):
        urls = (get_image_url(item, depth + 1) for item in value[:MAX_IMAGES])
        return next(filter(None, urls), "")
    if isinstance(value, dict):
        url = value.get("url") or value.get("contentUrl") or value.get("@id")
        return get_image_url(url, depth + 1)
    return value if isinstance(value, str) else ""


def get_caption(value: Any, depth: int = 0) -> str:
    """The caption of an image, or of the first of several; "" if none."""
    if isinstance(value, list) and depth <= MAX_DEPTH:
        captions = (get_caption(item, depth + 1) for item in value[:MAX_IMAGES])
        return next(filter(None, captions), "")
    if isinstance(value, dict):
        texts = [*get_texts(value.get("caption")), *get_texts(value.get("description"))]
        return texts[0] if texts else ""
    return ""
