"""Which article a page is: by its addresses, and by the outlet's own numbers in them.

An address where a page was received names its article. What a page only says of itself
(canonical, alias), what a redirect leads to, and what looks like another form of an
address name it only where the texts agree (``identity.same_article``): templates claim
one canonical address for everything, and broken sites serve one page everywhere. Such a
site causes no false merges. Different texts are never one article.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harvester.archive.records import addresses, articles
from harvester.archive.records.addresses import AddressRow, PageAddress
from harvester.archive.records.articles import ArticleRow, ArticleUpdate
from harvester.identity import (
    same_article,
    url_sessions,
    url_variants,
    urls,
    wording,
)
from harvester.ingest.session import Session, make_reading
from harvester.ingest.visit import FetchedPage
from harvester.model import Extract, Outcome

CLAIMED_KINDS = ("canonical", "alias")
MAX_UNCERTAIN_REDIRECTS = 3  # to one article, from addresses without a title
# Articles of an outlet with one text: under a further title it is a catch-all page.
MIN_CATCH_ALL_ARTICLES = 2
BACKFILL_BATCH_SIZE = 20_000  # rows of an older program completed at once
MAX_PAGE_NUMBER_LENGTH = 12  # longer numbers in a query are times or visits


@dataclass(frozen=True, slots=True)
class Identification:
    """The key of the article that a page is, or why it is not an article."""

    key: str | None = None
    outcome: Outcome | None = None
    reason: str = ""


# ---- the addresses of a page


def page_addresses(
    session: Session, page: FetchedPage, extract: Extract
) -> tuple[PageAddress, ...]:
    """The addresses of a page, best first."""
    outlet, guid = session.outlet(page.visit.outlet), ""
    if page.entry is not None and urls.wordpress_id(page.entry.guid):
        guid = page.entry.guid
    return _collect_addresses(
        page.visit.url,
        page.final_url,
        tuple(hop.url for hop in page.capture.redirects),
        extract.url or "",
        tuple(extract.aliases),
        guid,
        outlet.home,
        tuple(outlet.keep_params),
    )


@lru_cache(maxsize=16)  # needed at several steps of handling a page
def _collect_addresses(
    requested_url: str,
    final_url: str,
    hops: tuple[str, ...],
    canonical: str,
    aliases: tuple[str, ...],
    guid: str,
    home: str,
    keep_params: tuple[str, ...],
) -> tuple[PageAddress, ...]:
    """``guid``: only where it is an address with a WordPress number."""
    requested = urls.normalise_url(requested_url, keep_params)
    reached = urls.normalise_url(final_url, keep_params)
    candidates: list[tuple[str, str]] = []
    canonical = urls.normalise_url(canonical, keep_params) if canonical else ""
    if canonical and urls.is_plausible_canonical(canonical, reached, home):
        candidates.append((canonical, "canonical"))
    received = [
        (reached, "reached" if reached != requested else "entry"),
        (requested, "redirect" if hops else "entry"),
    ]
    is_session = _leads_to_session(requested, reached)
    candidates += reversed(received) if is_session else received
    candidates += [(urls.normalise_url(hop, keep_params), "redirect") for hop in hops]
    for alias in aliases:
        url = urls.normalise_url(alias, keep_params)
        if url and urls.is_plausible_canonical(url, reached, home):
            candidates.append((url, "alias"))
    guid_url = urls.normalise_url(guid) if guid else ""
    if guid_url and urls.site(guid_url) == urls.site(reached):
        candidates.append((guid_url, "alias"))
    received_at = urls.url_key(reached, keep_params)
    by_address: dict[str, PageAddress] = {}
    for url, kind in candidates:
        if not url or urls.is_front_page(url, home):
            continue
        address = urls.url_key(url, keep_params)
        if address not in by_address:
            by_address[address] = PageAddress(
                address,
                url,
                kind,
                address == received_at,
                url_variants.variant_key(url_sessions.without_visit(url)),
                url_variants.outlet_article_id(url),
            )
    return tuple(by_address.values())


def _leads_to_session(requested: str, reached: str) -> bool:
    """Whether a redirect led to the same address in a session of this visit."""
    return not url_sessions.has_visit(requested) and (
        url_sessions.differ_only_in_visit(requested, reached)
    )


def lasting_url(page: FetchedPage, keep_params: tuple[str, ...]) -> str:
    """The URL at which to check the article of a page: where it was received.

    Not in a session that a redirect led to: the next one leads to another.
    """
    reached = urls.normalise_url(page.final_url, keep_params)
    requested = urls.normalise_url(page.visit.url, keep_params)
    return requested if _leads_to_session(requested, reached) else reached


# ---- which article a page is


def identify_article(
    session: Session, page: FetchedPage, extract: Extract
) -> Identification:
    """Which stored article a page is; neither key nor outcome where it is a new one."""
    connection = session.connection
    candidates = page_addresses(session, page, extract)
    rows = addresses.get_addresses(
        connection, [candidate.address for candidate in candidates]
    )
    for candidate in sorted(candidates, key=lambda candidate: not candidate.stood):
        row = rows.get(candidate.address)
        if row is None:
            continue
        if candidate.stood and row.stood:
            return _identify_redirect_target(session, page, extract, row.article)
        if matches_article(connection, row.article, extract):
            return Identification(row.article)
        if candidate.stood:
            addresses.revert_article_url(connection, candidate.address)
        elif candidate.kind == "canonical" and not row.stood:
            addresses.mark_address_shared(connection, candidate.address)
    if page.entry is not None and page.entry.article is not None:
        key = addresses.get_current_key(connection, page.entry.article)
        if key and matches_article(connection, key, extract):
            return Identification(key)
    related = _find_related_article(session, page, extract, candidates)
    if related is not None:
        return Identification(related)
    if any(
        candidate.stood and _awaits_first_page(connection, candidate, page.now)
        for candidate in candidates
    ):
        return Identification(
            None,
            Outcome.WAITING,
            "a further page: the first one is read before it",
        )
    return _identify_catch_all_page(session, page, extract)


def _identify_redirect_target(
    session: Session, page: FetchedPage, extract: Extract, key: str
) -> Identification:
    """The page was received at an article's address.

    If a redirect led there, it must also be what was announced.
    """
    is_known = page.entry is not None and page.entry.article == key
    number = url_variants.outlet_article_id(page.visit.url)
    if (
        not page.capture.redirects
        or is_known
        or (number and number == url_variants.outlet_article_id(page.capture.reached))
    ):
        return Identification(key)
    agrees = _matches_announcement(page, extract)
    if agrees is not False:
        # A few may lead there that say too little, or say it in other words.
        title = page.entry.title if page.entry is not None else ""
        limit = MAX_UNCERTAIN_REDIRECTS if agrees is None else 1
        agrees = (
            same_article.is_same_headline(title, extract.title)
            or addresses.count_redirects(session.connection, key, limit) < limit
        )
    if agrees:
        return Identification(key)
    return Identification(None, Outcome.GONE, f"redirects to another article, {key}")


def _matches_announcement(page: FetchedPage, extract: Extract) -> bool | None:
    """Whether the page is what the title of its entry announced; None: it is unclear.

    Without a title, the words of its URL count.
    """
    title = page.entry.title if page.entry is not None else ""
    slug = page.visit.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return same_article.matches_announcement(
        title or slug.replace("-", " "), extract.title, extract.text
    )


def matches_article(connection: sqlite3.Connection, key: str, extract: Extract) -> bool:
    """Whether a page reads like one of a stored article's recent versions."""
    return any(
        same_article.is_same_article(extract.title, extract.text, title, text)
        for title, text in addresses.list_recent_versions(connection, key)
    )


