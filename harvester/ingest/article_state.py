"""Whether an article stands where it stood: live, suspect, removed, returned, and the evidence of each look.

An article is *suspect* after a look that gives evidence that it is gone (``identity.evidence``), and *removed* after as many as the
settings say, so far apart; nothing is ever deleted. An outlet of which hardly any article stands any more is down, and
removes nothing: its articles stay suspect, looked at more and more rarely, until some stand again.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from harvester.archive.records import articles, looks
from harvester.identity import removal_evidence, version
from harvester.model import Outcome, Prepared, State
from harvester.schedule.times import later

if TYPE_CHECKING:
    from harvester.identity.removal_evidence import Saw
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import Page

AROUND = 60  # of an outlet's articles, those looked at last, tell whether it is down
LATELY = 86_400.0  # seconds back that count for it, at least
LONGEST = 30 * 86_400.0  # seconds between two looks while it is
SOON = 600.0  # seconds until the others are looked at, once one stands again
ALL_MISSING = "all missing"  # kind of the event
HELD = "held as suspect: hardly any article of the outlet stands there now"
NOTE_MOST = 300  # characters
_SAID = {
    "login": "redirects to a login",
    "list of articles": "redirects to a list of articles",
    "soft 404": "soft 404",
}


def seen(
    page: Page, prepared: Prepared | None, result: Outcome, reason: str
) -> tuple[Saw, Outcome, str]:
    """What a look saw; the outcome and its reason, which are *gone* where that is evidence."""
    saw = removal_evidence.saw(
        page.capture, prepared.extract if prepared is not None else None, result, reason
    )
    if saw.gone and result is not Outcome.GONE:
        return saw, Outcome.GONE, f"{_SAID.get(saw.what, saw.what)}: {reason}"
    return saw, result, reason


def of(row: sqlite3.Row) -> version.Standing:
    """As the archive has it."""
    return version.Standing(State(row["state"]), row["misses"], row["missed"])


def stands(keeper: Keeper, row: sqlite3.Row, now: str, changed: dict[str, Any]) -> None:
    """It was found standing there."""
    before = of(row)
    after = version.found(before)
    if before.state is State.REMOVED:
        articles.add_event(
            keeper.connection, "returned", row["outlet"], now, "", article=row["key"]
        )
    outlet = keeper.outlet(row["outlet"])
    if (
        before.state is State.SUSPECT and before.misses >= outlet.removed_after.looks
    ):  # it was held: the outlet is back
        looks.sooner(
            keeper.connection, outlet.key, outlet.removed_after.looks, later(now, SOON)
        )
    changed |= {
        "state": after.state,
        "misses": 0,
        "missed": None,
        "attempts": 0,
        "last_seen": max(now, row["last_seen"]),
    }


def miss(
    keeper: Keeper, page: Page, row: sqlite3.Row, reason: str, changed: dict[str, Any]
) -> str:
    """It was not there: suspect, and after enough looks far enough apart, removed. Returns the reason, with what is held."""
    wanted = keeper.outlet(row["outlet"]).removed_after
    before = of(row)
    earliest = later(before.missed, wanted.apart) if before.missed else None
    last = before.misses + 1 >= wanted.looks and before.state is not State.REMOVED
    held = (
        last
        and (earliest is None or page.now >= earliest)
        and _all_missing(keeper, row, page.now, wanted.apart)
    )
    after = version.missed(before, page.now, earliest, wanted.looks, held)
    changed |= {"state": after.state, "misses": after.misses, "missed": after.missed}
    if after.state is not before.state:
        articles.add_event(
            keeper.connection,
            after.state,
            row["outlet"],
            page.now,
            reason,
            article=row["key"],
        )
    if (
        after.state is State.SUSPECT and after.missed
    ):  # the confirming look comes whatever else is planned
        pause = wanted.apart
        if held:
            pause = min(
                max(pause, SOON) * 2.0 ** min(after.misses - wanted.looks, 20), LONGEST
            )
        changed["due"] = later(after.missed, pause)
    return f"{reason}; {HELD}" if held else reason


def _all_missing(keeper: Keeper, row: sqlite3.Row, now: str, apart: float) -> bool:
    """Whether hardly any article of the outlet stands there; told once a spell."""
    since = later(now, -max(LATELY, 2 * apart))
    stood, gone = looks.around(
        keeper.connection, row["outlet"], since, row["key"], AROUND
    )
    if not version.all_missing(stood, gone):
        return False
    if not looks.told(keeper.connection, ALL_MISSING, row["outlet"], since):
        note = f"{gone + 1} articles looked at last are gone and {stood} stand: taken for trouble at the outlet, no removal"
        articles.add_event(
            keeper.connection, ALL_MISSING, row["outlet"], now, note, article=row["key"]
        )
    return True


def note(
    keeper: Keeper,
    page: Page,
    row: sqlite3.Row,
    result: Outcome,
    saw: Saw,
    reason: str,
    forced: bool,
    missed: bool,
) -> None:
    """Write down a look: the evidence. ``missed``: whether it counts for a removal."""
    if result is Outcome.WAITING:
        return
    if forced:
        prompt = "forced"
    elif row["state"] == State.SUSPECT:
        prompt = "suspect"
    elif row["sign"]:
        prompt = row["sign"]
    else:
        prompt = (
            "watched" if looks.watched(keeper.connection, row["key"], page.now) else ""
        )
    looks.add(
        keeper.connection,
        {
            "article": row["key"],
            "at": page.now,
            "outcome": result,
            "status": page.capture.status,
            "saw": saw.what,
            "missed": int(missed),
            "prompt": prompt,
            "capture": page.row,
            "note": reason[:NOTE_MOST] if saw.what else "",
        },
    )
