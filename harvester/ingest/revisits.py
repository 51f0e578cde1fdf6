"""When an article is checked next, and what a check adds to its outlet's counts.

A ``revisit`` of the settings is followed exactly. Where it is "auto", checks are
planned on a budget; so are those of an article that a person watches, whatever the
settings say.

Does not compute plans (``schedule``), nor decide what a check means (``checks``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harvester.archive import stored_json
from harvester.archive.records import articles, feeds, looks
from harvester.archive.records.articles import ArticleRow, ArticleUpdate
from harvester.archive.records.feeds import EntryRow, EntryUpdate
from harvester.identity import url_sessions, wording
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedPage
from harvester.model import ArticleState, Outcome
from harvester.schedule import check_plan
from harvester.schedule.edit_rates import ARTICLES_PART, EditHistory, counts_from_check
from harvester.schedule.intervals import backoff_seconds, next_check
from harvester.schedule.times import add_seconds, parse_time
from harvester.settings import Outlet

MAX_ATTEMPTS = 5  # of a check that fails; then the next one is scheduled
SECONDS_PER_HOUR = 3_600.0
# A value of ``articles.prompted``: words changed for sure. If the page does not show it, a
# cache may be before it, and it is checked once more when that has expired.
PROMPTED_TWICE = 2
CACHE_SECONDS = 3_600.0
DATE_LENGTH = 10  # characters of a date without a time

EditHint = Literal["", "words", "text", "date"]


# ---- the history of an article


def hours_between(start: str, end: str) -> float:
    """Hours from one time to another, at least 0."""
    seconds = (parse_time(end) - parse_time(start)).total_seconds()
    return max(seconds / SECONDS_PER_HOUR, 0.0)


def age_start(published: str | None, first_seen: str) -> str:
    """The time from which an article's age is counted: its publication, if known.

    It is not after the article was first seen, nor too long before.
    """
    if not published or (
        published[:DATE_LENGTH] >= first_seen[:DATE_LENGTH]
        and (len(published) == DATE_LENGTH or published > first_seen)
    ):
        return first_seen
    at = f"{published}T23:59:59Z" if len(published) == DATE_LENGTH else published
    earliest = add_seconds(
        first_seen, -check_plan.MAX_INITIAL_AGE_HOURS * SECONDS_PER_HOUR
    )
    return min(max(at, earliest), first_seen)


def _stored_age_start(article: ArticleRow) -> str:
    return article.born or article.first_seen


def _history_before_check(session: Session, article: ArticleRow) -> EditHistory:
    """The article's history until it was last seen, with its feed's hint since."""
    start = _stored_age_start(article)
    last_edit = None
    if article.versions > 1:
        last_edit = looks.get_last_change_time(session.connection, article.key)
    return EditHistory(
        hours_between(start, article.last_seen),
        article.versions - 1,
        hours_between(start, last_edit) if last_edit else None,
        signal=article.sign,
    )


def _listed_until_age(
    session: Session, entry: EntryRow | None, age: float, now: str
) -> float:
    """The age (hours) until which a feed will probably list an article.

    It is expected to go on for as long as it has so far; 0 if it does not list it now.
    """
    if entry is None:
        return 0.0
    feed = feeds.get_feed(session.connection, entry.feed)
    if not feed.active or entry.last_seen < (feed.listed or "9"):
        return 0.0
    if entry.backfill is not None and entry.place is None:  # another source listed it
        return 0.0
    return age + max(hours_between(entry.first_seen, now), 1.0)


# ---- the first check


@dataclass(frozen=True, slots=True)
class FirstCheck:
    """The time from which a new article's age is counted, and of its first check."""

    born: str
    due: str | None
    looks: int = 0  # checks of a ``revisit`` list whose time has passed


