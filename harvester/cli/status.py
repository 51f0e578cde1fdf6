"""``harvest status``: the state of the harvest."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from harvester.cli import alarms, feed_states
from harvester.cli.backfill_records import describe_standing, list_running
from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    utc_timestamp,
)
from harvester.cli.feed_coverage import (
    coverage_options,
    print_coverage,
    print_losses,
)
from harvester.cli.options import DurationParamType, list_options
from harvester.cli.output import (
    clean,
    display_time,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
    wrap_text,
)
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.schedule.poll_rhythm import Rhythm

NOT_IN_SETTINGS = "no longer in the settings; kept and searchable, not checked"
CSV_COLUMNS = (
    "outlet",
    "name",
    "feed",
    "state",
    "words",
    "advice",
    "polled",
    "new_at",
    "due",
    "entries",
    "failures",
)
MAX_EVENTS, MAX_ATOM_EVENTS = 5, 100
DISABLED = "disabled in the settings; kept and searchable, not checked"


@click.command()
@click.argument(
    "outlets", nargs=-1, metavar="[OUTLET]…", shell_complete=complete_outlets
)
@click.option(
    "--max-age",
    type=DurationParamType(),
    help="Exit with 1 if something has been due for longer, and no crawl did anything.",
)
@click.option(
    "--failing",
    is_flag=True,
    help="Only outlets with a feed that fails or is silent, or an unusual volume.",
)
@click.option("--all", "in_full", is_flag=True, help="Every feed of every outlet.")
@click.option(
    "--atom", "form", flag_value="atom", help="Print what went wrong as an Atom feed."
)
@coverage_options
@list_options
@pass_context
def status(
    context: Context,
    outlets: tuple[str, ...],
    max_age: float | None,
    failing: bool,
    in_full: bool,
    form: str | None,
    coverage: bool,
    since: str | None,
    until: str | None,
    more_outlets: tuple[str, ...],
) -> int:
    """Show the state of the feeds, failures first.

    Where there are many outlets, those that are fine are only named. For one that is
    named, its feeds' intervals and its hosts are shown too.

    --json prints one object with all of it; --csv, --tsv and --nl a line for each feed.

    For a monitor, --max-age tells whether `harvest run` does its work. It never fails
    because nothing is due.

    --coverage shows instead what share of each day each feed was watched, and its gaps:
    times in which entries may have come and gone, and what filled them.

    Examples: `harvest status --failing`, `harvest status --max-age '1 hour'`,
    `harvest status --coverage`
    """
    outlets = (*outlets, *more_outlets)
    if coverage and form == "atom":
        raise click.UsageError("--atom is for events, not for --coverage")
    if coverage:
        return print_coverage(context, outlets, since, until, form)
    if since or until:
        raise click.UsageError("--since and --until are for --coverage")
    from harvester.archive.queries import health_events, report
    from harvester.archive.records import alert_deliveries
    from harvester.archive.writer_lock import get_lock_holder
    from harvester.identity.urls import mask_secrets

    settings = context.settings
    holder = get_lock_holder(settings.archive)
    with context.connect_read_only() as connection:
        require_archived_outlets(
            connection, [key for key in outlets if key not in settings.outlets]
        )
        rows = report.list_outlets(connection, outlets)
        crawl = report.get_last_crawl(connection)
        events = health_events.list_health_events(
            connection, MAX_ATOM_EVENTS if form == "atom" else MAX_EVENTS, outlets
        )
        downtime = health_events.get_last_downtime(connection)
        thinned = report.get_thinned(connection)
        undelivered = alert_deliveries.list_problems(connection)
        running = list_running(connection, outlets)
        stall = None if max_age is None else _find_stall(connection, max_age)
    records = [_outlet_record(context, row) for row in rows]
    if form == "atom":
        alarms.print_atom(context, events, outlets)
        return len(events)
    archived = {row["outlet"] for row in rows}
    for key, outlet in settings.outlets.items():
        if (
            key not in archived
            and (not outlets or key in outlets)
            and outlet.was not in archived
        ):
            records.append(_unvisited_outlet_record(key, outlet.name, outlet.disabled))
    holder_record = holder and {
        "pid": holder.pid,
        "command": holder.command,
        "since": holder.since,
        "problem": holder.problem,
        "problem_since": holder.problem_since,
    }
    if failing and form:
        records = [record for record in records if feed_states.needs_attention(record)]
    record = {
        "archive": str(settings.archive.resolve()),
        "holder": holder_record,
        "crawl": crawl,
        "thinned": thinned,
        "downtime": downtime
        and {"from": downtime.since, "until": downtime.at, "words": downtime.note},
        "alerts": undelivered,
        "warnings": [*settings.warnings, *context.contact_warnings()],
        "summary": feed_states.count_states(records),
        "outlets": records,
        "events": [
            {
                **asdict(event),
                "note": mask_secrets(event.note),
                "feed": mask_secrets(event.feed or ""),
            }
            for event in events
        ],
    }
    feeds = [
        {"outlet": outlet["outlet"], "name": outlet["name"], **feed}
        for outlet in records
        for feed in outlet["feeds"]
        if not failing or feed["state"] in ("failing", "silent")
    ]
    if form == "json":
        print_json(record)
    elif not print_records(feeds, form, CSV_COLUMNS):
        detailed, named = feed_states.split_outlets(
            records, failing, in_full or bool(outlets)
        )
        _print_header(record)
        _print_undelivered(undelivered)
        for backfill in running:
            print_note(
                f"backfill of {backfill['outlet']}: {describe_standing(backfill)}"
            )
        for outlet_record in detailed:
            _print_outlet(outlet_record, bool(outlets), failing)
        _print_named(named)
        if outlets:
            print_losses(context, outlets)
        _print_events(record)
    if stall is not None:
        raise stall
    return len(feeds)


def _find_stall(
    connection: sqlite3.Connection, max_age: float
) -> HarvesterError | None:
    """An error if for ``max_age`` seconds a visit is due, and no crawl did anything."""
    from harvester.archive.queries.report import find_stall
    from harvester.schedule.times import add_seconds

    stall = find_stall(connection, add_seconds(utc_timestamp(), -max_age))
    if stall is None:
        return None
    due, active = stall
    last = f"since {display_time(active)} UTC" if active else "so far"
    return HarvesterError(
        f"no crawl did anything {last}, and something is due since "
        f"{display_time(due)} UTC",
        "is `harvest run` running? `harvest doctor` checks what it needs",
    )


def _outlet_record(context: Context, outlet_row: dict[str, Any]) -> dict[str, Any]:
    """An outlet of the archive, described."""
    from harvester.identity.urls import mask_secrets

    configured = context.settings.outlets.get(outlet_row["outlet"])
    now = utc_timestamp()
    return {
        **outlet_row,
        "volume": alarms.volume_record(outlet_row["volume"]),
        "words": _describe_outlet(context, outlet_row),
        "insecure": configured is not None and configured.insecure,
        "feeds": [
            _feed_record(
                feed,
                now,
                configured.every if configured else None,
                context.settings.user_agent,
            )
            for feed in outlet_row["feeds"]
        ],
        "troubles": [
            {**trouble, "reason": mask_secrets(trouble["reason"])}
            for trouble in outlet_row["troubles"]
        ],
    }


def _describe_outlet(context: Context, outlet_row: dict[str, Any]) -> str:
    """What happened to an outlet in the settings; "" if nothing did."""
    key, outlets = outlet_row["outlet"], context.settings.outlets
    for new_key, outlet in outlets.items():
        if outlet.was == key:
            return f"renamed {new_key}; takes effect with the next crawl"
    if key not in outlets:
        return NOT_IN_SETTINGS
    if outlets[key].disabled:
        return DISABLED
    return (
        ""
        if outlet_row["active"]
        else "in the settings again; checked by the next crawl"
    )


def _feed_record(
    feed: dict[str, Any],
    now: str,
    every: float | Literal["auto"] | None,
    user_agent: str,
) -> dict[str, Any]:
    """A feed, described. ``every``: by the settings; None if they do not name it."""
    from harvester.archive.queries.report import describe_feed
    from harvester.archive.records.feeds import SITEMAP_INDEX
    from harvester.identity.urls import mask_secrets
    from harvester.schedule import interval_words, poll_rhythm

    outcome, advice = describe_feed(feed, now, display_time)
    rhythm = poll_rhythm.from_json(feed["rhythm"])
    seconds, words = None, ""
    # Others are not polled by what they announce.
    has_rhythm = feed["kind"] != "wordpress" and not feed["reason"].startswith(
        SITEMAP_INDEX
    )
    if every is not None and feed["active"] and has_rhythm:
        seconds, words = interval_words.explain_interval(
            every,
            feed["wished_seconds"],
            feed["wished"],
            rhythm,
        )
    silence = _describe_silence(feed, rhythm, now)
    if silence and feed["outcome"] in feed_states.READ_OUTCOMES and feed["active"]:
        outcome = f"{outcome}; silent: {silence}"
        advice = advice or feed_states.SILENCE_ADVICE
    return {
        **{name: value for name, value in feed.items() if name != "rhythm"},
        "state": feed_states.feed_state(feed, silence),
        "interval": seconds,
        "interval_words": words,
        "feed": mask_secrets(feed["feed"]),
        "reason": mask_secrets(feed["reason"]),
        "words": mask_secrets(outcome),
        "advice": _complete_advice(mask_secrets(advice), feed, user_agent),
    }


def _describe_silence(feed: dict[str, Any], rhythm: Rhythm, now: str) -> str:
    from harvester.archive.records.feeds import EMPTY_FEED
    from harvester.schedule.silence import describe_emptiness, describe_silence
    from harvester.schedule.times import parse_time

    if feed["reason"].startswith(EMPTY_FEED):
        return describe_emptiness(feed["since"], now)
    try:
        new_at = parse_time(feed["new_at"]).timestamp() if feed["new_at"] else None
    except (ValueError, TypeError):  # a damaged archive; `harvest doctor` tells
        return ""
    return describe_silence(rhythm, new_at, parse_time(now).timestamp())


def _complete_advice(advice: str, feed: dict[str, Any], user_agent: str) -> str:
    """The advice with the feed's URL and the User-Agent, where it names them."""
    from harvester.identity.urls import mask_secrets

    advice = advice.replace("{url}", mask_secrets(feed["feed"]))
    return advice.replace("{user_agent}", user_agent)


