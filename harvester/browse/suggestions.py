"""What may have been meant by an address that leads nowhere."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote, urlencode

from harvester.archive.queries import near_names, overview
from harvester.browse import phrasing, table_descriptions

MAX_LINKS = 5
MAX_WORDS = 12
MAX_CHARS = 300  # of an address that are looked at
# Pages that are not in the navigation.
MORE_PAGES = (("/-/search", "Search"),)

_KEY = re.compile(r"/-/(?:article|copies)/([0-9a-f]{3,64})", re.IGNORECASE)
_OUTLET = re.compile(r"/-/outlet/([^/]+)")
_TABLE = re.compile(r"/([^/]+)/([^/.?]+)")
# An address of an outlet's behind ours: /https://a.example/b, /a.example/b.
_ADDRESS = re.compile(
    r"/(?:https?:/{1,2})?((?:[a-z0-9-]+\.)+[a-z]{2,24}(?:/.*)?)", re.IGNORECASE
)
_SUFFIXES = (".html", ".htm", ".php", ".json", ".csv", ".atom", ".xml", ".db")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A page that may have been meant; ``title``: what an outlet wrote, in a language."""

    path: str
    label: str
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Pages, an address to look up, and words to search for; each may be empty."""

    links: tuple[Suggestion, ...] = ()
    address: str = ""
    words: str = ""


def suggest(
    connection: sqlite3.Connection, path: str, database: str, url: str = ""
) -> Suggestions:
    """For a path of ours, without its base; ``url``: the address that it asks for."""
    path = unquote(path)[:MAX_CHARS]
    if url:
        return Suggestions(words=_find_words(url))
    if key := _KEY.match(path):
        near = near_names.list_near_articles(connection, key[1].lower(), MAX_LINKS)
        return Suggestions(
            tuple(
                Suggestion(
                    f"/-/article/{one.key}", one.outlet_name, one.title, one.language
                )
                for one in near
            )
        )
    if outlet := _OUTLET.match(path):
        return Suggestions(tuple(_find_outlets(connection, outlet[1])))
    if address := _ADDRESS.fullmatch(path):
        return Suggestions(address=f"https://{address[1]}", words=_find_words(path))
    links = _find_pages(path)
    table = _TABLE.match(path)
    if table and not path.startswith("/-/"):
        names = {name: name for name in table_descriptions.TABLES}
        links = [
            Suggestion(f"/{database}/{name}", name) for name in _near(table[2], names)
        ] + links
    return Suggestions(tuple(links[:MAX_LINKS]), words=_find_words(path))


def _find_outlets(connection: sqlite3.Connection, asked: str) -> list[Suggestion]:
    outlets = overview.list_outlet_infos(connection)
    names = {outlet.key: outlet.key for outlet in outlets}
    names |= {outlet.name.casefold(): outlet.key for outlet in outlets}
    labels = {outlet.key: outlet.name for outlet in outlets}
    return [Suggestion(f"/-/outlet/{key}", labels[key]) for key in _near(asked, names)]


def _find_pages(path: str) -> list[Suggestion]:
    pages = dict((*phrasing.PAGES, *MORE_PAGES))
    names = {page.rpartition("/")[2]: page for page in pages if page != "/"}
    return [
        Suggestion(page, pages[page]) for page in _near(path.rpartition("/")[2], names)
    ]


def _near(asked: str, names: Mapping[str, str]) -> Iterable[str]:
    """What the names that are spelt almost like this one stand for."""
    near = get_close_matches(asked.casefold(), names, MAX_LINKS, 0.6)
    return dict.fromkeys(names[name] for name in near)


def _find_words(address: str) -> str:
    """The words of a slug, as of /2026/old-bridge-closes.html; "" if there is none."""
    slug = max(re.split(r"[/?#]", address), key=lambda part: len(part.split("-")))
    for suffix in _SUFFIXES:
        slug = slug.removesuffix(suffix)
    words = [
        word for word in re.split(r"[-_+ ]", slug) if re.fullmatch(r"[^\W\d]{2,}", word)
    ]
    return " ".join(words[:MAX_WORDS]) if len(words) > 1 else ""


def lookup_path(address: str) -> str:
    """The path that leads to the article at an address."""
    return f"/-/article?{urlencode({'url': address})}"
