"""Whether an article is online, suspect, removed or returned, and the evidence for it.

An article is *suspect* after a check with evidence that it is gone
(``identity.removal_evidence``), and *removed* after as many such checks as the settings
ask for, far enough apart; nothing is ever deleted. An outlet with hardly any article
online is down, and removes nothing: its articles stay suspect, and are checked less and
less often, until some are online again.
"""

from __future__ import annotations

from dataclasses import dataclass

from harvester.archive.records import articles, looks
from harvester.archive.records.articles import ArticleRow, ArticleUpdate, NewEvent
from harvester.identity import removal_evidence, version_decision
from harvester.identity.removal_evidence import Observation
from harvester.ingest.counts import VisitResult
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedPage
from harvester.model import ArticleState, Outcome, Prepared
from harvester.schedule.times import add_seconds
from harvester.settings import RemovedAfter

OUTLET_SAMPLE_SIZE = 60  # articles checked last, which tell whether an outlet is down
MIN_SAMPLE_PERIOD_SECONDS = 86_400.0  # how far back they count, at least
MAX_INTERVAL_SECONDS = 30 * 86_400.0  # between two checks while the outlet is down
RECOVERY_CHECK_SECONDS = 600.0  # until the others are checked once one is online again
ALL_MISSING_EVENT = "all missing"  # kind of an event
OUTLET_DOWN_REASON = "kept as suspect: hardly any article of the outlet is online"
MAX_NOTE_LENGTH = 300  # characters
_EVIDENCE_DESCRIPTIONS = {
    "login": "redirects to a login",
    "list of articles": "redirects to a list of articles",
    "soft 404": "soft 404",
}


@dataclass(frozen=True, slots=True)
class StateChange:
    """What a check means for an article's state."""

    update: ArticleUpdate
    events: tuple[NewEvent, ...] = ()
    outlet_is_back: bool = False  # suspect articles of the outlet are to be checked


def assess_check(
    page: FetchedPage, prepared: Prepared | None, outcome: Outcome, reason: str
) -> tuple[Observation, Outcome, str]:
    """What a check saw, and its outcome and reason: *gone* where that is evidence."""
    extract = prepared.extract if prepared is not None else None
    observation = removal_evidence.observe(page.capture, extract, outcome, reason)
    if not observation.gone or outcome is Outcome.GONE:
        return observation, outcome, reason
    evidence = _EVIDENCE_DESCRIPTIONS.get(observation.label, observation.label)
    return observation, Outcome.GONE, f"{evidence}: {reason}"


def availability_of(article: ArticleRow) -> version_decision.Availability:
    """An article's availability as stored."""
    return version_decision.Availability(
        ArticleState(article.state), article.misses, article.missed
    )


# ---- found online


def decide_online(
    article: ArticleRow, removed_after: RemovedAfter, now: str
) -> StateChange:
    """The state of an article that a check found online. Pure."""
    before = availability_of(article)
    update = ArticleUpdate(
        state=version_decision.after_sighting(before).state,
        misses=0,
        missed=None,
        attempts=0,
        last_seen=max(now, article.last_seen),
    )
    events: tuple[NewEvent, ...] = ()
    if before.state is ArticleState.REMOVED:
        events = (NewEvent("returned", article.outlet, now, article=article.key),)
    was_kept_for_outage = (
        before.state is ArticleState.SUSPECT and before.misses >= removed_after.looks
    )
    return StateChange(update, events, outlet_is_back=was_kept_for_outage)


# ---- found missing


