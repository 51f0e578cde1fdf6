"""What an answer for an article page means: which article it is, whether its words changed, whether it is gone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from harvester.archive.records import articles, feeds
from harvester.identity import url_variants, urls, wording
from harvester.ingest import (
    identify,
    interstitials,
    multipage,
    outcomes,
    publication_date,
    purged,
    revisits,
    unreadable,
)
from harvester.ingest.counts import VisitResult
from harvester.ingest.polls import ALREADY_STORED_REASON
from harvester.ingest.prepare import choose_reading, feed_share_on_page
from harvester.model import Capture, Extract, Outcome, Prepared, Statement, Visit
from harvester.schedule.backoff import backoff_seconds
from harvester.schedule.times import add_seconds

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper

# Of a page that fails, with back-off between them; then it waits for a sign of its feed, or for --force. An outlet may be down for
# days and its feed with it, so that nothing announces the page again; what was received and could not be read is not asked so often.
MAX_ATTEMPTS, MAX_UNREADABLE_ATTEMPTS = 14, 5
MIN_ATTEMPTS_TO_BELIEVE = 9  # tries, over some four hours, after which a page is what it says, however strange
KINDS_WITH_REASON = ("stub", "index")
REFUSED_RETRY_SECONDS = 86_400.0  # seconds until a page that we may not ask for is thought of again: robots.txt may change


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """One answer on its way into the archive."""

    visit: Visit
    capture: Capture
    capture_id: int | None  # of the capture
    now: str
    entry: sqlite3.Row | None
    digest: str = ""  # sha256 of the body
    page_count: int = 1  # that were read of the article


def handle_page(
    keeper: Keeper,
    visit: Visit,
    capture: Capture,
    capture_id: int | None,
    digest: str,
    prepared: Prepared | None,
    now: str,
    page_count: int = 1,
) -> VisitResult:
    """Keep what a visit to an entry or an article brought; ``pages``: how many of the article were read."""
    connection = keeper.connection
    if visit.kind == "entry":
        entry = feeds.get_entry(connection, visit.key)
    else:
        entry = feeds.get_announcing_entry(connection, visit.key)
    page = FetchedPage(visit, capture, capture_id, now, entry, digest, page_count)
    if visit.kind == "article":
        from harvester.ingest.checks import handle_check

        return handle_check(keeper, page, prepared)
    return _handle_first_visit(keeper, page, prepared)


def _handle_first_visit(
    keeper: Keeper, page: FetchedPage, prepared: Prepared | None
) -> VisitResult:
    """The first visit to an entry's address."""
    if (
        prepared is None
        and page.entry is not None
        and unreadable.is_known_unread(keeper.connection, page.visit, page.digest)
    ):
        feeds.update_entry(keeper.connection, page.visit.key, due=None)
        return VisitResult(Outcome.FAILED, page.entry["reason"])
    result, reason = find_failure(keeper, page, prepared)
    if result is not None and unreadable.is_unread(prepared):
        return _store_visible_text(keeper, page, prepared, reason)
    if result is not None:
        looked_at = prepared is not None and prepared.outcome is not None
        _record_failure(
            keeper,
            page,
            result,
            reason,
            MAX_UNREADABLE_ATTEMPTS if looked_at else MAX_ATTEMPTS,
        )
        return VisitResult(result, reason)
    assert prepared is not None
    picked = choose_reading(prepared)
    assert picked is not None
    if picked[1] == "page" and (reason := _implausible_reason(page, picked[0])):
        _record_failure(keeper, page, Outcome.FAILED, reason)
        return VisitResult(Outcome.FAILED, reason)
    extract, source = (
        complete_from_feed(picked[0], page.entry, page.capture.at),
        picked[1],
    )
    refused = purged.refuse_page(keeper, page, extract)
    if refused is not None:
        return refused
    found = identify.identify_article(keeper, page, extract)
    if found.outcome is not None:
        _record_failure(keeper, page, found.outcome, found.reason)
        if found.outcome is Outcome.WAITING:  # for another page of this very crawl
            feeds.update_entry(keeper.connection, page.visit.key, due=page.now)
        return VisitResult(found.outcome, found.reason)
    if found.key is not None:
        _link_entry(keeper, page, extract, found.key)
        return VisitResult(Outcome.UNCHANGED, ALREADY_STORED_REASON)
    result, reason, key = _add_article(keeper, page, extract, source, prepared)
    feeds.update_entry(
        keeper.connection,
        page.visit.key,
        outcome=result,
        reason=reason,
        article=key,
        due=None,
    )
    return VisitResult(result, reason)


