"""Which article a page is: by the addresses it was received at, by those it names, by the outlet's own numbers in them.

An address where a page was really received names its article. What a page merely says of itself (canonical, alias), what a
redirect leads to, and what looks like another form of an address name it only where the words agree
(``identity.sameness``): templates claim one canonical address for everything, and broken sites answer every address with
one page. Such a site swallows nothing. Different texts are never one article.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harvester.archive.records import addresses, articles
from harvester.archive.records.addresses import Place
from harvester.identity import same_article, url_variants, urls, wording
from harvester.model import Extract, Outcome

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import Page

CLAIMS = ("canonical", "alias")
LED = 3  # addresses without a title that may lead to one article by redirects
SHOWN = 2  # articles of an outlet with one text; under a third title it is the outlet's answer to everything
FILLED = 20_000  # rows of an older program completed at a time


@dataclass(frozen=True, slots=True)
class Found:
    """``key``: the article that a page is; ``reason``: why it is none, although it was received."""

    key: str | None = None
    outcome: Outcome | None = None
    reason: str = ""


def named(keeper: Keeper, page: Page, extract: Extract) -> tuple[Place, ...]:
    """The addresses of a page, best first."""
    outlet, capture = keeper.outlet(page.visit.outlet), page.capture
    guid = (
        page.entry["guid"]
        if page.entry is not None and urls.wordpress_id(page.entry["guid"])
        else ""
    )
    return _named(
        page.visit.url,
        capture.reached or page.visit.url,
        tuple(hop.url for hop in capture.hops),
        extract.url or "",
        tuple(extract.aliases),
        guid,
        outlet.home,
        tuple(outlet.keep_params),
    )


@lru_cache(maxsize=16)  # asked for at each step of a page's way
def _named(
    url: str,
    reached: str,
    hops: tuple[str, ...],
    canonical: str,
    aliases: tuple[str, ...],
    guid: str,
    home: str,
    keep: tuple[str, ...],
) -> tuple[Place, ...]:
    """``guid``: only where it is an address by a number of WordPress."""
    reached, asked = urls.normalise(reached, keep), urls.normalise(url, keep)
    found: list[tuple[str, str]] = []
    canonical = urls.normalise(canonical, keep) if canonical else ""
    if canonical and urls.believable(canonical, reached, home):
        found.append((canonical, "canonical"))
    found.append((reached, "reached" if reached != asked else "entry"))
    found.append((asked, "redirect" if hops else "entry"))
    found += [(urls.normalise(hop, keep), "redirect") for hop in hops]
    for alias in aliases:
        one = urls.normalise(alias, keep)
        if one and urls.believable(one, reached, home):
            found.append((one, "alias"))
    if guid and (one := urls.normalise(guid)) and urls.site(one) == urls.site(reached):
        found.append((one, "alias"))
    here = urls.address(reached, keep)
    seen: dict[str, Place] = {}
    for each, kind in found:
        if (
            each
            and not urls.is_front(each, home)
            and (address := urls.address(each, keep)) not in seen
        ):
            seen[address] = Place(
                address,
                each,
                kind,
                address == here,
                url_variants.tail(each),
                url_variants.story(each),
            )
    return tuple(seen.values())


def identify(keeper: Keeper, page: Page, extract: Extract) -> Found:
    """Which article that is held this page is."""
    connection, places = keeper.connection, named(keeper, page, extract)
    rows = addresses.held(connection, [one.address for one in places])
    for place in sorted(places, key=lambda one: not one.stood):
        row = rows.get(place.address)
        if row is None:
            continue
        if place.stood and row["stood"]:
            return _led(keeper, page, extract, row["article"])
        if reads_like(connection, row["article"], extract):
            return Found(row["article"])
        if place.stood:
            addresses.lose(connection, place.address)
        elif place.kind == "canonical" and not row["stood"]:
            addresses.disown(connection, place.address)
    hint = page.entry["article"] if page.entry is not None else None
    if (
        hint is not None
        and (hint := addresses.key_now(connection, hint))
        and reads_like(connection, hint, extract)
    ):
        return Found(hint)
    key = _kin(keeper, page, extract, places)
    if key is None and any(
        one.stood and _before_its_first(connection, one, page.now) for one in places
    ):
        return Found(
            None,
            Outcome.WAITING,
            "a further page of something that is to be read first",
        )
    return Found(key) if key else _answer_to_everything(keeper, page, extract)


def _led(keeper: Keeper, page: Page, extract: Extract, key: str) -> Found:
    """The page stands where an article does. Reached by a redirect, it must also be what was announced."""
    known = page.entry is not None and page.entry["article"] == key
    story = url_variants.story(page.visit.url)
    if (
        not page.capture.hops
        or known
        or (story and story == url_variants.story(page.capture.reached))
    ):
        return Found(key)
    agrees = _as_announced(page, extract)
    if (
        agrees is not False
    ):  # a few may lead there that say too little, or say it in other words
        title = page.entry["title"] if page.entry is not None else ""
        most = LED if agrees is None else 1
        agrees = (
            same_article.one_headline(title, extract.title)
            or addresses.led_to(keeper.connection, key, most) < most
        )
    return (
        Found(key)
        if agrees
        else Found(None, Outcome.GONE, f"redirects to another article, {key}")
    )


def _as_announced(page: Page, extract: Extract) -> bool | None:
    """Whether the page is what the entry's title, or where it has none the words of its address, announced."""
    title = page.entry["title"] if page.entry is not None else ""
    asked = page.visit.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return same_article.announced(
        title or asked.replace("-", " "), extract.title, extract.text
    )