def decide_missing(
    session: Session, article: ArticleRow, reason: str, now: str
) -> tuple[StateChange, str]:
    """The state of an article that a check found gone, and the reason to be stored.

    Suspect; after enough checks, far enough apart, removed, unless the outlet is down.
    """
    removed_after = session.outlet(article.outlet).removed_after
    before = availability_of(article)
    earliest = (
        add_seconds(before.missed_at, removed_after.apart) if before.missed_at else None
    )
    may_remove = (
        before.misses + 1 >= removed_after.looks
        and before.state is not ArticleState.REMOVED
        and (earliest is None or now >= earliest)
    )
    is_outage = False
    events: list[NewEvent] = []
    if may_remove:
        is_outage, events = _find_outage(session, article, now, removed_after.apart)
    after = version_decision.after_miss(
        before, now, earliest, removed_after.looks, is_outage
    )
    if after.state is not before.state:
        events.append(
            NewEvent(after.state, article.outlet, now, reason, article=article.key)
        )
    update = ArticleUpdate(
        state=after.state, misses=after.misses, missed=after.missed_at
    )
    if after.state is ArticleState.SUSPECT and after.missed_at:
        # The confirming check comes whatever else is scheduled.
        interval = removed_after.apart
        if is_outage:
            interval = _outage_interval(removed_after, after.misses)
        update |= ArticleUpdate(due=add_seconds(after.missed_at, interval))
    if is_outage:
        reason = f"{reason}; {OUTLET_DOWN_REASON}"
    return StateChange(update, tuple(events)), reason


def _outage_interval(removed_after: RemovedAfter, misses: int) -> float:
    """Seconds until the next check while the outlet is down; doubles each time."""
    doublings = min(misses - removed_after.looks, 20)
    return min(
        max(removed_after.apart, RECOVERY_CHECK_SECONDS) * 2.0**doublings,
        MAX_INTERVAL_SECONDS,
    )


def _find_outage(
    session: Session, article: ArticleRow, now: str, confirm_seconds: float
) -> tuple[bool, list[NewEvent]]:
    """Whether hardly any article of the outlet is online; one event for each outage."""
    since = add_seconds(now, -max(MIN_SAMPLE_PERIOD_SECONDS, 2 * confirm_seconds))
    online, gone = looks.count_online_and_gone(
        session.connection, article.outlet, since, article.key, OUTLET_SAMPLE_SIZE
    )
    if not version_decision.is_outage(online, gone):
        return False, []
    if looks.has_outlet_event(
        session.connection, ALL_MISSING_EVENT, article.outlet, since
    ):
        return True, []
    note = (
        f"of the articles checked last {gone + 1} are gone and {online} are online: "
        "probably trouble at the outlet, nothing is recorded as removed"
    )
    event = NewEvent(ALL_MISSING_EVENT, article.outlet, now, note, article=article.key)
    return True, [event]


# ---- writing


def store_state_change(
    session: Session, article: ArticleRow, change: StateChange, now: str
) -> None:
    """Write what a state change brings beside the article's own row."""
    for event in change.events:
        articles.add_event(session.connection, event)
    if change.outlet_is_back:
        looks.bring_forward_suspects(
            session.connection,
            article.outlet,
            session.outlet(article.outlet).removed_after.looks,
            add_seconds(now, RECOVERY_CHECK_SECONDS),
        )


def store_check(
    session: Session,
    page: FetchedPage,
    article: ArticleRow,
    observation: Observation,
    result: VisitResult,
    is_miss: bool,
) -> None:
    """Add the check with its evidence. ``is_miss``: it counts for a removal."""
    if result.outcome is Outcome.WAITING:
        return
    looks.add_check(
        session.connection,
        looks.NewCheck(
            article.key,
            page.now,
            result.outcome,
            page.capture.status,
            observation.label,
            int(is_miss),
            _prompt_of_check(session, page, article),
            page.capture_id,
            result.reason[:MAX_NOTE_LENGTH] if observation.label else "",
        ),
    )


def _prompt_of_check(session: Session, page: FetchedPage, article: ArticleRow) -> str:
    """Why the check was made; "" if it was simply due."""
    if article.key in session.forced_keys:
        return "forced"
    if article.state == ArticleState.SUSPECT:
        return "suspect"
    if article.sign:
        return article.sign
    return (
        "watched" if looks.is_watched(session.connection, article.key, page.now) else ""
    )
