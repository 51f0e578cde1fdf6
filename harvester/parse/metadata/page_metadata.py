"""What a page says of itself: title, authors, times, language … each with where it came from. Pure.

JSON-LD first (it says what it means), then meta elements, then microdata and what is seen, then its address. All that is
stated otherwise stays beside what was chosen. Not for: the text (``article``).
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Rules
from harvester.parse.dates import moments, zones
from harvester.parse.html.absolute import absolute
from harvester.parse.html.charset import line, plain
from harvester.parse.metadata import byline, candidates, jsonld, meta, page_dates, title
from harvester.parse.metadata.headline import is_site
from harvester.parse.metadata.meta import first, language, names
from harvester.parse.metadata.people import MOST, is_handle, is_person
from harvester.parse.metadata.statements import Stated


def read(tree: HtmlElement, url: str, at: str) -> Stated:
    """All that can be had without looking for the text."""
    parts = _parts(tree)
    found = Stated(
        objects=jsonld.objects(parts["script"]), metas=meta.contents(parts["meta"])
    )
    metas = found.metas
    canonical = next(
        (
            absolute(one.get("href"), url)
            for one in parts["link"]
            if "canonical" in _rel(one)
        ),
        "",
    )
    found.offer("url", canonical, "link")
    found.values["aliases"] = _aliases(parts["link"], metas, url, canonical)
    ld = jsonld.article(found.objects, canonical or url)
    _from_json_ld(found, ld, url, at)
    meta.state(found, url, at)
    _languages(found, tree, metas)
    page, social = (
        title.page_title(parts["title"]),
        plain(first(metas, "og:title", "twitter:title", "dc.title", "title")),
    )
    stated = [
        *(first(metas, name) for name in _SITE),
        found.values.pop("publisher", ""),
    ]
    found.values["sites"] = [line(one, 100) for one in stated if one]
    title.choose(found, parts["h1"], page, social, url)
    _people_of_the_site(found, url)
    _from_page(
        found,
        tree,
        [*parts["h1"], *parts["h2"]],
        (found.values.get("title", ""), page, social),
        url,
        at,
    )
    _labels(found, tree)
    _caption(found, tree)
    if len(found.values.get("published_local", "")) == 10:
        found.offer_time(
            "published",
            page_dates.in_scripts_on(parts["script"], found.values["published_local"]),
            "script",
            at,
        )
    moments.settle(found, url, page_dates.of_address(url))
    return found


FIGURES_MOST = 30
_SITE = ("og:site_name", "application-name", "publisher", "dc.publisher", "copyright")


def _parts(tree: HtmlElement) -> dict[str, list[HtmlElement]]:
    """The elements that say something of the page, in one pass."""
    parts: dict[str, list[HtmlElement]] = {
        "meta": [],
        "link": [],
        "script": [],
        "title": [],
        "h1": [],
        "h2": [],
    }
    for element in tree.iter(*parts):
        parts[element.tag].append(element)
    return parts


# ---- JSON-LD


def _from_json_ld(found: Stated, node: dict[str, Any], url: str, at: str) -> None:
    source = "json-ld"
    found.offer(
        "headline",
        plain(next(iter(jsonld.texts(node.get("headline") or node.get("name"))), "")),
        source,
    )
    found.offer(
        "publisher", plain(next(iter(jsonld.texts(node.get("publisher"))), "")), source
    )
    persons, houses = jsonld.people(
        node.get("author") or node.get("creator"), found.objects
    )
    found.offer("authors", persons, source)
    found.offer("house", houses, source)
    for name, key in (("published", "datePublished"), ("modified", "dateModified")):
        found.offer_time(name, next(iter(jsonld.texts(node.get(key))), ""), source, at)
    found.offer(
        "language",
        language(next(iter(jsonld.texts(node.get("inLanguage"))), "")),
        source,
    )
    found.offer("sections", names(jsonld.texts(node.get("articleSection"))), source)
    keywords = jsonld.texts(node.get("keywords"))
    found.offer(
        "tags",
        names(keywords[0].split(",") if len(keywords) == 1 else keywords),
        source,
    )
    picture = node.get("image") or node.get("thumbnailUrl")
    found.offer("image", absolute(jsonld.image(picture), url), source)
    found.offer("caption", plain(jsonld.caption(picture)), source)
    found.offer(
        "description",
        plain(next(iter(jsonld.texts(node.get("description"))), ""), 5_000),
        source,
    )


def _languages(found: Stated, tree: HtmlElement, metas: dict[str, list[str]]) -> None:
    root = tree.getroottree().getroot()
    stated = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang")
        or ""
    )
    if language(stated):
        found.choose("language", language(stated), "html")
    locale = first(metas, "og:locale", "content-language", "dc.language", "language")
    found.offer("language", language(locale), "meta")
    found.values["locale"] = f"{stated} {locale}"


# ---- what is seen


def _from_page(
    found: Stated,
    tree: HtmlElement,
    headings: list[HtmlElement],
    titles: tuple[str, ...],
    url: str,
    at: str,
) -> None:
    """What the page only shows: looked for where something is missing, around the headline, then everywhere."""
    if not _lacks(found, url):
        return
    american = _american(found.values["locale"], url)
    around = candidates.near(headings, titles)
    if around is not None:
        _from_seen(found, around, american, url, at)
    nobody, undated = "authors" not in found.values, "published" not in found.values
    if around is None or nobody or undated:
        frame = around.frame if around is not None else frozenset()
        _from_seen(
            found,
            candidates.everywhere(tree, frame, nobody, undated),
            american,
            url,
            at,
        )


def _lacks(found: Stated, url: str) -> bool:
    published, local = (
        found.values.get("published", ""),
        found.values.get("published_local", ""),
    )
    if "authors" not in found.values or _only_handles(found) or len(published) <= 10:
        return True
    zone = zones.zone_of(url, "") if local.endswith("Z") else None
    return zone is not None and not zones.is_utc(
        zone
    )  # local times are given out as UTC


def _only_handles(found: Stated) -> bool:
    return all(map(is_handle, found.values.get("authors", ())))


def _from_seen(
    found: Stated, page: candidates.Seen, american: bool, url: str, at: str
) -> None:
    spots = page_dates.spots(page, at, american)
    for spot in spots:
        found.offer_time(
            "modified" if spot.modified else "published", spot.text, spot.source, at
        )
    if _only_handles(found):
        places = [spot.place for spot in spots[:3]] if page.headline >= 0 else []
        names = byline.find(page) or byline.beside(page, places)
        people = tuple(name for name in names if _is_author(found, name, url))
        if (
            "authors" in found.values
            and people
            and _fuller(found.values["authors"], people)
        ):
            found.choose("authors", people, "text")
        found.offer("authors", people, "text")
        found.offer("house", names, "text")


def _fuller(held: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether these are full names of those that are held by first name or account."""
    if len(names) != len(held) or any(map(is_handle, names)):
        return False
    words = {word for name in names for word in name.casefold().split()}
    return all(one.casefold() in words or not one.istitle() for one in held)