def reads_like(connection: sqlite3.Connection, key: str, extract: Extract) -> bool:
    """Whether a page reads like an article that is held, in one of its last wordings."""
    rows = addresses.wordings(connection, key)
    return any(
        same_article.one_article(extract.title, extract.text, row["title"], row["text"])
        for row in rows
    )


def _kin(
    keeper: Keeper, page: Page, extract: Extract, places: Sequence[Place]
) -> str | None:
    """The article that stands at another form of the page's address, or under its number, or has its very text there."""
    connection = keeper.connection
    here = next((one for one in places if one.stood), None)
    if here is None:
        return None
    rows = addresses.kin(connection, page.visit.outlet, here)
    for key in dict.fromkeys(row["article"] for row in rows):
        if reads_like(connection, key, extract):
            return str(key)
    if url_variants.further(
        here.url
    ):  # a gallery's next picture, an article's next page
        first = addresses.at(connection, urls.address(url_variants.first(here.url)))
        if first is not None and first["kind"] != "shared":
            titles = [
                one["title"] for one in addresses.wordings(connection, first["article"])
            ]
            if any(same_article.one_headline(extract.title, one) for one in titles):
                return str(first["article"])
    if not addresses.same_path(connection, here.tail.partition("?")[0]):
        return None
    text = _text_name(extract.title, extract.text, extract.authors)
    for row in addresses.with_text(connection, page.visit.outlet, text):
        if (
            _only_parameters(here.url, row["url"])
            and _as_announced(page, extract) is not False
        ):
            return str(row["article"])
    return None


def _before_its_first(connection: sqlite3.Connection, place: Place, now: str) -> bool:
    """Whether a page is a further one of something that was announced as well, and is to be fetched now."""
    return url_variants.further(place.url) and addresses.expected(
        connection, urls.address(url_variants.first(place.url)), now
    )


@lru_cache(maxsize=8)
def _text_name(title: str, text: str, authors: tuple[str, ...]) -> str:
    return wording.names(title, text, authors)[1]


def _only_parameters(one: str, other: str) -> bool:
    """Whether two addresses differ in parameters that look like a visit's, not like a page's number."""
    base, _, query = one.partition("?")
    other_base, _, other_query = other.partition("?")
    differing = set(query.split("&")) ^ set(other_query.split("&"))
    values = [pair.partition("=")[2] for pair in differing if pair]
    return base == other_base and all(
        not value.isdigit() or len(value) > 12 for value in values
    )


def _answer_to_everything(keeper: Keeper, page: Page, extract: Extract) -> Found:
    """A page under a third title, with a text that the outlet shows at other addresses already, is no article of its own."""
    if page.entry is None or _as_announced(page, extract) is not False:
        return Found()
    text = _text_name(extract.title, extract.text, extract.authors)
    rows = addresses.with_text(keeper.connection, page.visit.outlet, text, SHOWN)
    if len(rows) < SHOWN:
        return Found()
    return Found(
        None,
        Outcome.FAILED,
        f"shows the text of other articles ({rows[0]['article']} …), not what was announced",
    )


