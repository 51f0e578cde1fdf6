"""When an article is looked at again, and what each look teaches of its outlet: ``schedule`` asked with what the archive knows.

A ``revisit`` of the settings is kept to the letter. Where it is "auto", looks are planned on a budget; so are those at an article that a
person watches, whatever the settings say. Not for: the arithmetic (``schedule``), or what a look means (``looks``, ``standing``).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harvester.archive.records import articles, feeds, looks
from harvester.model import ArticleState, Outcome
from harvester.schedule import plan
from harvester.schedule.backoff import backoff_seconds, next_check
from harvester.schedule.edit_rates import ARTICLES_PART, EditHistory, counts_from_check
from harvester.schedule.times import add_seconds, parse_time

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import FetchedPage
    from harvester.settings import Outlet

MAX_ATTEMPTS = 5  # of a look that fails; then the next one is waited for
SECONDS_PER_HOUR = 3_600.0
DATE_LENGTH = 10  # characters of a date without a time


# ---- the story of an article, as the archive tells it


def hours_between(start: str, end: str) -> float:
    """From one time to another; not less than none."""
    return max(
        (parse_time(end) - parse_time(start)).total_seconds() / SECONDS_PER_HOUR, 0.0
    )


def age_start(published: str | None, first_seen: str) -> str:
    """From when an article's age is counted: its publication, as far as that is known and not too long before it was first seen."""
    if not published or (
        published[:DATE_LENGTH] >= first_seen[:DATE_LENGTH]
        and (len(published) == DATE_LENGTH or published > first_seen)
    ):
        return first_seen
    at = f"{published}T23:59:59Z" if len(published) == DATE_LENGTH else published
    return min(
        max(
            at, add_seconds(first_seen, -plan.MAX_INITIAL_AGE_HOURS * SECONDS_PER_HOUR)
        ),
        first_seen,
    )


def _stored_age_start(row: sqlite3.Row) -> str:
    return str(row["born"] or row["first_seen"])


def _history_before_check(keeper: Keeper, row: sqlite3.Row) -> EditHistory:
    """The article as it stood when it was last seen, with the sign that its feed gave since."""
    begin = _stored_age_start(row)
    changed = (
        looks.get_last_change_time(keeper.connection, row["key"])
        if row["versions"] > 1
        else None
    )
    return EditHistory(
        hours_between(begin, row["last_seen"]),
        row["versions"] - 1,
        hours_between(begin, changed) if changed else None,
        signal=row["sign"],
    )


def _listed_until_age(
    keeper: Keeper, entry: sqlite3.Row | None, age: float, now: str
) -> float:
    """Until which age a feed is thought to list an article: as long again as it did so far; 0 where it does not."""
    if entry is None:
        return 0.0
    feed = feeds.get_feed(keeper.connection, entry["feed"])
    if (
        feed is None
        or not feed["active"]
        or entry["last_seen"] < (feed["listed"] or "9")
    ):
        return 0.0
    return age + max(hours_between(entry["first_seen"], now), 1.0)


# ---- first visit, further looks, signs of the feed


def schedule_first_check(
    keeper: Keeper, page: FetchedPage, key: str, published: str | None
) -> dict[str, Any]:
    """Columns of an article that is held from now on."""
    outlet, now = keeper.outlet(page.visit.outlet), page.now
    begin = age_start(published, now)
    looks.decay_outlet_counts(keeper.connection, outlet.key)
    keeper.plans.add_counts(keeper.connection, outlet.key, {ARTICLES_PART: (1.0, 0.0)})
    if outlet.revisit != "auto":
        return {"born": begin, "due": next_check(now, 0, outlet.revisit)}
    age = hours_between(begin, now)
    story = EditHistory(
        age, listed_until=_listed_until_age(keeper, page.entry, age, now)
    )
    return {
        "born": begin,
        "due": _plan_next_check(keeper, outlet, key, story, 0, now, False),
    }


def _plan_next_check(
    keeper: Keeper,
    outlet: Outlet,
    key: str,
    history: EditHistory,
    checks_made: int,
    now: str,
    is_watched: bool,
) -> str | None:
    """When the next look is planned, after one just made."""
    rhythm = keeper.plans.edit_rates(keeper.connection, outlet.key)
    pause = plan.next_interval(
        keeper.plans.plan_for(keeper, outlet), rhythm, history, checks_made, is_watched
    )
    return (
        add_seconds(now, plan.add_jitter(pause, key, checks_made) * SECONDS_PER_HOUR)
        if pause is not None
        else None
    )