def schedule_first_check(
    session: Session, page: FetchedPage, key: str, published: str | None
) -> FirstCheck:
    """When a new article is checked first; counts it among its outlet's articles."""
    outlet, now = session.outlet(page.visit.outlet), page.now
    born = age_start(published, now)
    if page.entry is not None and page.entry.backfill is not None:
        check = _first_check_of_old(outlet, published, born, now)
        if check is not None:
            return check
    looks.decay_outlet_counts(session.connection, outlet.key)
    session.plans.add_counts(outlet.key, {ARTICLES_PART: (1.0, 0.0)})
    if outlet.revisit != "auto":
        return FirstCheck(born, next_check(now, 0, outlet.revisit))
    age = hours_between(born, now)
    history = EditHistory(
        age, listed_until=_listed_until_age(session, page.entry, age, now)
    )
    return FirstCheck(
        born, _plan_next_check(session, outlet, key, history, 0, now, False)
    )


def _first_check_of_old(
    outlet: Outlet, published: str | None, born: str, now: str
) -> FirstCheck | None:
    """The first check of an article that a backfill found: that of its age.

    None where it is planned as that of any other. One that is older than all checks is
    not checked as if it were fresh, but when a feed or a person asks for it; nor does it
    count among its outlet's articles. One without a date is taken for old.
    """
    if outlet.revisit == "auto":
        oldest = add_seconds(now, -check_plan.FIXED_AGES_HOURS[-1] * SECONDS_PER_HOUR)
        is_old = not published or published < oldest
        return FirstCheck(born, None) if is_old else None
    if published:
        at = f"{published}T00:00:00Z" if len(published) == DATE_LENGTH else published
        for checks, interval in enumerate(outlet.revisit):
            at = add_seconds(at, interval)
            if at > now:
                return FirstCheck(born, at, checks)
    return FirstCheck(born, None, len(outlet.revisit))


def _plan_next_check(
    session: Session,
    outlet: Outlet,
    key: str,
    history: EditHistory,
    checks_made: int,
    now: str,
    is_watched: bool,
) -> str | None:
    """When the next check is planned, after one just made; None: there is none."""
    interval = check_plan.next_interval(
        session.plans.plan_for(outlet),
        session.plans.edit_rates(outlet.key),
        history,
        checks_made,
        is_watched,
    )
    if interval is None:
        return None
    hours = check_plan.add_jitter(interval, key, checks_made)
    return add_seconds(now, hours * SECONDS_PER_HOUR)


# ---- further checks


def schedule_next_check(
    session: Session, page: FetchedPage, article: ArticleRow, outcome: Outcome
) -> ArticleUpdate:
    """When the next check is due; adds this one to its outlet's edit counts.

    A check uses up an interval of a ``revisit`` list in the settings, unless the feed
    or a person asked for it, it confirms a removal, or it failed and is tried again.
    """
    outlet, now = session.outlet(article.outlet), page.now
    if outcome is Outcome.WAITING:
        return ArticleUpdate(
            due=page.capture.retry_at or add_seconds(now, backoff_seconds(1))
        )
    attempts = article.attempts + 1
    if outcome is Outcome.FAILED and attempts < MAX_ATTEMPTS:
        return ArticleUpdate(
            attempts=attempts, due=add_seconds(now, backoff_seconds(attempts))
        )
    is_watched = looks.is_watched(session.connection, article.key, now)
    history = _learn_from_check(session, page, article, outcome)
    if outlet.revisit == "auto":
        checks_made = article.looks + 1
        counted = checks_made
        if article.state == ArticleState.REMOVED:
            counted = max(checks_made, check_plan.MAX_BUDGET_FACTOR * outlet.looks)
        due = _plan_next_check(
            session, outlet, article.key, history, counted, now, is_watched
        )
    else:
        is_extra = (
            article.key in session.forced_keys
            or article.prompted
            or article.state == ArticleState.SUSPECT
            or is_watched
        )
        checks_made = min(article.looks + (0 if is_extra else 1), len(outlet.revisit))
        due = next_check(now, checks_made, outlet.revisit)
        if is_watched:
            planned = _plan_next_check(
                session, outlet, article.key, history, checks_made, now, True
            )
            due = min(time for time in (due, planned) if time is not None)
    update = ArticleUpdate(attempts=0, sign="", dated_by="", looks=checks_made, due=due)
    if outcome is Outcome.UNCHANGED and article.prompted == PROMPTED_TWICE:
        again = add_seconds(now, CACHE_SECONDS)
        update |= ArticleUpdate(prompted=1, due=min(due or again, again))
    return update


