"""``harvest looks``: how often articles are edited and checked, with a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import Context, pass_context, require_archived_outlets
from harvester.cli.options import list_options
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    print_note,
    print_records,
    print_text,
)

if TYPE_CHECKING:
    from harvester.schedule import forecast
    from harvester.schedule.check_plan import RevisitPlan
    from harvester.settings import Outlet

HOUR_SECONDS = 3_600.0
CSV_COLUMNS = (
    "outlet",
    "revisit",
    "budget",
    "articles",
    "looks",
    "edits",
    "signed",
    "signs_words",
    "signs_date",
    "promise_looks",
    "promise_edits",
    "promise_last",
    "promise_p50_hours",
    "promise_p90_hours",
)


@click.command()
@click.argument(
    "outlets", nargs=-1, metavar="[OUTLET]…", shell_complete=complete_outlets
)
@list_options
@pass_context
def looks(context: Context, outlets: tuple[str, ...], form: str | None) -> int:
    """Show how often articles are edited and checked.

    The forecast simulates each outlet with the edit rates learned so far: the share of
    edits stored as versions of their own, of final versions stored, and after how long
    half and nine tenths of the edits are seen.

    Examples: `harvest looks courier`, `harvest looks --csv`
    """
    from harvester.archive.records import looks

    configured = context.settings.outlets
    with context.connect_read_only() as connection:
        require_archived_outlets(
            connection, [key for key in outlets if key not in configured]
        )
        totals = looks.count_checks_by_outlet(connection)
        counts = {key: looks.get_outlet_counts(connection, key) for key in configured}
    plans = _build_plans(context, counts)
    chosen = [
        outlet
        for key, outlet in configured.items()
        if (key in outlets if outlets else not outlet.disabled)
    ]
    progress, records = Progress("outlets"), []
    forecasts: dict[Any, forecast.Forecast] = {}
    for done, outlet in enumerate(chosen, 1):
        records.append(
            _build_record(
                outlet,
                counts[outlet.key],
                plans[outlet.looks],
                totals.get(outlet.key, (0, 0)),
                forecasts,
            )
        )
        progress.update(done, len(chosen))
    progress.clear()
    if form in ("csv", "tsv"):
        print_records([_flatten(record) for record in records], form, CSV_COLUMNS)
    elif print_records(records, form):
        pass
    elif records:
        _print_table(records)
    else:
        print_note("these outlets are not in the settings, so they are not checked")
    return len(records)


def _flatten(record: dict[str, Any]) -> dict[str, Any]:
    """A record without records in it, for CSV."""
    parts = {
        f"{name}_{part}": value
        for name in ("signs", "promise")
        for part, value in record[name].items()
    }
    return {**record, **parts}


def _build_plans(
    context: Context, counts: dict[str, dict[str, tuple[float, float]]]
) -> dict[int, RevisitPlan]:
    from harvester.ingest.revisit_plans import make_plan

    outlets = context.settings.outlets
    return {
        budget: make_plan(counts, outlets, budget)
        for budget in {outlet.looks for outlet in outlets.values()}
    }


def _build_record(
    outlet: Outlet,
    counts: dict[str, tuple[float, float]],
    plan: RevisitPlan,
    check_totals: tuple[int, int],
    forecasts: dict[Any, forecast.Forecast],
) -> dict[str, Any]:
    """``forecasts``: those made so far; outlets with the same counts share one."""
    from harvester.schedule.edit_rates import FEED_SIGNALS, EditRates
    from harvester.schedule.forecast import (
        fixed_policy,
        planned_policy,
        simulate_forecast,
    )

    rates = EditRates(counts)
    intervals = (
        None
        if outlet.revisit == "auto"
        else tuple(seconds / HOUR_SECONDS for seconds in outlet.revisit)
    )
    key = (outlet.looks if intervals is None else intervals, *sorted(counts.items()))
    if key not in forecasts:
        policy = (
            planned_policy(rates, plan)
            if intervals is None
            else fixed_policy(intervals)
        )
        forecasts[key] = simulate_forecast(rates, policy)
    expected = forecasts[key]
    articles, checks = check_totals
    return {
        "outlet": outlet.key,
        "revisit": "auto" if intervals is None else list(intervals),
        "budget": outlet.looks if intervals is None else None,
        "articles": articles,
        "looks": round(checks / articles, 2) if articles else None,
        "edits": round(rates.edits_per_article, 2),
        "signed": round(rates.signal_recall, 2),
        "signs": {
            signal: round(rates.signal_precision(signal), 2) for signal in FEED_SIGNALS
        },
        "promise": {
            "looks": round(expected.checks_per_article, 1),
            "edits": round(expected.seen_edits_share, 2),
            "last": round(expected.final_versions_share, 3),
            "p50_hours": _round_hours(expected.median_delay_hours),
            "p90_hours": _round_hours(expected.p90_delay_hours),
        },
    }


def _round_hours(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)


def _print_table(records: list[dict[str, Any]]) -> None:
    rows = []
    for record in records:
        expected = record["promise"]
        rows.append(
            [
                clean(record["outlet"]),
                record["articles"],
                _format_number(record["looks"]),
                f"{record['edits']:.2f}",
                f"{record['signed']:.0%}",
                f"{expected['looks']:.1f}",
                f"{expected['edits']:.0%}",
                f"{expected['last']:.0%}",
                f"{_format_hours(expected['p50_hours'])}"
                f" / {_format_hours(expected['p90_hours'])}",
            ]
        )
    headers = [
        "outlet",
        "articles",
        "checks each",
        "edits each",
        "feed signals",
        "forecast: checks",
        "edits seen",
        "final versions",
        "after p50 / p90",
    ]
    print_text(format_table(rows, headers, 0, optional=("feed signals", "articles")))
    budgets = sorted({record["budget"] for record in records if record["budget"]})
    if budgets:
        print_text(
            f"\nthe budget is {' or '.join(str(budget) for budget in budgets)} checks an "
            "article, on average over all outlets that share it"
        )
    if not any(record["articles"] for record in records):
        print_note("no articles yet: these are the rates of published studies")


def _format_number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _format_hours(value: float | None) -> str:
    if value is None:
        return "–"
    return (
        f"{value * 60:.0f} min"
        if value < 1
        else f"{value:.0f} h"
        if value < 48
        else f"{value / 24:.0f} days"
    )