def _unvisited_outlet_record(key: str, name: str, disabled: bool) -> dict[str, Any]:
    return {
        "outlet": key,
        "name": name,
        "active": not disabled,
        "articles": 0,
        "versions": 0,
        "newest": None,
        "removed": 0,
        "waiting": 0,
        "volume": None,
        "words": DISABLED
        if disabled
        else "not crawled yet: run `harvest once` or `harvest run`",
        "insecure": False,
        "feeds": [],
        "hosts": [],
        "troubles": [],
    }


def _print_header(record: dict[str, Any]) -> None:
    print_text(f"archive {clean(record['archive'])}")
    if record["holder"]:
        _print_holder(record["holder"])
    crawl = record["crawl"]
    if crawl:
        end = f"ended {display_time(crawl['ended'])}" if crawl["ended"] else "not ended"
        visits = pluralize(crawl["visits"], "visit")
        captures = pluralize(crawl["captures"], "capture")
        started = display_time(crawl["started"])
        print_text(f"last crawl {started} UTC, {end}: {visits}, {captures}")
    thinned = record["thinned"]
    if thinned:
        print_text(
            f"thinned out: {pluralize(thinned['captures'], 'capture')}, "
            f"{thinned['bytes'] / 1e6:.1f} MB of bodies; the last "
            f"{display_time(thinned['last'])} UTC"
        )
    alarms.print_downtime(record["downtime"])
    if record["summary"]["feeds"]:
        print_text(feed_states.describe_counts(record["summary"]))


