"""``harvest once`` and ``harvest run``: crawls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    print_waiting,
    require_enabled_outlets,
    utc_timestamp,
)
from harvester.cli.options import wait_option
from harvester.cli.output import (
    StepProgress,
    format_json,
    pluralize,
    print_note,
    print_text,
    shows_progress,
)
from harvester.model import Outcome

if TYPE_CHECKING:
    from harvester.daemon import StoppedError
    from harvester.settings import Settings


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option(
    "--force",
    is_flag=True,
    help="Check all feeds and articles of the outlets, due or not.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Ask for whole responses: without If-None-Match and If-Modified-Since.",
)
@wait_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print all counts as one JSON object."
)
@pass_context
def once(
    context: Context,
    outlets: tuple[str, ...],
    force: bool,
    fresh: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Check everything that is due, once.

    Feeds are polled, and articles fetched. Without OUTLET, all outlets of the settings.
    --force overrides neither robots.txt, nor Retry-After, nor the delay between requests.
    --fresh finds out a server that says "not modified" for ever. Failures at an outlet do
    not change the exit code.

    Examples: `harvest once courier`, `harvest once --force --json`
    """
    settings = context.settings
    require_enabled_outlets(settings, outlets)
    check_alerts(settings, utc_timestamp())
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    counts, stopped = crawl_outlets(
        settings, outlets, force=force, fresh=fresh, wait=wait
    )
    if as_json:
        click.echo(format_json(counts, None))
    else:
        print_counts(counts)
    if stopped is not None:
        raise stopped


def check_alerts(settings: Settings, now: str) -> None:
    """Raise SettingsError for alerts whose query cannot be read."""
    if settings.alerts:
        from harvester.ingest.alert_rings import check_alerts as check

        check(settings, now)


def crawl_outlets(
    settings: Settings,
    outlets: tuple[str, ...],
    *,
    force: bool = False,
    fresh: bool = False,
    wait: bool = False,
) -> tuple[dict[str, Any], StoppedError | None]:
    """Crawl once, with its progress on a terminal; the counts, and who stopped it."""
    from harvester.daemon import StoppedError, crawl

    progress = _CrawlProgress()
    stopped: StoppedError | None = None
    try:
        counts = crawl(
            settings,
            outlets,
            force=force,
            fresh=fresh,
            wait=wait,
            on_progress=progress.update,
            on_wait=print_waiting,
            on_upgrade=StepProgress(),
        )
    except StoppedError as error:
        counts, stopped = error.counts, error
    finally:
        progress.clear()
    return counts, stopped


def format_crawl_summary(counts: dict[str, Any]) -> str:
    """What a crawl did, in one line."""
    parts = [
        f"{counts[outcome]} {outcome.value}"
        for outcome in Outcome
        if counts.get(outcome)
    ]
    if counts.get("feeds"):
        parts.insert(0, f"{pluralize(counts['feeds'], 'feed')} read")
    visits = pluralize(counts["visits"], "visit")
    captures = pluralize(counts["captures"], "response")
    return f"{visits}: {', '.join(parts) or 'nothing was due'}; {captures} stored"


def print_counts(counts: dict[str, Any]) -> None:
    print_text(format_crawl_summary(counts))
    if counts.get("offline"):
        print_note(
            "offline: this machine has no network; "
            "failed requests do not count against outlets, and are retried"
        )
    _print_alerts(counts.get("alerts") or {})
    if counts.get("left"):
        pages = pluralize(counts["left"], "page is", "pages are")
        print_note(f"{pages} slow to read and left for the next run")
    if any(
        counts.get(outcome)
        for outcome in (Outcome.FAILED, Outcome.BLOCKED, Outcome.REFUSED)
    ):
        print_note("`harvest status` says what failed, and what to do")


def _print_alerts(alerts: dict[str, Any]) -> None:
    if alerts.get("delivered"):
        print_note(f"alerts: {alerts['delivered']} delivered")
    for name, error in alerts.get("errors", {}).items():
        print_note(f"alert {name}: not delivered yet: {error}")
    if alerts.get("errors"):
        print_note(
            "the next `harvest once` tries again, and `harvest run` by itself; "
            "`harvest alerts log` says more"
        )


class _CrawlProgress:
    """A line on stderr that is rewritten as the crawl goes on; only on a terminal."""

    def __init__(self) -> None:
        self._enabled = shows_progress()
        self._line_shown = False

    def update(self, event: dict[str, Any]) -> None:
        if self._enabled:
            visits = pluralize(event.get("visits", 0), "visit")
            captures = pluralize(event.get("captures", 0), "response")
            line = f"{visits}, {captures} stored, {event.get('waiting', 0)} to go"
            if event.get("slow"):
                line += f", {event['slow']} slow to read"
            click.echo(f"\r{line:<70}", err=True, nl=False)
            self._line_shown = True

    def clear(self) -> None:
        if self._line_shown:
            click.echo(f"\r{'':<70}\r", err=True, nl=False)
            self._line_shown = False


@click.command()
@wait_option
@pass_context
def run(context: Context, wait: bool) -> None:
    """Crawl continuously, until Ctrl-C or SIGTERM.

    The settings file is read again when it changes.

    Examples: `harvest --settings /etc/harvest/settings.toml run`, `harvest run --wait`
    """
    from harvester.daemon.ticks import Daemon
    from harvester.settings import find_settings_file, load_settings

    settings = context.settings
    file = find_settings_file(context.settings_file)
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    check_alerts(settings, utc_timestamp())

    def load() -> Settings:
        settings = load_settings(file)
        check_alerts(settings, utc_timestamp())
        return settings

    Daemon(settings, load).run(wait=wait, on_wait=print_waiting)
