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
from harvester.model import ArticleState, Outcome, Prepared
from harvester.schedule.times import add_seconds

if TYPE_CHECKING:
    from harvester.identity.removal_evidence import Observation
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import FetchedPage

OUTLET_SAMPLE_SIZE = (
    60  # of an outlet's articles, those looked at last, tell whether it is down
)
MIN_SAMPLE_PERIOD_SECONDS = 86_400.0  # seconds back that count for it, at least
MAX_INTERVAL_SECONDS = 30 * 86_400.0  # seconds between two looks while it is
RECOVERY_CHECK_SECONDS = (
    600.0  # seconds until the others are looked at, once one stands again
)
ALL_MISSING_EVENT = "all missing"  # kind of the event
OUTLET_DOWN_REASON = (
    "held as suspect: hardly any article of the outlet stands there now"
)
MAX_NOTE_LENGTH = 300  # characters
_EVIDENCE_DESCRIPTIONS = {
    "login": "redirects to a login",
    "list of articles": "redirects to a list of articles",
    "soft 404": "soft 404",
}


def assess_check(
    page: FetchedPage, prepared: Prepared | None, result: Outcome, reason: str
) -> tuple[Observation, Outcome, str]:
    """What a look saw; the outcome and its reason, which are *gone* where that is evidence."""
    saw = removal_evidence.observe(
        page.capture, prepared.extract if prepared is not None else None, result, reason
    )
    if saw.gone and result is not Outcome.GONE:
        return (
            saw,
            Outcome.GONE,
            f"{_EVIDENCE_DESCRIPTIONS.get(saw.label, saw.label)}: {reason}",
        )
    return saw, result, reason


def availability_of(row: sqlite3.Row) -> version.Availability:
    """As the archive has it."""
    return version.Availability(
        ArticleState(row["state"]), row["misses"], row["missed"]
    )


def record_online(
    keeper: Keeper, row: sqlite3.Row, now: str, updates: dict[str, Any]
) -> None:
    """It was found standing there."""
    before = availability_of(row)
    after = version.after_sighting(before)
    if before.state is ArticleState.REMOVED:
        articles.add_event(
            keeper.connection,
            "returned",
            row["outlet"],
            now,
            "",
            article_key=row["key"],
        )
    outlet = keeper.outlet(row["outlet"])
    if (
        before.state is ArticleState.SUSPECT
        and before.misses >= outlet.removed_after.looks
    ):  # it was held: the outlet is back
        looks.bring_forward_suspects(
            keeper.connection,
            outlet.key,
            outlet.removed_after.looks,
            add_seconds(now, RECOVERY_CHECK_SECONDS),
        )
    updates |= {
        "state": after.state,
        "misses": 0,
        "missed": None,
        "attempts": 0,
        "last_seen": max(now, row["last_seen"]),
    }


def record_miss(
    keeper: Keeper,
    page: FetchedPage,
    row: sqlite3.Row,
    reason: str,
    updates: dict[str, Any],
) -> str:
    """It was not there: suspect, and after enough looks far enough apart, removed. Returns the reason, with what is held."""
    wanted = keeper.outlet(row["outlet"]).removed_after
    before = availability_of(row)
    earliest = add_seconds(before.missed_at, wanted.apart) if before.missed_at else None
    last = (
        before.misses + 1 >= wanted.looks and before.state is not ArticleState.REMOVED
    )
    held = (
        last
        and (earliest is None or page.now >= earliest)
        and _is_outage(keeper, row, page.now, wanted.apart)
    )
    after = version.after_miss(before, page.now, earliest, wanted.looks, held)
    updates |= {"state": after.state, "misses": after.misses, "missed": after.missed_at}
    if after.state is not before.state:
        articles.add_event(
            keeper.connection,
            after.state,
            row["outlet"],
            page.now,
            reason,
            article_key=row["key"],
        )
    if (
        after.state is ArticleState.SUSPECT and after.missed_at
    ):  # the confirming look comes whatever else is planned
        pause = wanted.apart
        if held:
            pause = min(
                max(pause, RECOVERY_CHECK_SECONDS)
                * 2.0 ** min(after.misses - wanted.looks, 20),
                MAX_INTERVAL_SECONDS,
            )
        updates["due"] = add_seconds(after.missed_at, pause)
    return f"{reason}; {OUTLET_DOWN_REASON}" if held else reason


def _is_outage(
    keeper: Keeper, row: sqlite3.Row, now: str, confirm_seconds: float
) -> bool:
    """Whether hardly any article of the outlet stands there; told once a spell."""
    since = add_seconds(now, -max(MIN_SAMPLE_PERIOD_SECONDS, 2 * confirm_seconds))
    stood, gone = looks.count_online_and_gone(
        keeper.connection, row["outlet"], since, row["key"], OUTLET_SAMPLE_SIZE
    )
    if not version.is_outage(stood, gone):
        return False
    if not looks.has_outlet_event(
        keeper.connection, ALL_MISSING_EVENT, row["outlet"], since
    ):
        note = f"{gone + 1} articles looked at last are gone and {stood} stand: taken for trouble at the outlet, no removal"
        articles.add_event(
            keeper.connection,
            ALL_MISSING_EVENT,
            row["outlet"],
            now,
            note,
            article_key=row["key"],
        )
    return True


def record_check(
    keeper: Keeper,
    page: FetchedPage,
    row: sqlite3.Row,
    result: Outcome,
    observation: Observation,
    reason: str,
    is_forced: bool,
    is_miss: bool,
) -> None:
    """Write down a look: the evidence. ``missed``: whether it counts for a removal."""
    if result is Outcome.WAITING:
        return
    if is_forced:
        prompt = "forced"
    elif row["state"] == ArticleState.SUSPECT:
        prompt = "suspect"
    elif row["sign"]:
        prompt = row["sign"]
    else:
        prompt = (
            "watched"
            if looks.is_watched(keeper.connection, row["key"], page.now)
            else ""
        )
    looks.add_check(
        keeper.connection,
        {
            "article": row["key"],
            "at": page.now,
            "outcome": result,
            "status": page.capture.status,
            "saw": observation.label,
            "missed": int(is_miss),
            "prompt": prompt,
            "capture": page.capture_id,
            "note": reason[:MAX_NOTE_LENGTH] if observation.label else "",
        },
    )
