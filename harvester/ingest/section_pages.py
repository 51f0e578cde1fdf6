"""Section pages: what is known when one is read, and what the settings leave out of it.

Which links are articles is decided in ``section_links``, in a worker.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from harvester.archive.records import articles, feeds
from harvester.archive.records.feeds import EntryRow
from harvester.identity.urns import is_urn
from harvester.ingest import link_rules
from harvester.ingest.counts import VisitResult
from harvester.ingest.section_links import SectionHints
from harvester.ingest.session import Session
from harvester.model import Extract, Outcome, Prepared
from harvester.settings import Outlet

MAX_KNOWN_URLS = 300  # of the newest articles
# Kinds of pages that are no articles when a section page announces them: what it links
# to is guessed, while a feed says so.
OTHER_KINDS = ("index", "login", "error")


def hints_for(
    connection: sqlite3.Connection, outlet: Outlet, feed_url: str
) -> SectionHints:
    """What is known of an outlet's articles when one of its section pages is read."""
    known = articles.list_article_urls(connection, outlet.key, MAX_KNOWN_URLS)
    return SectionHints(
        known=tuple(url for url in known if not is_urn(url)),
        refused=tuple(feeds.list_refused_urls(connection, feed_url, MAX_KNOWN_URLS)),
        other_urls=(outlet.home, *(feed.url for feed in outlet.feeds)),
        keep_params=outlet.keep_params,
        is_ruled=bool(outlet.allow),
    )


def apply_rules(outlet: Outlet, prepared: Prepared | None) -> Prepared | None:
    """What was read of a section page without the links that the settings exclude.

    A feed's excluded entries are recorded; a page has hundreds of other links.
    """
    if prepared is None or prepared.feed is None or prepared.feed.kind != "page":
        return prepared
    if not outlet.allow and not outlet.deny:
        return prepared
    entries = tuple(
        entry
        for entry in prepared.feed.entries
        if not link_rules.refusal_reason(
            entry.url, outlet.key, outlet.allow, outlet.deny
        )
    )
    return replace(prepared, feed=replace(prepared.feed, entries=entries))


def refuse_other_page(
    session: Session, outlet: str, entry: EntryRow | None, extract: Extract
) -> VisitResult | None:
    """The result of a visit to what is no article, though it was taken for one.

    Only if a section page links to it, or a person named it: a feed knows its articles.
    """
    if extract.kind not in OTHER_KINDS:
        return None
    if entry is not None and not session.outlet(outlet).is_section_page(entry.feed):
        return None
    return VisitResult(
        Outcome.REFUSED, f"not an article: {extract.why or extract.kind}"
    )
