"""The page of health: what fails and what to do, panels of outlets, strips of feeds, and the numbers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import lxml.html
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.connection import Archive
from harvester.archive.queries.watched_feeds import WatchedFeedRow
from harvester.archive.records import feeds
from harvester.browse import health_page
from harvester.browse.health_panels import draw_strip
from harvester.ingest.coverage import FeedCoverage
from harvester.render.plots.strips import DAY_WIDTH, STRIP_HEIGHT, shape_days
from harvester.schedule.coverage import DayCoverage, join_days
from tests.cli.test_feed_coverage import at, made
from tests.support import hostile_archive
from tests.support.datasette_server import Served, start


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("coverage")
    made(folder)
    process, address, _ = start(folder / "archive.db", folder)
    yield address
    process.terminate()
    process.wait(10)


def get(address: str, path: str = "/-/health") -> lxml.html.HtmlElement:
    response = httpx.get(address + path, follow_redirects=True)
    assert response.status_code == 200
    return lxml.html.fromstring(response.text)


def test_losses_come_first_and_are_told_in_words_and_numbers(address: str) -> None:
    page = get(address)
    courier, gazette = page.cssselect("article.strip")
    assert "courier" in courier.cssselect(".kicker")[0].text_content()
    assert courier.cssselect(".kicker .number")[0].text == "82.50 %"
    [drawing] = courier.cssselect("svg")
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == (
        "82.50 % watched; 3 of 10 days in part or not at all"
    )
    kinds = [bar.get("class") for bar in drawing.cssselect("rect")]
    assert kinds.count("lost") == 3 and kinds.count("filled") == 2
    gaps = [
        [cell.text_content() for cell in row.cssselect("td")][2:]
        for row in courier.cssselect("table.gaps tbody tr")
    ]
    assert gaps == [
        ["open", "0", "being filled"],
        ["partly", "0", "in part"],
        ["unfilled", "0", "nothing else lists them"],
        ["filled", "7", "7 found"],
    ]
    shares = [cell.text for cell in courier.cssselect("table.shares td:nth-child(2)")]
    assert shares == ["0.00 %", "75.00 %", "50.00 %"]
    assert not gazette.cssselect("details")
    bars = [bar.get("class") for bar in gazette.cssselect("svg rect")]
    assert bars == ["frame", "watched"]  # ten days drawn as one


def test_one_outlet_and_another_time(address: str) -> None:
    """Also under the address that coverage had to itself."""
    assert len(get(address, "/-/coverage?outlet=gazette").cssselect(".strip")) == 1
    page = get(address, "/-/coverage?days=90")
    assert page.cssselect("select[name=days] option[selected]")[0].text == "90"
    for path in ("?days=abc", "?days=99999999", "?outlet=nobody", "?days=-1"):
        get(address, f"/-/coverage{path}")
    assert (
        "No feed was read" in get(address, "/-/coverage?outlet=nobody").text_content()
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 24), st.integers(0, 24), st.integers(0, 24)),
        min_size=1,
        max_size=40,
    )
)
def test_a_strip_shows_what_the_numbers_say(
    parts: list[tuple[int, int, int]],
) -> None:
    days = [
        DayCoverage(
            at(number)[:10],
            3_600.0 * sum(part),
            3_600.0 * (part[0] + part[1]),
            3_600.0 * part[1],
            0,
        )
        for number, part in enumerate(parts)
    ]
    bars = shape_days(days)
    for number, (watched, filled, lost) in enumerate(parts):
        x = DAY_WIDTH * number
        there = {bar.kind for bar in bars if bar.x <= x < bar.x + bar.width}
        expected = {
            kind
            for kind, hours in (
                ("watched", watched),
                ("filled", filled),
                ("lost", lost),
            )
            if hours
        }
        assert there == expected
    for bar in bars:
        assert bar.y >= 0 and bar.height > 0
        assert bar.y + bar.height <= STRIP_HEIGHT + 0.001


def test_time_that_does_not_count_is_left_empty() -> None:
    """As before the first poll."""
    days = [DayCoverage(at(0)[:10], 0.0, 0.0, 0.0, 0)]
    feed = WatchedFeedRow("a", "f", "", "rss", 0, at(0), at(0), None, 0, "", "")
    strip = draw_strip(FeedCoverage(feed, None, tuple(days), ()))
    assert strip.svg.count("<rect") == 1 and strip.share == "–"  # its frame


@given(st.integers(0, 60), st.integers(1, 9))
def test_days_are_joined_to_weeks_that_are_whole(count: int, size: int) -> None:
    days = [DayCoverage(at(n)[:10], 10.0, float(n % 11), 1.0, 1) for n in range(count)]
    joined = join_days(days, size)
    assert len(joined) == count // size
    kept = days[count % size :]
    assert [one.day for one in joined] == [one.day for one in kept[::size]]
    assert sum(one.watched for one in joined) == sum(one.watched for one in kept)
    assert all(one.seconds == 10.0 * size for one in joined)


def test_what_fails_comes_first_with_what_to_do(served: Served) -> None:
    page = get(served.address)
    with closing(sqlite3.connect(served.path)) as connection:
        failing = connection.execute(
            "select url from feeds where active and outcome not in ('changed', 'unchanged')"
        ).fetchall()
    todo = page.cssselect(".todo li")
    assert len(todo) == len(failing) == 2
    for item in todo:
        assert "To do:" in item.text_content()
    assert page.cssselect(".todo code")[0].text == "harvest check"
    panels = page.cssselect(".panel")
    assert "failing" in (panels[0].get("class") or "")
    assert "The Arle Courier" in panels[0].text_content()
    assert "A closed paper" not in page.cssselect(".panels")[0].text_content()
    assert hostile_archive.SECRET not in lxml.html.tostring(page, encoding="unicode")
    assert not page.cssselect(".todo script, .todo img, .panels img")


def test_panels_show_the_numbers_of_the_table(served: Served) -> None:
    since = datetime.now(UTC).date() - datetime.fromisoformat("2026-11-20").date()
    days = max(28, since.days + 2)
    page = get(served.address, f"/-/health?days={days}")
    with closing(sqlite3.connect(served.path)) as connection:
        expected = dict(
            connection.execute(
                "select o.name, count(*) from articles a join outlets o on o.key = a.outlet "
                "group by 1"
            )
        )
    rows = {
        row.cssselect("th")[0].text: [int(td.text) for td in row.cssselect("td")]
        for row in page.cssselect(".counts-by-day tbody tr")
    }
    assert {name: sum(counts) for name, counts in rows.items()} == expected
    for panel in page.cssselect(".panel svg"):
        assert panel.get("role") == "img"
        name, _, words = panel.get("aria-label").partition(":")
        assert words.startswith(f" {expected[name]} articles")


def test_coverage_leads_here(served: Served) -> None:
    response = httpx.get(f"{served.address}/-/coverage?outlet=courier&days=90")
    assert response.status_code == 302
    assert response.headers["location"] == "/-/health?outlet=courier&days=90"
    page = get(served.address, "/-/coverage?outlet=courier")
    assert page.cssselect("h1")[0].text_content() == "Health of The Arle Courier"
    links = page.cssselect("head link[title='Health of the harvest']")
    assert links[0].get("href") == "/-/health.atom?outlet=courier"


def test_many_outlets_are_pages_of_few_panels(tmp_path: Path) -> None:
    """A page is light whatever there is: 300 outlets, 600 feeds, a third of them failing."""
    archive = Archive.open(tmp_path / "many.db", None)
    archive.begin()
    for number in range(300):
        key = f"outlet-{number}"
        feeds.upsert_outlet(
            archive.connection, key, f"Outlet {number}", "", "en", "", at(-30)
        )
        for feed in ("a", "b"):
            url = f"https://{key}.example/{feed}"
            feeds.upsert_feed(archive.connection, url, key, "", "", at(-30))
    archive.connection.execute(
        "update feeds set watched_since = ?, read_at = ?, polled = ?, due = ?, "
        "outcome = iif(rowid % 3, 'unchanged', 'failed'), reason = iif(rowid % 3, '', 'answered 500'), "
        "failures = iif(rowid % 3, 0, 4)",
        [at(-30), at(0), at(0), at(1)],
    )
    archive.commit()
    archive.close()

    async def look() -> None:
        slow = {"sql_time_limit_ms": 20_000}  # what is tested is weight
        client = Datasette([str(tmp_path / "many.db")], settings=slow).client
        seen: list[str] = []
        path = "/-/health"
        while path:
            response = await client.get(path)
            assert response.status_code == 200 and len(response.content) < 60_000
            page = lxml.html.fromstring(response.text)
            panels = page.cssselect(".panel h3 a")
            assert len(panels) <= health_page.PANELS_PER_PAGE
            assert len("".join(map(drawing, page.cssselect("svg.plot")))) < 30_000
            seen += [panel.text for panel in panels]
            following = page.cssselect("a[rel=next]")
            path = following[0].get("href") if following else ""
        assert len(seen) == len(set(seen)) == 300
        front = await client.get("/")
        assert len(front.content) < 60_000

    asyncio.run(look())


def drawing(element: lxml.html.HtmlElement) -> str:
    return str(lxml.html.tostring(element, encoding="unicode"))