def _store_visible_text(
    keeper: Keeper, page: FetchedPage, prepared: Prepared | None, reason: str
) -> VisitResult:
    """A page that could not be read, but for its visible words: an article of these, so that they are found; the visit has failed,
    and it is left alone until the extractor is another, or the page."""
    extract = prepared.extract if prepared is not None else None
    kept = VisitResult(Outcome.FAILED, reason)
    unreadable.record_unread(keeper.connection, page.entry, page.digest)
    key: str | None = None
    if extract is not None:
        extract = complete_from_feed(extract, page.entry, page.capture.at)
        refused = purged.refuse_page(keeper, page, extract)
        if refused is not None:
            return refused
        found = identify.identify_article(keeper, page, extract)
        if found.outcome is None and found.key is None and prepared is not None:
            _, _, key = _add_article(keeper, page, extract, "page", prepared)
            articles.update_article(
                keeper.connection, key, outcome=Outcome.FAILED, reason=reason
            )
    feeds.update_entry(
        keeper.connection,
        page.visit.key,
        outcome=Outcome.FAILED,
        reason=reason,
        article=key,
        due=None,
    )
    return kept


def _implausible_reason(page: FetchedPage, extract: Extract) -> str:
    """Why the page is not believed to be what was announced, as long as it has not been seen so for some hours."""
    if (
        page.entry is None
        or not page.entry["title"]
        or page.entry["attempts"] + 1 >= MIN_ATTEMPTS_TO_BELIEVE
    ):
        return ""
    return interstitials.unrelated_text_reason(page.entry["title"], "", extract)


def find_failure(
    keeper: Keeper, page: FetchedPage, prepared: Prepared | None
) -> tuple[Outcome | None, str]:
    """Why there is nothing to compare; (None, "") where there is."""
    capture, visit = page.capture, page.visit
    home = keeper.outlet(visit.outlet).home
    reached = capture.reached or visit.url
    if (
        capture.outcome is None
        and capture.status == 200
        and capture.redirects
        and urls.is_front_page(reached, home)
    ):
        return Outcome.GONE, "redirects to the front page"
    if (
        capture.outcome is None
        and not capture.truncated
        and capture.status == 200
        and prepared is not None
    ):
        instead, why = interstitials.interstitial_outcome(prepared.extract)
        carried = (
            visit.kind == "entry"
            and prepared.feed_extract is not None
            and bool(prepared.feed_extract.text)
        )
        if instead is not None and not carried:
            return instead, why
        if (
            prepared.outcome in (None, Outcome.EMPTY)
            and choose_reading(prepared) is not None
        ):
            return None, ""
    return outcomes.outcome_of_response(capture, prepared, visit.url)


def complete_from_feed(
    extract: Extract, entry: sqlite3.Row | None, received_at: str
) -> Extract:
    """What the page does not say, the feed may; but no publication that lies after ``at``, when the page was received."""
    if entry is None:
        return extract
    extra = feeds.parse_entry_extra(entry)
    sources = dict(extract.sources)
    given: dict[str, Any] = {}
    published = entry["published"]
    if published and publication_date.is_too_late(published, received_at):
        refused = Statement(
            "published", published, "feed", publication_date.TOO_LATE_REASON
        )
        extract = replace(extract, statements=(*extract.statements, refused))
        published = None
    wanted = {
        "title": entry["title"],
        "authors": tuple(extra.get("authors", ())),
        "published": published,
        "tags": tuple(extra.get("tags", ())),
        "description": entry["summary"],
    }
    for name, value in wanted.items():
        if value and not getattr(extract, name):
            given[name] = value
            sources[name] = "feed"
    if (
        published
        and extract.published
        and len(extract.published) == 10
        and days_between(extract.published, published) <= 1
    ):
        given["published"] = published  # the page states the day, the feed the minute
        sources["published"] = "feed"
    if "published" in given:
        given["published_local"] = extra.get("published_local") or given["published"]
    return replace(extract, **given, sources=sources) if given else extract


def days_between(first: str, second: str) -> int:
    """Days between two times."""
    from datetime import date

    return abs((date.fromisoformat(first[:10]) - date.fromisoformat(second[:10])).days)


def _link_entry(keeper: Keeper, page: FetchedPage, extract: Extract, key: str) -> None:
    """An entry whose page turned out to be an article that is held: another address of it. Its words are compared at the
    article's own look, which is made due, so that like is compared with like."""
    connection = keeper.connection
    held = identify.record_addresses(keeper, page, extract, key)
    feeds.resolve_waiting_entries(connection, held, key, ALREADY_STORED_REASON)
    feeds.update_entry(
        connection,
        page.visit.key,
        outcome=Outcome.UNCHANGED,
        reason=ALREADY_STORED_REASON,
        article=key,
        due=None,
    )
    identify.reread_from_first_page(keeper, page, extract, key)
    changed = identify.find_current_address(keeper, page, key)
    row = articles.get_article(connection, key)
    current = next(
        one
        for one in articles.list_versions(connection, key)
        if row is not None and one["number"] == row["version"]
    )
    if current["wording"] != wording.wording_digest(
        extract.title, extract.text
    ) and not url_variants.is_further_page(page.capture.reached):
        changed |= {"due": page.now, "prompted": 1}
    if changed:
        articles.update_article(connection, key, **changed)