def _print_undelivered(targets: list[dict[str, Any]]) -> None:
    """Targets of alerts that fail, or to which something was given up."""
    for target in targets:
        count = pluralize(target["deliveries"], "delivery", "deliveries")
        if target["state"] == "given up":
            state, hint = f"given up {display_time(target['at'])} UTC", "retry"
        else:
            attempts = pluralize(target["attempts"], "attempt")
            state, hint = f"waiting after {attempts}", "log --failing"
        print_text(
            wrap_text(
                f"alert {target['alert']} to {clean(target['target'])}: {count} {state}: "
                f"{clean(target['error'])}; `harvest alerts {hint}`"
            )
        )


def _print_named(outlets: list[dict[str, Any]]) -> None:
    """Name outlets of which nothing is to be said."""
    if outlets:
        keys = ", ".join(clean(outlet["outlet"]) for outlet in outlets)
        print_text()
        print_text(wrap_text(f"fine: {keys}"))
        print_note("`harvest status OUTLET` shows one of them, --all each")


def _print_events(record: dict[str, Any]) -> None:
    if record["events"]:
        print_text("\nrecent events of feeds and outlets")
    for event in record["events"]:
        feed = f" ({event['feed']})" if event["feed"] else ""
        message = (
            f"{display_time(event['at'])} {event['outlet'] or 'this machine'}: "
            f"{event['kind']}: {event['note']}{feed}"
        )
        print_text(wrap_text(message, "  "))
    for warning in record["warnings"]:
        print_note(f"warning: {warning}")


