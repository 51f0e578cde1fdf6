"""What an outlet did in some weeks, beside the median of all outlets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from harvester.archive.queries.outlet_days import Counts
from harvester.browse.list_filter import ListFilter
from harvester.render.plots import Plot
from harvester.render.plots.bars import Bar, draw_bars, format_value

WEEKS = 12
EDIT_KINDS = ("edited", "headline")  # of changes that did not go back
FIRST_EDIT_LABELS = ("15 min", "1 h", "6 h", "1 day", "7 days", "later")
_PLOT_WIDTH, _PLOT_HEIGHT = 360, 140
_ARTICLE, _SHARE, _PER_THOUSAND = "{:,.1f}", "{:.1f} %", "{:,.1f}"
_READING_NAMES = {
    "title": "Pages read with a headline",
    "author": "… with an author",
    "published": "… with a date",
    "text": "… with a text",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A measure of an outlet and of the median outlet, in words; "": not known."""

    name: str
    value: str
    median: str
    href: str = ""  # where the value can be looked at


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks, from a Monday to the last day that is counted."""

    since: str
    until: str  # the day behind it
    days: tuple[str, ...]

    @classmethod
    def make(cls, last_day: str, weeks: int = WEEKS) -> Period:
        """The weeks up to a day."""
        last = date.fromisoformat(last_day)
        monday = last - timedelta(days=last.weekday() + 7 * (weeks - 1))
        count = (last - monday).days + 1
        days = tuple(str(monday + timedelta(days=number)) for number in range(count))
        return cls(days[0], str(last + timedelta(days=1)), days)

    @property
    def mondays(self) -> tuple[str, ...]:
        return self.days[::7]


def _divide(part: float, whole: float, factor: float = 1) -> float | None:
    return factor * part / whole if whole else None


def compare(
    key: str, by_outlet: Mapping[str, Counts], period: Period
) -> tuple[list[Number], int]:
    """What an outlet did, beside the median of the outlets that have articles.

    Returns the numbers, and of how many outlets the median is.
    """
    own = by_outlet.get(key, Counts())
    others = [counts for counts in by_outlet.values() if counts.articles]
    days = len(period.days)
    within = ListFilter(outlets=(key,), since=period.since, until=period.days[-1])
    silent, removals = (
        within.address("/-/changes", silent=True),
        within.address("/-/removals"),
    )
    corrections = within.address("/-/changes", classes=("correction",))
    measures: list[tuple[str, str, Callable[[Counts], float | None], str]] = [
        ("Articles a day", _ARTICLE, lambda c: c.articles / days, ""),
        (
            "Articles that were edited",
            _SHARE,
            lambda c: _divide(c.edited, c.articles, 100),
            within.address("/-/changes", kinds=EDIT_KINDS),
        ),
        (
            "First edits within an hour",
            _SHARE,
            lambda c: _divide(sum(c.first_edits[:2]), c.edited, 100),
            "",
        ),
        (
            "Unacknowledged edits",
            _SHARE,
            lambda c: _divide(c.silent, c.edits, 100),
            silent,
        ),
        (
            "Corrections per thousand articles",
            _PER_THOUSAND,
            lambda c: _divide(c.corrections, c.articles, 1_000),
            corrections,
        ),
        (
            "Removals per thousand articles",
            _PER_THOUSAND,
            lambda c: _divide(c.removed, c.articles, 1_000),
            removals,
        ),
        (
            "Returns per thousand articles",
            _PER_THOUSAND,
            lambda c: _divide(c.returned, c.articles, 1_000),
            "",
        ),
        (
            "Copies of agencies’ texts",
            _SHARE,
            lambda c: _divide(c.agency_copies, c.articles, 100),
            "",
        ),
    ]
    return [
        Number(
            name,
            _write(form, measure(own)),
            _write(form, find_median(map(measure, others))),
            href if measure(own) else "",
        )
        for name, form, measure, href in measures
    ], len(others)


def compare_reading(
    own: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
) -> list[Number]:
    """How well the newest pages were read, as ``reading_health`` summarises them."""
    numbers = []
    for field, name in _READING_NAMES.items():
        middle = find_median(_percent(pages[field]) for pages in others)
        value = _write(_SHARE, _percent(own[field]))
        numbers.append(Number(name, value, _write(_SHARE, middle)))
    middle = find_median(pages["words"] for pages in others)
    numbers.append(
        Number(
            "Words, median", _write("{:,.0f}", own["words"]), _write("{:,.0f}", middle)
        )
    )
    return numbers


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _write(form: str, value: float | None) -> str:
    return "" if value is None else form.format(value)


def find_median(values: Any) -> float | None:
    """Of the values that are known; None if none is."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


