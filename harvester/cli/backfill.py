"""``harvest backfill``: what an outlet published before is fetched now."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from harvester.cli.backfill_records import (
    CSV_COLUMNS,
    describe_standing,
    list_records,
)
from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    mask_url,
    pass_context,
    print_waiting,
    require_enabled_outlets,
)
from harvester.cli.options import TimeParamType, list_options, wait_option
from harvester.cli.output import (
    StepProgress,
    display_time,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
)
from harvester.errors import HarvesterError, NotInArchive

if TYPE_CHECKING:
    from harvester.archive.records.backfills import BackfillRow
    from harvester.daemon import StoppedError
    from harvester.daemon.backfill_process import Change
    from harvester.settings import Settings


@click.command()
@click.argument("outlet", required=False, shell_complete=complete_outlets)
@click.option(
    "--since",
    type=TimeParamType(),
    metavar="DATE",
    help="Fetch what was published since a day, a month, a year or a time.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Ask only how much there is, by year, and how long it would take.",
)
@click.option("--stop", is_flag=True, help="Stop it; the same command goes on later.")
@click.option("--again", is_flag=True, help="List all anew, also if it was finished.")
@wait_option
@list_options
@pass_context
def backfill(
    context: Context,
    outlet: str | None,
    since: str | None,
    dry_run: bool,
    stop: bool,
    again: bool,
    wait: bool,
    form: str | None,
) -> int:
    """Fetch what an outlet published before.

    WordPress's REST interface is asked for it, then further pages of the feeds, then
    sitemaps: what one does not reach, the next does. Pages are fetched at the outlet's
    delay, the newest first, and only while nothing else of the site is due. Articles say
    that they were first seen now; alerts on new ones do not ring.

    Ctrl-C stops it, and the same command goes on. While `harvest run` is running, it goes
    on with it by itself. Without OUTLET, backfills are listed.

    Examples: `harvest backfill courier --since 2019 --dry-run`,
    `harvest backfill courier --since 2019-05-03`, `harvest backfill`
    """
    if outlet is None:
        if since or dry_run or stop or again:
            raise click.UsageError("name an outlet: `harvest outlets` lists them")
        return _print_backfills(context, form)
    settings = context.settings
    require_enabled_outlets(settings, (outlet,))
    if stop:
        return _stop(settings, context, outlet, form)
    if dry_run:
        from harvester.cli.backfill_estimate import print_estimate

        if since is None:
            raise click.UsageError("--dry-run needs --since DATE")
        return print_estimate(context, outlet, since, form)
    return _run(settings, context, outlet, since, again, wait, form)


# ---- begin, go on, stop


def _run(
    settings: Settings,
    context: Context,
    outlet: str,
    since: str | None,
    again: bool,
    wait: bool,
    form: str | None,
) -> int:
    from harvester.archive.writer_lock import get_lock_holder
    from harvester.daemon.backfill_process import DAEMON_COMMAND, change_backfills

    latest = _get_latest(context, outlet)
    if since is None and (latest is None or (latest.state == "finished" and not again)):
        raise click.UsageError(
            f"give --since DATE: outlet {outlet!r} has no backfill under way"
        )
    if _is_up_to_date(latest, since, again):
        assert latest is not None
        print_note(
            f"up to date: finished on {display_time(latest.ended)} UTC; "
            "--again lists all anew"
        )
        return _print_one(context, outlet, form)
    change = _change(settings, outlet, since, again)
    holder = get_lock_holder(settings.archive)
    if holder is not None and holder.command == DAEMON_COMMAND:
        change_backfills(settings, change)
        print_note(
            f"{holder} goes on with it; `harvest backfill` shows where it stands"
        )
        return _print_one(context, outlet, form)
    stopped = _crawl(settings, outlet, change, wait)
    count = _print_one(context, outlet, form)
    if stopped is not None:
        stopped.hint = f"`harvest backfill {outlet}` goes on"
        raise stopped
    _require_source(context, outlet)
    return count


def _crawl(
    settings: Settings, outlet: str, change: Change, wait: bool
) -> StoppedError | None:
    """Crawl until nothing of a backfill is due; returns what stopped it."""
    from harvester.cli.backfill_progress import BackfillProgress
    from harvester.daemon import StoppedError
    from harvester.daemon.backfill_process import run_backfill

    delay = settings.outlets[outlet].delay
    progress = BackfillProgress(settings.archive, outlet, delay)
    try:
        run_backfill(
            settings,
            outlet,
            change,
            wait=wait,
            on_progress=progress.update,
            on_wait=print_waiting,
            on_upgrade=StepProgress(),
        )
    except StoppedError as error:
        return error
    finally:
        progress.clear()
    return None


def _get_latest(context: Context, outlet: str) -> BackfillRow | None:
    """The latest backfill of an outlet; None: there is none, or no archive."""
    from harvester.archive.records import backfills
    from harvester.errors import ArchiveNotFound, ArchiveOutdated

    try:
        with context.connect_read_only() as connection:
            return next(iter(backfills.list_backfills(connection, [outlet])), None)
    except (ArchiveNotFound, ArchiveOutdated):
        return None


def _is_up_to_date(latest: BackfillRow | None, since: str | None, again: bool) -> bool:
    return (
        latest is not None
        and latest.state == "finished"
        and not again
        and since is not None
        and since >= latest.since
    )


def _change(settings: Settings, outlet: str, since: str | None, again: bool) -> Change:
    """What begins a backfill, or goes on with the one that was begun with that date."""
    from harvester.archive.records import backfills
    from harvester.ingest.backfills import begin_backfill, continue_backfill

    def change(connection: sqlite3.Connection, now: str) -> None:
        latest = next(iter(backfills.list_backfills(connection, [outlet])), None)
        is_open = latest is not None and latest.state != "finished"
        if latest is not None and is_open and since in (None, latest.since):
            continue_backfill(connection, latest.id, now)
            return
        begin = since or (latest.since if latest is not None and again else None)
        if begin is None:
            raise HarvesterError("there is no backfill to go on with")
        if begin > now:
            raise HarvesterError(f"--since: {begin[:10]} is yet to come")
        begin_backfill(connection, settings.outlets[outlet], begin, now)

    return change


def _stop(settings: Settings, context: Context, outlet: str, form: str | None) -> int:
    from harvester.daemon.backfill_process import change_backfills
    from harvester.ingest.backfills import STOPPED_REASON, stop_backfills

    latest = _get_latest(context, outlet)
    if latest is None:
        raise NotInArchive(f"outlet {outlet!r} has no backfill")
    if latest.state != "running":
        print_note(f"the backfill of {outlet} is {latest.state}")
        return _print_one(context, outlet, form)

    def change(connection: sqlite3.Connection, _: str) -> None:
        stop_backfills(connection, outlet, STOPPED_REASON)

    change_backfills(settings, change)
    count = _print_one(context, outlet, form)
    print_note(f"`harvest backfill {outlet}` goes on")
    return count


def _require_source(context: Context, outlet: str) -> None:
    """Raise HarvesterError where no source could be read: nothing was found out."""
    record = list_records(context, outlet)[0]
    others = [each for each in record["sources"] if each["source"] != "feed"]
    if any(each["listed"] for each in others) or record["state"] != "finished":
        return
    reasons = "; ".join(
        f"{source['source']}: {source['reason']}"
        for source in record["sources"]
        if source["reason"]
    )
    raise HarvesterError(
        f"nothing but its feeds lists what {outlet} published: "
        f"{mask_url(reasons) or 'it has no other source'}",
        "`harvest import` brings in what others received",
    )


# ---- where they stand


def _print_backfills(context: Context, form: str | None) -> int:
    records = list_records(context)
    if print_records(records, form, CSV_COLUMNS):
        return len(records)
    if not records:
        print_note("no backfills; `harvest backfill OUTLET --since DATE` begins one")
        return 0
    headers = ["outlet", "since", "state", "found", "waiting", "requests", "stands"]
    rows = [
        [
            record["outlet"],
            record["since"][:10],
            record["state"],
            record["new"],
            record["waiting"],
            record["requests"],
            describe_standing(record),
        ]
        for record in records
    ]
    print_text(format_table(rows, headers))
    return len(records)


def _print_one(context: Context, outlet: str, form: str | None) -> int:
    record = list_records(context, outlet)[0]
    if form == "json":
        print_json(record)
        return 1
    if print_records([record], form, CSV_COLUMNS):
        return 1
    print_text(
        f"{outlet} since {record['since'][:10]}: {record['state']}; "
        f"{pluralize(record['listed'], 'entry', 'entries')} listed with "
        f"{pluralize(record['requests'], 'request')}: {record['new']} new, "
        f"{record['known']} known"
        + (f", {record['outside']} of another time" if record["outside"] else "")
    )
    outcomes = ", ".join(
        f"{count} {outcome}" for outcome, count in record["outcomes"].items()
    )
    if outcomes:
        print_text(f"  pages: {outcomes}")
    print_text(f"  {describe_standing(record)}")
    for source in record["sources"]:
        if source["requests"] and (source["reason"] or source["new"]):
            reason = f"; {mask_url(source['reason'])}" if source["reason"] else ""
            print_note(
                f"  {source['source']}: {source['new']} new of {source['listed']} "
                f"listed{reason}"
            )
    return 1
