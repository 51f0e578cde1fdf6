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
from harvester.ingest.counts import Kept
from harvester.ingest.polls import HELD
from harvester.ingest.prepare import agreement, chosen
from harvester.model import Capture, Extract, Outcome, Prepared, Statement, Visit
from harvester.schedule.backoff import back_off
from harvester.schedule.times import later

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper

# Of a page that fails, with back-off between them; then it waits for a sign of its feed, or for --force. An outlet may be down for
# days and its feed with it, so that nothing announces the page again; what was received and could not be read is not asked so often.
TRIES, TRIES_READ = 14, 5
BELIEVED = 9  # tries, over some four hours, after which a page is what it says, however strange
KEPT_WITH_REASON = ("stub", "index")
REFUSED_AGAIN = 86_400.0  # seconds until a page that we may not ask for is thought of again: robots.txt may change


@dataclass(frozen=True, slots=True)
class Page:
    """One answer on its way into the archive."""

    visit: Visit
    capture: Capture
    row: int | None  # of the capture
    now: str
    entry: sqlite3.Row | None
    digest: str = ""  # sha256 of the body
    pages: int = 1  # that were read of the article


def keep_page(
    keeper: Keeper,
    visit: Visit,
    capture: Capture,
    row: int | None,
    digest: str,
    prepared: Prepared | None,
    now: str,
    pages: int = 1,
) -> Kept:
    """Keep what a visit to an entry or an article brought; ``pages``: how many of the article were read."""
    connection = keeper.connection
    if visit.kind == "entry":
        entry = feeds.entry(connection, visit.key)
    else:
        entry = feeds.announcing(connection, visit.key)
    page = Page(visit, capture, row, now, entry, digest, pages)
    if visit.kind == "article":
        from harvester.ingest.checks import keep_look

        return keep_look(keeper, page, prepared)
    return _first(keeper, page, prepared)


def _first(keeper: Keeper, page: Page, prepared: Prepared | None) -> Kept:
    """The first visit to an entry's address."""
    if (
        prepared is None
        and page.entry is not None
        and unreadable.known(keeper.connection, page.visit, page.digest)
    ):
        feeds.change_entry(keeper.connection, page.visit.key, due=None)
        return Kept(Outcome.FAILED, page.entry["reason"])
    result, reason = failure(keeper, page, prepared)
    if result is not None and unreadable.of(prepared):
        return _keep_visible(keeper, page, prepared, reason)
    if result is not None:
        looked_at = prepared is not None and prepared.outcome is not None
        _settle_failure(
            keeper, page, result, reason, TRIES_READ if looked_at else TRIES
        )
        return Kept(result, reason)
    assert prepared is not None
    picked = chosen(prepared)
    assert picked is not None
    if picked[1] == "page" and (reason := _unbelieved(page, picked[0])):
        _settle_failure(keeper, page, Outcome.FAILED, reason)
        return Kept(Outcome.FAILED, reason)
    extract, source = complete(picked[0], page.entry, page.capture.at), picked[1]
    refused = purged.refuse_page(keeper, page, extract)
    if refused is not None:
        return refused
    found = identify.identify(keeper, page, extract)
    if found.outcome is not None:
        _settle_failure(keeper, page, found.outcome, found.reason)
        if found.outcome is Outcome.WAITING:  # for another page of this very crawl
            feeds.change_entry(keeper.connection, page.visit.key, due=page.now)
        return Kept(found.outcome, found.reason)
    if found.key is not None:
        _link(keeper, page, extract, found.key)
        return Kept(Outcome.UNCHANGED, HELD)
    result, reason, key = _new_article(keeper, page, extract, source, prepared)
    feeds.change_entry(
        keeper.connection,
        page.visit.key,
        outcome=result,
        reason=reason,
        article=key,
        due=None,
    )
    return Kept(result, reason)


