"""How often articles are edited, when they are looked at, and what that promises: properties, and published figures."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.schedule import forecast, plan
from harvester.schedule.edit_rates import (
    AGES,
    ARTICLES,
    FIRST,
    UNTIL,
    Rhythm,
    Story,
    band,
    credit,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import looks as simulation

HOURS = st.floats(0, 2_000)
COUNTS = st.dictionaries(
    st.sampled_from(
        [
            *(band(place) for place in range(len(AGES) - 1)),
            "after an edit",
            "announced",
            "words",
            "date",
            ARTICLES,
        ]
    ),
    st.tuples(st.floats(0, 500), st.floats(0, 500)),
)
STORIES = st.builds(
    Story,
    HOURS,
    st.integers(0, 50),
    st.one_of(st.none(), HOURS),
    HOURS,
    st.sampled_from(["", "words", "date"]),
)


def test_the_prior_is_that_of_the_studies() -> None:
    """35 % of articles are edited, 1.97 times; half of the edits within 5 hours, 87 % within a day."""
    rhythm = Rhythm()
    assert rhythm.edits == pytest.approx(0.35 * 1.97)
    whole = rhythm.until(AGES[-1])
    assert rhythm.until(5) / whole == pytest.approx(0.5) and rhythm.until(
        24
    ) / whole == pytest.approx(0.87)


@given(COUNTS, STORIES, st.integers(0, 200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_pause_is_never_short_and_looks_end(
    counts: dict[str, tuple[float, float]], story: Story, looks: int, watched: bool
) -> None:
    rhythm = Rhythm(counts)
    the_plan = plan.plan([(rhythm, 1.0)], 8.0)
    pause = plan.pause(the_plan, rhythm, story, looks, watched)
    assert pause is None or pause >= plan.LEAST
    if watched:
        assert pause is not None and pause <= plan.WATCHED_MOST
    if pause is None:
        assert story.age >= plan.ANYWAY[-1] * plan.ABOUT
    if not story.sign:
        told = plan.pause(the_plan, rhythm, plan.signed(story, "words"), looks, watched)
        assert (
            pause is None
            or (told is not None and told <= pause)
            or looks >= plan.SIGNED_MOST * 8
        )
    assert plan.pause(the_plan, rhythm, story, looks, watched) == pause


@given(COUNTS, STORIES, HOURS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_a_look_teaches_is_bounded(
    counts: dict[str, tuple[float, float]],
    story: Story,
    more: float,
    found: bool,
    listed: bool,
) -> None:
    taught = credit(Rhythm(counts), story, story.age + more, found, listed)
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
        Rhythm({ARTICLES: (100, 300), "2 h": (20, 200)}),
        Rhythm({ARTICLES: (100, 0), "2 h": (20, 0)}),
    )
    the_plan = plan.plan([(much, 100), (never, 100)], 8.0)
    looks = [
        forecast.promise(one, forecast.planned(one, the_plan)).looks
        for one in (much, never)
    ]
    assert looks[0] > 2 * looks[1] and looks[1] >= 2
    dearer = plan.plan([(much, 100), (never, 100)], 16.0)
    assert dearer.step < the_plan.step


def test_after_an_edit_an_article_is_looked_at_sooner() -> None:
    the_plan, rhythm = plan.plan([], 8.0), Rhythm()
    quiet, edited = Story(6.0), Story(6.0, 1, 6.0)
    assert (plan.pause(the_plan, rhythm, edited, 4) or 0) < (
        plan.pause(the_plan, rhythm, quiet, 4) or 0
    ) / 2


def test_spread_is_the_same_each_time_and_differs_between_articles() -> None:
    found = [plan.spread(10.0, f"{number:016x}", 3) for number in range(200)]
    assert found == [plan.spread(10.0, f"{number:016x}", 3) for number in range(200)]
    assert (
        min(found) >= 9.0
        and max(found) <= 11.0
        and len({round(one) for one in found}) == 3
    )


def test_learning_finds_the_rate() -> None:
    """An outlet without company and signs, three times as busy as usual, looked at every hour for two days."""
    outlet = Rhythm()
    counts: dict[str, tuple[float, float]] = {}
    habit = simulation.Habit("busy", 0.9, 1.0 + 1e-9, company=0.0)
    for one in simulation.world(300, 5, [habit]):
        before = Story(one.seen)
        for hour in range(1, 49):
            found = simulation.look(one, float(hour))
            for part, (tried, seen) in credit(
                outlet, before, float(hour), found, False
            ).items():
                held = counts.get(part, (0.0, 0.0))
                counts[part] = (held[0] + tried, held[1] + seen)
            before = replace(
                before,
                age=float(hour),
                edits=before.edits + found,
                changed=hour if found else before.changed,
            )
            outlet = Rhythm(dict(counts))
    assert sum(seen for part, (_, seen) in counts.items() if part != ARTICLES) > 200
    assert outlet.mean > 1.2


def test_the_promise_is_about_what_comes_true() -> None:
    """In a month of outlets with different habits, the budget is kept, and the aim is reached."""
    habits = simulation.habits()
    articles = simulation.world(800, 11, habits)
    ours = simulation.Ours(len(habits), 8.0)
    ours(articles)
    looks, edits, last, half, _ = simulation.measured(articles)
    assert looks <= 8.6 and edits >= 0.78 and last >= 0.985 and half < 1.0
    promised = [
        forecast.promise(one, forecast.planned(one, ours.plan)) for one in ours.rhythms
    ]
    assert abs(sum(one.looks for one in promised) / len(promised) - looks) < 1.5
    assert abs(sum(one.edits for one in promised) / len(promised) - edits) < 0.12


def test_promises_of_ladders() -> None:
    one = forecast.promise(Rhythm(), forecast.ladder((1.0, 6.0, 24.0, 168.0)))
    assert (
        4 <= one.looks < 5
        and 0.45 < one.edits < 0.75
        and one == forecast.promise(Rhythm(), forecast.ladder((1.0, 6.0, 24.0, 168.0)))
    )
    assert (
        forecast.promise(
            Rhythm(
                {ARTICLES: (1e6, 0), **{band(place): (1e6, 0) for place in range(10)}}
            ),
            forecast.ladder(()),
        ).edits
        == 1.0
    )


def test_the_step_that_fills_old_archives_has_the_prior() -> None:
    script = (
        Path(plan.__file__).parents[1] / "archive/migrations/005_looks.sql"
    ).read_text()
    for place, (begin, end) in enumerate(pairwise(AGES)):
        usual = FIRST * (UNTIL[place + 1] - UNTIL[place])
        assert f"('{band(place)}', {begin}, {end}, {usual:.4f})" in script
