"""Times as feeds and pages state them. The instants were written by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.parse.dates import date_text


def instant(text: str) -> str | None:
    parsed = date_text.parse_date(text, allow_partial=True)
    if parsed is None:
        return None
    moment: datetime = parsed[0] if parsed[0].tzinfo else parsed[0].replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_corpus(corpora: Path) -> None:
    cases = json.loads((corpora / "feeds" / "dates.json").read_text())
    assert [(case["s"], instant(case["s"])) for case in cases] == [
        (case["s"], case["expect"]) for case in cases
    ]


@pytest.mark.parametrize(
    ("day", "texts"),
    [
        (
            "2023-09-04",
            [
                "Mo., 4. September 2023",
                "maandag 4 september 2023",
                "4 września 2023",
                "4. září 2023",
                "4 сентября 2023 г.",
                "4 вересня 2023",
                "mån 4 sep 2023",
                "maanantai 4. syyskuuta 2023",
                "4 Eylül 2023 Pazartesi",
                "4 septembrie 2023",
                "2023. szeptember 4.",
                "2023年9月4日",
                "2023년 9월 4일",
                "Δευτέρα, 4 Σεπτεμβρίου 2023",
                "الإثنين، 4 سبتمبر 2023",
                "Thứ hai, 04 Tháng 9 2023",
                "dilluns, 4 setembre 2023",
                "04.09.2023",
                "2023/9/4",
                "04-Sep-2023",
                "September 4th, 2023",
                "Mon, 04/09/2023",
                "Mon, 09/04/2023",
                "20230904",
            ],
        ),
        (
            "2023-11-01",
            [
                "śr, 01 lis 2023",
                "1. marraskuuta 2023",
                "1 Kasım 2023",
                "mer. 1er novembre 2023",
                "1 листопада 2023",
                "1. november 2023",
            ],
        ),
        (
            "2023-03-07",
            [
                "mar, 07 mar 2023",
                "mardi 7 mars 2023",
                "07. März 2023",
                "di 7 mrt 2023",
                "7 марта 2023",
                "7. maaliskuuta 2023",
            ],
        ),
        (
            "2023-06-05",
            [
                "5. června 2023",
                "5 iunie 2023",
                "Ιούν 5, 2023",
                "5 июня 2023",
                "5 Haziran 2023",
                "5 giugno 2023",
                "5. kesäkuuta 2023",
                "5 czerwca 2023",
            ],
        ),
        (
            "2023-07-05",
            [
                "5. července 2023",
                "5 iulie 2023",
                "5 июля 2023",
                "5 luglio 2023",
                "5 lipca 2023",
                "5. heinäkuuta 2023",
                "5 juillet 2023",
            ],
        ),
    ],
)
def test_days_in_many_languages(day: str, texts: list[str]) -> None:
    assert {text: instant(text) for text in texts} == dict.fromkeys(
        texts, f"{day}T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("utc", "texts"),
    [
        (
            "2023-09-04T08:00:00Z",
            [
                "Mon, 4 Sep 2023 10:00:00 CEST",
                "Mon, 4 Sep 2023 10:00:00 +02",
                "Mon, 4 Sep 2023 10:00:00 UTC+2",
                "2023-09-04T10:00:00 +0200",
                "Mon Sep 04 2023 10:00:00 GMT+0200 (Central European Summer Time)",
                "Mon Sep  4 10:00:00 +0200 2023",
                "20230904T100000+0200",
            ],
        ),
        (
            "2023-09-04T14:00:00Z",
            [
                "Mon Sep  4 10:00:00 EDT 2023",
                "Sept 4, 2023 10:00 am ET",
                "Mon, 4 Sep 2023 07:00 PT",
            ],
        ),
        (
            "2023-01-04T15:00:00Z",
            [
                "Jan 4, 2023 10:00 am ET",
                "Wed, 4 Jan 2023 9:00 CT",
                "1672844400",
                "1672844400000",
            ],
        ),
        (
            "2023-09-04T15:04:00Z",
            [
                "2023-09-04 3:04 PM",
                "2023-09-04 03:04:00 PM",
                "2023年9月4日 下午3:04",
                "2023년 9월 4일 오후 3:04",
                "4 sept. 2023 15h04",
                "Monday, September 4th, 2023 at 3:04 p.m.",
                "4. September 2023, 15.04 Uhr",
                "4. syyskuuta 2023 klo 15.04",
                "2023年9月4日 15時04分",
            ],
        ),
        (
            "2023-09-04T00:30:00Z",
            ["Mon, 04 Sep 2023 12:30 AM GMT", "20230904003000", "2023-09-04T00:30Z"],
        ),
    ],
)
def test_times_and_zones(utc: str, texts: list[str]) -> None:
    assert {text: instant(text) for text in texts} == dict.fromkeys(texts, utc)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        # Zones by their names, with summer time.
        ("Fri, 31 May 2024 20:19:00 America/Los_Angeles", "2024-06-01T03:19:00Z"),
        ("Thu, 25 Jan 2024 00:00:00 Europe/Brussels", "2024-01-24T23:00:00Z"),
        ("2024-07-25 10:00 Asia/Kolkata", "2024-07-25T04:30:00Z"),
        ("Thu, 25 Jan 2024 10:00:00 Etc/GMT", "2024-01-25T10:00:00Z"),
        ("2024-01-25T10:00:00+01:00[Europe/Paris]", "2024-01-25T09:00:00Z"),
        ("2024-01-25 10:00 GMT+7", "2024-01-25T03:00:00Z"),
        # ISO 8601's week and ordinal dates.
        ("2024-W04-4", "2024-01-25T00:00:00Z"),
        ("2024W044T10:00:00Z", "2024-01-25T10:00:00Z"),
        ("2024-W04", "2024-01-22T00:00:00Z"),
        ("2024-025", "2024-01-25T00:00:00Z"),
        ("2024-025T10:00:00Z", "2024-01-25T10:00:00Z"),
        ("2024-001-25T10:00:00Z", "2024-01-25T10:00:00Z"),
        # The 60th second, as POSIX counts.
        ("Thu, 25 Jan 2024 10:00:60 GMT", "2024-01-25T10:01:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2024-01-25T10:00:05:684Z", "2024-01-25T10:00:05Z"),
        ("Jan. 2024", "2024-01-01T00:00:00Z"),
        ("Thu, 25 01 2024 10:00:00 +0100", "2024-01-25T09:00:00Z"),
        ("Thu, 01 02 2024 10:00:00 +0100", "2024-02-01T09:00:00Z"),
        ("Thu, 25 Jan 2024 15 -0700", "2024-01-25T22:00:00Z"),
        ("2567-01-25T10:00:00+07:00", "2024-01-25T03:00:00Z"),
    ],
)
def test_what_is_written_rarely(text: str, utc: str) -> None:
    assert instant(text) == utc


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("03/04/2024", "2024-04-03T00:00:00Z", "2024-03-04T00:00:00Z"),
        ("3-4-2024 10:00", "2024-04-03T10:00:00Z", "2024-03-04T10:00:00Z"),
        ("03/04/24", "2024-04-03T00:00:00Z", "2024-03-04T00:00:00Z"),
    ],
)
def test_day_and_month_that_may_be_swapped(
    text: str, day_first: str, month_first: str
) -> None:
    assert instant(text) is None
    for order, utc in (("day", day_first), ("month", month_first)):
        parsed = date_text.parse_date(text, order=order)  # type: ignore[arg-type]
        assert parsed is not None
        assert f"{parsed[0]:%Y-%m-%dT%H:%M:%SZ}" == utc


def test_what_settles_day_and_month() -> None:
    assert instant("Wed, 03/04/2024") == "2024-04-03T00:00:00Z"
    assert instant("13/04/2024") == "2024-04-13T00:00:00Z"
    assert instant("04/13/2024") == "2024-04-13T00:00:00Z"
    assert instant("03.04.2024") == "2024-04-03T00:00:00Z"
    assert instant("04/04/2024") == "2024-04-04T00:00:00Z"
    # What would lie after the capture is not meant.
    assert date_text.normalise_date("03/04/2024", "2024-03-05T00:00:00Z") == (
        "2024-03-04",
        "2024-03-04",
    )
    assert date_text.normalise_date("03/04/2024", "2024-05-05T00:00:00Z") is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-25-01",
        "2024-01-25T09:xx:00Z",
        "2024-01-25T09:00:00+00:xx",
        "2024-01-25T11:30:00-06:00Textra",
        "Thu, 25 Jan 2024 1:2:3:4 GMT",
        "Thu, 25 Jan 2024 11:47:32 +zz:00",
        "9999-12-31T23:59:59Z",
        "2024-W54-1",
        "2023-366",
        "6/1/2 15:04",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "2023-02-30T10:00:00Z",
        "Mon, 32 Sep 2023 10:00:00 GMT",
        "-0001-11-30T00:00:00+00:00",
        "Mon, 04 Sep 2023 25:00:00 GMT",
        "2023-09-04T10:61:00Z",
        "yesterday",
        "5 hours ago",
        "Sep 4",
        "12:30",
        "Invalid Date",
        "",
        "9" * 10_000,
    ],
)
def test_what_is_not_a_time(text: str) -> None:
    assert instant(text) is None


def test_partial_dates() -> None:
    assert [instant(text) for text in ("2003-12", "2003", "2003-335")] == [
        "2003-12-01T00:00:00Z",
        "2003-01-01T00:00:00Z",
        "2003-12-01T00:00:00Z",
    ]
    assert date_text.parse_date("2003-12") is None  # a page's day is not guessed


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 28 Nov 2016 15.04.05 GMT",
        "28 November 2016 15.04.05",
        "Mon, 28 Nov 2016 10:04:05 US/Eastern",
        "Mon, 28 Nov 2016 08:04:05 -7",
        "2016:11:28 15:04:05",
    ],
)
def test_times_of_day_in_unusual_forms(text: str) -> None:
    assert instant(text) == "2016-11-28T15:04:05Z"


@pytest.mark.parametrize("text", ["2016-11-28T", "2016–11–28", "2016‑11‑28"])
def test_days_in_unusual_forms(text: str) -> None:
    assert instant(text) == "2016-11-28T00:00:00Z"


def test_points_within_a_date_are_no_time() -> None:
    assert instant("28.11.2016 15.04 Uhr") == "2016-11-28T15:04:00Z"
    assert instant("28.11.2016") == "2016-11-28T00:00:00Z"
