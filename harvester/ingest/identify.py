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
from harvester.archive.records.addresses import PageAddress
from harvester.identity import same_article, url_variants, urls, wording
from harvester.model import Extract, Outcome

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import FetchedPage

CLAIMED_KINDS = ("canonical", "alias")
MAX_UNCERTAIN_REDIRECTS = (
    3  # addresses without a title that may lead to one article by redirects
)
MIN_CATCH_ALL_ARTICLES = 2  # articles of an outlet with one text; under a third title it is the outlet's answer to everything
BACKFILL_BATCH_SIZE = 20_000  # rows of an older program completed at a time


@dataclass(frozen=True, slots=True)
class Identification:
    """``key``: the article that a page is; ``reason``: why it is none, although it was received."""

    key: str | None = None
    outcome: Outcome | None = None
    reason: str = ""


def page_addresses(
    keeper: Keeper, page: FetchedPage, extract: Extract
) -> tuple[PageAddress, ...]:
    """The addresses of a page, best first."""
    outlet, capture = keeper.outlet(page.visit.outlet), page.capture
    guid = (
        page.entry["guid"]
        if page.entry is not None and urls.wordpress_id(page.entry["guid"])
        else ""
    )
    return _collect_addresses(
        page.visit.url,
        capture.reached or page.visit.url,
        tuple(hop.url for hop in capture.redirects),
        extract.url or "",
        tuple(extract.aliases),
        guid,
        outlet.home,
        tuple(outlet.keep_params),
    )


@lru_cache(maxsize=16)  # asked for at each step of a page's way
def _collect_addresses(
    requested_url: str,
    reached: str,
    hops: tuple[str, ...],
    canonical: str,
    aliases: tuple[str, ...],
    guid: str,
    home: str,
    keep_params: tuple[str, ...],
) -> tuple[PageAddress, ...]:
    """``guid``: only where it is an address by a number of WordPress."""
    reached, asked = (
        urls.normalise_url(reached, keep_params),
        urls.normalise_url(requested_url, keep_params),
    )
    found: list[tuple[str, str]] = []
    canonical = urls.normalise_url(canonical, keep_params) if canonical else ""
    if canonical and urls.is_plausible_canonical(canonical, reached, home):
        found.append((canonical, "canonical"))
    found.append((reached, "reached" if reached != asked else "entry"))
    found.append((asked, "redirect" if hops else "entry"))
    found += [(urls.normalise_url(hop, keep_params), "redirect") for hop in hops]
    for alias in aliases:
        one = urls.normalise_url(alias, keep_params)
        if one and urls.is_plausible_canonical(one, reached, home):
            found.append((one, "alias"))
    if (
        guid
        and (one := urls.normalise_url(guid))
        and urls.site(one) == urls.site(reached)
    ):
        found.append((one, "alias"))
    here = urls.url_key(reached, keep_params)
    seen: dict[str, PageAddress] = {}
    for each, kind in found:
        if (
            each
            and not urls.is_front_page(each, home)
            and (address := urls.url_key(each, keep_params)) not in seen
        ):
            seen[address] = PageAddress(
                address,
                each,
                kind,
                address == here,
                url_variants.variant_key(each),
                url_variants.outlet_article_id(each),
            )
    return tuple(seen.values())


def identify_article(
    keeper: Keeper, page: FetchedPage, extract: Extract
) -> Identification:
    """Which article that is held this page is."""
    connection, places = keeper.connection, page_addresses(keeper, page, extract)
    rows = addresses.get_addresses(connection, [one.address for one in places])
    for place in sorted(places, key=lambda one: not one.stood):
        row = rows.get(place.address)
        if row is None:
            continue
        if place.stood and row["stood"]:
            return _identify_redirect_target(keeper, page, extract, row["article"])
        if matches_article(connection, row["article"], extract):
            return Identification(row["article"])
        if place.stood:
            addresses.revert_article_url(connection, place.address)
        elif place.kind == "canonical" and not row["stood"]:
            addresses.mark_address_shared(connection, place.address)
    hint = page.entry["article"] if page.entry is not None else None
    if (
        hint is not None
        and (hint := addresses.get_current_key(connection, hint))
        and matches_article(connection, hint, extract)
    ):
        return Identification(hint)
    key = _find_related_article(keeper, page, extract, places)
    if key is None and any(
        one.stood and _awaits_first_page(connection, one, page.now) for one in places
    ):
        return Identification(
            None,
            Outcome.WAITING,
            "a further page of something that is to be read first",
        )
    return (
        Identification(key) if key else _identify_catch_all_page(keeper, page, extract)
    )


