"""Dates of the Persian and the Umm al-Qura calendar against published tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from harvester.parse.dates import calendars


@pytest.mark.parametrize(
    ("year", "first_day"),
    [
        # The days of Nowruz; 1375, 1379, 1383, 1387, 1391, 1395, 1399 and 1403 are leap.
        (1358, date(1979, 3, 21)),
        (1376, date(1997, 3, 21)),
        (1379, date(2000, 3, 20)),
        (1380, date(2001, 3, 21)),
        (1395, date(2016, 3, 20)),
        (1396, date(2017, 3, 21)),
        (1400, date(2021, 3, 21)),
        (1403, date(2024, 3, 20)),
        (1404, date(2025, 3, 21)),
    ],
)
def test_the_persian_new_year(year: int, first_day: date) -> None:
    assert calendars.persian_to_gregorian(year, 1, 1) == first_day
    assert calendars.persian_to_gregorian(year, 7, 1) == first_day + timedelta(days=186)


@pytest.mark.parametrize(
    ("year", "month", "first_day"),
    [
        # First days of Ramadan, Muharram and Shawwal as Saudi Arabia's calendar has them.
        (1445, 9, date(2024, 3, 11)),
        (1446, 9, date(2025, 3, 1)),
        (1444, 9, date(2023, 3, 23)),
        (1446, 1, date(2024, 7, 7)),
        (1445, 10, date(2024, 4, 10)),
        (1400, 1, date(1979, 11, 20)),
    ],
)
def test_islamic_months(year: int, month: int, first_day: date) -> None:
    assert calendars.islamic_to_gregorian(year, month, 1) == first_day


def test_days_that_do_not_exist() -> None:
    assert calendars.persian_to_gregorian(1402, 12, 30) is None
    assert calendars.persian_to_gregorian(1403, 12, 30) == date(2025, 3, 20)
    assert calendars.persian_to_gregorian(1403, 13, 1) is None
    assert calendars.islamic_to_gregorian(1300, 1, 1) is None
    assert calendars.islamic_to_gregorian(1445, 9, 31) is None


def test_every_day_has_one_date() -> None:
    days = [
        calendars.islamic_to_gregorian(year, month, day)
        for year in range(1440, 1450)
        for month in range(1, 13)
        for day in range(1, 31)
    ]
    found = [day for day in days if day is not None]
    assert found == [found[0] + timedelta(days=n) for n in range(len(found))]
