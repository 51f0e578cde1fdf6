"""Edit rates: figures of published studies, and what checks teach."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import harvester
from benchmarks import looks as simulation
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
from tests.support.edit_histories import COUNTS, HISTORIES, HOURS


def test_the_prior_is_that_of_the_studies() -> None:
    """35 % of articles are edited, 1.97 times: 50 % in 5 hours, 87 % within a day."""
    rates = EditRates()
    assert rates.edits_per_article == pytest.approx(0.35 * 1.97)
    total = rates.primary_edits_until(BAND_BOUNDS_HOURS[-1])
    assert rates.primary_edits_until(5) / total == pytest.approx(0.5)
    assert rates.primary_edits_until(24) / total == pytest.approx(0.87)


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
            history = history._replace(
                age_hours=float(hour),
                edits=history.edits + edited,
                last_edit_age=hour if edited else history.last_edit_age,
            )
            outlet = EditRates(dict(counts))
    assert (
        sum(seen for part, (_, seen) in counts.items() if part != ARTICLES_PART) > 200
    )
    assert outlet.relative_rate > 1.2


def test_the_migration_of_old_archives_has_the_prior() -> None:
    script = (
        Path(harvester.__file__).parent / "archive/migrations/005_looks.sql"
    ).read_text()
    for band, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
        expected = PRIOR_PRIMARY_EDITS * (
            CUMULATIVE_EDIT_SHARES[band + 1] - CUMULATIVE_EDIT_SHARES[band]
        )
        assert f"('{band_name(band)}', {begin}, {end}, {expected:.4f})" in script