def _identify_redirect_target(
    keeper: Keeper, page: FetchedPage, extract: Extract, key: str
) -> Identification:
    """The page stands where an article does. Reached by a redirect, it must also be what was announced."""
    known = page.entry is not None and page.entry["article"] == key
    story = url_variants.outlet_article_id(page.visit.url)
    if (
        not page.capture.redirects
        or known
        or (story and story == url_variants.outlet_article_id(page.capture.reached))
    ):
        return Identification(key)
    agrees = _matches_announcement(page, extract)
    if (
        agrees is not False
    ):  # a few may lead there that say too little, or say it in other words
        title = page.entry["title"] if page.entry is not None else ""
        most = MAX_UNCERTAIN_REDIRECTS if agrees is None else 1
        agrees = (
            same_article.is_same_headline(title, extract.title)
            or addresses.count_redirects(keeper.connection, key, most) < most
        )
    return (
        Identification(key)
        if agrees
        else Identification(None, Outcome.GONE, f"redirects to another article, {key}")
    )


def _matches_announcement(page: FetchedPage, extract: Extract) -> bool | None:
    """Whether the page is what the entry's title, or where it has none the words of its address, announced."""
    title = page.entry["title"] if page.entry is not None else ""
    asked = page.visit.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return same_article.matches_announcement(
        title or asked.replace("-", " "), extract.title, extract.text
    )


def matches_article(connection: sqlite3.Connection, key: str, extract: Extract) -> bool:
    """Whether a page reads like an article that is held, in one of its last wordings."""
    rows = addresses.list_recent_versions(connection, key)
    return any(
        same_article.is_same_article(
            extract.title, extract.text, row["title"], row["text"]
        )
        for row in rows
    )


def _find_related_article(
    keeper: Keeper, page: FetchedPage, extract: Extract, places: Sequence[PageAddress]
) -> str | None:
    """The article that stands at another form of the page's address, or under its number, or has its very text there."""
    connection = keeper.connection
    here = next((one for one in places if one.stood), None)
    if here is None:
        return None
    rows = addresses.list_related_addresses(connection, page.visit.outlet, here)
    for key in dict.fromkeys(row["article"] for row in rows):
        if matches_article(connection, key, extract):
            return str(key)
    if url_variants.is_further_page(
        here.url
    ):  # a gallery's next picture, an article's next page
        first = addresses.get_address(
            connection, urls.url_key(url_variants.first_page_url(here.url))
        )
        if first is not None and first["kind"] != "shared":
            titles = [
                one["title"]
                for one in addresses.list_recent_versions(connection, first["article"])
            ]
            if any(same_article.is_same_headline(extract.title, one) for one in titles):
                return str(first["article"])
    if not addresses.has_address_with_path(connection, here.tail.partition("?")[0]):
        return None
    text = _text_digest(extract.title, extract.text, extract.authors)
    for row in addresses.list_articles_with_text(connection, page.visit.outlet, text):
        if (
            _differs_only_in_tracking_params(here.url, row["url"])
            and _matches_announcement(page, extract) is not False
        ):
            return str(row["article"])
    return None


def _awaits_first_page(
    connection: sqlite3.Connection, place: PageAddress, now: str
) -> bool:
    """Whether a page is a further one of something that was announced as well, and is to be fetched now."""
    return url_variants.is_further_page(place.url) and addresses.is_page_due(
        connection, urls.url_key(url_variants.first_page_url(place.url)), now
    )


@lru_cache(maxsize=8)
def _text_digest(title: str, text: str, authors: tuple[str, ...]) -> str:
    return wording.wording_and_text_digests(title, text, authors)[1]


def _differs_only_in_tracking_params(url: str, other_url: str) -> bool:
    """Whether two addresses differ in parameters that look like a visit's, not like a page's number."""
    base, _, query = url.partition("?")
    other_base, _, other_query = other_url.partition("?")
    differing = set(query.split("&")) ^ set(other_query.split("&"))
    values = [pair.partition("=")[2] for pair in differing if pair]
    return base == other_base and all(
        not value.isdigit() or len(value) > 12 for value in values
    )


def _identify_catch_all_page(
    keeper: Keeper, page: FetchedPage, extract: Extract
) -> Identification:
    """A page under a third title, with a text that the outlet shows at other addresses already, is no article of its own."""
    if page.entry is None or _matches_announcement(page, extract) is not False:
        return Identification()
    text = _text_digest(extract.title, extract.text, extract.authors)
    rows = addresses.list_articles_with_text(
        keeper.connection, page.visit.outlet, text, MIN_CATCH_ALL_ARTICLES
    )
    if len(rows) < MIN_CATCH_ALL_ARTICLES:
        return Identification()
    return Identification(
        None,
        Outcome.FAILED,
        f"shows the text of other articles ({rows[0]['article']} …), not what was announced",
    )


