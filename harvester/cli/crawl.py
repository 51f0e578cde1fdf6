"""``harvest once`` and ``harvest run``: crawls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    print_waiting,
    require_enabled_outlets,
    utc_timestamp,
)
from harvester.cli.crawling import CrawlProgress, crawl_outlets, print_counts
from harvester.cli.once_at import (
    AddressVisits,
    check_arguments,
    failure_of,
    is_address,
    print_visits,
)
from harvester.cli.options import wait_option
from harvester.cli.output import format_json, print_note

if TYPE_CHECKING:
    from harvester.settings import Settings


@click.command()
@click.argument(
    "outlets", nargs=-1, metavar="[OUTLET|URL]…", shell_complete=complete_outlets
)
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

    With a URL, that address alone is visited, due or not, for the outlet of its site: an
    article that is new or known, or a feed. If no outlet has that site, it is added, as by
    `harvest add`. The exit code is 1 if it gives no article.

    Examples: `harvest once courier`, `harvest once --force --json`
    """
    if any(map(is_address, outlets)):
        _visit_addresses(context, outlets, fresh, wait, as_json)
        return
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


def _visit_addresses(
    context: Context,
    names: tuple[str, ...],
    fresh: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Visit addresses, and say what came of each."""
    check_arguments(names)
    visits = AddressVisits(context, names, quiet=as_json)
    check_alerts(visits.settings, utc_timestamp())
    for warning in visits.settings.warnings:
        print_note(f"warning: {warning}")
    counts, stopped = crawl_outlets(
        visits.settings, (), fresh=fresh, wait=wait, addresses=visits.targets
    )
    records = visits.describe(counts)
    if as_json:
        click.echo(format_json({**counts, "addresses": records}, None))
    else:
        print_visits(records)
    if stopped is not None:
        raise stopped
    if failure := failure_of(records):
        raise failure


@click.command()
@wait_option
@pass_context
def run(context: Context, wait: bool) -> None:
    """Crawl continuously, until Ctrl-C or SIGTERM.

    Each crawl is a line of the log: what was fetched, new and changed. On a terminal, a
    line below shows the crawl under way. The settings file is read again when it changes.

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

    progress = CrawlProgress()
    Daemon(settings, load).run(
        wait=wait,
        on_wait=print_waiting,
        on_progress=progress.update,
        before_log_line=progress.clear,
    )
    progress.clear()
