"""Edit rates, plans and forecasts: properties, and figures of published studies."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import looks as simulation
from harvester.schedule import check_plan, forecast
from harvester.schedule.edit_rates import (
    ARTICLES_PART,
    BAND_BOUNDS_HOURS,
    CUMULATIVE_EDIT_SHARES,
    PRIOR_PRIMARY_EDITS,
    EditHistory,
    EditRates,
    band_name,
    counts_from_check,
)

HOURS = st.floats(0, 2_000)
COUNTS = st.dictionaries(
    st.sampled_from(
        [
            *(band_name(band) for band in range(len(BAND_BOUNDS_HOURS) - 1)),
            "after an edit",
            "announced",
            "words",
            "date",
            ARTICLES_PART,
        ]
    ),
    st.tuples(st.floats(0, 500), st.floats(0, 500)),
)
HISTORIES = st.builds(
    EditHistory,
    HOURS,
    st.integers(0, 50),
    st.one_of(st.none(), HOURS),
    HOURS,
    st.sampled_from(["", "words", "date"]),
)


def test_the_prior_is_that_of_the_studies() -> None:
    """35 % of articles are edited, 1.97 times: 50 % in 5 hours, 87 % within a day."""
    rates = EditRates()
    assert rates.edits_per_article == pytest.approx(0.35 * 1.97)
    total = rates.primary_edits_until(BAND_BOUNDS_HOURS[-1])
    assert rates.primary_edits_until(5) / total == pytest.approx(0.5)
    assert rates.primary_edits_until(24) / total == pytest.approx(0.87)


@given(COUNTS, HISTORIES, st.integers(0, 200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_interval_is_never_short_and_checks_end(
    counts: dict[str, tuple[float, float]],
    history: EditHistory,
    checks: int,
    watched: bool,
) -> None:
    rates = EditRates(counts)
    revisit_plan = check_plan.make_plan([(rates, 1.0)], 8.0)
    interval = check_plan.next_interval(revisit_plan, rates, history, checks, watched)
    assert interval is None or interval >= check_plan.MIN_INTERVAL_HOURS
    if watched:
        assert (
            interval is not None and interval <= check_plan.MAX_WATCHED_INTERVAL_HOURS
        )
    if interval is None:
        assert (
            history.age_hours
            >= check_plan.FIXED_AGES_HOURS[-1] * check_plan.FIXED_AGE_TOLERANCE
        )
    if not history.signal:
        signalled = check_plan.next_interval(
            revisit_plan,
            rates,
            check_plan.with_signal(history, "words"),
            checks,
            watched,
        )
        assert (
            interval is None
            or (signalled is not None and signalled <= interval)
            or checks >= check_plan.MAX_SIGNAL_BUDGET_FACTOR * 8
        )
    assert (
        check_plan.next_interval(revisit_plan, rates, history, checks, watched)
        == interval
    )


@given(COUNTS, HISTORIES, HOURS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_check_teaches_is_bounded(
    counts: dict[str, tuple[float, float]],
    history: EditHistory,
    more: float,
    edited: bool,
    is_listed: bool,
) -> None:
    learned = counts_from_check(
        EditRates(counts), history, history.age_hours + more, edited, is_listed
    )
    assert all(expected >= 0 and found >= 0 for expected, found in learned.values())
    credited = sum(
        found
        for part, (_, found) in learned.items()
        if part.endswith(" h") or part == "after an edit"
    )
    assert credited <= 1.0001
    if not edited:
        assert not credited


def test_outlets_that_edit_more_are_checked_more_and_none_is_forgotten() -> None:
    often = EditRates({ARTICLES_PART: (100, 300), "2 h": (20, 200)})
    never = EditRates({ARTICLES_PART: (100, 0), "2 h": (20, 0)})
    revisit_plan = check_plan.make_plan([(often, 100), (never, 100)], 8.0)
    checks_often, checks_never = (
        forecast.simulate_forecast(
            rates, forecast.planned_policy(rates, revisit_plan)
        ).checks_per_article
        for rates in (often, never)
    )
    assert checks_often > 2 * checks_never and checks_never >= 2
    expensive = check_plan.make_plan([(often, 100), (never, 100)], 16.0)
    assert expensive.edits_per_check < revisit_plan.edits_per_check


def test_after_an_edit_an_article_is_checked_sooner() -> None:
    revisit_plan, rates = check_plan.make_plan([], 8.0), EditRates()
    quiet, edited = EditHistory(6.0), EditHistory(6.0, 1, 6.0)
    assert (check_plan.next_interval(revisit_plan, rates, edited, 4) or 0) < (
        check_plan.next_interval(revisit_plan, rates, quiet, 4) or 0
    ) / 2


def test_jitter_is_the_same_each_time_and_differs_between_articles() -> None:
    keys = [f"{number:016x}" for number in range(200)]
    intervals = [check_plan.add_jitter(10.0, key, 3) for key in keys]
    assert intervals == [check_plan.add_jitter(10.0, key, 3) for key in keys]
    assert min(intervals) >= 9.0 and max(intervals) <= 11.0
    assert len(set(map(round, intervals))) == 3


def test_learning_finds_the_rate() -> None:
    """An outlet without follow-ups and signals, with three times the usual edits.

    It is checked every hour for two days.
    """
    outlet = EditRates()
    counts: dict[str, tuple[float, float]] = {}
    habit = simulation.Habit("busy", 0.9, 1.0 + 1e-9, clustered=0.0)
    for article in simulation.world(300, 5, [habit]):
        history = EditHistory(article.seen)
        for hour in range(1, 49):
            edited = simulation.check_article(article, float(hour))
            for part, (expected, found) in counts_from_check(
                outlet, history, float(hour), edited, False
            ).items():
                total = counts.get(part, (0.0, 0.0))
                counts[part] = (total[0] + expected, total[1] + found)
            history = replace(
                history,
                age_hours=float(hour),
                edits=history.edits + edited,
                last_edit_age=hour if edited else history.last_edit_age,
            )
            outlet = EditRates(dict(counts))
    assert (
        sum(seen for part, (_, seen) in counts.items() if part != ARTICLES_PART) > 200
    )
    assert outlet.relative_rate > 1.2


def test_the_forecast_is_about_right() -> None:
    """For a month of different outlets, the budget is kept and the goal is reached."""
    habits = simulation.habits()
    articles = simulation.world(800, 11, habits)
    ours = simulation.Ours(len(habits), 8.0)
    ours(articles)
    checks, edits, last, half, _ = simulation.measured(articles)
    assert checks <= 8.6 and edits >= 0.78 and last >= 0.985 and half < 1.0
    forecasts = [
        forecast.simulate_forecast(rates, forecast.planned_policy(rates, ours.plan))
        for rates in ours.edit_rates
    ]
    assert fmean(one.checks_per_article for one in forecasts) == pytest.approx(
        checks, abs=1.5
    )
    assert fmean(one.seen_edits_share for one in forecasts) == pytest.approx(
        edits, abs=0.12
    )


def test_forecasts_of_fixed_intervals() -> None:
    policy = forecast.fixed_policy((1.0, 6.0, 24.0, 168.0))
    usual = forecast.simulate_forecast(EditRates(), policy)
    assert 4 <= usual.checks_per_article < 5
    assert 0.45 < usual.seen_edits_share < 0.75
    assert usual == forecast.simulate_forecast(EditRates(), policy)
    never_edited = EditRates(
        dict.fromkeys((ARTICLES_PART, *map(band_name, range(10))), (1e6, 0))
    )
    unchecked = forecast.simulate_forecast(never_edited, forecast.fixed_policy(()))
    assert unchecked.seen_edits_share == 1.0


def test_the_migration_of_old_archives_has_the_prior() -> None:
    script = (
        Path(check_plan.__file__).parents[1] / "archive/migrations/005_looks.sql"
    ).read_text()
    for band, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
        expected = PRIOR_PRIMARY_EDITS * (
            CUMULATIVE_EDIT_SHARES[band + 1] - CUMULATIVE_EDIT_SHARES[band]
        )
        assert f"('{band_name(band)}', {begin}, {end}, {expected:.4f})" in script