def _learn_from_check(
    session: Session, page: FetchedPage, article: ArticleRow, outcome: Outcome
) -> EditHistory:
    """The article's history after a check; counts the check if it found the article."""
    age = hours_between(_stored_age_start(article), page.now)
    before = _history_before_check(session, article)
    listed_until = _listed_until_age(session, page.entry, age, page.now)
    is_edit = outcome is Outcome.CHANGED
    if outcome in (Outcome.CHANGED, Outcome.UNCHANGED):
        rates = session.plans.edit_rates(article.outlet)
        session.plans.add_counts(
            article.outlet,
            counts_from_check(rates, before, age, is_edit, listed_until > 0),
        )
        session.plans.count_check()
        if article.dated_by:
            feeds.count_dated_look(session.connection, article.dated_by, is_edit)
    last_edit_age = age if is_edit else before.last_edit_age
    return EditHistory(age, before.edits + is_edit, last_edit_age, listed_until)


# ---- hints of the feed


def find_edit_hint(entry: EntryRow, stated: EntryUpdate) -> EditHint:
    """What a feed changed of an entry; "" if nothing.

    "words": title or summary; "text": the full text that it carries; "date": only a
    stated time.
    """
    is_restated = (stated.title, stated.summary) != (entry.title, entry.summary)
    if is_restated and (
        _announced_words(stated.title, stated.summary)
        != _announced_words(entry.title, entry.summary)
    ):
        return "words"
    extra = str(stated.extra)
    if extra != entry.extra and _content_words(extra) != _content_words(entry.extra):
        return "text"
    if (stated.published, stated.updated) != (entry.published, entry.updated):
        return "date"
    return ""


def _announced_words(title: object, summary: object) -> tuple[str, str]:
    """Title and summary as they are compared: counters and clocks do not count."""
    return wording.headline_key(str(title)), wording.normalise_text(str(summary))


def _content_words(extra: str) -> str:
    """The words of the full text in an entry."""
    content = str(stored_json.parse_object(extra).get("content", ""))
    return "".join(re.sub(r"<[^<>]*>", " ", content).split())


def handle_edit_hint(session: Session, key: str, hint: EditHint, now: str) -> None:
    """Make the next check due now, or sooner: the feed hints at an edit."""
    article = articles.get_article(session.connection, key)
    outlet = session.settings.outlets.get(article.outlet) if article else None
    if article is None or outlet is None:
        return
    update = _decide_edit_hint(session, article, outlet, hint, now)
    articles.update_article(session.connection, key, update)


def follow_session(session: Session, key: str, url: str) -> None:
    """Check an article at this URL next, if it is its own in another session.

    Those of earlier sessions may have expired.
    """
    article = articles.get_article(session.connection, key)
    if article is not None and url_sessions.differ_only_in_visit(article.reached, url):
        articles.update_article(session.connection, key, ArticleUpdate(reached=url))


def _decide_edit_hint(
    session: Session, article: ArticleRow, outlet: Outlet, hint: EditHint, now: str
) -> ArticleUpdate:
    sign = "date" if hint == "date" else "words"
    if outlet.revisit != "auto":
        if hint == "text":
            return ArticleUpdate()
        return ArticleUpdate(due=now, prompted=1, sign=sign)
    if article.sign in (sign, "words"):  # the next check is planned for it already
        return ArticleUpdate()
    history = check_plan.with_signal(_history_before_check(session, article), sign)
    interval = check_plan.next_interval(
        session.plans.plan_for(outlet),
        session.plans.edit_rates(outlet.key),
        history._replace(listed_until=0.0),
        article.looks,
        looks.is_watched(session.connection, article.key, now),
    )
    if interval is None:
        return ArticleUpdate(sign=history.signal)
    at = now
    if interval > check_plan.MIN_INTERVAL_HOURS:
        at = max(now, add_seconds(article.looked, interval * SECONDS_PER_HOUR))
    return ArticleUpdate(
        due=min(at, article.due) if article.due else at,
        prompted=int(at == now),
        sign=history.signal,
    )
