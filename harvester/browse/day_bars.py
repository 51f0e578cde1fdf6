"""Edits and removals by day, as bars that lead to the list of each day. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from harvester.archive.queries.outlet_days import Counts
from harvester.browse import phrasing
from harvester.browse.list_filter import ListFilter
from harvester.render.plots import Plot
from harvester.render.plots.bars import Bar, draw_bars

DAYS = 30
_WIDTH, _HEIGHT = 380, 130  # units: as narrow as a telephone


def list_days(last: str) -> list[str]:
    """The days that are drawn, up to a day or time."""
    end = date.fromisoformat(last[:10])
    return [str(end - timedelta(days=ago)) for ago in range(DAYS - 1, -1, -1)]


def draw_edits(
    counts: Mapping[str, Counts], days: list[str], chosen: ListFilter, base: str
) -> Plot | None:
    """Edits by day, the unacknowledged ones told apart; None: there are none.

    ``base``: the path of the list, with Datasette's base URL.
    """
    edits = {day: (count.edits, count.silent) for day, count in counts.items()}
    total, silent = (sum(pair[index] for pair in edits.values()) for index in (0, 1))
    words = (
        f"{phrasing.pluralize(total, 'edit')} in {DAYS} days, {silent:,} of them "
        "unacknowledged (hatched). A bar leads to its day."
    )
    names = ("Edits", "Unacknowledged")
    return _draw("Edits by day", words, names, edits, days, chosen, base)


def draw_removals(
    counts: Mapping[str, Counts], days: list[str], chosen: ListFilter, base: str
) -> Plot | None:
    """Removals by day; None: there are none."""
    removals = {day: (count.removed, 0) for day, count in counts.items()}
    total = sum(removed for removed, _ in removals.values())
    words = (
        f"{phrasing.pluralize(total, 'article')} removed in {DAYS} days. "
        "A bar leads to its day."
    )
    return _draw(
        "Removals by day", words, ("Removals", ""), removals, days, chosen, base
    )


def _draw(
    title: str,
    words: str,
    names: tuple[str, str],
    values: Mapping[str, tuple[int, int]],
    days: list[str],
    chosen: ListFilter,
    base: str,
) -> Plot | None:
    if not any(value for value, _ in values.values()):
        return None
    only = replace(chosen, after="")
    bars = [
        Bar(day, *values.get(day, (0, 0)), only.address(base, since=day, until=day))
        for day in days
    ]
    return draw_bars(
        title,
        words,
        bars,
        names=names,
        shorten=_shorten,
        width=_WIDTH,
        height=_HEIGHT,
    )


def _shorten(day: str) -> str:
    moment = date.fromisoformat(day)
    return f"{moment.day} {moment:%b}"
