"""Revisit plans: properties of the next check of any article."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvester.schedule import check_plan, forecast
from harvester.schedule.edit_rates import ARTICLES_PART, EditHistory, EditRates
from tests.support.edit_histories import COUNTS, HISTORIES


@example({}, EditHistory(488.98758411829925), 0, True)  # its sums are rounded up
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
