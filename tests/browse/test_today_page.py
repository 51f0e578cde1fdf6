"""The start page: a day, what came and changed on it, and how the feeds do."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import lxml.html
import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive.connection import Archive
from harvester.archive.queries import day_overview
from harvester.archive.queries.day_overview import OutletDay
from harvester.archive.queries.feed_states import FeedState
from harvester.archive.records import articles
from harvester.browse import feed_strip, today_page
from tests.support import hostile_archive
from tests.support.datasette_server import Served

DAY, NEXT = "2026-11-20", "2026-11-21"


def get(served: Served, path: str) -> lxml.html.HtmlElement:
    response = httpx.get(served.address + path)
    assert response.status_code == 200
    return lxml.html.fromstring(response.text)


@pytest.fixture
def rows(served: Served) -> Iterator[sqlite3.Connection]:
    """The archive's tables, without our code."""
    with closing(sqlite3.connect(served.path)) as connection:
        yield connection


def test_a_day_counts_what_the_tables_have(
    served: Served, rows: sqlite3.Connection
) -> None:
    page = get(served, f"/?day={DAY}")
    cells = {
        row.cssselect("th a")[0].get("href").rpartition("/")[2]: [
            cell.text_content() for cell in row.cssselect("td.number")
        ]
        for row in page.cssselect(".outlet-days tbody tr")
    }
    for outlet in ("courier", "gazette", "closed"):
        expected = []
        for sql in (
            "select count(*) from articles where outlet = ? and substr(first_seen, 1, 10) = ?",
            "select count(*) from events where outlet = ? and substr(at, 1, 10) = ? "
            "and kind in ('edited', 'headline', 'back')",
            "select count(*) from events e join changes c on c.id = e.change "
            "where e.outlet = ? and substr(e.at, 1, 10) = ? and c.silent = 1 "
            "and e.kind in ('edited', 'headline', 'back')",
            "select count(*) from events where outlet = ? and substr(at, 1, 10) = ? "
            "and kind = 'removed' and article is not null",
        ):
            (number,) = rows.execute(sql, [outlet, DAY]).fetchone()
            expected.append(str(number) if number else "–")
        assert cells[outlet] == expected


def test_what_came_is_by_outlet_newest_first(
    served: Served, rows: sqlite3.Connection
) -> None:
    page = get(served, f"/?day={DAY}")
    blocks = page.cssselect(".of-outlet")
    assert [block.get("aria-label") for block in blocks] == [
        name
        for (name,) in rows.execute(
            "select o.name from articles a join outlets o on o.key = a.outlet "
            "group by o.key order by max(a.first_seen) desc"
        )
    ]
    for block in blocks:
        times = [time.get("datetime") for time in block.cssselect("time")]
        assert times == sorted(times, reverse=True) and len(times) >= 3


