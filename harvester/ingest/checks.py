"""A further look at an article that is held: its wording compared, like with like, and whether it still stands there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from harvester.archive.records import articles, captures
from harvester.identity import urls, version, wording
from harvester.ingest import (
    article_state,
    edits,
    identify,
    interstitials,
    join,
    multipage,
    pages,
    publication_date,
    revisits,
    unreadable,
)
from harvester.ingest.counts import Kept
from harvester.ingest.pages import Page
from harvester.ingest.prepare import chosen
from harvester.model import Extract, Outcome, Prepared

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper


@dataclass(frozen=True, slots=True)
class Known:
    """The article as held, and its versions as read today."""

    row: sqlite3.Row
    versions: list[sqlite3.Row]

    @property
    def current(self) -> sqlite3.Row:
        """The version that stood there last."""
        return next(
            row for row in self.versions if row["number"] == self.row["version"]
        )


def keep_look(keeper: Keeper, page: Page, prepared: Prepared | None) -> Kept:
    """Keep what a look brought."""
    row = articles.article(keeper.connection, page.visit.key)
    if row is None:
        return Kept(Outcome.UNCHANGED, "it became one with another article meanwhile")
    forced = page.visit.key in keeper.forced
    changed: dict[str, Any] = {"looked": page.now, "prompted": 0}
    result: Outcome
    if page.capture.outcome is None and (
        page.capture.status == 304 or _same_body(page, row)
    ):
        result, reason = Outcome.UNCHANGED, ""
        article_state.stands(keeper, row, page.now, changed)
        articles.sight(keeper.connection, row["key"], _current(keeper, row), page.now)
    else:
        failed, reason = pages.failure(keeper, page, prepared)
        if (
            failed is not None
            and prepared is not None
            and prepared.extract is not None
            and _walled(keeper, row, prepared.extract)
        ):
            _paywalled(keeper, row, reason, page.now)
        if (
            failed is None
            and prepared is not None
            and _cut_short(keeper, page, row, prepared)
        ):
            failed, reason = Outcome.FAILED, prepared.missing
        if failed is not None:
            result = failed
        else:
            assert prepared is not None
            result, reason = _compare(keeper, page, row, prepared, changed)
    saw, result, reason = article_state.seen(page, prepared, result, reason)
    revisits.follow(keeper, page, row, result, forced, changed)
    missed = False
    if result is Outcome.GONE and (place := identify.stands_elsewhere(keeper, row)):
        changed |= {**place, "due": page.now}
    elif result is Outcome.GONE:
        missed, reason = True, article_state.miss(keeper, page, row, reason, changed)
    articles.change_article(
        keeper.connection, row["key"], **changed, outcome=result, reason=reason
    )
    article_state.note(keeper, page, row, result, saw, reason, forced, missed)
    _forget(keeper, row, changed)
    return Kept(result, reason)


def _same_body(page: Page, row: sqlite3.Row) -> bool:
    held = row["sha256"]
    whole = (
        page.capture.status == 200
        and not page.capture.truncated
        and not page.capture.hops
    )
    return whole and held != "" and page.digest == held


def _current(keeper: Keeper, row: sqlite3.Row) -> int:
    return int(
        Known(row, articles.versions(keeper.connection, row["key"])).current["id"]
    )


def _compare(
    keeper: Keeper,
    page: Page,
    row: sqlite3.Row,
    prepared: Prepared,
    changed: dict[str, Any],
) -> tuple[Outcome, str]:
    """The page could be read: is it the article, and are its words those held?"""
    picked = chosen(prepared)
    assert picked is not None
    if (
        prepared.extract is not None
        and prepared.extract.profile != keeper.learning.profile(row["outlet"])[0]
    ):
        return (
            Outcome.WAITING,
            "the outlet's profile was learned anew while it was read",
        )  # like with like
    extract, source = pages.complete(picked[0], page.entry, page.capture.at), picked[1]
    moved = join.at_look(keeper, page, row, extract)
    if moved is not None:
        if moved.twin:
            article_state.stands(keeper, row, page.now, changed)
            join.join(keeper, row["key"], moved, page.now)
        return moved.outcome, moved.reason
    _read_again(keeper, page, row, prepared)
    known = Known(row, articles.versions(keeper.connection, row["key"]))
    found = (
        interstitials.look(known.current["kind"], known.current["text"], extract)
        if source == "page"
        else interstitials.Found()
    )
    if found.what == "other" or (
        found.what == "compare"
        and (found := _of_another(keeper, known, extract)).what == "other"
    ):
        return Outcome.FAILED, found.reason
    if found.what == "compare" and known.current["method"] == unreadable.METHOD:
        found = interstitials.Found(
            "reread"
        )  # of the version held only the visible words could be read
    if found.what == "ignore":
        article_state.stands(keeper, row, page.now, changed)
        if found.paywalled:
            _paywalled(keeper, row, found.reason, page.now)
        return Outcome.UNCHANGED, found.reason
    if source == "page" and (reason := _unbelieved(row, known, extract)):
        return Outcome.FAILED, reason
    result = _versions(
        keeper, page, known, extract, source, prepared, changed, found.what == "reread"
    )
    article_state.stands(keeper, row, page.now, changed)
    identify.add_all(keeper, page, extract, row["key"])
    changed |= pages.validators(page, extract)
    reached = urls.normalise(
        page.capture.reached or page.visit.url, keeper.outlet(row["outlet"]).keep_params
    )
    changed |= {"reached": reached, "site": urls.site(reached)}
    return result, prepared.missing


def _unbelieved(row: sqlite3.Row, known: Known, extract: Extract) -> str:
    """Why the page is not believed to be the article edited: a few words that are none of its own, unless all tries of the look
    before saw them too."""
    current = known.current
    if current["kind"] not in interstitials.WHOLE or len(current["text"]) < 2 * len(
        extract.text
    ):
        return ""
    reason = interstitials.few_others(current["title"], current["text"], extract)
    stays = (row["outcome"], row["reason"], row["attempts"]) == (
        Outcome.FAILED,
        reason,
        0,
    )
    return "" if stays else reason


def _of_another(keeper: Keeper, known: Known, extract: Extract) -> interstitials.Found:
    """Whether the page shows, word for word, another article that is held, and not this one."""
    _, text = wording.names(extract.title, extract.text, extract.authors)
    other = (
        articles.first_with_text(keeper.connection, text, known.row["key"])
        if text
        else None
    )
    if other is None or other == known.row["copy_of"]:
        return interstitials.Found()
    if any(
        one["text_sha256"] == text
        or wording.alike(one["text"], extract.text) >= version.DIFFERENT
        for one in known.versions
    ):
        return interstitials.Found()
    return interstitials.Found("other", f"shows the text of another article, {other}")


def _walled(keeper: Keeper, row: sqlite3.Row, extract: Extract) -> bool:
    """Whether a wall of subscription stands now before an article that is held whole."""
    if (extract.kind, extract.access) != ("wall", "paywalled"):
        return False
    return (
        Known(row, articles.versions(keeper.connection, row["key"])).current["kind"]
        in interstitials.WHOLE
    )


def _paywalled(keeper: Keeper, row: sqlite3.Row, reason: str, now: str) -> None:
    """An event, once an article."""
    if not articles.has_event(keeper.connection, "paywalled", row["key"]):
        articles.add_event(
            keeper.connection,
            "paywalled",
            row["outlet"],
            now,
            reason,
            article=row["key"],
        )


def _pages_held(keeper: Keeper, row: sqlite3.Row) -> int:
    return 1 + len(captures.further(keeper.connection, row["capture"]))


def _cut_short(
    keeper: Keeper, page: Page, row: sqlite3.Row, prepared: Prepared
) -> bool:
    """Whether fewer pages could be read than are held: that must not look as if the outlet had shortened the article."""
    return bool(prepared.missing) and page.pages < _pages_held(keeper, row)


def _read_again(
    keeper: Keeper, page: Page, row: sqlite3.Row, prepared: Prepared
) -> None:
    """Versions read by another extractor or other rules are shown as today's read them, before anything is compared."""
    rules = keeper.outlet(row["outlet"]).rules.name
    for held in articles.versions(keeper.connection, row["key"]):
        extract = prepared.again.get(held["id"])
        if extract is None or not extract.text:
            continue
        extract = publication_date.keep_first(
            pages.complete(extract, page.entry, page.capture.at),
            *publication_date.dated(held),
        )
        if not extract.title:
            extract = replace(extract, title=held["title"])
        name, text = wording.names(extract.title, extract.text, extract.authors)
        capture = (
            row["capture"] if held["number"] == row["version"] else held["capture"]
        )
        articles.reread_version(keeper.connection, held["id"], extract, name, text)
        articles.add_reading(
            keeper.connection,
            row["key"],
            held["id"],
            capture,
            extract,
            "page",
            rules,
            name,
            page.now,
        )


