"""How often articles are edited, when they are looked at, and what that promises: properties, and published figures."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import looks as simulation
from harvester.schedule import forecast, plan
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
            *(band_name(place) for place in range(len(BAND_BOUNDS_HOURS) - 1)),
            "after an edit",
            "announced",
            "words",
            "date",
            ARTICLES_PART,
        ]
    ),
    st.tuples(st.floats(0, 500), st.floats(0, 500)),
)
STORIES = st.builds(
    EditHistory,
    HOURS,
    st.integers(0, 50),
    st.one_of(st.none(), HOURS),
    HOURS,
    st.sampled_from(["", "words", "date"]),
)


def test_the_prior_is_that_of_the_studies() -> None:
    """35 % of articles are edited, 1.97 times; half of the edits within 5 hours, 87 % within a day."""
    rhythm = EditRates()
    assert rhythm.edits_per_article == pytest.approx(0.35 * 1.97)
    whole = rhythm.primary_edits_until(BAND_BOUNDS_HOURS[-1])
    assert rhythm.primary_edits_until(5) / whole == pytest.approx(
        0.5
    ) and rhythm.primary_edits_until(24) / whole == pytest.approx(0.87)


@given(COUNTS, STORIES, st.integers(0, 200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_pause_is_never_short_and_looks_end(
    counts: dict[str, tuple[float, float]],
    story: EditHistory,
    looks: int,
    watched: bool,
) -> None:
    rhythm = EditRates(counts)
    the_plan = plan.make_plan([(rhythm, 1.0)], 8.0)
    pause = plan.next_interval(the_plan, rhythm, story, looks, watched)
    assert pause is None or pause >= plan.MIN_INTERVAL_HOURS
    if watched:
        assert pause is not None and pause <= plan.MAX_WATCHED_INTERVAL_HOURS
    if pause is None:
        assert story.age_hours >= plan.FIXED_AGES_HOURS[-1] * plan.FIXED_AGE_TOLERANCE
    if not story.signal:
        told = plan.next_interval(
            the_plan, rhythm, plan.with_signal(story, "words"), looks, watched
        )
        assert (
            pause is None
            or (told is not None and told <= pause)
            or looks >= plan.MAX_SIGNAL_BUDGET_FACTOR * 8
        )
    assert plan.next_interval(the_plan, rhythm, story, looks, watched) == pause


@given(COUNTS, STORIES, HOURS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_look_teaches_is_bounded(
    counts: dict[str, tuple[float, float]],
    story: EditHistory,
    more: float,
    found: bool,
    listed: bool,
) -> None:
    taught = counts_from_check(
        EditRates(counts), story, story.age_hours + more, found, listed
    )
    assert all(tried >= 0 and seen >= 0 for tried, seen in taught.values())
    ages = [
        seen
        for part, (_, seen) in taught.items()
        if part.endswith(" h") or part == "after an edit"
    ]
    assert sum(ages) <= 1.0001
    if not found:
        assert not sum(ages)


def test_an_outlet_that_is_edited_more_is_looked_at_more_and_none_is_forgotten() -> (
    None
):
    much, never = (
        EditRates({ARTICLES_PART: (100, 300), "2 h": (20, 200)}),
        EditRates({ARTICLES_PART: (100, 0), "2 h": (20, 0)}),
    )
    the_plan = plan.make_plan([(much, 100), (never, 100)], 8.0)
    looks = [
        forecast.simulate_forecast(
            one, forecast.planned_policy(one, the_plan)
        ).checks_per_article
        for one in (much, never)
    ]
    assert looks[0] > 2 * looks[1] and looks[1] >= 2
    dearer = plan.make_plan([(much, 100), (never, 100)], 16.0)
    assert dearer.edits_per_check < the_plan.edits_per_check


def test_after_an_edit_an_article_is_looked_at_sooner() -> None:
    the_plan, rhythm = plan.make_plan([], 8.0), EditRates()
    quiet, edited = EditHistory(6.0), EditHistory(6.0, 1, 6.0)
    assert (plan.next_interval(the_plan, rhythm, edited, 4) or 0) < (
        plan.next_interval(the_plan, rhythm, quiet, 4) or 0
    ) / 2


def test_spread_is_the_same_each_time_and_differs_between_articles() -> None:
    found = [plan.add_jitter(10.0, f"{number:016x}", 3) for number in range(200)]
    assert found == [
        plan.add_jitter(10.0, f"{number:016x}", 3) for number in range(200)
    ]
    assert (
        min(found) >= 9.0
        and max(found) <= 11.0
        and len({round(one) for one in found}) == 3
    )


def test_learning_finds_the_rate() -> None:
    """An outlet without company and signs, three times as busy as usual, looked at every hour for two days."""
    outlet = EditRates()
    counts: dict[str, tuple[float, float]] = {}
    habit = simulation.Habit("busy", 0.9, 1.0 + 1e-9, company=0.0)
    for one in simulation.world(300, 5, [habit]):
        before = EditHistory(one.seen)
        for hour in range(1, 49):
            found = simulation.look(one, float(hour))
            for part, (tried, seen) in counts_from_check(
                outlet, before, float(hour), found, False
            ).items():
                held = counts.get(part, (0.0, 0.0))
                counts[part] = (held[0] + tried, held[1] + seen)
            before = replace(
                before,
                age_hours=float(hour),
                edits=before.edits + found,
                last_edit_age=hour if found else before.last_edit_age,
            )
            outlet = EditRates(dict(counts))
    assert (
        sum(seen for part, (_, seen) in counts.items() if part != ARTICLES_PART) > 200
    )
    assert outlet.relative_rate > 1.2


def test_the_promise_is_about_what_comes_true() -> None:
    """In a month of outlets with different habits, the budget is kept, and the aim is reached."""
    habits = simulation.habits()
    articles = simulation.world(800, 11, habits)
    ours = simulation.Ours(len(habits), 8.0)
    ours(articles)
    looks, edits, last, half, _ = simulation.measured(articles)
    assert looks <= 8.6 and edits >= 0.78 and last >= 0.985 and half < 1.0
    promised = [
        forecast.simulate_forecast(one, forecast.planned_policy(one, ours.plan))
        for one in ours.rhythms
    ]
    assert (
        abs(sum(one.checks_per_article for one in promised) / len(promised) - looks)
        < 1.5
    )
    assert (
        abs(sum(one.seen_edits_share for one in promised) / len(promised) - edits)
        < 0.12
    )


def test_promises_of_ladders() -> None:
    one = forecast.simulate_forecast(
        EditRates(), forecast.fixed_policy((1.0, 6.0, 24.0, 168.0))
    )
    assert (
        4 <= one.checks_per_article < 5
        and 0.45 < one.seen_edits_share < 0.75
        and one
        == forecast.simulate_forecast(
            EditRates(), forecast.fixed_policy((1.0, 6.0, 24.0, 168.0))
        )
    )
    assert (
        forecast.simulate_forecast(
            EditRates(
                {
                    ARTICLES_PART: (1e6, 0),
                    **{band_name(place): (1e6, 0) for place in range(10)},
                }
            ),
            forecast.fixed_policy(()),
        ).seen_edits_share
        == 1.0
    )


def test_the_step_that_fills_old_archives_has_the_prior() -> None:
    script = (
        Path(plan.__file__).parents[1] / "archive/migrations/005_looks.sql"
    ).read_text()
    for place, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
        usual = PRIOR_PRIMARY_EDITS * (
            CUMULATIVE_EDIT_SHARES[place + 1] - CUMULATIVE_EDIT_SHARES[place]
        )
        assert f"('{band_name(place)}', {begin}, {end}, {usual:.4f})" in script