def test_what_a_backfill_found_is_counted_apart(served: Served, tmp_path: Path) -> None:
    """It is of earlier days; what was published on the day itself came on it."""
    copy = tmp_path / "a.db"
    shutil.copy(served.path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.row_factory = sqlite3.Row
        before = today_page.load_day(connection, DAY, "2026-12-01T12:00:00Z")
        assert before is not None and before.count("earlier") == 0
        key, listed = next(
            (key, listed) for key, listed in before.articles.items() if len(listed) > 1
        )
        connection.execute(
            "insert into backfills (id, outlet, since, until, started) "
            "values (1, ?, '2019-01-01T00:00:00Z', ?, ?)",
            [key, f"{DAY}T00:00:00Z", f"{DAY}T00:00:00Z"],
        )
        for number, (article, published) in enumerate(
            ((listed[0].key, "2019-05-03"), (listed[1].key, f"{DAY}T01:00:00Z"))
        ):
            connection.execute("delete from entries where article = ?", [article])
            connection.execute(
                "insert into entries (key, feed, guid, url, address, title, published, "
                "first_seen, last_seen, outcome, reason, article, site, backfill) "
                "select ?, url, '', '', '', '', ?, '', '', 'new', '', ?, site, 1 "
                "from feeds where outlet = ? limit 1",
                [f"b{number}", published, article, key],
            )
        after = today_page.load_day(connection, DAY, "2026-12-01T12:00:00Z")
    assert after is not None and after.count("earlier") == 1
    assert after.count("articles") == before.count("articles") - 1
    shown = [article.key for article in after.articles[key]]
    assert listed[0].key not in shown and listed[1].key in shown


def test_the_day_before_and_after_and_any_day(served: Served) -> None:
    first = get(served, f"/?day={DAY}")
    assert not first.cssselect("a[rel=prev]")  # the archive begins there
    assert first.cssselect("a[rel=next]")[0].get("href") == f"/?day={NEXT}"
    second = get(served, f"/?day={NEXT}")
    assert second.cssselect("a[rel=prev]")[0].get("href") == f"/?day={DAY}"
    assert "Saturday, 21 November 2026" in second.cssselect("h1")[0].text_content()
    assert "Nothing came" in second.text_content()
    quiet = get(served, "/?day=2026-11-19")
    assert "Nothing was edited." in quiet.text_content()
    assert "Nothing was removed." in quiet.text_content()
    assert "Nothing was copied" in quiet.text_content()
    [after] = quiet.cssselect(f".came a[href$='{DAY}']")
    assert after.text == "20 November 2026"
    titles = {page.cssselect("title")[0].text for page in (first, second, quiet)}
    assert len(titles) == 3


def test_what_was_copied_on_the_day(served: Served) -> None:
    page = get(served, f"/?day={DAY}")
    copied = [a.get("href") for a in page.cssselect(".side h3 a")]
    assert f"/-/copies/{served.keys['wire']}" in copied


def test_trouble_comes_first(served: Served, rows: sqlite3.Connection) -> None:
    page = get(served, f"/?day={DAY}")
    (failing,) = rows.execute(
        "select count(*) from feeds where active and outcome not in ('changed', 'unchanged')"
    ).fetchone()
    [strip] = page.cssselect(".health-strip svg")
    drawn = [shape.get("class") for shape in strip.iter("rect", "path")]
    assert drawn == ["failing"] * failing + ["well"]
    assert strip.get("role") == "group"  # its cells are links
    words = page.cssselect(".health-strip")[0].text_content()
    assert "the outlet refused: 403" in words and f"{failing} of 4 feeds fail" in words
    outlets = [row.get("class") for row in page.cssselect(".outlet-days tbody tr")]
    assert outlets == sorted(outlets, key=lambda style: style != "failing")
    assert "Fails." in page.cssselect(".outlet-days .failing")[0].text_content()
    assert hostile_archive.SECRET not in lxml.html.tostring(page, encoding="unicode")


@pytest.mark.parametrize(
    "day", ["2026-02-30", "tomorrow", "9999-01-01", "2026-11-20'", "٢٠٢٦-١١-٢٠", "0"]
)
def test_no_such_day(served: Served, day: str) -> None:
    response = httpx.get(f"{served.address}/", params={"day": day})
    assert response.status_code == 404 and "No such day" in response.text


@given(st.text(max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_day_is_read_or_refused(text: str) -> None:
    if today_page.is_day(text, "2026-12-01T00:00:00Z"):
        assert datetime.strptime(text, "%Y-%m-%d") and text <= "2026-12-01"


def test_an_archive_at_rest_opens_on_its_last_day_and_says_so(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=3)
    hostile_archive.build(tmp_path / "a.db", f"{yesterday:%Y-%m-%d}T06:00:00Z")

    async def look() -> None:
        page = (await Datasette([str(tmp_path / "a.db")]).client.get("/")).text
        day = yesterday + timedelta(days=1)  # of the last edit
        assert f'datetime="{day:%Y-%m-%d}"' in page
        assert "Nothing has come since" in page

    asyncio.run(look())


def test_many_outlets_fit_on_the_page(served: Served) -> None:
    """As few rows as are shown, whatever there are."""
    days = [
        OutletDay(f"o{number}", f"Outlet {number}", True, number, None, f"{number:04d}")
        for number in range(300)
    ]
    feeds = [
        FeedState(f"o{number}", f"https://o{number}.example/", "", outcome, "x", "", 0)
        for number, outcome in ((7, "failed"), (9, "waiting"), (11, "changed"))
    ]
    rows = today_page.list_rows(days, feeds, {"o3": "few", "o4": "many"})
    assert [row.day.outlet for row in rows[:4]] == ["o7", "o3", "o299", "o298"]
    assert feed_strip.count_feeds(feeds) == "1 of 3 feeds fails; 1 not read yet"
    strip = feed_strip.describe_feeds(
        [FeedState("o", "f", "", "changed", "", "", 0)] * 400, Datasette([]).urls
    )
    assert strip is not None and len(strip.svg) < 500 and not strip.faults


def test_every_query_of_a_day_is_read_from_an_index(served: Served) -> None:
    """So that it does not grow with the archive: no table of rows is read whole."""
    statements: list[str] = []
    with closing(sqlite3.connect(served.path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.set_trace_callback(statements.append)
        day = today_page.load_day(connection, DAY, "2026-12-01T12:00:00Z")
        connection.set_trace_callback(None)
        assert day is not None and day.count("articles") > 10
        for statement in statements:
            plan = connection.execute(f"explain query plan {statement}").fetchall()
            for step in plan:
                scanned = re.match(r"SCAN (\w+)", step[3])
                if scanned and f"from {scanned[1]} order by id desc limit 1" in (
                    " ".join(statement.split())
                ):
                    continue  # the newest row alone
                assert not scanned or scanned[1] in (
                    "o",
                    "f",
                    "k",
                    "json_each",
                    "counts",
                    "outlets",
                    "c",
                    "CONSTANT",
                    "backfills",  # a row each time that a person begins one
                ), (step[3], statement)
    assert day_overview.MAX_COUNTED <= 10_000


def test_a_silent_feed_is_trouble_until_it_is_active_again(tmp_path: Path) -> None:
    path = tmp_path / "press.db"
    hostile_archive.build(path)
    feed = "https://gazette.example/feed/"

    def tell(kind: str, at: str) -> lxml.html.HtmlElement:
        archive = Archive.open(path)
        archive.begin()
        event = articles.NewEvent(kind, "gazette", at, "nothing new", feed=feed)
        articles.add_event(archive.connection, event)
        archive.commit()
        archive.close()

        async def look() -> str:
            return str((await Datasette([str(path)]).client.get("/")).text)

        return lxml.html.fromstring(asyncio.run(look()))

    page = tell("feed silent", "2026-11-21T10:00:00Z")
    strip = page.cssselect(".health-strip")[0]
    assert "1 is silent" in strip.text_content()
    assert "silent since 21 Nov 2026, 10:00" in strip.text_content()
    assert len(strip.cssselect("svg .silent")) == 1
    row = page.cssselect(".outlet-days .troubled")[0]
    assert "La Gazette" in row.text_content() and "silent since" in row.text_content()
    page = tell("feed active", "2026-11-21T12:00:00Z")
    assert "silent" not in page.cssselect(".health-strip")[0].text_content()
