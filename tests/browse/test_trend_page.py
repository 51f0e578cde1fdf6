"""The page of a trend: lines, numbers, links to what is counted; the same as CSV."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from harvester.browse import trend_page
from harvester.cli import cli
from tests.support import outlet_weeks
from tests.support.datasette_server import Served, start
from tests.support.news_pages import get, list_links

TIMES = "&from=2026-08-03&to=2026-08-22"
LONGER = "&from=2026-06-01&to=2026-08-22"  # too long for days


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("trend")
    path = outlet_weeks.build(folder)
    process, address, log = start(path, folder)
    yield Served(address, path, {}, log)
    process.terminate()
    process.wait(10)


def list_rows(page: str) -> list[list[str]]:
    """The table of numbers: period, then the values."""
    return [
        [
            re.sub("<[^>]*>", "", cell)
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", page.split("<table>")[1], re.DOTALL)
    ]


def test_two_phrases_are_compared_by_week(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=bridge&q=flood{LONGER}")
    rows = list_rows(page)
    assert rows[0] == ["Week", "bridge", "flood"]
    assert rows[1:4] == [
        ["2026-08-17", "18", "6"],
        ["2026-08-10", "21", "6"],
        ["2026-08-03", "21", "6"],
    ]
    assert len(rows) == 13 and rows[-1] == ["2026-06-01", "0", "0"]
    assert page.count("<polyline") == 2
    assert "line-1" in page and "line-2" in page
    assert "60 articles" in page and "18 articles" in page
    assert "of the last week 6 days" in page
    assert "by the week in which they were published" in page
    title = re.findall("<title>(.*)</title>", page)[0]
    assert title.startswith("bridge, flood · Trend · ")


def test_a_short_time_is_counted_by_day(weeks: Served) -> None:
    rows = list_rows(get(weeks, f"/-/trend?q=flood{TIMES}"))
    assert rows[0] == ["Day", "flood"]
    assert [row[0] for row in rows[1:] if row[1] == "6"] == [
        "2026-08-17",
        "2026-08-10",
        "2026-08-03",
    ]


def test_where_nothing_is_found_the_whole_time_is_offered(weeks: Served) -> None:
    page = get(weeks, "/-/trend?q=bridge&from=2026-10-01&to=2026-10-02")
    assert "No matches in this time." in page
    whole = re.findall(r'<a href="([^"]*)">Since ', page)[0].replace("&amp;", "&")
    assert "60 articles" in get(weeks, whole)


def test_by_outlet_and_per_thousand(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=bridge&by=outlet{LONGER}")
    rows = list_rows(page)
    assert sorted(rows[0]) == sorted(
        ["Week", "MPI", "COURIER", html.escape(outlet_weeks.HOSTILE_NAME, quote=False)]
    )
    assert rows[3][1:] == ["7", "7", "7"]
    assert "<script" not in page
    rates = list_rows(get(weeks, list_links(page)["Per thousand"]))
    by_name = dict(zip(rates[0], rates[3], strict=True))
    assert by_name["MPI"] == "166.67" and by_name["COURIER"] == "500.0"
    together = list_rows(get(weeks, list_links(page)["All outlets together"]))
    assert together[3][1] == "21"


def test_a_point_leads_to_the_articles_that_it_counts(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=flood{LONGER}")
    points = re.findall(r'<a href="([^"]*)" aria-label="flood, 2026-08-10: 6"', page)
    assert [html.unescape(point) for point in points] == [
        "/-/search?q=flood&from=2026-08-10&to=2026-08-16"
    ]
    found = get(weeks, html.unescape(points[0]))
    assert "6 articles" in found or found.count("News of 10 August") >= 6
    row = list_links(page)["2026-08-10"]
    assert row == "/-/search?q=flood&from=2026-08-10&to=2026-08-16"
    both = list_links(get(weeks, f"/-/trend?q=flood&q=bridge{LONGER}"))["2026-08-10"]
    assert both.startswith("/-/search?q=%28flood%29+OR+%28bridge%29&")
    get(weeks, both)


def test_a_search_leads_to_its_trend(weeks: Served) -> None:
    search = get(weeks, f"/-/search?q=flood&outlet=mpi{LONGER}")
    path = list_links(search.split('class="downloads"')[1])["Trend"]
    assert list_rows(get(weeks, path))[3] == ["2026-08-03", "6"]


def test_csv_has_the_same_numbers(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=bridge&q=flood{LONGER}")
    rows = list(csv.DictReader(io.StringIO(get(weeks, list_links(page)["CSV"]))))
    assert len(rows) == 24
    assert rows[10] == {
        "from": "2026-08-10",
        "to": "2026-08-16",
        "query": "bridge",
        "outlet": "",
        "count": "21",
        "of": "63",
        "per_thousand": "333.33",
        "counted": "articles",
    }
    outlets = get(weeks, f"/-/trend.csv?q=bridge&by=outlet{LONGER}")
    assert {row["outlet"] for row in csv.DictReader(io.StringIO(outlets))} == {
        "mpi",
        "courier",
        "gone",
    }
    assert "no time" in get(weeks, "/-/trend.csv?q=a&from=x", 400)
    get(weeks, "/-/trend.csv")


def test_the_command_counts_the_same(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=flood{LONGER}")
    command = html.unescape(re.findall("<code>(harvest stats.*?)</code>", page)[0])
    assert command == (
        "harvest stats flood --by week --since 2026-06-01 --until 2026-08-22 --plot trend.svg"
    )
    arguments = command.split()[1:-2]
    settings = ["--settings", str(weeks.path.parent / "settings.toml")]
    done = CliRunner().invoke(cli, [*settings, *arguments, "--json"])
    assert done.exit_code == 0, done.output
    counted = {group["week"]: group["articles"] for group in json.loads(done.stdout)}
    shown = {row[0]: int(row[1]) for row in list_rows(page)[1:]}
    assert {week: count for week, count in shown.items() if count} == counted


def test_an_outlet_of_the_address_holds_for_all(weeks: Served) -> None:
    page = get(weeks, f"/-/trend?q=bridge&outlet=courier{LONGER}")
    assert list_rows(page)[3] == ["2026-08-03", "7"]
    assert "Of COURIER alone." in page
    assert "&amp;outlet=courier" in page
    assert '<input type="hidden" name="outlet" value="courier">' in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q=outlet:mpi", "a trend counts words"),
        ("q=(bridge", "character 1"),
        ("q=bridge&from=nonsense", "is no time"),
        ("q=bridge&from=2026-08-22&to=2026-08-01", "before to:"),
        ("q=bridge&outlet=mpj", "did you mean mpi"),
    ],
)
def test_what_cannot_be_drawn_is_said(weeks: Served, query: str, message: str) -> None:
    page = get(weeks, f"/-/trend?{query}", 400)
    assert 'role="alert"' in page and message in html.unescape(page)
    assert "<polyline" not in page


def test_without_words_the_page_explains_itself(weeks: Served) -> None:
    page = get(weeks, "/-/trend")
    assert "Up to five are compared" in page
    assert page.count('name="q"') == 2
    assert "No matches in this time." in get(weeks, "/-/trend?q=zeppelin")


def test_hostile_words_are_only_words(weeks: Served) -> None:
    typed = quote('bridge "<script>alert(1)</script>\' onload=x"')
    page = get(weeks, f"/-/trend?q=bridge&q={typed}{LONGER}")
    assert "<script" not in page and "style=" not in page
    sheet = get(weeks, f"/-/trend.csv?q={quote('+bridge')}")  # no formula
    assert "'+bridge" in sheet


def test_five_lines_for_a_year_are_light(weeks: Served) -> None:
    words = ("bridge", "flood", "august", "more", "the")
    query = "&".join(f"q={word}" for word in words)
    page = get(weeks, f"/-/trend?{query}&from=2025-07-10&to=2026-08-22&per=1000")
    assert page.count("<polyline") == 5
    assert len(page.encode()) < 80_000
    figure = page.split("<figure")[1].split("</figure>")[0]
    table = page.split("<table>")[1].split("</table>")[0]
    assert len(figure) + len(table) < 30_000


# ---- pure


def test_an_address_is_read_and_written() -> None:
    asked = trend_page.read_request(
        "q=a&q=+b++c&q=a&q=&by=outlet&per=1000&from=today&outlet=x"
    )
    assert asked.queries == ("a", "b c")
    assert asked.by_outlet and asked.per_thousand
    assert (
        asked.address() == "/-/trend?q=a&q=b+c&by=outlet&per=1000&from=today&outlet=x"
    )
    assert (
        len(trend_page.read_request("&".join(f"q={n}" for n in range(9))).queries) == 5
    )
    assert trend_page.read_request("").address() == "/-/trend"