def _print_holder(holder: dict[str, Any]) -> None:
    print_text(
        f"in use by `{clean(holder['command'])}` (process {holder['pid']}) "
        f"since {display_time(holder['since'])} UTC"
    )
    if holder["problem"]:
        since = display_time(holder["problem_since"])
        message = wrap_text(f"problem since {since}: {holder['problem']}", "  ")
        print_text(click.style(message, fg="red"))


def _print_host(host: dict[str, Any]) -> None:
    """Print what robots.txt of a host is, and what the host reserves."""
    status, read_at = host["robots_status"], host["robots_read_at"]
    robots = "robots.txt was not fetched yet"
    if status is not None:
        robots = f"robots.txt answered {status}" if status else "robots.txt: no answer"
    if read_at:
        robots += f", read {display_time(read_at)} UTC"
    print_text(wrap_text(f"{host['origin']}: {robots}", "  "))
    if host["reserved"]:
        words = f"reserved, which is recorded and not obeyed: {host['reserved']}"
        print_text(wrap_text(words, "    "))


def _print_outlet(
    outlet: dict[str, Any], is_asked_for: bool, failing_only: bool
) -> None:
    """Print an outlet; ``is_asked_for``: by name, so in detail.

    ``failing_only``: without its other feeds, and its pages.
    """
    counts = [
        pluralize(outlet["articles"], "article"),
        pluralize(outlet["versions"], "version"),
        *(
            f"{outlet[state]} {state}"
            for state in ("removed", "waiting")
            if outlet[state]
        ),
    ]
    key = click.style(clean(outlet["outlet"]), bold=True)
    print_text()
    print_text(f"{key}  {clean(outlet['name'])}: {', '.join(counts)}")
    if outlet["words"]:
        print_text(wrap_text(outlet["words"], "  "))
        if outlet["words"] in (NOT_IN_SETTINGS, DISABLED):
            return
    if outlet["insecure"]:
        print_text(click.style("  insecure: certificates are not verified", fg="red"))
    alarms.print_volume(outlet["volume"])
    for feed in outlet["feeds"]:
        if not failing_only or feed["state"] in ("failing", "silent"):
            _print_feed(feed, is_asked_for)
    if failing_only:
        return
    for host in outlet["hosts"]:
        if host["reserved"] or is_asked_for:
            _print_host(host)
    for trouble in outlet["troubles"]:
        pages = pluralize(trouble["count"], "page")
        message = f"{pages} {trouble['outcome']}: {trouble['reason']}"
        print_text(wrap_text(message, "  "))


def _print_feed(feed: dict[str, Any], with_interval: bool) -> None:
    section = f" ({clean(feed['section'])})" if feed["section"] else ""
    entries = pluralize(feed["entries"], "entry", "entries")
    print_text(f"  {clean(feed['feed'])}{section}, {entries}")
    due = (
        f"; next poll {display_time(feed['due'])}"
        if feed["active"] and feed["due"]
        else ""
    )
    was_read = feed["outcome"] in ("changed", "unchanged")
    has_failed = bool(feed["advice"]) and feed["polled"] is not None and not was_read
    message = wrap_text(f"{feed['words']}{due}", "    ")
    print_text(click.style(message, fg="red" if has_failed else None))
    if with_interval and was_read and feed["interval_words"]:
        print_text(wrap_text(f"polled {feed['interval_words']}", "    "))
    if feed["advice"]:
        print_text(wrap_text(f"→ {feed['advice']}", "    "))
