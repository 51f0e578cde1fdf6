"""Sitemaps, news sitemaps and indexes of sitemaps (sitemaps.org 0.9, Google's news extension 0.9). Pure.

An entry is an address with, in a news sitemap, its title, its date of publication and its keywords. ``lastmod`` is when a page
was changed, never when it was published. An index' entries are the addresses of sitemaps.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from harvester.errors import BadAnswer
from harvester.model import Entry, Feed
from harvester.parse.entry import http, names, time
from harvester.parse.text import line, plain


def read_sitemap(text: str, url: str) -> Feed:
    """Read a sitemap that begins with its root. Raises BadAnswer where nothing of it can be read."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise BadAnswer("broken XML where a sitemap was") from error
    if root is None:
        raise BadAnswer("broken XML where a sitemap was")
    entries, title, language = [], "", ""
    for page in root.iterchildren("{*}url", "{*}sitemap"):
        said = dict(_said(page))
        title, language = title or said.get("news:name", ""), language or said.get("news:language", "")
        address = http(said.get("loc"), url)
        if address:
            entries.append(_entry(address, said))
    return Feed("sitemap", plain(title), "", line(language, 20).lower(), tuple(entries), index=_is_index(root))


def _is_index(root: etree._Element) -> bool:
    return bool(etree.QName(root).localname.lower() == "sitemapindex")


def _entry(address: str, said: dict[str, str]) -> Entry:
    published = time(said.get("news:publication_date", "")) or (None, None)
    changed = time(said.get("lastmod", ""))
    return Entry(
        id="",
        url=address,
        title=plain(said.get("news:title")),
        published=published[0],
        published_local=published[1],
        updated=changed[0] if changed else None,
        tags=names(said.get("news:keywords", "").split(",")[:100]),
    )


def _said(page: etree._Element) -> Iterator[tuple[str, str]]:
    """What a page's element says: its own as ``loc``, the news extension's as ``news:title``."""
    for child in page.iterchildren("{*}loc", "{*}lastmod"):
        yield etree.QName(child).localname, child.text or ""
    for news in page.iterchildren("{*}news"):
        for child in news.iter("{*}name", "{*}language", "{*}publication_date", "{*}title", "{*}keywords"):
            yield f"news:{etree.QName(child).localname}", child.text or ""
