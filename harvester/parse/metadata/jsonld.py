"""JSON-LD as pages carry it, mistakes and all: the article's object and its values.

Read with ``json`` alone; extruct would bring rdflib into every worker process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from harvester.parse.html.charset import html_to_text
from harvester.parse.metadata.headline import split_words
from harvester.parse.metadata.lenient_json import load_lenient
from harvester.parse.metadata.machine_dates import is_json_ld
from harvester.parse.names.people import (
    MAX_NAME_LENGTH,
    MAX_NAMES,
    parse_author_names,
)

MAX_DEPTH = 8  # levels of nested objects
MAX_OBJECTS_PER_BLOCK = 2_000
MAX_LIST_ITEMS = 500
MAX_BLOCK_LENGTH = 2_000_000  # characters
MAX_ARTICLES = 500  # objects that are compared with the page
MAX_IMAGES = 5
MIN_SHARED_WORDS = 0.5  # of a headline and a title that are the same
_ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem"
    r"|SocialMediaPosting)$"
)
# What a page may be that is no article by its type.
_PAGE_TYPES = re.compile(
    r"(?:Page|CreativeWork|Recipe|HowTo|Question|Blog|Event|Podcast\w*|Course|Dataset)$"
)
# The properties that hold further objects of interest.
_NESTING_KEYS = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "item",
    "hasPart",
)


def parse_objects(scripts: Iterable[HtmlElement]) -> list[dict[str, Any]]:
    """All objects of all JSON-LD blocks, nested ones after their parents."""
    objects: list[dict[str, Any]] = []
    for script in scripts:
        if not is_json_ld(script) or not script.text:
            continue
        nodes = _iter_objects(_load_json(script.text), 0)
        objects += islice(nodes, MAX_OBJECTS_PER_BLOCK)
    return objects


def _load_json(text: str) -> Any:
    """The JSON in a script element; several values as a list."""
    text = text[:MAX_BLOCK_LENGTH].strip()
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return load_lenient(text)


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


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says elsewhere, by which its article's object is known.

    ``urls``: its addresses; ``titles``: what it shows and states as its title;
    ``days``: ISO dates of its publication. Empty ones do not count.
    """

    urls: tuple[str, ...]
    titles: tuple[str, ...] = ()
    days: tuple[str, ...] = ()


def find_article(nodes: list[dict[str, Any]], page: PageFacts) -> dict[str, Any]:
    """The object of this page's article; {} if there is none.

    An article with this URL, else the first whose headline is the page's, else the
    first with a headline, else the first. Articles that are another page's do not
    count.
    """
    listed = {
        id(item)
        for node in nodes
        if "itemListElement" in node
        for item in _iter_objects(node["itemListElement"], 0)
    }
    own, similar, others = [], [], []
    titles = [split_words(title) for title in page.titles if title]
    articles = (
        node for node in nodes if any(map(_ARTICLE_TYPES.search, get_types(node)))
    )
    for node in islice(articles, MAX_ARTICLES):
        is_own = _has_url(node, page.urls)
        has_headline = _has_headline(node, titles)
        if is_own and has_headline is not False:
            own.append(node)
        elif has_headline:
            similar.append(node)
        elif is_own:
            own.append(node)
        elif not (
            id(node) in listed
            or (
                has_headline is False
                and (is_own is False or _is_of_other_day(node, page))
            )
        ):
            others.append(node)
    with_headline = [node for node in others if node.get("headline")]
    return next(iter([*own, *similar, *with_headline, *others]), {})


def find_page(nodes: list[dict[str, Any]], page: PageFacts) -> dict[str, Any]:
    """The object of this page where none is an article; {} if there is none.

    It names the page's URL or title, and contradicts neither.
    """
    titles = [split_words(title) for title in page.titles if title]
    pages = (node for node in nodes if any(map(_PAGE_TYPES.search, get_types(node))))
    for node in islice(pages, MAX_ARTICLES):
        facts = (_has_url(node, page.urls), _has_headline(node, titles))
        if True in facts and False not in facts:
            return node
    return {}


def _has_url(node: dict[str, Any], urls: tuple[str, ...]) -> bool | None:
    """Whether an object names one of these URLs; None if it names none at all."""
    page = node.get("mainEntityOfPage")
    page_url = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    named = [
        value
        for value in (node.get("url"), node.get("@id"), page_url)
        if isinstance(value, str) and _page_path(value)
    ]
    if any(_is_same_page(value, url) for value in named for url in urls if url):
        return True
    return False if named else None


def _page_path(url: str) -> str:
    """The path of a page's URL; "" of a home page's or of a name that is no URL."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    path = path.lower().rstrip("/")
    return path.removesuffix("/amp").removesuffix(".amp")


def _is_same_page(url: str, other: str) -> bool:
    """Whether two URLs have one path, and no parameter with two values."""
    if _page_path(url) != _page_path(other):
        return False
    one, two = (dict(parse_qsl(urlsplit(name).query)) for name in (url, other))
    return all(one[name] == two[name] for name in one.keys() & two.keys())


def _has_headline(node: dict[str, Any], titles: list[tuple[str, ...]]) -> bool | None:
    """Whether an object's headline is one of the page's titles, given as words.

    At least half of the words of either; None if one of the two is unknown.
    """
    headline = get_first_text(node.get("headline") or node.get("name"))
    words = split_words(html_to_text(headline))
    if not words or not titles:
        return None
    joined, known = "".join(words), set(words)
    least = min(2, len(known))  # "News" alone is no title
    return any(
        joined in "".join(title)
        or len(known.intersection(title))
        >= max(least, MIN_SHARED_WORDS * min(len(known), len(set(title))))
        for title in titles
    )


def _is_of_other_day(node: dict[str, Any], page: PageFacts) -> bool:
    """Whether an object's dates are a day or more from all that the page states."""
    dates = [
        day
        for key in ("datePublished", "dateModified")
        if (day := _parse_day(get_first_text(node.get(key))))
    ]
    days = [day for text in page.days if (day := _parse_day(text))]
    return bool(dates and days) and not any(
        abs((one - other).days) <= 1 for one in dates for other in days
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


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


def get_time(node: dict[str, Any], key: str) -> str:
    """The written time that an object states under a key, in whatever case."""
    value = node.get(key)
    if value is None:
        value = next((node[name] for name in node if name.lower() == key.lower()), None)
    return get_first_text(value)


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
        texts = get_texts(author)
        if isinstance(author, dict) and (not texts or "://" in texts[0][:8]):
            texts = _given_and_family_name(author) or texts
        (organisations if is_organisation else persons).extend(texts)
    # "Roux & Petit" is one organisation, and two people.
    names = (html_to_text(name, MAX_NAME_LENGTH) for name in organisations)
    return parse_author_names(persons), tuple(dict.fromkeys(filter(None, names)))


def _given_and_family_name(person: dict[str, Any]) -> list[str]:
    parts = (get_first_text(person.get(key)) for key in ("givenName", "familyName"))
    return [" ".join(filter(None, parts))] if person.get("familyName") else []


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
