"""The page of an outlet: what it did in twelve weeks, beside the median of all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from harvester.archive.queries.outlet_days import Counts
from harvester.browse import outlet_numbers
from harvester.browse.outlet_numbers import Period
from tests.support import outlet_weeks
from tests.support.datasette_server import Served, start
from tests.support.news_pages import get, list_links


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("weeks")
    path = outlet_weeks.build(folder)
    process, address, log = start(path, folder)
    yield Served(address, path, {}, log)
    process.terminate()
    process.wait(10)


def list_numbers(page: str) -> dict[str, tuple[str, str]]:
    """Measure → own value and median, of the tables that compare."""
    rows = re.findall(
        r'<tr><th scope="row">([^<]*)</th><td class="number">(.*?)</td>'
        r'<td class="number">(.*?)</td></tr>',
        page,
    )
    return {
        html.unescape(name): (re.sub("<[^>]*>", "", own), median)
        for name, own, median in rows
    }


def get_figure(page: str, title: str) -> str:
    return next(
        figure
        for figure in re.findall(r"<figure.*?</figure>", page, re.DOTALL)
        if f"<h3>{title}</h3>" in figure
    )


def test_each_number_stands_beside_the_median(weeks: Served) -> None:
    page = get(weeks, "/-/outlet/mpi")
    numbers = list_numbers(page)
    # 83 days: eleven weeks and six days, 20 of them with articles.
    assert numbers["Articles a day"] == ("1.4", "0.5")
    assert numbers["Articles that were edited"] == ("33.3 %", "0.0 %")
    assert numbers["First edits within an hour"] == ("50.0 %", "50.0 %")
    assert numbers["Unacknowledged edits"] == ("50.0 %", "50.0 %")
    assert numbers["Corrections per thousand articles"] == ("166.7", "0.0")
    assert numbers["Removals per thousand articles"] == ("25.0", "0.0")
    assert "the median of 3 outlets" in page
    assert numbers["Copies of agencies’ texts"] == ("0.0 %", "0.0 %")
    of_courier = list_numbers(get(weeks, "/-/outlet/courier"))
    assert of_courier["Unacknowledged edits"] == ("–", "50.0 %")


def test_numbers_lead_to_what_they_count(weeks: Served) -> None:
    page = get(weeks, "/-/outlet/mpi")
    path = list_links(page)["50.0 %"]
    assert path == "/-/changes?from=2026-06-01&to=2026-08-22&outlet=mpi&silent=1"
    assert "20 changes" in get(weeks, path)
    removals = list_links(page)["25.0"]
    assert get(weeks, removals).count("News of") >= 3


def test_plots_have_the_numbers_behind(weeks: Served) -> None:
    page = get(weeks, "/-/outlet/mpi")
    articles = get_figure(page, "Articles a day")
    assert articles.count('class="bar"') == 20
    assert articles.count('<th scope="row">2026-') == 83
    assert "Dashed: the median of 3 outlets, 0.5 a day" in articles
    edits = get_figure(page, "Edits a week")
    assert edits.count("<a ") == 3  # weeks without edits lead nowhere
    assert (
        '<th scope="row">2026-08-03</th><td class="number">14</td><td class="number">7'
        in edits
    )
    week = next(iter(re.findall(r'<a href="([^"]*)"', edits)))
    assert html.unescape(week) == (
        "/-/changes?from=2026-08-03&to=2026-08-09&outlet=mpi&kind=edited&kind=headline"
    )
    assert "14 changes" in get(weeks, html.unescape(week))
    first = get_figure(page, "Time to the first edit")
    assert '<th scope="row">15 min</th><td class="number">20' in first
    assert '<th scope="row">6 h</th><td class="number">20' in first
    assert "Of 120 articles, 40 were edited" in first
    hours = get_figure(page, "Hours")
    assert '<th scope="row">06</th><td class="number">20' in hours
    assert '<th scope="row">12</th><td class="number">0' in hours


def test_the_page_is_light(weeks: Served) -> None:
    page = get(weeks, "/-/outlet/mpi")
    assert len(page.encode()) < 80_000
    assert sum(map(len, re.findall(r"<figure.*?</figure>", page, re.DOTALL))) < 30_000
    assert "style=" not in page and "<script" not in page


def test_a_hostile_name_is_only_words(weeks: Served) -> None:
    page = get(weeks, "/-/outlet/gone")
    assert "<script" not in page
    assert html.escape(outlet_weeks.HOSTILE_NAME) in page.replace("&#39;", "&#x27;")
    assert "No longer in the settings" in page


def test_an_outlet_of_which_nothing_was_seen(served: Served) -> None:
    page = get(served, "/-/outlet/closed")
    assert "Nothing was seen of it in these weeks." in page or "Articles a day" in page
    assert "<h1>" in page
    assert "There is no outlet nobody" in get(served, "/-/outlet/nobody", 404)


# ---- pure


def test_weeks_begin_on_a_monday() -> None:
    period = Period.make("2026-08-22")
    assert (period.since, period.until, len(period.days)) == (
        "2026-06-01",
        "2026-08-23",
        83,
    )
    assert len(period.mondays) == outlet_numbers.WEEKS
    assert len(Period.make("2026-08-23").days) == 84


def test_a_share_of_nothing_is_not_known() -> None:
    numbers, compared = outlet_numbers.compare(
        "a", {"b": Counts(articles=3)}, Period.make("2026-08-22")
    )
    values: dict[str, Any] = {number.name: number for number in numbers}
    assert compared == 1
    assert (
        values["Unacknowledged edits"].value,
        values["Unacknowledged edits"].median,
    ) == ("", "")
    assert values["Articles a day"].value == "0.0"
    assert not any(number.href for number in numbers)
    assert (
        outlet_numbers.draw_plots("a", {}, (0,) * 24, {}, Period.make("2026-08-22"))
        == []
    )


def test_reading_is_compared_where_there_are_pages() -> None:
    nothing = dict.fromkeys(("title", "author", "published", "text", "words"))
    pages = {"title": 0.5, "author": 1.0, "published": 0.25, "text": 1.0, "words": 310}
    numbers = outlet_numbers.compare_reading(pages, [nothing, pages, nothing])
    assert [number.value for number in numbers] == [
        "50.0 %",
        "100.0 %",
        "25.0 %",
        "100.0 %",
        "310",
    ]
    assert [number.median for number in numbers] == [number.value for number in numbers]
