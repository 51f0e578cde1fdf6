"""What a page says of itself: title, authors, times, language … each with where it came from. Pure.

JSON-LD first (it says what it means), then meta elements, then what is visible. Not for: the text (``article``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Rules, Statement
from harvester.parse import dates, jsonld
from harvester.parse.headline import DASH, first_part, is_site, without_site, words
from harvester.parse.people import MOST, authors
from harvester.parse.text import line, plain


@dataclass(slots=True)
class Stated:
    """What was found, first statement first; ``sources`` says where from.

    ``objects``: all objects of the page's JSON-LD. ``metas``: name in lower case → contents, in order. Parsed once, for all.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()

    def offer(self, name: str, value: Any, source: str) -> None:
        """Take a value for a field that has none yet."""
        if value and name not in self.values:
            self.values[name] = value
            self.sources[name] = source


def read(tree: HtmlElement, url: str, at: str) -> Stated:
    """All that can be had without looking for the text."""
    metas = _metas(tree)
    found = Stated(objects=list(jsonld.objects(tree)), metas=metas)
    canonical = _canonical(tree, url)
    found.offer("url", canonical, "link")
    found.values["aliases"] = _aliases(tree, metas, url, canonical)
    ld = jsonld.article(found.objects, canonical or url)
    _from_json_ld(found, ld, url, at)
    _from_metas(found, metas, url, at)
    _from_page(found, tree, url, at)
    _title(found, tree, metas, url)
    _people_of_the_site(found, url)
    return found


# ---- statements


def _from_json_ld(found: Stated, node: dict[str, Any], url: str, at: str) -> None:
    source = "json-ld"
    found.offer("headline", plain(next(iter(jsonld.texts(node.get("headline") or node.get("name"))), "")), source)
    found.offer("publisher", plain(next(iter(jsonld.texts(node.get("publisher"))), "")), source)
    found.offer("authors", jsonld.people(node.get("author") or node.get("creator")), source)
    for name, key in (("published", "datePublished"), ("modified", "dateModified")):
        _offer_time(found, name, next(iter(jsonld.texts(node.get(key))), ""), source, at)
    found.offer("language", _language(next(iter(jsonld.texts(node.get("inLanguage"))), "")), source)
    found.offer("sections", _names(jsonld.texts(node.get("articleSection"))), source)
    keywords = jsonld.texts(node.get("keywords"))
    found.offer("tags", _names(keywords[0].split(",") if len(keywords) == 1 else keywords), source)
    found.offer(
        "image", _absolute(jsonld.image(node.get("image")) or jsonld.image(node.get("thumbnailUrl")), url), source
    )
    found.offer("description", plain(next(iter(jsonld.texts(node.get("description"))), ""), 5_000), source)


# ---- meta elements


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if name and content and content.strip():
            found.setdefault(name.strip().lower(), []).append(content.strip())
    return found


def _first(metas: dict[str, list[str]], *names: str) -> str:
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