def _versions(
    keeper: Keeper,
    page: Page,
    known: Known,
    extract: Extract,
    source: Literal["page", "feed"],
    prepared: Prepared,
    changed: dict[str, Any],
    better: bool = False,
) -> Outcome:
    connection, key, now = keeper.connection, known.row["key"], page.now
    current = known.current
    if not extract.title:
        extract = replace(extract, title=current["title"])
    stated, extract = (
        extract,
        publication_date.keep_first(extract, *publication_date.dated(current)),
    )
    name, text = wording.names(extract.title, extract.text, extract.authors)
    held = edits.held(known.versions, extract, name)
    decided = version.decide(
        held,
        current["id"],
        name,
        extract.title,
        edits.text_equal(current, extract),
        source,
    )
    if (
        decided.kind in ("edited", "headline")
        and decided.to is None
        and _goes_on(keeper, page, known, extract, prepared)
    ):
        decided = version.Decision("reread")
    if better and decided.kind != "same":
        decided = version.Decision("reread")
    rules = keeper.outlet(known.row["outlet"]).rules.name
    if decided.kind in ("same", "ignored"):
        articles.sight(connection, key, current["id"], now)
        if decided.kind == "same":
            edits.tell_fields(connection, key, current, stated, extract, now)
        return Outcome.UNCHANGED
    if decided.kind == "reread":
        articles.reread_version(connection, current["id"], extract, name, text)
        changed["reading"] = articles.add_reading(
            connection, key, current["id"], page.row, extract, source, rules, name, now
        )
        articles.sight(connection, key, current["id"], now)
        return Outcome.UNCHANGED
    if decided.to is None:
        number = len(known.versions) + 1
        row = articles.add_version(
            connection, key, number, extract, name, text, page.row or 0, now
        )
        changed |= {"version": number, "versions": number}
        changed["reading"] = articles.add_reading(
            connection, key, row, page.row, extract, source, rules, name, now
        )
        pages.compare_feed(keeper, page, prepared, key, row)
    else:
        row = decided.to
        changed["version"] = next(
            one["number"] for one in known.versions if one["id"] == row
        )
    articles.sight(connection, key, row, now, again=True)
    edits.tell(connection, known.row, current, stated, decided, row, now)
    return Outcome.CHANGED


def _goes_on(
    keeper: Keeper, page: Page, known: Known, extract: Extract, prepared: Prepared
) -> bool:
    """Whether this is the wording held with the pages that could not be read then: no edit."""
    held = _pages_held(keeper, known.row)
    if not known.current["unread"] or page.pages <= held:
        return False
    part = multipage.join(prepared.pages[:held])
    return wording.wording(extract.title, part.text) == str(known.current["wording"])


def _forget(keeper: Keeper, row: sqlite3.Row, changed: dict[str, Any]) -> None:
    """Where no WARC files are kept: only the newest body, and only while there are looks to come."""
    if changed.get("capture") and changed["capture"] != row["capture"]:
        keeper.store.forget_body(row["capture"])
    if changed.get("due") is None:
        keeper.store.forget_body(changed.get("capture") or row["capture"])
