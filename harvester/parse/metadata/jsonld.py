"""JSON-LD as pages carry it, mistakes and all: the object that speaks of the article, and what its values say. Pure.

Our own reading: extruct would bring rdflib into every worker for a few lines of ``json``.
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

MAX_DEPTH = 8  # levels of objects in objects
MAX_OBJECTS_PER_BLOCK = 2_000  # of one block
ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem|SocialMediaPosting)$"
)


def parse_objects(scripts: Iterable[HtmlElement]) -> list[dict[str, Any]]:
    """All objects of all JSON-LD blocks, inner ones after outer ones."""
    found: list[dict[str, Any]] = []
    for script in scripts:
        if "ld+json" not in script.get("type", "").lower() or not script.text:
            continue
        try:
            found += islice(
                _iter_objects(_load_json(script.text), 0), MAX_OBJECTS_PER_BLOCK
            )
        except (ValueError, RecursionError):
            continue
    return found


def _load_json(text: str) -> Any:
    text = text[:2_000_000].strip().removeprefix("<!--").removesuffix("-->").strip()
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
        for one in value[:500]:
            yield from _iter_objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in (
            "@graph",
            "mainEntity",
            "mainEntityOfPage",
            "itemListElement",
            "hasPart",
        ):
            if isinstance(value.get(name), list | dict):
                yield from _iter_objects(value[name], depth + 1)


def get_types(node: dict[str, Any]) -> list[str]:
    """The types of an object."""
    given = node.get("@type")
    return [
        one
        for one in (given if isinstance(given, list) else [given])
        if isinstance(one, str)
    ]


def find_article(nodes: Iterable[dict[str, Any]], url: str) -> dict[str, Any]:
    """The object that speaks of this page: an article at this address, else the first article with a headline."""
    candidates = [
        node
        for node in nodes
        if any(ARTICLE_TYPES.search(one) for one in get_types(node))
    ]
    path = _url_path(url)
    for node in candidates:
        page = node.get("mainEntityOfPage")
        named = [
            node.get("url"),
            node.get("@id"),
            page.get("@id") if isinstance(page, dict) else page,
        ]
        if path and any(
            isinstance(one, str) and _url_path(one) == path for one in named
        ):
            return node
    return next(
        (node for node in candidates if node.get("headline")),
        candidates[0] if candidates else {},
    )


def _url_path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def get_texts(value: Any, depth: int = 0) -> list[str]:
    """The texts in a JSON-LD value: strings, lists, or objects with a name."""
    if isinstance(value, str):
        return [value]
    if depth > MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [
            text for one in value[:MAX_NAMES] for text in get_texts(one, depth + 1)
        ][:MAX_NAMES]
    if isinstance(value, dict):
        return get_texts(
            value.get("name") or value.get("@value") or value.get("url"), depth + 1
        )
    return []


def get_authors(
    value: Any, nodes: Iterable[dict[str, Any]] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Persons, and organisations, that wrote it. ``nodes``: where ``@id`` leads to."""
    given = [
        _resolve_reference(one, nodes)
        for one in (value if isinstance(value, list) else [value])[:MAX_NAMES]
    ]
    houses = [
        isinstance(one, dict) and any("Organization" in kind for kind in get_types(one))
        for one in given
    ]
    persons = [
        text
        for one, house in zip(given, houses, strict=True)
        if not house
        for text in get_texts(one)
    ]
    return parse_author_names(persons), parse_author_names(
        text
        for one, house in zip(given, houses, strict=True)
        if house
        for text in get_texts(one)
    )


def _resolve_reference(value: Any, nodes: Iterable[dict[str, Any]]) -> Any:
    """An object that is only named, as it is described elsewhere."""
    if (
        isinstance(value, dict)
        and isinstance(value.get("@id"), str)
        and not value.get("name")
    ):
        return next(
            (
                node
                for node in nodes
                if node.get("@id") == value["@id"] and node.get("name")
            ),
            value,
        )
    return value


def get_image_url(value: Any, depth: int = 0) -> str:
    """The address of an image, or of the first of several."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return next(
            (found for one in value[:5] if (found := get_image_url(one, depth + 1))), ""
        )
    if isinstance(value, dict):
        return get_image_url(
            value.get("url") or value.get("contentUrl") or value.get("@id"), depth + 1
        )
    return value if isinstance(value, str) else ""


def get_caption(value: Any, depth: int = 0) -> str:
    """The caption of an image, or of the first of several."""
    if isinstance(value, list) and depth <= MAX_DEPTH:
        return next(
            (found for one in value[:5] if (found := get_caption(one, depth + 1))), ""
        )
    if isinstance(value, dict):
        return next(
            (
                text
                for key in ("caption", "description")
                for text in get_texts(value.get(key))
            ),
            "",
        )
    return ""