def _from_metas(found: Stated, metas: dict[str, list[str]], url: str, at: str) -> None:
    source = "meta"
    people = [one for name in ("author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "citation_author", "twitter:creator_name") for one in metas.get(name, ()) if "://" not in one and not one.startswith(("@", "/"))]  # fmt: skip
    found.offer("authors", authors(people[:MOST]), source)
    for name, keys in (("published", _PUBLISHED), ("modified", _MODIFIED)):
        for key in keys:
            if key in metas:
                _offer_time(found, name, metas[key][0], source, at)
    found.offer("sections", _names(metas.get("article:section", ()) or metas.get("parsely-section", ())), source)
    tags = metas.get("article:tag") or [
        one for text in metas.get("news_keywords", metas.get("keywords", ())) for one in text.split(",")
    ]
    found.offer("tags", _names(tags), source)
    found.offer(
        "image",
        _absolute(
            _first(metas, "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"), url
        ),
        source,
    )
    found.offer(
        "description",
        plain(_first(metas, "og:description", "description", "twitter:description", "dc.description"), 5_000),
        source,
    )
    found.values["robots"] = tuple(
        sorted(
            {
                word.strip().lower()
                for name in ("robots", "googlebot")
                for text in metas.get(name, ())
                for word in text.split(",")
                if word.strip()
            }
        )
    )[:MOST]
    found.values["locale"] = _language(_first(metas, "og:locale", "content-language", "dc.language", "language"))


def _offer_time(found: Stated, name: str, text: str, source: str, at: str) -> None:
    stated = dates.read(text, at) if text else None
    if stated is None:
        return
    if name not in found.values:
        found.values[name], found.values[f"{name}_local"] = stated
        found.sources[name] = source
    elif len(found.values[name]) == 10 and len(stated[0]) > 10 and stated[1][:10] == found.values[f"{name}_local"][:10]:
        found.values[name], found.values[f"{name}_local"] = stated  # the same day, now with time and zone
        found.sources[name] = source


# ---- what is visible


def _from_page(found: Stated, tree: HtmlElement, url: str, at: str) -> None:
    root = tree.getroottree().getroot()
    declared = _language(
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang") or ""
    )
    if declared:
        found.values["language"], found.sources["language"] = declared, "html"
    found.offer("language", found.values.pop("locale", ""), "meta")
    marked = {"published": ("datePublished",), "modified": ("dateModified",)}
    for element in tree.iter("time", "span", "abbr", "p", "div"):
        itemprop = element.get("itemprop")
        if element.tag != "time" and not itemprop:
            continue
        text = element.get("datetime") or element.get("content") or (element.text_content() if itemprop else "")
        if not text:
            continue
        for name, props in marked.items():
            if itemprop and any(prop in itemprop.split() for prop in props):
                _offer_time(found, name, text, "microdata", at)
    for element in tree.iter("time"):
        text = element.get("datetime") or ""
        if text and not _within(element, "comment", "related", "aside", "footer", "sidebar"):
            _offer_time(found, "published", text, "time", at)
            break
    if "authors" not in found.values:
        names = [
            line(one.text_content(), 200) for one in tree.xpath("//a[@rel='author'] | //*[@itemprop='author']")[:MOST]
        ]
        found.offer("authors", authors(names), "text")
    if "sections" not in found.values:
        links = tree.xpath("//a[contains(@rel, 'category')]")[:MOST]
        found.offer("sections", _names(line(one.text_content(), 100) for one in links), "text")
    if "tags" not in found.values:
        links = tree.xpath("//a[@rel='tag']")[:MOST]
        found.offer("tags", _names(line(one.text_content(), 100) for one in links), "text")


def _within(element: HtmlElement, *words: str) -> bool:
    for one in element.iterancestors():
        if one.tag in ("aside", "footer"):
            return True
        names = f"{one.get('class', '')} {one.get('id', '')}".lower()
        if one.tag != "body" and any(word in names for word in words):
            return True
    return False


def _aliases(tree: HtmlElement, metas: dict[str, list[str]], url: str, canonical: str) -> tuple[str, ...]:
    """Other addresses that the page names for itself."""
    named = [
        _absolute(link.get("href"), url)
        for link in tree.iter("link")
        if {"amphtml", "shortlink"} & set((link.get("rel") or "").lower().split())
    ]
    named.append(_absolute(_first(metas, "og:url"), url))
    return tuple(dict.fromkeys(one for one in named if one and one != canonical))[:10]


def _canonical(tree: HtmlElement, url: str) -> str:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return _absolute(link.get("href"), url)
    return ""


def _absolute(href: str | None, url: str) -> str:
    if not href or len(href) > 4_000:
        return ""
    try:
        joined = urljoin(url, href.strip())
        return joined if urlsplit(joined).scheme in ("http", "https") and urlsplit(joined).hostname else ""
    except ValueError:
        return ""


def _title(found: Stated, tree: HtmlElement, metas: dict[str, list[str]], url: str) -> None:
    """The headline, without the site's name where the page says elsewhere which part that is."""
    headings = [text for one in list(tree.iter("h1"))[:5] if (text := line(one.text_content()))]
    element = next((one for one in tree.iter("title") if one.getparent() is None or one.getparent().tag != "svg"), None)
    page = plain(element.text_content() if element is not None else "")
    social = plain(_first(metas, "og:title", "twitter:title", "dc.title", "title"))
    stated = [
        _first(metas, name) for name in ("og:site_name", "application-name", "publisher", "dc.publisher", "copyright")
    ]
    sites = [line(one, 100) for one in (*stated, found.values.pop("publisher", "")) if one]
    found.values["sites"] = sites
    head = found.values.pop("headline", "")
    if not set(words(head)) & set(words(f"{page} {social} {' '.join(headings)}")):
        head = ""  # it says something else than the whole page: Wikipedia's JSON-LD names a description
    for text, source in ((head, "json-ld"), (social, "meta")):
        if not text:
            continue
        cut = without_site(text, sites, url)
        for heading in headings:  # "Headline - Site" where a heading says just "Headline"
            if len(heading) > 10 and cut.startswith(heading) and re.match(rf"\s*{DASH}", cut[len(heading) :]):
                cut = heading
        if not is_site(cut, sites, url):
            found.offer("title", cut, source)
    short = without_site(page, sites, url)
    for heading in headings:
        if page.startswith(heading) and (len(heading) > 10 or len(headings) == 1) and not is_site(heading, sites, url):
            found.offer("title", heading, "text")
    if headings and (len(headings) == 1 or headings[0] in page) and not is_site(headings[0], sites, url):
        if not short or headings[0] not in page[len(short) :]:  # else it is the name of the site, cut off
            found.offer("title", headings[0], "text")
    found.offer("title", first_part(short), "title")
    for text, source in ((headings[0] if headings else "", "text"), (social, "meta"), (head, "json-ld")):
        found.offer("title", text, source)


def _people_of_the_site(found: Stated, url: str) -> None:
    """The site's own name is no author; it stays where there is no other, as ``house``."""
    stated = found.values.get("authors", ())
    others = tuple(name for name in stated if not is_site(name, found.values["sites"], url))
    if others:
        found.values["authors"] = others
    elif stated:
        found.values["house"], found.sources["house"] = found.values.pop("authors"), found.sources.pop("authors")


# ---- what is dear


def complete(
    tree: HtmlElement, stated: Stated, text: str, rules: Rules, url: str, at: str, known: tuple[str, ...]
) -> None:
    """What is dear, and only asked for where nothing else says it. ``known``: fields that the feed states."""
    found = stated.values
    if "published" not in found and "published" not in known:
        from htmldate import find_date

        try:
            day = find_date(tree, url=url or None, original_date=True, extensive_search=bool(text), max_date=at[:10])
        except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
            day = None
        if day and not day.endswith("-01-01"):  # made of nothing but a year
            stated.offer("published", day, "text")
            stated.offer("published_local", day, "text")
            stated.sources.pop("published_local", None)
    if "authors" not in found and "authors" not in known and text:
        from trafilatura.metadata import extract_author

        name = extract_author(tree)
        stated.offer("authors", authors(name.split(";")) if name else (), "text")
        stated.offer("authors", found.get("house"), stated.sources.get("house", ""))
    stated.offer("language", rules.language, "settings")
    if "language" not in found and len(text) >= 100:
        stated.offer("language", _guess_language(text), "text")


def _guess_language(text: str) -> str:
    import py3langid

    return str(py3langid.classify(text[:5_000])[0])


# ---- cleaning


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for one in values if (text := plain(one, 200))))[:MOST]


def _language(text: str) -> str:
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)", text)
    return match[1].lower() if match else ""