def schedule_next_check(
    keeper: Keeper,
    page: FetchedPage,
    row: sqlite3.Row,
    result: Outcome,
    is_forced: bool,
    updates: dict[str, Any],
) -> None:
    """Learn from a look, and set when the next one is due.

    Of a ``revisit`` in the settings, a look that the feed or a person asked for, or that confirms a removal, uses up no entry; nor
    does one that failed, until it has failed often enough.
    """
    outlet, now = keeper.outlet(row["outlet"]), page.now
    if result is Outcome.WAITING:
        updates["due"] = page.capture.retry_at or add_seconds(now, backoff_seconds(1))
        return
    attempts = row["attempts"] + 1
    if result is Outcome.FAILED and attempts < MAX_ATTEMPTS:
        updates |= {
            "attempts": attempts,
            "due": add_seconds(now, backoff_seconds(attempts)),
        }
        return
    updates |= {"attempts": 0, "sign": ""}
    watched = looks.is_watched(keeper.connection, row["key"], now)
    story = _history_after_check(keeper, page, row, result)
    if outlet.revisit == "auto":
        looks_made = row["looks"] + 1
        spent = (
            plan.MAX_BUDGET_FACTOR * outlet.looks
            if row["state"] == ArticleState.REMOVED
            else 0
        )
        due = _plan_next_check(
            keeper, outlet, row["key"], story, max(looks_made, spent), now, watched
        )
    else:
        extra = (
            is_forced
            or row["prompted"]
            or row["state"] == ArticleState.SUSPECT
            or watched
        )
        looks_made = min(row["looks"] + (0 if extra else 1), len(outlet.revisit))
        due = next_check(now, looks_made, outlet.revisit)
        if watched:
            seen = _plan_next_check(
                keeper, outlet, row["key"], story, looks_made, now, True
            )
            due = min(one for one in (due, seen) if one is not None)
    updates |= {"looks": looks_made, "due": due}


def _history_after_check(
    keeper: Keeper, page: FetchedPage, row: sqlite3.Row, result: Outcome
) -> EditHistory:
    """The article as it stands after a look, which is learned from where it told something."""
    age = hours_between(_stored_age_start(row), page.now)
    before = _history_before_check(keeper, row)
    listed = _listed_until_age(keeper, page.entry, age, page.now)
    edited = result is Outcome.CHANGED
    if result in (Outcome.CHANGED, Outcome.UNCHANGED):
        rhythm = keeper.plans.edit_rates(keeper.connection, row["outlet"])
        keeper.plans.add_counts(
            keeper.connection,
            row["outlet"],
            counts_from_check(rhythm, before, age, edited, listed > 0),
        )
        keeper.plans.count_check()
    since = age if edited else before.last_edit_age
    return EditHistory(age, before.edits + edited, since, listed)


def find_edit_hint(row: sqlite3.Row, stated: Mapping[str, Any]) -> str:
    """What a feed changed of an entry: "words" (title or summary), "text" (the full text that it carries), "date" (only a stated
    time); "" where nothing. ``row``: as it was, ``stated``: as it is stated now."""
    if any(stated[name] != row[name] for name in ("title", "summary")):
        return "words"
    if stated["extra"] != row["extra"] and _content_words(
        stated["extra"]
    ) != _content_words(row["extra"]):
        return "text"
    return (
        "date"
        if any(stated[name] != row[name] for name in ("published", "updated"))
        else ""
    )


def _content_words(extra: str) -> str:
    """The words of the full text in an entry."""
    content = str(json.loads(extra).get("content", ""))
    return "".join(re.sub(r"<[^<>]*>", " ", content).split())


def handle_edit_hint(keeper: Keeper, key: str, hint: str, now: str) -> None:
    """The feed gave a sign that an article was edited: where such signs are true, a look is due now, else sooner."""
    row = articles.get_article(keeper.connection, key)
    outlet = keeper.settings.outlets.get(row["outlet"]) if row is not None else None
    if row is None or outlet is None:
        return
    given = "date" if hint == "date" else "words"
    if outlet.revisit != "auto":
        if hint != "text":
            articles.update_article(
                keeper.connection, key, due=now, prompted=1, sign=given
            )
        return
    if row["sign"] in (
        given,
        "words",
    ):  # it is known already, and the look is planned accordingly
        return
    story = plan.with_signal(_history_before_check(keeper, row), given)
    rhythm = keeper.plans.edit_rates(keeper.connection, outlet.key)
    watched = looks.is_watched(keeper.connection, key, now)
    pause = plan.next_interval(
        keeper.plans.plan_for(keeper, outlet),
        rhythm,
        replace(story, listed_until=0.0),
        row["looks"],
        watched,
    )
    if pause is None:
        articles.update_article(keeper.connection, key, sign=story.signal)
        return
    at = (
        now
        if pause <= plan.MIN_INTERVAL_HOURS
        else max(now, add_seconds(row["looked"], pause * SECONDS_PER_HOUR))
    )
    due = min(at, row["due"]) if row["due"] else at
    articles.update_article(
        keeper.connection, key, due=due, prompted=int(at == now), sign=story.signal
    )