def _find_related_article(
    session: Session,
    page: FetchedPage,
    extract: Extract,
    candidates: Sequence[PageAddress],
) -> str | None:
    """The article at another form of the address, with its number, or with its text."""
    connection = session.connection
    here = next((candidate for candidate in candidates if candidate.stood), None)
    if here is None:
        return None
    related = addresses.list_related_addresses(connection, page.visit.outlet, here)
    number = url_variants.page_number(here.url)
    by_kind = {  # of an article's other forms of the address, one is enough
        (row.article, url_variants.page_number(row.url) == number): row
        for row in reversed(related)
    }
    for row in reversed(by_kind.values()):
        if is_variant_of(connection, here, row, extract):
            return row.article
    first_page = _find_first_page(connection, here, candidates, extract)
    if first_page is not None:
        return first_page
    if not addresses.has_address_with_path(connection, here.tail.partition("?")[0]):
        return None
    text_digest = _text_digest(extract.title, extract.text, extract.authors)
    for key, url in addresses.list_articles_with_text(
        connection, page.visit.outlet, text_digest
    ):
        if (
            _differs_only_in_tracking_params(here.url, url)
            and _matches_announcement(page, extract) is not False
        ):
            return key
    return None


def is_variant_of(
    connection: sqlite3.Connection,
    here: PageAddress,
    row: AddressRow,
    extract: Extract,
) -> bool:
    """Whether a page is the article at another form of its address.

    Addresses that differ in a page number are as often those of two articles: one must
    have all that the other has, so that no words are lost. So are those that differ in
    what looks like a session.
    """
    if not matches_article(connection, row.article, extract):
        return False
    if url_sessions.differ_only_in_visit(here.url, row.url):
        return _is_same_at_another_visit(connection, row.article, extract)
    if url_variants.page_number(here.url) == url_variants.page_number(row.url):
        return True
    return any(
        same_article.contains_text(extract.text, text)
        for _, text in addresses.list_recent_versions(connection, row.article)
    )


