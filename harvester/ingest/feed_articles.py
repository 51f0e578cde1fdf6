"""Articles that stand in a feed alone: entries with a text and no page of their own.

The address is a URN (``identity.urns``). Nothing is fetched for it, and it is never
checked: its versions are what the feed says, and each has the feed's capture. An entry
that the feed lists no longer is not a removal, as feeds list the newest only.
"""

from __future__ import annotations

from dataclasses import replace

from harvester.archive.records import addresses, articles, feeds
from harvester.archive.records.addresses import PageAddress
from harvester.archive.records.articles import ArticleRow, ArticleUpdate, NewArticle
from harvester.archive.records.feeds import EntryRow, EntryUpdate, FeedRow
from harvester.identity import urls, urns
from harvester.ingest import checks, pages, purged, revisits
from harvester.ingest.outcomes import ALREADY_STORED_REASON
from harvester.ingest.session import Session, make_reading
from harvester.ingest.visit import FetchedFeed, FetchedPage
from harvester.model import Capture, Extract, Outcome, Prepared, Visit

NO_FURTHER_PAGES = Prepared()  # nothing but the feed was read
ADDRESS_KIND = "entry"
ADDRESS_TAIL = "/"  # as ``identify.backfill`` gives it: there are no other forms of it


def store_entry_text(
    session: Session, page: FetchedFeed, entry_key: str, extract: Extract
) -> Outcome:
    """Store the article that an entry is by itself, as the feed states it now.

    The entry is stored already. Its outcome is that of its article when it was added.
    Returns what became of it at this poll.
    """
    fetched = _as_page(session, page, entry_key)
    entry, urn = fetched.entry, fetched.visit.url
    assert entry is not None
    extract = _complete(extract, entry, page.now)
    refusal = purged.refuse_text(session, fetched, extract)
    if refusal:
        return Outcome.REFUSED
    article = _find_article(session, entry, urn)
    if article is None:
        outcome, reason, key = _add_article(session, fetched, extract)
        update = EntryUpdate(outcome=outcome, reason=reason, article=key)
    else:
        outcome = Outcome.UNCHANGED
        if urns.is_urn(article.reached):
            outcome = _update_article(session, fetched, article, extract)
        update = EntryUpdate()
        if entry.article is None:
            update = EntryUpdate(
                outcome=Outcome.UNCHANGED,
                reason=ALREADY_STORED_REASON,
                article=article.key,
            )
    feeds.update_entry(session.connection, entry.key, update | EntryUpdate(due=None))
    return outcome


def redact_refused_text(
    session: Session, page: FetchedFeed, entry_key: str, extract: Extract
) -> None:
    """Plan to cut the words of a purged article, listed again, out of the capture."""
    fetched = replace(_as_page(session, page, entry_key), entry=None)
    purged.redact_entry_text(session, fetched, extract)


def _as_page(session: Session, page: FetchedFeed, entry_key: str) -> FetchedPage:
    """The entry as if it had been received at its address, with the feed's capture."""
    urn = urns.entry_urn(entry_key)
    return FetchedPage(
        Visit("entry", entry_key, urn, page.visit.outlet, ""),
        Capture(urn, urn, page.now, page.capture.status),
        page.capture_id,
        page.now,
        feeds.get_entry(session.connection, entry_key),
    )


def extend_sightings(session: Session, feed: FeedRow, now: str) -> None:
    """Record that a feed that has not changed still lists its articles."""
    for article_key in feeds.list_articles_without_url(
        session.connection, feed.url, feed.listed or now
    ):
        extend_sighting(session, article_key, now)


def extend_sighting(session: Session, article_key: str, now: str) -> None:
    """Record that the feed still lists an article, with the text that it had before."""
    connection = session.connection
    article = articles.get_article(connection, article_key)
    version_id = articles.get_current_version_id(connection, article_key)
    if article is None or version_id is None or not urns.is_urn(article.reached):
        return
    articles.add_sighting(connection, article_key, version_id, now)
    update = ArticleUpdate(
        last_seen=max(now, article.last_seen),
        looked=now,
        outcome=Outcome.UNCHANGED,
        reason="",
    )
    articles.update_article(connection, article_key, update)


def _complete(extract: Extract, entry: EntryRow, received_at: str) -> Extract:
    """The extract with the entry's title, authors, dates, tags and summary.

    A summary that only repeats how the text begins is left out.
    """
    extract = pages.complete_from_feed(extract, entry, received_at)
    if " ".join(extract.text.split()).startswith(extract.description[:200]):
        sources = {**extract.sources}
        sources.pop("description", None)
        extract = replace(extract, description="", sources=sources)
    return extract


def _find_article(session: Session, entry: EntryRow, urn: str) -> ArticleRow | None:
    key = entry.article or articles.get_article_key(session.connection, urn)
    return articles.get_article(session.connection, key) if key else None


def _add_article(
    session: Session, page: FetchedPage, extract: Extract
) -> tuple[Outcome, str, str]:
    """Add an article with its first version; returns outcome, reason and its key."""
    connection, now, urn = session.connection, page.now, page.visit.url
    key, outlet = urls.article_key(urn), page.visit.outlet
    reading = make_reading(
        extract, "feed", session.rules_fingerprint(outlet), page.capture_id, now
    )
    copy_of = articles.find_first_article_with_text(
        connection, reading.text_sha256, key
    )
    outcome, reason = Outcome.NEW, ""
    if copy_of is not None:
        outcome, reason = Outcome.DUPLICATE, f"has exactly the text of {copy_of}"
    articles.add_article(
        connection,
        NewArticle(
            key=key,
            url=urn,
            reached=urn,
            outlet=outlet,
            first_seen=now,
            last_seen=now,
            looked=now,
            born=revisits.age_start(extract.published, now),
            outcome=outcome,
            reason=reason,
            copy_of=copy_of,
        ),
    )
    version_id = articles.add_version(connection, key, 1, reading)
    reading_id = articles.add_reading(connection, key, version_id, reading)
    articles.update_article(connection, key, ArticleUpdate(reading=reading_id))
    articles.add_first_sighting(connection, key, version_id, now)
    address = PageAddress(urn, urn, ADDRESS_KIND, True, ADDRESS_TAIL, "")
    addresses.add_address(connection, address, key, now)
    return outcome, reason, key


def _update_article(
    session: Session, page: FetchedPage, article: ArticleRow, extract: Extract
) -> Outcome:
    """Compare what the feed says now with the stored versions; a difference is an edit."""
    stored = checks.load_stored(session, article)
    change = checks.decide_version_change(
        session, page, stored, extract, "feed", NO_FURTHER_PAGES, False
    )
    update = checks.store_version_change(session, page, change, NO_FURTHER_PAGES)
    is_edit = change.decision.kind in ("edited", "headline")
    outcome = Outcome.CHANGED if is_edit else Outcome.UNCHANGED
    articles.update_article(
        session.connection,
        article.key,
        update
        | ArticleUpdate(
            last_seen=max(page.now, article.last_seen),
            looked=page.now,
            outcome=outcome,
            reason="",
        ),
    )
    return outcome
