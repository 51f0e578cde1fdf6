"""Forecasts: about what happens to outlets whose edits are known."""

from __future__ import annotations

from statistics import fmean

import pytest

from benchmarks import looks as simulation
from harvester.schedule import forecast
from harvester.schedule.edit_rates import ARTICLES_PART, EditRates, band_name


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
