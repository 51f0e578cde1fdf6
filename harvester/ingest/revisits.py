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
from harvester.model import Outcome, State
from harvester.schedule import plan
from harvester.schedule.backoff import back_off, next_look
from harvester.schedule.edit_rates import ARTICLES, Story, credit
from harvester.schedule.times import later, read

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import Page
    from harvester.settings import Outlet

TRIES = 5  # of a look that fails; then the next one is waited for
HOUR = 3_600.0
DAY = 10  # characters of a date without a time


# ---- the story of an article, as the archive tells it


def hours(begin: str, end: str) -> float:
    """From one time to another; not less than none."""
    return max((read(end) - read(begin)).total_seconds() / HOUR, 0.0)


def born(published: str | None, first_seen: str) -> str:
    """From when an article's age is counted: its publication, as far as that is known and not too long before it was first seen."""
    if not published or (
        published[:DAY] >= first_seen[:DAY]
        and (len(published) == DAY or published > first_seen)
    ):
        return first_seen
    at = f"{published}T23:59:59Z" if len(published) == DAY else published
    return min(max(at, later(first_seen, -plan.OLDEST * HOUR)), first_seen)


def _born(row: sqlite3.Row) -> str:
    return str(row["born"] or row["first_seen"])


def _before(keeper: Keeper, row: sqlite3.Row) -> Story:
    """The article as it stood when it was last seen, with the sign that its feed gave since."""
    begin = _born(row)
    changed = (
        looks.last_changed(keeper.connection, row["key"])
        if row["versions"] > 1
        else None
    )
    return Story(
        hours(begin, row["last_seen"]),
        row["versions"] - 1,
        hours(begin, changed) if changed else None,
        sign=row["sign"],
    )


def _listed(keeper: Keeper, entry: sqlite3.Row | None, age: float, now: str) -> float:
    """Until which age a feed is thought to list an article: as long again as it did so far; 0 where it does not."""
    if entry is None:
        return 0.0
    feed = feeds.feed(keeper.connection, entry["feed"])
    if (
        feed is None
        or not feed["active"]
        or entry["last_seen"] < (feed["listed"] or "9")
    ):
        return 0.0
    return age + max(hours(entry["first_seen"], now), 1.0)


# ---- first visit, further looks, signs of the feed


def first(
    keeper: Keeper, page: Page, key: str, published: str | None
) -> dict[str, Any]:
    """Columns of an article that is held from now on."""
    outlet, now = keeper.outlet(page.visit.outlet), page.now
    begin = born(published, now)
    looks.fade(keeper.connection, outlet.key)
    keeper.plans.teach(keeper.connection, outlet.key, {ARTICLES: (1.0, 0.0)})
    if outlet.revisit != "auto":
        return {"born": begin, "due": next_look(now, 0, outlet.revisit)}
    age = hours(begin, now)
    story = Story(age, listed=_listed(keeper, page.entry, age, now))
    return {"born": begin, "due": _planned(keeper, outlet, key, story, 0, now, False)}


def _planned(
    keeper: Keeper,
    outlet: Outlet,
    key: str,
    story: Story,
    made: int,
    now: str,
    watched: bool,
) -> str | None:
    """When the next look is planned, after one just made."""
    rhythm = keeper.plans.rhythm(keeper.connection, outlet.key)
    pause = plan.pause(keeper.plans.of(keeper, outlet), rhythm, story, made, watched)
    return (
        later(now, plan.spread(pause, key, made) * HOUR) if pause is not None else None
    )