# ---- plots


def draw_plots(
    key: str,
    days: Mapping[str, Counts],
    hours: Sequence[int],
    by_outlet: Mapping[str, Counts],
    period: Period,
) -> list[Plot]:
    """Articles by day, edits by week, time to the first edit, hours."""
    others = [counts for counts in by_outlet.values() if counts.articles]
    plots = [
        _draw_articles(days, others, period),
        _draw_edits(key, days, others, period),
        _draw_first_edits(days),
        _draw_hours(hours),
    ]
    return [plot for plot in plots if plot is not None]


def _short_day(day: str) -> str:
    time = date.fromisoformat(day)
    return f"{time.day} {time:%b}"


def _draw_articles(
    days: Mapping[str, Counts], others: Sequence[Counts], period: Period
) -> Plot | None:
    bars = [Bar(day, days.get(day, Counts()).articles) for day in period.days]
    if not any(bar.value for bar in bars):
        return None
    middle = find_median(counts.articles / len(period.days) for counts in others)
    return draw_bars(
        "Articles a day",
        f"By the day on which they were first seen. {_tell_guide(middle, others, 'a day')}",
        bars,
        names=("Articles", ""),
        shorten=_short_day,
        guide=middle,
        width=_PLOT_WIDTH,
        height=_PLOT_HEIGHT,
    )


def _tell_guide(value: float | None, others: Sequence[Counts], unit: str) -> str:
    if value is None:
        return ""
    return f"Dashed: the median of {len(others)} outlets, {format_value(round(value, 1))} {unit}."


def _draw_edits(
    key: str, days: Mapping[str, Counts], others: Sequence[Counts], period: Period
) -> Plot | None:
    bars = []
    for monday in period.mondays:
        start = period.days.index(monday)
        week = [days.get(day, Counts()) for day in period.days[start : start + 7]]
        sunday = str(date.fromisoformat(monday) + timedelta(days=6))
        of_week = ListFilter(
            outlets=(key,), since=monday, until=sunday, kinds=EDIT_KINDS
        )
        bars.append(
            Bar(
                monday,
                sum(counts.edits for counts in week),
                sum(counts.silent for counts in week),
                of_week.address("/-/changes"),
            )
        )
    if not any(bar.value for bar in bars):
        return None
    weeks = len(period.days) / 7
    middle = find_median(counts.edits / weeks for counts in others)
    return draw_bars(
        "Edits a week",
        f"Hatched: unacknowledged. {_tell_guide(middle, others, 'a week')}",
        bars,
        names=("Edits", "Unacknowledged"),
        first_column="Week from",
        shorten=_short_day,
        guide=middle,
        width=_PLOT_WIDTH,
        height=_PLOT_HEIGHT,
    )


def _draw_first_edits(days: Mapping[str, Counts]) -> Plot | None:
    sums = [
        sum(numbers)
        for numbers in zip(*(c.first_edits for c in days.values()), strict=True)
    ]
    if not sum(sums):
        return None
    articles = sum(counts.articles for counts in days.values())
    return draw_bars(
        "Time to the first edit",
        f"Of {articles:,} articles, {sum(sums):,} were edited: how long after they were "
        "first seen, at most.",
        [
            Bar(label, count)
            for label, count in zip(FIRST_EDIT_LABELS, sums, strict=True)
        ],
        names=("Articles", ""),
        first_column="Within",
        width=_PLOT_WIDTH,
        height=_PLOT_HEIGHT,
    )


def _draw_hours(hours: Sequence[int]) -> Plot | None:
    if not any(hours):
        return None
    return draw_bars(
        "Hours",
        "When its articles were first seen, by hour of the day, UTC.",
        [Bar(f"{hour:02}", count) for hour, count in enumerate(hours)],
        names=("Articles", ""),
        first_column="Hour",
        width=_PLOT_WIDTH,
        height=_PLOT_HEIGHT,
    )