def add_all(keeper: Keeper, page: Page, extract: Extract, key: str) -> list[str]:
    """Remember all addresses of a page; returns those that are its article's, normalised and without scheme."""
    connection, places = keeper.connection, named(keeper, page, extract)
    found = []
    for place in places:
        if place.kind in CLAIMS and not place.stood:
            row = addresses.at(connection, place.address)
            if row is not None and (row["kind"] == "shared" or row["article"] != key):
                continue
        elif place.stood:
            row = addresses.at(connection, place.address)
            if row is not None and row["article"] != key and not row["stood"]:
                addresses.lose(connection, place.address)
        if addresses.add(connection, place, key, page.now):
            found.append(place.address)
    return found


def new_key(keeper: Keeper, page: Page, extract: Extract) -> tuple[str, str]:
    """The key of a new article, and the address it is shown with: the best of its addresses that no other article has."""
    connection, outlet = keeper.connection, keeper.outlet(page.visit.outlet)
    reached = urls.normalise(page.capture.reached or page.visit.url, outlet.keep_params)
    free = [
        one.url
        for one in named(keeper, page, extract)
        if addresses.at(connection, one.address) is None
    ]
    canonical = free[0] if free else reached
    key = urls.article_key(canonical, outlet.keep_params)
    if addresses.taken(connection, key):  # another claimed its address before
        canonical, key = reached, urls.article_key(reached, outlet.keep_params)
    count = 1
    while addresses.taken(connection, key):
        count += 1
        key = urls.further_key(canonical, count, outlet.keep_params)
    return key, canonical


def stands_now(keeper: Keeper, page: Page, key: str) -> dict[str, Any]:
    """An article that was announced at another address than the one it is asked at: where the outlet shows it now."""
    outlet = keeper.outlet(page.visit.outlet)
    reached = urls.normalise(page.capture.reached or page.visit.url, outlet.keep_params)
    row = articles.article(keeper.connection, key)
    if row is None or row["reached"] == reached or url_variants.is_form(reached):
        return {}
    moved = page.entry is not None and page.entry["article"] == key
    elsewhere = url_variants.is_form(row["reached"]) or urls.site(
        row["reached"]
    ) != urls.site(reached)
    return (
        {"reached": reached, "site": urls.site(reached)} if moved or elsewhere else {}
    )


def read_at_last(keeper: Keeper, page: Page, extract: Extract, key: str) -> None:
    """An article of which only a further page was read, now from its first: no edit."""
    row = articles.article(keeper.connection, key)
    reached = page.capture.reached or page.visit.url
    if (
        row is None
        or row["versions"] > 1
        or not url_variants.further(row["reached"])
        or url_variants.further(reached)
    ):
        return
    (current,) = articles.versions(keeper.connection, key)
    name, text = wording.names(extract.title, extract.text, extract.authors)
    articles.reread_version(keeper.connection, current["id"], extract, name, text)
    rules = keeper.outlet(row["outlet"]).rules.name
    reading = articles.add_reading(
        keeper.connection,
        key,
        current["id"],
        page.row,
        extract,
        "page",
        rules,
        name,
        page.now,
    )
    articles.change_article(keeper.connection, key, capture=page.row, reading=reading)


def stands_elsewhere(keeper: Keeper, row: sqlite3.Row) -> dict[str, Any]:
    """An article gone from where it was asked, that was received at another address since: it is asked there next."""
    outlet = keeper.outlet(row["outlet"])
    url = addresses.later_place(
        keeper.connection, row["key"], urls.address(row["reached"], outlet.keep_params)
    )
    return {"reached": url, "site": urls.site(url)} if url else {}


def fill(connection: sqlite3.Connection) -> None:
    """Complete addresses that an older program wrote, a part at a time."""
    rows = addresses.bare(connection, FILLED)
    addresses.fill(
        connection,
        [
            (
                url_variants.tail(row["url"]) or "/",
                url_variants.story(row["url"]),
                row["address"],
            )
            for row in rows
        ],
    )
