"""``harvest looks``: what is known of each outlet's edits, how often its articles are looked at, and what that promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, known_outlet, pass_context
from harvester.cli.output import (
    Progress,
    clean,
    note,
    print_json,
    print_lines,
    say,
    table,
)

if TYPE_CHECKING:
    from harvester.schedule import forecast
    from harvester.schedule.plan import Plan
    from harvester.settings import Outlet

HOUR = 3_600.0


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

    with context.reading() as connection:
        for key in outlets:
            if key not in context.settings.outlets:
                known_outlet(connection, key)
        spent = looks.spent(connection)
        counts = {
            key: looks.counts(connection, key) for key in context.settings.outlets
        }
    plans = _plans(context, counts)
    chosen = [
        outlet
        for key, outlet in context.settings.outlets.items()
        if not outlets or key in outlets
    ]
    progress, records = Progress("outlets"), []
    held: dict[Any, forecast.Promise] = {}
    for done, outlet in enumerate(chosen, 1):
        records.append(
            _record(
                outlet,
                counts[outlet.key],
                plans[outlet.looks],
                spent.get(outlet.key, (0, 0)),
                held,
            )
        )
        progress.show(done, len(chosen))
    progress.clear()
    if form == "json":
        print_json(records)
    elif form == "nl":
        print_lines(records)
    elif records:
        _print(records)
    else:
        note("none of these outlets is in the settings, so none is looked at any more")


def _plans(
    context: Context, counts: dict[str, dict[str, tuple[float, float]]]
) -> dict[int, Plan]:
    from harvester.ingest.revisit_plans import made

    outlets = context.settings.outlets
    return {
        budget: made(counts, outlets, budget)
        for budget in {one.looks for one in outlets.values()}
    }


def _record(
    outlet: Outlet,
    counts: dict[str, tuple[float, float]],
    plan: Plan,
    spent: tuple[int, int],
    held: dict[Any, forecast.Promise],
) -> dict[str, Any]:
    """``held``: what was promised before; outlets of which nothing was learned are all alike."""
    from harvester.schedule.edit_rates import SIGNS, Rhythm
    from harvester.schedule.forecast import ladder, planned
    from harvester.schedule.forecast import promise as promised

    rhythm = Rhythm(counts)
    auto = outlet.revisit == "auto"
    pauses = (
        ()
        if outlet.revisit == "auto"
        else tuple(pause / HOUR for pause in outlet.revisit)
    )
    named = (outlet.looks if auto else pauses, *sorted(counts.items()))
    if named not in held:
        held[named] = promised(
            rhythm, planned(rhythm, plan) if auto else ladder(pauses)
        )
    found = held[named]
    articles, made = spent
    return {
        "outlet": outlet.key,
        "revisit": "auto" if auto else list(pauses),
        "budget": outlet.looks if auto else None,
        "articles": articles,
        "looks": round(made / articles, 2) if articles else None,
        "edits": round(rhythm.edits, 2),
        "signed": round(rhythm.signed, 2),
        "signs": {sign: round(rhythm.true_sign(sign), 2) for sign in SIGNS},
        "promise": {
            "looks": round(found.looks, 1),
            "edits": round(found.edits, 2),
            "last": round(found.last, 3),
            "p50_hours": None if found.half is None else round(found.half, 2),
            "p90_hours": None if found.most is None else round(found.most, 2),
        },
    }


def _print(records: list[dict[str, Any]]) -> None:
    rows = [
        [clean(one["outlet"]), one["articles"], _number(one["looks"]), f"{one['edits']:.2f}", f"{one['signed']:.0%}",
         f"{one['promise']['looks']:.1f}", f"{one['promise']['edits']:.0%}", f"{one['promise']['last']:.0%}",
         f"{_hours(one['promise']['p50_hours'])} / {_hours(one['promise']['p90_hours'])}"]
        for one in records
    ]  # fmt: skip
    heads = ["outlet", "articles", "looks each", "edits each", "feed tells", "promise: looks", "edits seen", "last held",
             "after p50 / p90"]  # fmt: skip
    say(table(rows, heads, 0))
    auto = sorted({one["budget"] for one in records if one["budget"]})
    if auto:
        say(
            f"\nThe budget is {' or '.join(str(one) for one in auto)} looks an article, on average over all such outlets."
        )
    if not any(one["articles"] for one in records):
        note("nothing was harvested yet: these are the rates of published studies")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _hours(value: float | None) -> str:
    if value is None:
        return "–"
    return (
        f"{value * 60:.0f} min"
        if value < 1
        else f"{value:.0f} h"
        if value < 48
        else f"{value / 24:.0f} days"
    )