def _add_article(
    keeper: Keeper,
    page: FetchedPage,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
) -> tuple[Outcome, str, str]:
    connection, now = keeper.connection, page.now
    outlet = keeper.outlet(page.visit.outlet)
    reached = urls.normalise_url(
        page.capture.reached or page.visit.url, outlet.keep_params
    )
    key, canonical = identify.make_article_key(keeper, page, extract)
    name, text = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )
    copy_of = articles.find_first_article_with_text(
        connection, text, key
    ) or _find_original_by_canonical(keeper, extract, reached)
    duplicate = articles.find_first_article_with_text(connection, text, key) is not None
    result = Outcome.DUPLICATE if duplicate else Outcome.NEW
    reason = (
        f"has exactly the text of {copy_of}" if duplicate else prepared.missing_reason
    )
    if not reason and extract.kind in KINDS_WITH_REASON:
        reason = extract.why
    articles.add_article(
        connection,
        {
            "key": key, "url": canonical, "reached": reached, "outlet": outlet.key, "site": urls.site(reached),
            "first_seen": now, "last_seen": now, "looked": now, **revisits.schedule_first_check(keeper, page, key, extract.published),
            "outcome": result, "reason": reason, "copy_of": copy_of, **validator_columns(page, extract),
        },
    )  # fmt: skip
    number = articles.add_version(
        connection, key, 1, extract, name, text, page.capture_id or 0, now
    )
    reading = articles.add_reading(
        connection,
        key,
        number,
        page.capture_id,
        extract,
        source,
        outlet.rules.fingerprint,
        name,
        now,
    )
    articles.update_article(connection, key, reading=reading)
    record_feed_comparison(keeper, page, prepared, key, number)
    articles.add_sighting(connection, key, number, now)
    feeds.resolve_waiting_entries(
        connection,
        identify.record_addresses(keeper, page, extract, key),
        key,
        ALREADY_STORED_REASON,
    )
    if copy_of is not None:
        _schedule_move_check(keeper, copy_of, outlet.key, now)
    return result, reason, key


def _schedule_move_check(keeper: Keeper, key: str, outlet: str, now: str) -> None:
    """The same words stand at another address of the same outlet: a look at the former one shows whether it leads there."""
    row = articles.get_article(keeper.connection, key)
    if row is not None and row["outlet"] == outlet:
        articles.update_article(keeper.connection, key, due=now, prompted=1)


def _find_original_by_canonical(
    keeper: Keeper, extract: Extract, reached: str
) -> str | None:
    """A canonical address at another domain is evidence of a copy, never an alias."""
    if not extract.url or urls.site(extract.url) == urls.site(reached):
        return None
    return articles.get_article_key(keeper.connection, urls.url_key(extract.url))


def record_feed_comparison(
    keeper: Keeper, page: FetchedPage, prepared: Prepared, key: str, version_id: int
) -> None:
    """Keep how the feed's full text compares with the page's."""
    share = feed_share_on_page(prepared)
    if share is None or prepared.feed_extract is None:
        return
    content = replace(
        prepared.feed_extract,
        sources={},
        extractor=f"feed, {share:.3f} of it on the page",
    )
    name = wording.wording_digest(content.title, content.text)
    articles.add_reading(
        keeper.connection,
        key,
        version_id,
        page.capture_id,
        content,
        "feed-compared",
        "",
        name,
        page.now,
    )


def validator_columns(page: FetchedPage, extract: Extract) -> dict[str, Any]:
    """What to ask with next time: only from an answer that was read at the address that will be asked.

    An article of several pages is asked for without conditions: that its first page is as it was says nothing of the others.
    """
    if page.page_count > 1 or multipage.next_page_url(extract):
        return {
            "etag": "",
            "last_modified": "",
            "sha256": "",
            "capture": page.capture_id,
        }
    direct = not page.capture.redirects
    return {
        "etag": page.capture.validator("ETag") if direct else "",
        "last_modified": page.capture.validator("Last-Modified") if direct else "",
        "sha256": page.digest,
        "capture": page.capture_id,
    }


def _record_failure(
    keeper: Keeper,
    page: FetchedPage,
    result: Outcome,
    reason: str,
    max_attempts: int = MAX_ATTEMPTS,
) -> None:
    attempts = (page.entry["attempts"] if page.entry is not None else 0) + (
        result is not Outcome.WAITING
    )
    due: str | None
    if result is Outcome.WAITING:
        due = page.capture.retry_at or add_seconds(page.now, backoff_seconds(1))
    elif attempts >= max_attempts:
        due = None
    elif result in (Outcome.REFUSED, Outcome.BLOCKED):
        due = add_seconds(page.now, REFUSED_RETRY_SECONDS)
    else:
        due = add_seconds(page.now, backoff_seconds(attempts))
    feeds.update_entry(
        keeper.connection,
        page.visit.key,
        outcome=result,
        reason=reason,
        due=due,
        attempts=attempts,
    )
