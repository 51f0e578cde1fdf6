"""Subscriptions as feed readers export them (OPML 1.0 to 2.0), and as we do. Pure.

Sources: opml.org/spec2.opml, and files of FreshRSS, Miniflux, Tiny Tiny RSS, Inoreader,
Feedly, NewsBlur, Thunderbird, NetNewsWire, Liferea and Newsboat. Names of attributes are
read in any case. What is ours stands in a namespace of its own, so that other programs
ignore it: an outline with ``outlet`` is an outlet, with its settings as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from harvester.errors import HarvesterError
from harvester.identity.urls import normalise_url
from harvester.parse.feeds.xml_repair import repair_xml
from harvester.parse.html.charset import clean_line, decode

NAMESPACE = "urn:harvester:outlet"
MAX_OUTLINES = 50_000
MAX_TITLE_LENGTH = 200  # characters
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?opml[\s>]|<outline\s", re.IGNORECASE)
_LIST_LINE = re.compile(r"(?P<url>\S+)(?P<rest>.*)")
_NEWSBOAT_TITLE = re.compile(r'"~([^"]*)"')


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed of a list, with what the list says of it."""

    url: str
    title: str = ""
    home: str = ""
    section: str = ""  # ours; "" if the list is another program's
    folders: tuple[str, ...] = ()  # outermost first
    language: str = ""


@dataclass(frozen=True, slots=True)
class ListedOutlet:
    """An outlet as we exported it: its key, and its table without the feeds."""

    key: str
    table: Mapping[str, Any]
    feeds: tuple[Subscription, ...]


@dataclass(slots=True)
class Subscriptions:
    """What a list has."""

    feeds: list[Subscription] = field(default_factory=list)
    outlets: list[ListedOutlet] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # what was left out, and why


def read_subscriptions(body: bytes) -> Subscriptions:
    """Read OPML, or a list of URLs, one a line. Raises HarvesterError."""
    text = decode(body, "").lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise HarvesterError("the list is empty")
    if text[0] == "<":
        return _read_opml(text)
    return _read_url_list(text)


# ---- OPML


def _read_opml(text: str) -> Subscriptions:
    if _ENTITY.search(text):
        raise HarvesterError("it declares XML entities, which no feed reader does")
    if not _ROOT.search(text):
        raise HarvesterError("it is XML, but not OPML: it has no outlines")
    root = _parse_xml(_DECLARATION.sub("", text))
    found = Subscriptions()
    seen: set[str] = set()
    body = next(root.iter("{*}body"), root)
    # (element, names of the folders around it), the next one last.
    pending: list[tuple[etree._Element, tuple[str, ...]]] = [
        (element, ()) for element in reversed(list(_outlines(body)))
    ]
    count = 0
    while pending:
        element, folders = pending.pop()
        count += 1
        if count > MAX_OUTLINES:
            found.problems.append(f"more than {MAX_OUTLINES:,} outlines")
            break
        attributes = _attributes(element)
        key = element.get(f"{{{NAMESPACE}}}outlet")
        if key is not None:
            _add_outlet(found, element, key, attributes)
            continue
        _add_feed(found, seen, attributes, folders)
        inner = (*folders, _title(attributes)) if _title(attributes) else folders
        pending += [(child, inner) for child in reversed(list(_outlines(element)))]
    return found


