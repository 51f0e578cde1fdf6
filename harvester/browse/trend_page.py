"""Words over time: up to five queries compared, or one by outlet; as page and as CSV."""

from __future__ import annotations

import csv
import io
import shlex
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette import Response

from harvester.archive.queries import outlet_days, overview, trend
from harvester.archive.queries.periods import Periods, make_periods
from harvester.archive.queries.trend import Series, Trend
from harvester.browse import phrasing, rendering, security_headers
from harvester.browse.list_filter import MAX_QUERY_CHARS, ListFilter, read_filter
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.tree import narrow
from harvester.render.cells import make_cell
from harvester.render.plots import Plot
from harvester.render.plots.lines import MAX_LINES, Line, draw_key, draw_lines
from harvester.schedule.times import parse_time

PATH, CSV_PATH, SEARCH_PATH = "/-/trend", "/-/trend.csv", "/-/search"
MIN_FIELDS = 2  # for phrases, in the form
_ADVERBS = {"day": "a day", "week": "a week", "month": "a month", "year": "a year"}
_CSV_COLUMNS = (
    "from",
    "to",
    "query",
    "outlet",
    "count",
    "of",
    "per_thousand",
    "counted",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    queries: tuple[str, ...]
    by_outlet: bool
    per_thousand: bool
    filter: ListFilter  # times and outlets

    def address(self, path: str = PATH, **changes: Any) -> str:
        """The address of the same trend, with some things changed."""
        chosen = replace(self, **changes)
        parameters = [("q", query) for query in chosen.queries]
        parameters += [("by", "outlet")] if chosen.by_outlet else []
        parameters += [("per", "1000")] if chosen.per_thousand else []
        parameters += replace(chosen.filter, q="").list_parameters()
        return f"{path}?{urlencode(parameters)}" if parameters else path


@dataclass(frozen=True, slots=True)
class Row:
    """A period as the table shows it: where its articles are, and the values."""

    label: str
    href: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A line in the legend."""

    drawing: str
    name: str
    total: str
    href: str  # its search


def read_request(query_string: str) -> Asked:
    """What an address asks for; at most ``MAX_LINES`` queries, none twice."""
    arguments = parse_qsl(query_string)
    typed = [" ".join(value.split()) for name, value in arguments if name == "q"]
    queries = tuple(dict.fromkeys(query for query in typed if query))[:MAX_LINES]
    values = dict(arguments)
    chosen = read_filter(arguments)
    return Asked(
        tuple(query[:MAX_QUERY_CHARS] for query in queries),
        values.get("by") == "outlet",
        values.get("per") == "1000",
        ListFilter(since=chosen.since, until=chosen.until, outlets=chosen.outlets),
    )


async def trend_page(datasette: Any, request: Any) -> Response:
    """The drawing, the legend, and the numbers with links to what was counted."""
    database = await rendering.require_archive(datasette, request)
    asked, now = read_request(request.query_string), rendering.utc_now_iso()

    def query(connection: sqlite3.Connection) -> dict[str, Any]:
        try:
            return {"fault": "", **_count(connection, asked, now)}
        except QueryError as error:
            return {"fault": str(error)}

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    shown = {} if result["fault"] or not asked.queries else _show(asked, **result)
    fields = max(MIN_FIELDS, min(len(asked.queries) + 1, MAX_LINES))
    return await rendering.render_page(
        datasette,
        request,
        "news_trend.html",
        database,
        400 if result["fault"] else 200,
        asked=asked,
        fields=[*asked.queries, *[""] * fields][:fields],
        fault=result["fault"],
        bar=None,  # its fields are for words: the masthead needs no other
        **shown,
    )


async def trend_csv(datasette: Any, request: Any) -> Response:
    """The numbers, a row for each period and query, or outlet."""
    database = await rendering.require_archive(datasette, request)
    asked, now = read_request(request.query_string), rendering.utc_now_iso()

    def query(connection: sqlite3.Connection) -> str:
        result = _count(connection, asked, now)
        return _write_csv(asked, result) if result else ""

    try:
        result = await rendering.run_query_or_respond(
            datasette, request, database, query
        )
    except QueryError as error:
        return Response.text(f"{error}\n", status=400)
    if isinstance(result, Response):
        return result
    headers = {
        "Content-Disposition": 'attachment; filename="trend.csv"',
        "Content-Security-Policy": security_headers.PAGE_POLICY,
        "Cache-Control": "no-cache",
    }
    return Response(result, headers=headers, content_type="text/csv; charset=utf-8")


def _count(connection: sqlite3.Connection, asked: Asked, now: str) -> dict[str, Any]:
    """The periods and the trend; {} without a query. Raises QueryError."""
    since, until = asked.filter.read_times(now)
    if not asked.queries:
        return {}
    trees = [
        narrow(parse_query(query, parse_time(now)), asked.filter.outlets)
        for query in asked.queries
    ]
    last_day = outlet_days.get_last_day(connection, now)
    first_day = outlet_days.get_first_day(connection, last_day)
    periods = make_periods(since[:10], until[:10], last_day, first_day)
    return {
        "periods": periods,
        "first_day": first_day,
        "counted": trend.count_trend(connection, trees, now, periods, asked.by_outlet),
        "names": {
            outlet.key: outlet.name for outlet in overview.list_outlet_infos(connection)
        },
    }


def _show(
    asked: Asked,
    periods: Periods,
    first_day: str,
    counted: Trend,
    names: dict[str, str],
    fault: str,
) -> dict[str, Any]:
    """What the template shows."""
    drawn = counted.series[:MAX_LINES]
    others = counted.series[MAX_LINES:]
    labels = (
        [names.get(one.name, one.name) for one in drawn]
        if asked.by_outlet
        else list(asked.queries)
    )
    return {
        "plot": _draw(asked, periods, counted, drawn, labels),
        "keys": [
            Key(
                draw_key(index),
                label,
                phrasing.pluralize(sum(one.values), counted.counted[:-1]),
                _search_address(asked, index, one, periods.starts[0], _last(periods)),
            )
            for index, (label, one) in enumerate(zip(labels, drawn, strict=True))
        ],
        "others": (len(others), sum(sum(one.values) for one in others)),
        "columns": (periods.unit.capitalize(), *labels),
        "rows": _list_rows(asked, periods, drawn),
        "explained": _explain(periods, counted),
        "total": sum(sum(one.values) for one in drawn),
        "counts_path": asked.address(per_thousand=False),
        "earlier": first_day if first_day < periods.starts[0] else "",
        "earlier_path": asked.address(
            filter=replace(asked.filter, since=first_day, until="")
        ),
        "rates_path": asked.address(per_thousand=True),
        "csv_path": asked.address(CSV_PATH, per_thousand=False),
        "outlets_path": asked.address(queries=asked.queries[:1], by_outlet=True),
        "queries_path": asked.address(by_outlet=False),
        "outlet_names": [names.get(key, key) for key in asked.filter.outlets],
        "command": _make_command(asked, periods, counted),
    }


def _last(periods: Periods) -> str:
    return periods.list_last_days()[-1]


def _rate(value: int, total: int) -> float | None:
    """Of a thousand; None where there are none."""
    return round(1_000 * value / total, 2) if total else None


def _values(asked: Asked, series: Series) -> tuple[float | None, ...]:
    if not asked.per_thousand:
        return series.values
    return tuple(map(_rate, series.values, series.totals))


def _draw(
    asked: Asked,
    periods: Periods,
    counted: Trend,
    drawn: Sequence[Series],
    labels: Sequence[str],
) -> Plot:
    days = periods.list_last_days()
    unit = f"per thousand {counted.counted}" if asked.per_thousand else counted.counted
    title = f"{unit[:1].upper()}{unit[1:]} {_ADVERBS[periods.unit]}"
    lines = [
        Line(
            label,
            _values(asked, one),
            tuple(
                _search_address(asked, index, one, start, end)
                for start, end in zip(periods.starts, days, strict=True)
            ),
        )
        for index, (label, one) in enumerate(zip(labels, drawn, strict=True))
    ]
    plot = draw_lines(
        title,
        _describe_times(periods),
        periods.starts,
        lines,
        first_column=periods.unit.capitalize(),
        shorten=lambda day: _short_label(day, periods.unit),
    )
    return replace(plot, rows=())  # the template's own have links


def _describe_times(periods: Periods) -> str:
    """From when to when; and that the last period is not over, where it is not."""
    last = _last(periods)
    words = f"{phrasing.format_day(periods.starts[0])} to {phrasing.format_day(last)}"
    days = (date.fromisoformat(last) - date.fromisoformat(periods.starts[-1])).days + 1
    if periods.unit == "week" and days < 7:
        return f"{words}; of the last week {phrasing.pluralize(days, 'day')}"
    return words


def _short_label(day: str, unit: str) -> str:
    time = date.fromisoformat(day)
    if unit == "year":
        return str(time.year)
    return f"{time:%b} {time.year}" if unit == "month" else f"{time.day} {time:%b}"


def _search_address(
    asked: Asked, index: int, series: Series, start: str, end: str
) -> str:
    """The search of what one line counts from a day to another."""
    query = asked.queries[0] if asked.by_outlet else asked.queries[index]
    outlets = (series.name,) if asked.by_outlet else asked.filter.outlets
    return ListFilter(query, start, end, outlets).address(SEARCH_PATH)


def _list_rows(asked: Asked, periods: Periods, drawn: Sequence[Series]) -> list[Row]:
    """The newest period first; the link is to the articles of all lines."""
    queries = asked.queries[:1] if asked.by_outlet else asked.queries
    any_of = (
        queries[0] if len(queries) == 1 else " OR ".join(f"({one})" for one in queries)
    )
    columns = [_values(asked, series) for series in drawn]
    rows = [
        Row(
            start,
            ListFilter(any_of, start, end, asked.filter.outlets).address(SEARCH_PATH),
            tuple(_format(column[place]) for column in columns),
        )
        for place, (start, end) in enumerate(
            zip(periods.starts, periods.list_last_days(), strict=True)
        )
    ]
    return rows[::-1]


def _format(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}"


def _explain(periods: Periods, counted: Trend) -> str:
    """What is counted, and how exactly."""
    when = f"by the {periods.unit} in which"
    if counted.counted == "versions":
        return (
            f"These words are frequent: counted are versions that have them, {when} they "
            "were first seen. An edited article counts once for each version."
        )
    words = (
        f"Counted are articles of which any version matches, {when} they were published"
    )
    words += "; they are compared with all that were first seen then."
    if max(counted.steps, default=1) > 1:
        steps = " and ".join(str(step) for step in counted.steps if step > 1)
        words += (
            f" Estimated: the words are frequent, so one in {steps} matching versions was "
            "looked up, and current ones counted."
        )
    if not counted.is_complete:
        words += " There are more: only some were looked up."
    return words


def _make_command(asked: Asked, periods: Periods, counted: Trend) -> str:
    """The command that counts the same; "" where there is none that does."""
    if counted.counted != "articles" or max(counted.steps) > 1:
        return ""
    if len(asked.queries) > 1:
        return ""
    by = f"{periods.unit},outlet" if asked.by_outlet else periods.unit
    words = ["harvest", "stats", asked.queries[0], "--by", by]
    for outlet in asked.filter.outlets:
        words += ["--outlet", outlet]
    words += ["--since", periods.starts[0], "--until", _last(periods)]
    return shlex.join([*words, "--plot", "trend.svg"])


def _write_csv(asked: Asked, result: dict[str, Any]) -> str:
    periods: Periods = result["periods"]
    counted: Trend = result["counted"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_CSV_COLUMNS)
    for index, series in enumerate(counted.series):
        query = asked.queries[0] if asked.by_outlet else asked.queries[index]
        step = counted.steps[0] if asked.by_outlet else counted.steps[index]
        how = counted.counted if step == 1 else f"{counted.counted}, one in {step}"
        for start, end, value, total in zip(
            periods.starts,
            periods.list_last_days(),
            series.values,
            series.totals,
            strict=True,
        ):
            rate = _rate(value, total)
            writer.writerow(
                [start, end, make_cell(query), series.name, value, total, rate, how]
            )
    return text.getvalue()