def _american(locale: str, url: str) -> bool:
    """Whether ``3/4/2020`` is the fourth of March."""
    if re.search(r"en[-_]US", locale, re.IGNORECASE):
        return True
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return (
        locale.strip()[:2].lower() == "en"
        and host.endswith((".com", ".org", ".net", ".us", ".gov", ".edu"))
        and "-" not in locale
    )


def _labels(found: Stated, tree: HtmlElement) -> None:
    """Sections and tags, where only links say them."""
    if "sections" in found.values and "tags" in found.values:
        return
    links = candidates.labels(tree)
    for name, rels in (("sections", ("category", "category tag")), ("tags", ("tag",))):
        if name not in found.values:
            own = [
                one for one in links if (one.get("rel") or "").strip().lower() in rels
            ]
            found.offer(
                name, names(line(one.text_content(), 100) for one in own[:MOST]), "text"
            )


def _caption(found: Stated, tree: HtmlElement) -> None:
    """What stands under the lead image, where the page shows it."""
    name = found.values.get("image", "").partition("?")[0].rpartition("/")[2]
    if "caption" not in found.values and len(name) > 4:
        for figure in islice(tree.iter("figure"), FIGURES_MOST):
            text = next(
                (
                    candidates.short_text(one, 1_000)
                    for one in figure.iter("figcaption")
                ),
                "",
            )
            if text and any(
                name in value
                for one in islice(figure.iter("img", "source"), 5)
                for value in one.values()
            ):
                return found.offer("caption", text, "text")
    found.offer(
        "caption",
        plain(first(found.metas, "og:image:alt", "twitter:image:alt")),
        "meta",
    )
    return None


