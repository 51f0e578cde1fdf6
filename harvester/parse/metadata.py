"""What a page says of itself: title, authors, times, language … each with where it came from. Pure.

JSON-LD first (it says what it means), then meta elements, then what is visible. Our own reading of JSON-LD: extruct would
bring rdflib into every worker for a few lines of ``json``. Not for: the text (``article``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from harvester.parse import dates
from harvester.parse.text import line, plain

ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem|SocialMediaPosting)$")
MOST = 50  # names of one kind
_BY = re.compile(
    r"^\s*(?:(?:written|posted|published|reported)\s+by|(?:écrit|publié|rédigé|proposé)\s+par|par|by|von|por|di|door|texte?\s*:|propos recueillis par)\b[\s:]+",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(
    r"^(?:(?:la )?rédaction|(?:the )?(?:editors?|editorial (?:team|board|staff)|newsroom|staff(?: writer| reporter)?|admin(?:istrator)?|webmaster|redaktion|redacción|redazione|guest|anonymous|unknown|n/a|contributors?|super user|user|author|auteur|journaliste?|reporters?|correspondente?|correspondant|columnist))$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"[\s,|(–-]+(?:(?:senior|chief|staff|special|our|political|science|sports?|business)\s+)*(?:journaliste?|reporters?|correspondent(?:e)?|correspondante?|editor(?:-in-chief)?|rédact(?:eur|rice)(?: en chef)?|writer|columnist|envoyée? spéciale?|contributor|photographer)\b.*$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Stated:
    """What was found, first statement first; ``sources`` says where from."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def offer(self, name: str, value: Any, source: str) -> None:
        """Take a value for a field that has none yet."""
        if value and name not in self.values:
            self.values[name] = value
            self.sources[name] = source


def read(tree: HtmlElement, url: str, at: str) -> Stated:
    """All that can be had without looking for the text."""
    found = Stated()
    metas = _metas(tree)
    canonical = _canonical(tree, url)
    found.offer("url", canonical, "link")
    if not canonical:
        found.offer("url", _absolute(_first(metas, "og:url"), url), "meta")
    ld = _article(_json_ld(tree), canonical or url)
    _from_json_ld(found, ld, url, at)
    _from_metas(found, metas, url, at)
    _from_page(found, tree, url, at)
    _title(found, tree, metas)
    return found


# ---- JSON-LD


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """All objects of all JSON-LD blocks, inner ones after outer ones."""
    for script in tree.iterfind(".//script[@type]"):
        if "ld+json" not in script.get("type", "").lower() or not script.text:
            continue
        try:
            yield from _objects(_loads(script.text), 0)
        except (ValueError, RecursionError):
            continue


def _loads(text: str) -> Any:
    text = text[:2_000_000].strip().removeprefix("<!--").removesuffix("-->").strip()
    text = re.sub(r"^(?://)?\s*<!\[CDATA\[|(?://)?\s*\]\]>$", "", text).strip().rstrip(";")
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return json.loads(re.sub(r",\s*([}\]])", r"\1", text), strict=False)


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 8:
        return
    if isinstance(value, list):
        for one in value[:500]:
            yield from _objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "hasPart"):
            if isinstance(value.get(name), list | dict):
                yield from _objects(value[name], depth + 1)


def _types(node: dict[str, Any]) -> list[str]:
    given = node.get("@type")
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)]


def _article(nodes: Iterable[dict[str, Any]], url: str) -> dict[str, Any]:
    """The object that speaks of this page: an article at this address, else the first article with a headline."""
    candidates = [node for node in nodes if any(ARTICLE_TYPES.search(one) for one in _types(node))]
    path = urlsplit(url).path.rstrip("/")
    for node in candidates:
        page = node.get("mainEntityOfPage")
        named = [node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page]
        if path and any(
            isinstance(one, str) and urlsplit(one.partition("#")[0]).path.rstrip("/") == path for one in named
        ):
            return node
    return next((node for node in candidates if node.get("headline")), candidates[0] if candidates else {})


