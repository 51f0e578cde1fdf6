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
    "text",
    [
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