def _keep_visible(
    keeper: Keeper, page: Page, prepared: Prepared | None, reason: str
) -> Kept:
    """A page that could not be read, but for its visible words: an article of these, so that they are found; the visit has failed,
    and it is left alone until the extractor is another, or the page."""
    extract = prepared.extract if prepared is not None else None
    kept = Kept(Outcome.FAILED, reason)
    unreadable.note(keeper.connection, page.entry, page.digest)
    key: str | None = None
    if extract is not None:
        extract = complete(extract, page.entry, page.capture.at)
        refused = purged.refuse_page(keeper, page, extract)
        if refused is not None:
            return refused
        found = identify.identify(keeper, page, extract)
        if found.outcome is None and found.key is None and prepared is not None:
            _, _, key = _new_article(keeper, page, extract, "page", prepared)
            articles.change_article(
                keeper.connection, key, outcome=Outcome.FAILED, reason=reason
            )
    feeds.change_entry(
        keeper.connection,
        page.visit.key,
        outcome=Outcome.FAILED,
        reason=reason,
        article=key,
        due=None,
    )
    return kept


def _unbelieved(page: Page, extract: Extract) -> str:
    """Why the page is not believed to be what was announced, as long as it has not been seen so for some hours."""
    if (
        page.entry is None
        or not page.entry["title"]
        or page.entry["attempts"] + 1 >= BELIEVED
    ):
        return ""
    return interstitials.few_others(page.entry["title"], "", extract)


def failure(
    keeper: Keeper, page: Page, prepared: Prepared | None
) -> tuple[Outcome | None, str]:
    """Why there is nothing to compare; (None, "") where there is."""
    capture, visit = page.capture, page.visit
    home = keeper.outlet(visit.outlet).home
    reached = capture.reached or visit.url
    if (
        capture.outcome is None
        and capture.status == 200
        and capture.hops
        and urls.is_front(reached, home)
    ):
        return Outcome.GONE, "redirects to the front page"
    if (
        capture.outcome is None
        and not capture.truncated
        and capture.status == 200
        and prepared is not None
    ):
        instead, why = interstitials.in_place(prepared.extract)
        carried = (
            visit.kind == "entry"
            and prepared.content is not None
            and bool(prepared.content.text)
        )
        if instead is not None and not carried:
            return instead, why
        if prepared.outcome in (None, Outcome.EMPTY) and chosen(prepared) is not None:
            return None, ""
    return outcomes.of_answer(capture, prepared, visit.url)


def complete(extract: Extract, entry: sqlite3.Row | None, at: str) -> Extract:
    """What the page does not say, the feed may; but no publication that lies after ``at``, when the page was received."""
    if entry is None:
        return extract
    extra = feeds.extra(entry)
    sources = dict(extract.sources)
    given: dict[str, Any] = {}
    published = entry["published"]
    if published and publication_date.too_late(published, at):
        refused = Statement("published", published, "feed", publication_date.TOO_LATE)
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
        and abs_days(extract.published, published) <= 1
    ):
        given["published"] = published  # the page states the day, the feed the minute
        sources["published"] = "feed"
    if "published" in given:
        given["published_local"] = extra.get("published_local") or given["published"]
    return replace(extract, **given, sources=sources) if given else extract


def abs_days(one: str, other: str) -> int:
    """Days between two times."""
    from datetime import date

    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days)


def _link(keeper: Keeper, page: Page, extract: Extract, key: str) -> None:
    """An entry whose page turned out to be an article that is held: another address of it. Its words are compared at the
    article's own look, which is made due, so that like is compared with like."""
    connection = keeper.connection
    held = identify.add_all(keeper, page, extract, key)
    feeds.settle_waiting(connection, held, key, HELD)
    feeds.change_entry(
        connection,
        page.visit.key,
        outcome=Outcome.UNCHANGED,
        reason=HELD,
        article=key,
        due=None,
    )
    identify.read_at_last(keeper, page, extract, key)
    changed = identify.stands_now(keeper, page, key)
    row = articles.article(connection, key)
    current = next(
        one
        for one in articles.versions(connection, key)
        if row is not None and one["number"] == row["version"]
    )
    if current["wording"] != wording.wording(
        extract.title, extract.text
    ) and not url_variants.further(page.capture.reached):
        changed |= {"due": page.now, "prompted": 1}
    if changed:
        articles.change_article(connection, key, **changed)


