"""``harvest status --coverage``: what share of time each feed was watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import Context, require_archived_outlets, utc_now
from harvester.cli.options import TimeParamType
from harvester.cli.output import (
    clean,
    display_time,
    pluralize,
    print_json,
    print_records,
    print_text,
    wrap_text,
)

if TYPE_CHECKING:
    from harvester.archive.queries.watched_feeds import GapRecord
    from harvester.ingest.coverage import FeedCoverage
    from harvester.schedule.coverage import DayCoverage

DEFAULT_DAYS = 28
MAX_DAYS = 366
MAX_LISTED_GAPS = 5
DAY_COLUMNS = (
    "outlet",
    "feed",
    "day",
    "share",
    "seconds",
    "watched_seconds",
    "filled_seconds",
    "gaps",
)
_PARTS = "▁▂▃▄▅▆▇"  # of a day that was watched
LEGEND = (
    "a character a day: █ all watched, ▓ all, after a gap was filled, ▁ to ▇ a part, "
    "× nothing, · does not count"
)


def coverage_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of ``harvest status`` about coverage."""
    options = (
        click.option(
            "--coverage",
            is_flag=True,
            help="What share of each day each feed was watched, and its gaps.",
        ),
        click.option(
            "--since",
            type=TimeParamType(),
            help="With --coverage: from this day (UTC) on.",
        ),
        click.option(
            "--until",
            type=TimeParamType(is_end=True),
            help="With --coverage: up to this day, included.",
        ),
        click.option(
            "--outlet",
            "more_outlets",
            shell_complete=complete_outlets,
            multiple=True,
            help="The same as OUTLET; may be repeated.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def print_coverage(
    context: Context,
    outlets: tuple[str, ...],
    since: str | None,
    until: str | None,
    form: str | None,
) -> int:
    """Print the coverage of all feeds, or of those of some outlets; returns how many.

    As JSON one object; as CSV, TSV and lines of JSON a line for each feed and day.
    """
    from harvester.ingest.coverage import list_coverage
    from harvester.schedule.times import format_time

    now = format_time(utc_now())
    first, last = _choose_days(since, until)
    with context.connect_read_only() as connection:
        require_archived_outlets(
            connection, [key for key in outlets if key not in context.settings.outlets]
        )
        covered = list_coverage(connection, first, last, now, outlets)
    if since is None:
        first, covered = _from_first_day(first, covered)
    record = _record(covered, first, last, now)
    days = [
        {"outlet": feed["outlet"], "feed": feed["feed"], **day}
        for feed in record["feeds"]
        for day in feed["days"]
    ]
    if form == "json":
        print_json(record)
    elif not print_records(days, form, DAY_COLUMNS):
        _print_table(covered, first, last)
    return len(covered)


def print_losses(context: Context, outlets: tuple[str, ...]) -> None:
    """Print in one line what was not watched lately; nothing if all was."""
    from harvester.ingest.coverage import list_coverage
    from harvester.schedule.times import format_time

    first, last = _choose_days(None, None)
    with context.connect_read_only() as connection:
        covered = list_coverage(
            connection, first, last, format_time(utc_now()), outlets
        )
    if any(one.share is not None and one.share < 1 for one in covered):
        words = f"watched in the last {DEFAULT_DAYS} days: {describe_total(covered)}"
        names = " ".join(outlets)
        print_text(
            "\n" + wrap_text(f"{words}; see `harvest status --coverage {names}`")
        )


def _choose_days(since: str | None, until: str | None) -> tuple[str, str]:
    """The first and the last day; by default the last four weeks."""
    from harvester.schedule.times import add_seconds, format_time, parse_time

    now = utc_now()
    # An end is the beginning of what is left out.
    end = parse_time(add_seconds(until, -1.0)) if until else now
    last = min(end, now)
    first = parse_time(since) if since else last - timedelta(days=DEFAULT_DAYS - 1)
    if first.date() > last.date():
        raise click.BadParameter("--since is after --until, or in the future")
    if (last - first).days >= MAX_DAYS:
        raise click.BadParameter(f"at most {MAX_DAYS} days are shown at once")
    return format_time(first)[:10], format_time(last)[:10]


def _from_first_day(
    first: str, covered: list[FeedCoverage]
) -> tuple[str, list[FeedCoverage]]:
    """The same without the days before any feed was watched."""
    lengths = [len(one.days) for one in covered]
    empty = min(
        (
            next((n for n, day in enumerate(one.days) if day.share is not None), length)
            for one, length in zip(covered, lengths, strict=True)
        ),
        default=0,
    )
    if not empty or empty >= min(lengths):
        return first, covered
    trimmed = [replace(one, days=one.days[empty:]) for one in covered]
    return trimmed[0].days[0].day, trimmed


def _record(
    covered: list[FeedCoverage], first: str, last: str, now: str
) -> dict[str, Any]:
    from harvester.identity.urls import mask_secrets

    return {
        "since": first,
        "until": last,
        "now": now,
        "feeds": [
            {
                "outlet": one.feed.outlet,
                "feed": mask_secrets(one.feed.feed),
                "section": one.feed.section,
                "kind": one.feed.kind,
                "active": bool(one.feed.active),
                "watched_since": one.feed.watched_since,
                "read_at": one.feed.read_at,
                "share": one.share,
                "days": [
                    {
                        "day": day.day,
                        "share": day.share,
                        "seconds": day.seconds,
                        "watched_seconds": day.watched,
                        "filled_seconds": day.filled,
                        "gaps": day.gaps,
                    }
                    for day in one.days
                ],
                "gaps": [
                    asdict(gap)
                    | {
                        "feed": mask_secrets(gap.feed),
                        "reason": mask_secrets(gap.reason),
                    }
                    for gap in one.gaps
                ],
            }
            for one in covered
        ],
    }


def _print_table(covered: list[FeedCoverage], first: str, last: str) -> None:
    from harvester.identity.urls import mask_secrets

    if not covered:
        print_text("no feed was read yet: run `harvest once` or `harvest run`")
        return
    print_text(f"watched from {first} to {last} (UTC): {describe_total(covered)}")
    print_text()
    width = max(len(clean(one.feed.outlet)) for one in covered)
    for one in covered:
        strip = "".join(map(day_mark, one.days))
        feed = clean(mask_secrets(one.feed.feed))
        print_text(
            f"{format_share(one.share):>8}  {strip}  "
            f"{clean(one.feed.outlet):<{width}}  {feed}"
        )
    print_text()
    print_text(wrap_text(LEGEND))
    _print_unread(covered)
    outlets = {one.feed.feed: one.feed.outlet for one in covered}
    gaps = [gap for one in covered for gap in one.gaps]
    lost = [gap for gap in gaps if gap.state != "filled"]
    filled = [gap for gap in gaps if gap.state == "filled" and gap.entries]
    _print_gaps("gaps that are not filled", lost, outlets)
    _print_gaps("gaps that were filled", filled, outlets)


def _print_unread(covered: list[FeedCoverage]) -> None:
    """Print which feeds cannot be read now, and since when."""
    from harvester.identity.urls import mask_secrets

    failing = [one.feed for one in covered if one.feed.active and one.feed.failures]
    if failing:
        print_text("\nnot read now")
    for feed in failing:
        words = (
            f"{feed.outlet} since {display_time(feed.read_at)}: {feed.reason} "
            f"({feed.feed})"
        )
        print_text(wrap_text(mask_secrets(words), "  "))


def describe_total(covered: list[FeedCoverage]) -> str:
    """All feeds in one line: "3 feeds, 99.12 % of their time; 2 gaps, 1 not filled"."""
    seconds = sum(day.seconds for one in covered for day in one.days)
    watched = sum(day.watched for one in covered for day in one.days)
    gaps = sum(len(one.gaps) for one in covered)
    lost = sum(len(one.lost_gaps) for one in covered)
    share = format_share(watched / seconds if seconds else None)
    times = "its time" if len(covered) == 1 else "their time"
    words = f"{pluralize(len(covered), 'feed')}, {share} of {times}"
    if not gaps:
        return f"{words}; no gaps"
    return f"{words}; {pluralize(gaps, 'gap')}, {lost or 'none'} not filled"


def format_share(share: float | None) -> str:
    """A share in per cent; never 100 where anything is missing."""
    if share is None:
        return "–"
    if share >= 1.0:
        return "100 %"
    return f"{min(share * 100, 99.99):.2f} %"


def day_mark(day: DayCoverage) -> str:
    """The character of a day, see ``LEGEND``."""
    share = day.share
    if share is None:
        return "·"
    if share >= 1.0:
        return "▓" if day.filled else "█"
    if share <= 0.0:
        return "×"
    return _PARTS[min(int(share * len(_PARTS)), len(_PARTS) - 1)]


def _print_gaps(
    heading: str, gaps: list[GapRecord], outlets: Mapping[str, str]
) -> None:
    """Print the latest gaps; ``outlets``: of their feeds."""
    from harvester.identity.urls import mask_secrets

    if not gaps:
        return
    gaps = sorted(gaps, key=lambda gap: (gap.until, gap.feed), reverse=True)
    more = len(gaps) - MAX_LISTED_GAPS
    note = f": {len(gaps)}, the latest {MAX_LISTED_GAPS}" if more > 0 else ""
    print_text(f"\n{heading}{note}")
    is_ambiguous = len(set(outlets.values())) < len(outlets)
    for gap in gaps[:MAX_LISTED_GAPS]:
        feed = f" ({gap.feed})" if is_ambiguous else ""
        words = (
            f"{outlets[gap.feed]} {display_time(gap.since)} to "
            f"{_end_of(gap)}: {describe_gap(gap)}{feed}"
        )
        print_text(wrap_text(mask_secrets(words), "  "))


def _end_of(gap: GapRecord) -> str:
    """The end of a gap: without its day, if that is the day on which it began."""
    until = display_time(gap.until)
    return until[11:] if gap.until[:10] == gap.since[:10] else until


def describe_gap(gap: GapRecord) -> str:
    """What filled a gap, or why nothing did."""
    if gap.state != "open":
        return gap.reason
    found = pluralize(gap.entries, "entry", "entries") + " found so far; "
    when = f", next request {display_time(gap.due)}" if gap.due else ""
    return f"{found if gap.entries else ''}being filled{when}"
