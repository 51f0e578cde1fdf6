"""Search the sites of dead feeds for others, without anybody who asks for it.

At most 15 requests a search, under the rules of a crawl and between two crawls; one
search of a feed's site a week. What is found is proposed, and not taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

from harvester.archive.connection import Archive, open_reader
from harvester.archive.records import articles, proposals
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.proposals import DeadFeed
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.daemon.discover import discover
from harvester.discovery.choice import choose_feeds
from harvester.discovery.proposal import Proposal, article_keys, choose_proposal
from harvester.errors import HarvesterError
from harvester.identity.urls import mask_secrets
from harvester.schedule.times import add_seconds
from harvester.settings import Settings

DEAD_SECONDS = 2 * 86_400.0  # failed for so long: somebody may mend it before
SEARCH_SECONDS = 7 * 86_400.0  # between two searches for one feed

log = logging.getLogger("harvester.daemon")


class SearchStoppedError(HarvesterError):
    """The program ends, or the search took too long: it is made another time."""


def find_proposal(
    settings: Settings, now: str, on_step: Callable[[str], None] = lambda url: None
) -> bool:
    """Search the site of one dead feed, if one is due; whether one was.

    Only while nobody else writes. ``on_step`` is called before each request, and may
    raise SearchStoppedError. Raises HarvesterError if the archive cannot be used.
    """
    with (
        translate_sqlite_errors(settings.archive),
        closing(open_reader(settings.archive)) as connection,
    ):
        dead = proposals.get_dead_feed(
            connection,
            add_seconds(now, -DEAD_SECONDS),
            add_seconds(now, -SEARCH_SECONDS),
        )
    if dead is None or dead.outlet not in settings.outlets:
        return False
    proposal = _search(settings, dead, now, on_step)
    with (
        translate_sqlite_errors(settings.archive),
        closing(Archive.open(settings.archive, settings.captures)) as archive,
    ):
        archive.begin()
        record = proposal.record() if proposal is not None else {}
        proposals.record_search(archive.connection, dead.url, record, now)
        if proposal is not None:
            articles.add_event(archive.connection, _event(dead, proposal))
        archive.commit()
    return True


def _search(
    settings: Settings, dead: DeadFeed, now: str, on_step: Callable[[str], None]
) -> Proposal | None:
    """What the site has in the place of a feed; None: nothing."""
    parts = urlsplit(dead.url)
    address = dead.home or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    try:
        search = discover(settings, address, now, on_step=on_step)
    except SearchStoppedError:
        raise
    except HarvesterError as error:
        log.warning("no feed was found in the place of a dead one: %s", error)
        return None
    language = search.page.language if search.page else ""
    choices = choose_feeds(search.feeds, language, now)
    with (
        translate_sqlite_errors(settings.archive),
        closing(open_reader(settings.archive)) as connection,
    ):
        known = proposals.list_known_addresses(
            connection, dead.outlet, article_keys(choices)
        )
    configured = [feed.url for feed in settings.outlets[dead.outlet].feeds]
    return choose_proposal(choices, dead.url, configured, known, now)


def _event(dead: DeadFeed, proposal: Proposal) -> NewEvent:
    note = (
        f"in its place: {mask_secrets(proposal.url)}, {proposal.entries} entries, "
        f"{proposal.known} of them known"
    )
    return NewEvent("feed found", dead.outlet, proposal.at, note, feed=dead.url)
