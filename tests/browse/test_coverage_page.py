"""The page of coverage: a strip for each feed, losses first, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.queries.watched_feeds import WatchedFeedRow
from harvester.browse.coverage_page import DAY_WIDTH, STRIP_HEIGHT, draw_strip
from harvester.ingest.coverage import FeedCoverage
from harvester.schedule.coverage import DayCoverage, total_share
from tests.cli.test_feed_coverage import at, made
from tests.support.datasette_server import start


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("coverage")
    made(folder)
    process, address, _ = start(folder / "archive.db", folder)
    yield address
    process.terminate()
    process.wait(10)


def get(address: str, path: str = "/-/coverage") -> lxml.html.HtmlElement:
    response = httpx.get(address + path)
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
    feed = WatchedFeedRow("a", "f", "", "rss", 1, at(0), at(0), None, 0, "changed", "")
    strip = draw_strip(FeedCoverage(feed, total_share(days), tuple(days), ()))
    assert strip.width == DAY_WIDTH * len(days)
    for number, (watched, filled, lost) in enumerate(parts):
        x = DAY_WIDTH * number
        there = {bar.kind for bar in strip.bars if bar.x <= x < bar.x + bar.width}
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
    for bar in strip.bars:
        assert bar.y >= 0 and bar.height > 0
        assert bar.y + bar.height <= STRIP_HEIGHT + 0.001


def test_time_that_does_not_count_is_left_empty() -> None:
    """As before the first poll."""
    days = [DayCoverage(at(0)[:10], 0.0, 0.0, 0.0, 0)]
    feed = WatchedFeedRow("a", "f", "", "rss", 0, at(0), at(0), None, 0, "", "")
    strip = draw_strip(FeedCoverage(feed, None, tuple(days), ()))
    assert strip.bars == () and strip.share == "–"
