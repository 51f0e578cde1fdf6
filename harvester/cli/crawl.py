"""``harvest once`` and ``harvest run``: the harvest itself."""

from __future__ import annotations

import sys
from typing import Any

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import clean, print_note, print_text
from harvester.cli.output import format_json as written
from harvester.model import Outcome


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option(
    "--force",
    is_flag=True,
    help="Visit all feeds and articles of the outlets, due or not.",
)
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds the archive."
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="The last line is one object with all counts.",
)
@pass_context
def once(
    context: Context, outlets: tuple[str, ...], force: bool, wait: bool, as_json: bool
) -> None:
    """Visit what is due, each address at most once.

    --force overrides neither robots.txt, nor Retry-After, nor the delay between two requests.
    """
    from harvester.daemon import StoppedError, crawl

    settings = context.settings
    require_configured_outlets(outlets, list(settings.outlets))
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    progress = _CrawlProgress()
    stopped = None
    try:
        counts = crawl(
            settings,
            outlets,
            force=force,
            wait=wait,
            on_progress=progress.update,
            on_wait=progress.show_waiting,
        )
    except StoppedError as error:
        counts, stopped = error.counts, error
    finally:
        progress.clear()
    if as_json:
        click.echo(written(counts, None))
    else:
        _print_counts(counts)
    if stopped is not None:
        raise stopped


def require_configured_outlets(outlets: tuple[str, ...], configured: list[str]) -> None:
    """Raises UsageError with the nearest name where the settings name no such outlet."""
    from harvester.settings import nearest_name

    for key in outlets:
        if key not in configured:
            close = nearest_name(key, configured)
            also = (
                f"did you mean {close!r}?"
                if close
                else f"they name {', '.join(configured)}"
            )
            raise click.UsageError(f"the settings name no outlet {key!r}: {also}")


def format_crawl_summary(counts: dict[str, Any]) -> str:
    """What a crawl did, in one line."""
    seen = [
        f"{counts[outcome]} {outcome.value}"
        for outcome in Outcome
        if counts.get(outcome)
    ]
    feeds = [f"{counts['feeds']} feeds read"] if counts.get("feeds") else []
    return f"{counts['visits']} visits: {', '.join([*feeds, *seen]) or 'nothing was due'}; {counts['captures']} answers kept"


def _print_counts(counts: dict[str, Any]) -> None:
    print_text(format_crawl_summary(counts))
    if counts.get("offline"):
        print_note(
            "offline: this machine has no network; what could not be asked counts against no outlet, and is tried again"
        )
    if counts.get("left"):
        print_note(
            f"{counts['left']} pages take long to read and are left for the next run"
        )
    if any(
        counts.get(outcome)
        for outcome in (Outcome.FAILED, Outcome.BLOCKED, Outcome.REFUSED)
    ):
        print_note("`harvest status` says what failed, and what to do")


class _CrawlProgress:
    """One line that is written over; only on a terminal."""

    def __init__(self) -> None:
        self._enabled = sys.stderr.isatty()
        self._line_shown = False

    def update(self, event: dict[str, Any]) -> None:
        if self._enabled:
            line = f"{event.get('visits', 0)} visits, {event.get('captures', 0)} answers kept, {event.get('waiting', 0)} to go"
            if event.get("slow"):
                line += f", {event['slow']} of them slow to read"
            click.echo(f"\r{line:<70}", err=True, nl=False)
            self._line_shown = True

    def show_waiting(self, holder: str) -> None:
        print_note(f"waiting for {clean(holder)}")

    def clear(self) -> None:
        if self._line_shown:
            click.echo(f"\r{'':<70}\r", err=True, nl=False)
            self._line_shown = False


@click.command()
@click.option(
    "--wait", is_flag=True, help="Wait while another program holds the archive."
)
@pass_context
def run(context: Context, wait: bool) -> None:
    """Harvest for as long as it is left running. SIGTERM and Ctrl-C end it cleanly."""
    from harvester.daemon.ticks import Daemon
    from harvester.settings import find_settings_file, load_settings

    settings = context.settings
    file = find_settings_file(context.settings_file)
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    Daemon(settings, lambda: load_settings(file)).run(
        wait=wait, on_wait=lambda holder: print_note(f"waiting for {holder}")
    )