def _new_article(
    keeper: Keeper,
    page: Page,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
) -> tuple[Outcome, str, str]:
    connection, now = keeper.connection, page.now
    outlet = keeper.outlet(page.visit.outlet)
    reached = urls.normalise(page.capture.reached or page.visit.url, outlet.keep_params)
    key, canonical = identify.new_key(keeper, page, extract)
    name, text = wording.names(extract.title, extract.text, extract.authors)
    copy_of = articles.first_with_text(connection, text, key) or _copy_by_canonical(
        keeper, extract, reached
    )
    duplicate = articles.first_with_text(connection, text, key) is not None
    result = Outcome.DUPLICATE if duplicate else Outcome.NEW
    reason = f"has exactly the text of {copy_of}" if duplicate else prepared.missing
    if not reason and extract.kind in KEPT_WITH_REASON:
        reason = extract.why
    articles.add_article(
        connection,
        {
            "key": key, "url": canonical, "reached": reached, "outlet": outlet.key, "site": urls.site(reached),
            "first_seen": now, "last_seen": now, "looked": now, **revisits.first(keeper, page, key, extract.published),
            "outcome": result, "reason": reason, "copy_of": copy_of, **validators(page, extract),
        },
    )  # fmt: skip
    number = articles.add_version(
        connection, key, 1, extract, name, text, page.row or 0, now
    )
    reading = articles.add_reading(
        connection, key, number, page.row, extract, source, outlet.rules.name, name, now
    )
    articles.change_article(connection, key, reading=reading)
    compare_feed(keeper, page, prepared, key, number)
    articles.sight(connection, key, number, now)
    feeds.settle_waiting(
        connection, identify.add_all(keeper, page, extract, key), key, HELD
    )
    if copy_of is not None:
        _perhaps_moved(keeper, copy_of, outlet.key, now)
    return result, reason, key


def _perhaps_moved(keeper: Keeper, key: str, outlet: str, now: str) -> None:
    """The same words stand at another address of the same outlet: a look at the former one shows whether it leads there."""
    row = articles.article(keeper.connection, key)
    if row is not None and row["outlet"] == outlet:
        articles.change_article(keeper.connection, key, due=now, prompted=1)


def _copy_by_canonical(keeper: Keeper, extract: Extract, reached: str) -> str | None:
    """A canonical address at another domain is evidence of a copy, never an alias."""
    if not extract.url or urls.site(extract.url) == urls.site(reached):
        return None
    return articles.at_address(keeper.connection, urls.address(extract.url))


def compare_feed(
    keeper: Keeper, page: Page, prepared: Prepared, key: str, number: int
) -> None:
    """Keep how the feed's full text compares with the page's."""
    share = agreement(prepared)
    if share is None or prepared.content is None:
        return
    content = replace(
        prepared.content, sources={}, extractor=f"feed, {share:.3f} of it on the page"
    )
    name = wording.wording(content.title, content.text)
    articles.add_reading(
        keeper.connection,
        key,
        number,
        page.row,
        content,
        "feed-compared",
        "",
        name,
        page.now,
    )


def validators(page: Page, extract: Extract) -> dict[str, Any]:
    """What to ask with next time: only from an answer that was read at the address that will be asked.

    An article of several pages is asked for without conditions: that its first page is as it was says nothing of the others.
    """
    if page.pages > 1 or multipage.following(extract):
        return {"etag": "", "last_modified": "", "sha256": "", "capture": page.row}
    direct = not page.capture.hops
    return {
        "etag": page.capture.validator("ETag") if direct else "",
        "last_modified": page.capture.validator("Last-Modified") if direct else "",
        "sha256": page.digest,
        "capture": page.row,
    }


def _settle_failure(
    keeper: Keeper, page: Page, result: Outcome, reason: str, tries: int = TRIES
) -> None:
    attempts = (page.entry["attempts"] if page.entry is not None else 0) + (
        result is not Outcome.WAITING
    )
    due: str | None
    if result is Outcome.WAITING:
        due = page.capture.retry_at or later(page.now, back_off(1))
    elif attempts >= tries:
        due = None
    elif result in (Outcome.REFUSED, Outcome.BLOCKED):
        due = later(page.now, REFUSED_AGAIN)
    else:
        due = later(page.now, back_off(attempts))
    feeds.change_entry(
        keeper.connection,
        page.visit.key,
        outcome=result,
        reason=reason,
        due=due,
        attempts=attempts,
    )