def _rel(link: HtmlElement) -> list[str]:
    return str(link.get("rel") or "").lower().split()


def _aliases(
    links: list[HtmlElement], metas: dict[str, list[str]], url: str, canonical: str
) -> tuple[str, ...]:
    """Other addresses that the page names for itself."""
    named = [
        absolute(one.get("href"), url)
        for one in links
        if {"amphtml", "shortlink"} & set(_rel(one))
    ]
    named.append(absolute(first(metas, "og:url"), url))
    return tuple(dict.fromkeys(one for one in named if one and one != canonical))[:10]


def _people_of_the_site(found: Stated, url: str) -> None:
    """The site's own name is no author, nor is its newsroom; it stays where there is no other, as ``house``."""
    stated = found.values.get("authors", ())
    others = tuple(name for name in stated if _is_author(found, name, url))
    if others:
        found.values["authors"] = others
    elif stated:
        found.offer("house", found.values.pop("authors"), found.sources.pop("authors"))


def _is_author(found: Stated, name: str, url: str) -> bool:
    return is_person(name) and not is_site(
        name, [*found.values["sites"], *found.values.get("house", ())], url
    )


# ---- what is dear


def complete(
    tree: HtmlElement,
    stated: Stated,
    text: str,
    rules: Rules,
    url: str,
    at: str,
    known: tuple[str, ...],
) -> None:
    """What is dear, and only asked for where nothing else says it. ``known``: fields that the feed states."""
    found = stated.values
    if "published" not in found and "published" not in known:
        _guess_day(tree, stated, url, at, bool(text))
        moments.settle(stated, url, page_dates.of_address(url))
    stated.offer("authors", found.get("house"), stated.sources.get("house", ""))
    stated.offer("language", rules.language, "settings")
    if "language" not in found and len(text) >= 100:
        stated.offer("language", _guesslanguage(text), "text")


def _guess_day(
    tree: HtmlElement, stated: Stated, url: str, at: str, thorough: bool
) -> None:
    """Where nothing states the day: the address, the page's scripts, when it was changed, then a search of its text."""
    body = tree.find("body")
    for find, source in (
        (lambda: page_dates.of_address(url), "url"),
        (lambda: page_dates.in_scripts(tree.iter("script")), "script"),
        # What was changed was published, and that day is the best that is known.
        (lambda: stated.values.get("modified_local", ""), "modified"),
        (lambda: _htmldate(tree, url, at), "text"),
        (
            lambda: (
                page_dates.in_text(body, at) if body is not None and thorough else ""
            ),
            "text",
        ),
        (lambda: page_dates.of_address(stated.values.get("image", "")), "image"),
    ):
        if stated.offer_time("published", find(), source, at):
            return


def _htmldate(tree: HtmlElement, url: str, at: str) -> str:
    from htmldate import find_date

    try:
        day = find_date(
            candidates.without_apart(tree),
            url=url or None,
            original_date=True,
            extensive_search=False,
            max_date=at[:10],
        )
    except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError):
        return ""
    return (
        day if day and not day.endswith("-01-01") else ""
    )  # made of nothing but a year


def _guesslanguage(text: str) -> str:
    import py3langid

    return str(py3langid.classify(text[:5_000])[0])