def record_addresses(
    keeper: Keeper, page: FetchedPage, extract: Extract, key: str
) -> list[str]:
    """Remember all addresses of a page; returns those that are its article's, normalised and without scheme."""
    connection, places = keeper.connection, page_addresses(keeper, page, extract)
    found = []
    for place in places:
        if place.kind in CLAIMED_KINDS and not place.stood:
            row = addresses.get_address(connection, place.address)
            if row is not None and (row["kind"] == "shared" or row["article"] != key):
                continue
        elif place.stood:
            row = addresses.get_address(connection, place.address)
            if row is not None and row["article"] != key and not row["stood"]:
                addresses.revert_article_url(connection, place.address)
        if addresses.add_address(connection, place, key, page.now):
            found.append(place.address)
    return found


def make_article_key(
    keeper: Keeper, page: FetchedPage, extract: Extract
) -> tuple[str, str]:
    """The key of a new article, and the address it is shown with: the best of its addresses that no other article has."""
    connection, outlet = keeper.connection, keeper.outlet(page.visit.outlet)
    reached = urls.normalise_url(
        page.capture.reached or page.visit.url, outlet.keep_params
    )
    free = [
        one.url
        for one in page_addresses(keeper, page, extract)
        if addresses.get_address(connection, one.address) is None
    ]
    canonical = free[0] if free else reached
    key = urls.article_key(canonical, outlet.keep_params)
    if addresses.has_article_key(connection, key):  # another claimed its address before
        canonical, key = reached, urls.article_key(reached, outlet.keep_params)
    count = 1
    while addresses.has_article_key(connection, key):
        count += 1
        key = urls.numbered_article_key(canonical, count, outlet.keep_params)
    return key, canonical


def find_current_address(keeper: Keeper, page: FetchedPage, key: str) -> dict[str, Any]:
    """An article that was announced at another address than the one it is asked at: where the outlet shows it now."""
    outlet = keeper.outlet(page.visit.outlet)
    reached = urls.normalise_url(
        page.capture.reached or page.visit.url, outlet.keep_params
    )
    row = articles.get_article(keeper.connection, key)
    if row is None or row["reached"] == reached or url_variants.is_url_variant(reached):
        return {}
    moved = page.entry is not None and page.entry["article"] == key
    elsewhere = url_variants.is_url_variant(row["reached"]) or urls.site(
        row["reached"]
    ) != urls.site(reached)
    return (
        {"reached": reached, "site": urls.site(reached)} if moved or elsewhere else {}
    )


def reread_from_first_page(
    keeper: Keeper, page: FetchedPage, extract: Extract, key: str
) -> None:
    """An article of which only a further page was read, now from its first: no edit."""
    row = articles.get_article(keeper.connection, key)
    reached = page.capture.reached or page.visit.url
    if (
        row is None
        or row["versions"] > 1
        or not url_variants.is_further_page(row["reached"])
        or url_variants.is_further_page(reached)
    ):
        return
    (current,) = articles.list_versions(keeper.connection, key)
    name, text = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    articles.update_version(keeper.connection, current["id"], extract, name, text)
    rules = keeper.outlet(row["outlet"]).rules.fingerprint
    reading = articles.add_reading(
        keeper.connection,
        key,
        current["id"],
        page.capture_id,
        extract,
        "page",
        rules,
        name,
        page.now,
    )
    articles.update_article(
        keeper.connection, key, capture=page.capture_id, reading=reading
    )


def find_later_address(keeper: Keeper, article: sqlite3.Row) -> dict[str, Any]:
    """An article gone from where it was asked, that was received at another address since: it is asked there next."""
    outlet = keeper.outlet(article["outlet"])
    url = addresses.find_later_address(
        keeper.connection,
        article["key"],
        urls.url_key(article["reached"], outlet.keep_params),
    )
    return {"reached": url, "site": urls.site(url)} if url else {}


def backfill(connection: sqlite3.Connection) -> None:
    """Complete addresses that an older program wrote, a part at a time."""
    rows = addresses.list_incomplete_addresses(connection, BACKFILL_BATCH_SIZE)
    addresses.update_address_parts(
        connection,
        [
            (
                url_variants.variant_key(row["url"]) or "/",
                url_variants.outlet_article_id(row["url"]),
                row["address"],
            )
            for row in rows
        ],
    )