def follow(
    keeper: Keeper,
    page: Page,
    row: sqlite3.Row,
    result: Outcome,
    forced: bool,
    changed: dict[str, Any],
) -> None:
    """Learn from a look, and set when the next one is due.

    Of a ``revisit`` in the settings, a look that the feed or a person asked for, or that confirms a removal, uses up no entry; nor
    does one that failed, until it has failed often enough.
    """
    outlet, now = keeper.outlet(row["outlet"]), page.now
    if result is Outcome.WAITING:
        changed["due"] = page.capture.retry_at or later(now, back_off(1))
        return
    attempts = row["attempts"] + 1
    if result is Outcome.FAILED and attempts < TRIES:
        changed |= {"attempts": attempts, "due": later(now, back_off(attempts))}
        return
    changed |= {"attempts": 0, "sign": ""}
    watched = looks.watched(keeper.connection, row["key"], now)
    story = _after(keeper, page, row, result)
    if outlet.revisit == "auto":
        looks_made = row["looks"] + 1
        spent = plan.DEAREST * outlet.looks if row["state"] == State.REMOVED else 0
        due = _planned(
            keeper, outlet, row["key"], story, max(looks_made, spent), now, watched
        )
    else:
        extra = forced or row["prompted"] or row["state"] == State.SUSPECT or watched
        looks_made = min(row["looks"] + (0 if extra else 1), len(outlet.revisit))
        due = next_look(now, looks_made, outlet.revisit)
        if watched:
            seen = _planned(keeper, outlet, row["key"], story, looks_made, now, True)
            due = min(one for one in (due, seen) if one is not None)
    changed |= {"looks": looks_made, "due": due}


def _after(keeper: Keeper, page: Page, row: sqlite3.Row, result: Outcome) -> Story:
    """The article as it stands after a look, which is learned from where it told something."""
    age = hours(_born(row), page.now)
    before = _before(keeper, row)
    listed = _listed(keeper, page.entry, age, page.now)
    edited = result is Outcome.CHANGED
    if result in (Outcome.CHANGED, Outcome.UNCHANGED):
        rhythm = keeper.plans.rhythm(keeper.connection, row["outlet"])
        keeper.plans.teach(
            keeper.connection,
            row["outlet"],
            credit(rhythm, before, age, edited, listed > 0),
        )
        keeper.plans.looked()
    since = age if edited else before.changed
    return Story(age, before.edits + edited, since, listed)


def sign(row: sqlite3.Row, stated: Mapping[str, Any]) -> str:
    """What a feed changed of an entry: "words" (title or summary), "text" (the full text that it carries), "date" (only a stated
    time); "" where nothing. ``row``: as it was, ``stated``: as it is stated now."""
    if any(stated[name] != row[name] for name in ("title", "summary")):
        return "words"
    if stated["extra"] != row["extra"] and _content(stated["extra"]) != _content(
        row["extra"]
    ):
        return "text"
    return (
        "date"
        if any(stated[name] != row[name] for name in ("published", "updated"))
        else ""
    )


def _content(extra: str) -> str:
    """The words of the full text in an entry."""
    content = str(json.loads(extra).get("content", ""))
    return "".join(re.sub(r"<[^<>]*>", " ", content).split())


def signed(keeper: Keeper, key: str, what: str, now: str) -> None:
    """The feed gave a sign that an article was edited: where such signs are true, a look is due now, else sooner."""
    row = articles.article(keeper.connection, key)
    outlet = keeper.settings.outlets.get(row["outlet"]) if row is not None else None
    if row is None or outlet is None:
        return
    given = "date" if what == "date" else "words"
    if outlet.revisit != "auto":
        if what != "text":
            articles.change_article(
                keeper.connection, key, due=now, prompted=1, sign=given
            )
        return
    if row["sign"] in (
        given,
        "words",
    ):  # it is known already, and the look is planned accordingly
        return
    story = plan.signed(_before(keeper, row), given)
    rhythm = keeper.plans.rhythm(keeper.connection, outlet.key)
    watched = looks.watched(keeper.connection, key, now)
    pause = plan.pause(
        keeper.plans.of(keeper, outlet),
        rhythm,
        replace(story, listed=0.0),
        row["looks"],
        watched,
    )
    if pause is None:
        articles.change_article(keeper.connection, key, sign=story.sign)
        return
    at = now if pause <= plan.LEAST else max(now, later(row["looked"], pause * HOUR))
    due = min(at, row["due"]) if row["due"] else at
    articles.change_article(
        keeper.connection, key, due=due, prompted=int(at == now), sign=story.sign
    )
