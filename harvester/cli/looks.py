"""``harvest looks``: what is known of each outlet's edits, how often its articles are looked at, and what that promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, require_archived_outlet
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    print_json,
    print_json_lines,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.schedule import forecast
    from harvester.schedule.plan import RevisitPlan
    from harvester.settings import Outlet

HOUR_SECONDS = 3_600.0


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option("--json", "form", flag_value="json", help="A list of objects.")
@click.option("--nl", "form", flag_value="nl", help="Objects, one a line.")
@pass_context
def looks(context: Context, outlets: tuple[str, ...], form: str | None) -> None:
    """Say of each outlet how often its articles are edited and looked at, and which share of the edits will be seen.

    The promise is what a simulation gives of the outlet as it was learned: edits seen as versions of their own, last wordings
    held, and after how long half and nine tenths of the edits are seen.
    """
    from harvester.archive.records import looks

    with context.connect_read_only() as connection:
        for key in outlets:
            if key not in context.settings.outlets:
                require_archived_outlet(connection, key)
        spent = looks.count_checks_by_outlet(connection)
        counts = {
            key: looks.get_outlet_counts(connection, key)
            for key in context.settings.outlets
        }
    plans = _build_plans(context, counts)
    chosen = [
        outlet
        for key, outlet in context.settings.outlets.items()
        if not outlets or key in outlets
    ]
    progress, records = Progress("outlets"), []
    held: dict[Any, forecast.Forecast] = {}
    for done, outlet in enumerate(chosen, 1):
        records.append(
            _build_record(
                outlet,
                counts[outlet.key],
                plans[outlet.looks],
                spent.get(outlet.key, (0, 0)),
                held,
            )
        )
        progress.update(done, len(chosen))
    progress.clear()
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_json_lines(records)
    elif records:
        _print_records(records)
    else:
        print_note(
            "none of these outlets is in the settings, so none is looked at any more"
        )


def _build_plans(
    context: Context, counts: dict[str, dict[str, tuple[float, float]]]
) -> dict[int, RevisitPlan]:
    from harvester.ingest.revisit_plans import make_plan

    outlets = context.settings.outlets
    return {
        budget: make_plan(counts, outlets, budget)
        for budget in {one.looks for one in outlets.values()}
    }


def _build_record(
    outlet: Outlet,
    counts: dict[str, tuple[float, float]],
    plan: RevisitPlan,
    check_totals: tuple[int, int],
    promise_cache: dict[Any, forecast.Forecast],
) -> dict[str, Any]:
    """``held``: what was promised before; outlets of which nothing was learned are all alike."""
    from harvester.schedule.edit_rates import FEED_SIGNALS, EditRates
    from harvester.schedule.forecast import fixed_policy, planned_policy
    from harvester.schedule.forecast import simulate_forecast as promised

    rhythm = EditRates(counts)
    auto = outlet.revisit == "auto"
    pauses = (
        ()
        if outlet.revisit == "auto"
        else tuple(pause / HOUR_SECONDS for pause in outlet.revisit)
    )
    named = (outlet.looks if auto else pauses, *sorted(counts.items()))
    if named not in promise_cache:
        promise_cache[named] = promised(
            rhythm, planned_policy(rhythm, plan) if auto else fixed_policy(pauses)
        )
    found = promise_cache[named]
    articles, made = check_totals
    return {
        "outlet": outlet.key,
        "revisit": "auto" if auto else list(pauses),
        "budget": outlet.looks if auto else None,
        "articles": articles,
        "looks": round(made / articles, 2) if articles else None,
        "edits": round(rhythm.edits_per_article, 2),
        "signed": round(rhythm.signal_recall, 2),
        "signs": {
            sign: round(rhythm.signal_precision(sign), 2) for sign in FEED_SIGNALS
        },
        "promise": {
            "looks": round(found.checks_per_article, 1),
            "edits": round(found.seen_edits_share, 2),
            "last": round(found.final_versions_share, 3),
            "p50_hours": None
            if found.median_delay_hours is None
            else round(found.median_delay_hours, 2),
            "p90_hours": None
            if found.p90_delay_hours is None
            else round(found.p90_delay_hours, 2),
        },
    }


def _print_records(records: list[dict[str, Any]]) -> None:
    rows = [
        [clean(one["outlet"]), one["articles"], _format_number(one["looks"]), f"{one['edits']:.2f}", f"{one['signed']:.0%}",
         f"{one['promise']['looks']:.1f}", f"{one['promise']['edits']:.0%}", f"{one['promise']['last']:.0%}",
         f"{_format_hours(one['promise']['p50_hours'])} / {_format_hours(one['promise']['p90_hours'])}"]
        for one in records
    ]  # fmt: skip
    heads = ["outlet", "articles", "looks each", "edits each", "feed tells", "promise: looks", "edits seen", "last held",
             "after p50 / p90"]  # fmt: skip
    print_text(format_table(rows, heads, 0))
    auto = sorted({one["budget"] for one in records if one["budget"]})
    if auto:
        print_text(
            f"\nThe budget is {' or '.join(str(one) for one in auto)} looks an article, on average over all such outlets."
        )
    if not any(one["articles"] for one in records):
        print_note(
            "nothing was harvested yet: these are the rates of published studies"
        )


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
