"""Dates with their times as pages show them, and the zones of outlets.

The expected times are what a reader understands.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from harvester.parse.dates import clocks, date_text, zones
from harvester.parse.dates.zones import get_utc_offset, guess_outlet_zone


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Updated 4:19 PM ET, Fri December 16, 2016", "2016-12-16T16:19:00-05:00"),
        ("21:22, 6 OCT 2020", "2020-10-06T21:22:00"),
        ("07:34, 3 NOV 2023 Updated 09:52, 3 NOV 2023", "2023-11-03T07:34:00"),
        ("Published 22:00, 11 July 2021 BST", "2021-07-11T22:00:00+01:00"),
        ("GMT 17:27 17.03.2020", "2020-03-17T17:27:00+00:00"),
        ("Published: November 2, 2023 6.55pm SAST", "2023-11-02T18:55:00+02:00"),
        ("First published November 29, 2016: 3:33 AM ET", "2016-11-29T03:33:00-05:00"),
        ("Mittwoch, 03. November 2021, 16.45 Uhr", "2021-11-03T16:45:00"),
        ("am 12.05.2020 um 9 Uhr", "2020-05-12T09:00:00"),
        ("Publié le 13 mars 2017 à 19 h 18", "2017-03-13T19:18:00"),
        ("19.2.2020 klo 14.05", "2020-02-19T14:05:00"),
        ("30 Ekim 2020 Cuma 18:28", "2020-10-30T18:28:00"),
        ("2019年4月19日（金） 09時39分", "2019-04-19T09:39:00"),
        ("2024年04月24日23:52", "2024-04-24T23:52:00"),
        ("입력 2023.11.02. 오후 8:06", "2023-11-02T20:06:00"),
        ("Senin, 4 Mei 2020 04:25 WIB", "2020-05-04T04:25:00+07:00"),
    ],
)
def test_a_date_and_its_time(text: str, moment: str) -> None:
    parsed = date_text.parse_date(clocks.find_date(text))
    assert parsed == (datetime.fromisoformat(moment), True)


@pytest.mark.parametrize(
    "text",
    [
        "Video 02:53 21.01.2023",
        "21.01.2023 Updated 10:12",
        "21.01.2023 (3.50 Euro)",
        "21.01.2023 7.25",
        "3-2 21.01.2023",
        "Jan. 21, 2023 9",
    ],
)
def test_what_is_not_a_time(text: str) -> None:
    parsed = date_text.parse_date(clocks.find_date(text))
    assert parsed == (datetime(2023, 1, 21), False)


@pytest.mark.parametrize(
    "text", ["3 May 2024", "3/4", "٣ مايو", "令和元年", "二〇二四年", "5 ส.ค. 67"]
)
def test_what_may_hold_a_date(text: str) -> None:
    assert clocks.may_hold_date(f"Harbour news, {text}, page")


@pytest.mark.parametrize("text", ["", "The ferry sails", "7 ferries", "สวัสดี", "号外"])
def test_what_holds_no_date(text: str) -> None:
    assert not clocks.may_hold_date(text)


def test_many_numbers_take_linear_time() -> None:
    def cost(text: str) -> float:
        start = time.process_time()
        for _ in range(20):
            clocks.find_date(text)
        return time.process_time() - start

    for piece in ("1 2:3 ", "10:10 ", "GMT GMT ", "1 a ", "((((", "上午 "):
        assert cost(piece * 2_000 + "3 May 2020") < 1.0


ZONES = {
    "https://paper.de/a": "Europe/Berlin",
    "https://paper.co.uk/a": "Europe/London",
    "https://paper.gr/a": "Europe/Athens",
    "https://paper.es/a": "Europe/Madrid",
    "https://paper.co.jp/a": "Asia/Tokyo",
    "https://paper.in/a": "Asia/Kolkata",
    "https://paper.ru/a": "Europe/Moscow",
    "https://paper.com.br/a": "America/Sao_Paulo",
    "https://paper.com.tr/a": "Europe/Istanbul",
    "https://www.miamiherald.com/a": "America/New_York",
    "https://www.chicagotribune.com/a": "America/Chicago",
    "https://www.latimes.com/a": "America/Los_Angeles",
}


@pytest.mark.parametrize("url", ZONES)
def test_an_outlet_has_the_zone_of_its_country_or_town(url: str) -> None:
    zone = guess_outlet_zone(url, "")
    assert zone is not None
    for days in range(0, 12_000, 9):
        naive = datetime(1992, 1, 2, 12) + timedelta(days=days)
        assert (
            get_utc_offset(zone, naive)
            == naive.replace(tzinfo=ZoneInfo(ZONES[url])).utcoffset()
        )
    assert get_utc_offset(zone, datetime(1937, 6, 1)) is None


def test_every_named_zone_exists() -> None:
    for name in set(zones._ZONE_BY_DOMAIN.values()) | {
        place for _, place in zones._ZONE_BY_TOWN
    }:
        assert get_utc_offset(zones.load_zone(name), datetime(2025, 7, 1)) is not None
    assert set(zones._DOMAIN_BY_LANGUAGE.values()) <= set(zones._ZONE_BY_DOMAIN)


def test_a_language_of_one_zone_reveals_it() -> None:
    zone_by_locale = {
        locale: guess_outlet_zone("https://paper.com/a", locale)
        for locale in ("de-DE de_DE", "pt_BR", "fr-CA", "ja")
    }
    hours = [
        get_utc_offset(zone, datetime(2025, 1, 1))
        for zone in zone_by_locale.values()
        if zone is not None
    ]
    assert hours == [timedelta(hours=hour) for hour in (1, -3, -5, 9)]
    assert not any(
        guess_outlet_zone("https://paper.com/a", locale)
        for locale in ("en", "es_ES", "fr-FR", "pt-PT", "ru", "")
    )


@pytest.mark.parametrize(
    "text", ["32 March 2024", "2024-13-45", "31/02/2024", "99 x 2024"]
)
def test_no_part_of_what_is_no_date(text: str) -> None:
    assert clocks.find_dates(text, "day") == ()


def test_a_time_of_day_before_a_label_hides_no_date() -> None:
    found = clocks.find_dates("2023-11-20 10:30 Updated 2023-11-21 12:00")
    assert [date.text[:10] for date in found] == ["2023-11-20", "2023-11-21"]