def _parse_xml(text: str) -> etree._Element:
    for candidate, recover in ((text, False), (repair_xml(text), True)):
        parser = etree.XMLParser(
            recover=recover,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(candidate.encode("utf-8", "replace"), parser)
        except (etree.LxmlError, ValueError):
            continue
        if root is not None:
            return root
    raise HarvesterError("broken XML, which cannot be repaired")


def _outlines(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if isinstance(child.tag, str):
            if etree.QName(child).localname.lower() == "outline":
                yield child


def _attributes(element: etree._Element) -> dict[str, str]:
    """Attributes without a namespace, by their names in lower case."""
    return {
        str(name).lower(): value.strip()
        for name, value in element.attrib.items()
        if not str(name).startswith("{")
    }


def _title(attributes: Mapping[str, str]) -> str:
    title = attributes.get("title") or attributes.get("text") or ""
    return clean_line(title, MAX_TITLE_LENGTH)


def _read_feed(
    attributes: Mapping[str, str], folders: tuple[str, ...], section: str = ""
) -> Subscription | None:
    """The feed of an outline; None if it is a folder or something else."""
    url = attributes.get("xmlurl") or ""
    if not url and attributes.get("type", "").lower() in ("rss", "atom", "link"):
        url = attributes.get("url") or ""
    if not url:
        return None
    url = re.sub(r"^feed:(?://)?(?=https?:)", "", url)
    url = re.sub(r"^feed://", "http://", url)
    home = attributes.get("htmlurl") or ""
    categories = [
        part for part in attributes.get("category", "").split(",") if part.strip()
    ]
    if not folders and categories:
        folders = tuple(filter(None, categories[0].strip().strip("/").split("/")))
    return Subscription(
        url=url,
        title=_title(attributes),
        home=home if normalise_url(home) else "",
        section=section,
        folders=folders,
        language=attributes.get("language", "").partition("-")[0].lower(),
    )


def _add_feed(
    found: Subscriptions,
    seen: set[str],
    attributes: Mapping[str, str],
    folders: tuple[str, ...],
) -> None:
    feed = _read_feed(attributes, folders)
    if feed is None:
        return
    if not normalise_url(feed.url):
        name = feed.title or feed.url
        found.problems.append(f"{name}: {feed.url!r} is not an http or https URL")
    elif feed.url not in seen:
        seen.add(feed.url)
        found.feeds.append(feed)


def _add_outlet(
    found: Subscriptions,
    element: etree._Element,
    key: str,
    attributes: Mapping[str, str],
) -> None:
    try:
        table = json.loads(element.get(f"{{{NAMESPACE}}}settings") or "{}")
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        found.problems.append(f"{key}: its settings are not readable")
        table = {"name": _title(attributes)}
    feeds = []
    for child in _outlines(element):
        section = child.get(f"{{{NAMESPACE}}}section") or ""
        feed = _read_feed(_attributes(child), (), section)
        if feed is not None:
            feeds.append(feed)
    if feeds or table.get("pages"):
        table.pop("feeds", None)
        found.outlets.append(ListedOutlet(key, table, tuple(feeds)))


# ---- lists of URLs


def _read_url_list(text: str) -> Subscriptions:
    """URLs, one a line; # starts a comment. Newsboat's tags and titles are read too."""
    found = Subscriptions()
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        match = _LIST_LINE.match(line.strip())
        if match is None or line.lstrip().startswith("#"):
            continue
        url = match["url"].strip('"<>,;')
        if not normalise_url(url):
            if not url.startswith(("filter:", "exec:", "query:")):
                found.problems.append(
                    f"line {number}: {clean_line(url, 80)!r} is not an http or https URL"
                )
            continue
        title = _NEWSBOAT_TITLE.search(match["rest"])
        if url not in seen:
            seen.add(url)
            name = clean_line(title[1], MAX_TITLE_LENGTH) if title else ""
            found.feeds.append(Subscription(url, name))
        if len(seen) >= MAX_OUTLINES:
            found.problems.append(f"more than {MAX_OUTLINES:,} lines")
            break
    if not found.feeds:
        raise HarvesterError(
            "it is neither OPML nor a list of URLs, one a line",
            found.problems[0] if found.problems else "",
        )
    return found


# ---- writing


def write_opml(outlets: Iterable[tuple[str, Mapping[str, Any]]], title: str) -> str:
    """OPML 2.0 of tables of settings.toml: a folder an outlet, with its feeds."""
    root = etree.Element("opml", nsmap={"harvester": NAMESPACE}, version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for key, table in outlets:
        name = str(table.get("name") or key)
        folder = etree.SubElement(body, "outline", text=name, title=name)
        folder.set(f"{{{NAMESPACE}}}outlet", key)
        own = {name: value for name, value in table.items() if name != "feeds"}
        if own:
            text = json.dumps(own, ensure_ascii=False, default=_json_value)
            folder.set(f"{{{NAMESPACE}}}settings", text)
        for feed in table.get("feeds", ()):
            _write_feed(folder, feed, name, str(table.get("home") or ""))
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _write_feed(
    folder: etree._Element, feed: str | Mapping[str, str], name: str, home: str
) -> None:
    url = feed if isinstance(feed, str) else feed["url"]
    section = "" if isinstance(feed, str) else feed.get("section", "")
    title = f"{name}: {section}" if section else name
    outline = etree.SubElement(
        folder, "outline", type="rss", text=title, title=title, xmlUrl=url
    )
    if home:
        outline.set("htmlUrl", home)
    if section:
        outline.set(f"{{{NAMESPACE}}}section", section)


def _json_value(value: object) -> str:
    if isinstance(value, date):  # of TOML; as text it means the same
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in settings")


def feed_values(feeds: Sequence[Subscription]) -> list[str | dict[str, str]]:
    """Feeds as settings.toml lists them."""
    return [
        {"url": feed.url, "section": feed.section} if feed.section else feed.url
        for feed in feeds
    ]