def _is_same_at_another_visit(
    connection: sqlite3.Connection, key: str, extract: Extract
) -> bool:
    """Whether an article has the text of a page, or its headline and publication time.

    An outlet's own ids look like sessions, and texts made from one template alike.
    """
    text_digest = _text_digest(extract.title, extract.text, extract.authors)
    published = extract.published or ""
    for version in articles.list_versions(connection, key):
        if text_digest and version.text_sha256 == text_digest:
            return True
        if (
            "T" in published
            and version.published == published
            and same_article.is_same_headline(extract.title, version.title)
        ):
            return True
    return False


def _find_first_page(
    connection: sqlite3.Connection,
    here: PageAddress,
    candidates: Sequence[PageAddress],
    extract: Extract,
) -> str | None:
    """The article of which this is a further page: a gallery's next picture, say.

    Only if the pages themselves say so: the further one names the first as canonical,
    or the first one links to it as its next.
    """
    if not url_variants.is_further_page(here.url):
        return None
    first = addresses.get_address(
        connection, urls.url_key(url_variants.first_page_url(here.url))
    )
    if first is None or first.kind == "shared":
        return None
    claims = {
        candidate.address for candidate in candidates if candidate.kind in CLAIMED_KINDS
    }
    if first.address not in claims and not _leads_to(connection, first.article, here):
        return None
    for title, _ in addresses.list_recent_versions(connection, first.article):
        if same_article.is_same_headline(extract.title, title):
            return first.article
    return None


def _leads_to(
    connection: sqlite3.Connection, article_key: str, here: PageAddress
) -> bool:
    """Whether an article's pages lead to this one as a further page."""
    if addresses.is_read_as_further_page(connection, article_key, here.url):
        return True
    newest = articles.list_versions(connection, article_key)[-1]
    return bool(newest.unread_page) and (
        urls.url_key(urls.normalise_url(newest.unread_page)) == here.address
    )


def _awaits_first_page(
    connection: sqlite3.Connection, address: PageAddress, now: str
) -> bool:
    """Whether it is a further page of something that is to be fetched now as well."""
    return url_variants.is_further_page(address.url) and addresses.is_page_due(
        connection, urls.url_key(url_variants.first_page_url(address.url)), now
    )


@lru_cache(maxsize=8)
def _text_digest(title: str, text: str, authors: tuple[str, ...]) -> str:
    return wording.wording_and_text_digests(title, text, authors)[1]


def _differs_only_in_tracking_params(url: str, other_url: str) -> bool:
    """Whether URLs differ only in parameters of a visit, not in a page number."""
    base, _, query = url.partition("?")
    other_base, _, other_query = other_url.partition("?")
    differing = set(query.split("&")) ^ set(other_query.split("&"))
    values = [pair.partition("=")[2] for pair in differing if pair]
    return base == other_base and all(
        not value.isdigit() or len(value) > MAX_PAGE_NUMBER_LENGTH for value in values
    )


def _identify_catch_all_page(
    session: Session, page: FetchedPage, extract: Extract
) -> Identification:
    """A page that was not announced so, with a text that other addresses show already."""
    if page.entry is None:
        return Identification()
    text_digest = _text_digest(extract.title, extract.text, extract.authors)
    others = addresses.list_articles_with_text(
        session.connection, page.visit.outlet, text_digest, MIN_CATCH_ALL_ARTICLES
    )
    # Last: it reads the whole text, and few texts have others like them.
    if (
        len(others) < MIN_CATCH_ALL_ARTICLES
        or _matches_announcement(page, extract) is not False
    ):
        return Identification()
    first_key = others[0][0]
    return Identification(
        None,
        Outcome.FAILED,
        f"shows the text of other articles ({first_key} …), not what was announced",
    )


# ---- what follows for the archive


def record_addresses(
    session: Session, page: FetchedPage, extract: Extract, key: str
) -> list[str]:
    """Store all addresses of a page; returns those that belong to its article."""
    connection = session.connection
    own_addresses = []
    for candidate in page_addresses(session, page, extract):
        if candidate.stood:
            _end_claim_of_other(connection, candidate.address, key)
        elif candidate.kind in CLAIMED_KINDS and _is_of_other(
            connection, candidate.address, key
        ):
            continue
        if addresses.add_address(connection, candidate, key, page.now):
            own_addresses.append(candidate.address)
    return own_addresses


