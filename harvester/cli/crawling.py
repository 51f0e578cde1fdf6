"""A crawl from the command line: its progress on a terminal, and its counts in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import print_waiting
from harvester.cli.output import (
    StepProgress,
    pluralize,
    print_note,
    print_text,
    shows_progress,
)
from harvester.model import Outcome

if TYPE_CHECKING:
    from harvester.daemon import StoppedError
    from harvester.settings import Settings


def crawl_outlets(
    settings: Settings,
    outlets: tuple[str, ...],
    *,
    force: bool = False,
    fresh: bool = False,
    wait: bool = False,
    addresses: Sequence[tuple[str, str]] = (),
) -> tuple[dict[str, Any], StoppedError | None]:
    """Crawl once, with its progress on a terminal; the counts, and who stopped it.

    ``addresses``: (outlet, URL) of what is visited, and nothing else.
    """
    from harvester.daemon import StoppedError, crawl

    progress = CrawlProgress()
    stopped: StoppedError | None = None
    try:
        counts = crawl(
            settings,
            outlets,
            force=force,
            fresh=fresh,
            wait=wait,
            addresses=addresses,
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
    elif counts.get(Outcome.CHANGED):
        print_note("`harvest changes` lists what was changed")
    elif counts.get(Outcome.NEW):
        print_note(
            "`harvest search WORDS` searches it; `harvest run` goes on by itself"
        )
    elif not counts["visits"]:
        print_note("`harvest status` says when; `harvest run` waits for it")


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


class CrawlProgress:
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