def _texts(value: Any) -> list[str]:
    """The texts in a JSON-LD value: strings, lists, or objects with a name."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value[:MOST] for text in _texts(one)]
    if isinstance(value, dict):
        return _texts(value.get("name") or value.get("@value") or value.get("url"))
    return []


def _from_json_ld(found: Stated, node: dict[str, Any], url: str, at: str) -> None:
    source = "json-ld"
    found.offer("headline", plain(next(iter(_texts(node.get("headline") or node.get("name"))), "")), source)
    found.offer("authors", _people(node.get("author") or node.get("creator")), source)
    for name, key in (("published", "datePublished"), ("modified", "dateModified")):
        _offer_time(found, name, next(iter(_texts(node.get(key))), ""), source, at)
    found.offer("language", _language(next(iter(_texts(node.get("inLanguage"))), "")), source)
    found.offer("sections", _names(_texts(node.get("articleSection"))), source)
    keywords = _texts(node.get("keywords"))
    found.offer("tags", _names(keywords[0].split(",") if len(keywords) == 1 else keywords), source)
    found.offer("image", _absolute(_image(node.get("image")) or _image(node.get("thumbnailUrl")), url), source)
    found.offer("description", plain(next(iter(_texts(node.get("description"))), ""), 5_000), source)


def _people(value: Any) -> tuple[str, ...]:
    """Persons before organisations; a newsroom is named only where nobody else is."""
    nodes = value if isinstance(value, list) else [value]
    persons = [
        text
        for node in nodes
        if not (isinstance(node, dict) and "Organization" in _types(node))
        for text in _texts(node)
    ]
    return authors(persons) or authors(_texts(value))


def _image(value: Any) -> str:
    if isinstance(value, list):
        return next((found for one in value[:5] if (found := _image(one))), "")
    if isinstance(value, dict):
        return _image(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return value if isinstance(value, str) else ""


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
    aliases = []
    for link in tree.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        if ("amphtml" in rel or "shortlink" in rel) and link.get("href"):
            aliases.append(_absolute(link.get("href"), url))
    found.values["aliases"] = tuple(dict.fromkeys(one for one in aliases if one))[:10]
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


def _title(found: Stated, tree: HtmlElement, metas: dict[str, list[str]]) -> None:
    """The headline, without the site's name where the page says elsewhere which part that is."""
    headings = [text for one in list(tree.iter("h1"))[:5] if (text := line(one.text_content()))]
    element = tree.find(".//head/title")
    page = plain(element.text_content() if element is not None else "")
    social = plain(_first(metas, "og:title", "twitter:title", "dc.title", "title"))
    sites = [line(one) for one in (_first(metas, "og:site_name"), _first(metas, "application-name")) if one]
    found.values["sites"] = sites
    head = found.values.pop("headline", "")
    for text, source in ((head, "json-ld"), (social, "meta")):
        if not text:
            continue
        cut = _without_site(text, sites)
        for heading in headings:  # "Headline - Site" where a heading says just "Headline"
            if len(heading) > 10 and cut.startswith(heading) and re.match(r"\s*[-–—|·:«»•]", cut[len(heading) :]):
                cut = heading
        found.offer("title", cut, source)
    if headings and (len(headings) == 1 or headings[0] in page) and headings[0] not in sites:
        found.offer("title", headings[0], "text")
    found.offer("title", _without_site(page, sites, guess=True), "title")
    if headings:
        found.offer("title", headings[0], "text")


def _without_site(title: str, sites: list[str], guess: bool = False) -> str:
    for site in sites:
        for pattern in (rf"\s*[-–—|·:«»•]\s*{re.escape(site)}\s*$", rf"^\s*{re.escape(site)}\s*[-–—|·:»•]\s*"):
            shorter = re.sub(pattern, "", title, flags=re.IGNORECASE)
            if shorter:
                title = shorter
    if guess:
        parts = re.split(r"\s+[-–—|·»•]\s+", title)
        if len(parts) > 1 and len(parts[0]) >= 20 and len(" ".join(parts[1:])) < len(parts[0]):
            title = parts[0]
    return title


# ---- cleaning


def authors(names: Iterable[str]) -> tuple[str, ...]:
    """Names of people, as given in bylines: without "by", roles and links; in order, each once."""
    found: list[str] = []
    for text in names:
        text = plain(text, 300)
        text = _BY.sub("", text)
        for name in re.split(r"\s*(?:[;|/•·]|,(?!\s*(?:Jr|Sr|PhD|MD|II|III)\b)|\s(?:and|et|und|y|&|avec)\s)\s*", text):
            name = _ROLE.sub("", _BY.sub("", name)).strip(" .,:;-–—|@")
            if (
                not name
                or "://" in name
                or "@" in name
                or len(name) > 80
                or len(name.split()) > 6
                or any(c.isdigit() for c in name)
            ):
                continue
            if name not in found:
                found.append(name)
    people = [name for name in found if not _NOT_A_PERSON.match(name)]
    return tuple((people or found)[:MOST])


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for one in values if (text := plain(one, 200))))[:MOST]


def _language(text: str) -> str:
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_;,\s]|$)", text)
    return match[1].lower() if match else ""