def _end_claim_of_other(connection: sqlite3.Connection, address: str, key: str) -> None:
    """Take an address where the page was received from whoever only claimed it."""
    row = addresses.get_address(connection, address)
    if row is not None and row.article != key and not row.stood:
        addresses.revert_article_url(connection, address)


def _is_of_other(connection: sqlite3.Connection, address: str, key: str) -> bool:
    """Whether a stored address does not belong to this article."""
    row = addresses.get_address(connection, address)
    return row is not None and (row.kind == "shared" or row.article != key)


def make_article_key(
    session: Session, page: FetchedPage, extract: Extract
) -> tuple[str, str]:
    """Key and URL of a new article: of the best address that no other article has."""
    connection = session.connection
    keep_params = session.outlet(page.visit.outlet).keep_params
    reached = urls.normalise_url(page.final_url, keep_params)
    free_urls = [
        candidate.url
        for candidate in page_addresses(session, page, extract)
        if addresses.get_address(connection, candidate.address) is None
    ]
    canonical = free_urls[0] if free_urls else reached
    key = urls.article_key(canonical, keep_params)
    if addresses.has_article_key(connection, key):  # another claimed its address before
        canonical, key = reached, urls.article_key(reached, keep_params)
    count = 1
    while addresses.has_article_key(connection, key):
        count += 1
        key = urls.numbered_article_key(canonical, count, keep_params)
    return key, canonical


def find_current_address(
    session: Session, page: FetchedPage, article: ArticleRow
) -> ArticleUpdate:
    """Where the outlet shows an article now, if it was announced at another address."""
    keep_params = session.outlet(page.visit.outlet).keep_params
    reached = lasting_url(page, tuple(keep_params))
    if article.reached == reached or url_variants.is_url_variant(reached):
        return ArticleUpdate()
    was_announced = page.entry is not None and page.entry.article == article.key
    is_elsewhere = url_variants.is_url_variant(article.reached) or (
        urls.site(article.reached) != urls.site(reached)
    )
    if was_announced or is_elsewhere:
        return ArticleUpdate(reached=reached, site=urls.site(reached))
    return ArticleUpdate()


def find_later_address(
    session: Session, article: ArticleRow, asked_url: str
) -> ArticleUpdate:
    """Where an article was received since it was last at the address that is gone."""
    keep_params = session.outlet(article.outlet).keep_params
    if url_sessions.differ_only_in_visit(asked_url, article.reached):
        return ArticleUpdate(reached=article.reached)  # a newer session is known
    url = addresses.find_later_address(
        session.connection,
        article.key,
        urls.url_key(article.reached, keep_params),
    )
    return ArticleUpdate(reached=url, site=urls.site(url)) if url else ArticleUpdate()


def is_at_another_visit(
    connection: sqlite3.Connection, key: str, url: str, new_url: str
) -> bool:
    """Whether an article's new URL is its old one, as made for another visit.

    By its form, or because the article was received at two URLs already that differ in
    the same parameters.
    """
    if url_sessions.differ_only_in_visit(url, new_url):
        return True
    names = url_sessions.differing_parameters(url, new_url)
    if not names:
        return False
    first, *others = addresses.list_article_urls(connection, key) or [""]
    return any(
        names <= url_sessions.differing_parameters(first, other) for other in others
    )


def reread_from_first_page(
    session: Session, page: FetchedPage, extract: Extract, article: ArticleRow
) -> None:
    """Show an article as its first page reads, if only a further one was read before."""
    if (
        article.versions > 1
        or not url_variants.is_further_page(article.reached)
        or url_variants.is_further_page(page.final_url)
    ):
        return
    connection = session.connection
    (current,) = articles.list_versions(connection, article.key)
    rules = session.rules_fingerprint(article.outlet)
    reading = make_reading(extract, "page", rules, page.capture_id, page.now)
    articles.update_version(connection, current.id, reading)
    reading_id = articles.add_reading(connection, article.key, current.id, reading)
    articles.update_article(
        connection,
        article.key,
        ArticleUpdate(capture=page.capture_id, reading=reading_id),
    )


def backfill(connection: sqlite3.Connection) -> None:
    """Complete addresses that an older program wrote, a batch at a time."""
    addresses.update_address_parts(
        connection,
        [
            (
                url_variants.variant_key(url_sessions.without_visit(url)) or "/",
                url_variants.outlet_article_id(url),
                address,
            )
            for address, url in addresses.list_incomplete_addresses(
                connection, BACKFILL_BATCH_SIZE
            )
        ],
    )
