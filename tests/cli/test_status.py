"""``harvest status --max-age``: whether crawls are made, for a monitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvester.model import Capture
from tests.support.harvest_command import Harvest
from tests.support.observer import BUDGET, HTML, RSS, Observer, page
from tests.support.small_archive import Building

HOUR = timedelta(hours=1)


def ago(age: timedelta) -> str:
    return f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("due", "polled", "captured", "ended", "is_stalled"),
    [
        (None, None, None, None, False),  # nothing is ever due
        (-2 * HOUR, 50 * HOUR, 50 * HOUR, 50 * HOUR, False),  # nothing is due yet
        (HOUR / 2, None, None, None, False),  # the first crawl has begun
        (2 * HOUR, None, None, None, True),  # no crawl ever did anything
        (2 * HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR, True),
        (HOUR / 2, 3 * HOUR, 3 * HOUR, 3 * HOUR, False),  # due for less than an hour
        # A crawl that is behind works.
        (9 * HOUR, HOUR / 2, 3 * HOUR, 3 * HOUR, False),
        (9 * HOUR, 3 * HOUR, HOUR / 2, None, False),
        (9 * HOUR, 3 * HOUR, 3 * HOUR, HOUR / 2, False),
    ],
)
def test_a_stalled_harvest_fails(
    bare: Harvest,
    due: timedelta | None,
    polled: timedelta | None,
    captured: timedelta | None,
    ended: timedelta | None,
    is_stalled: bool,
) -> None:
    building = Building(bare.folder)
    building.connection.execute(
        "update feeds set due = ?, polled = ? where outlet = 'mpi'",
        [due and ago(due), polled and ago(polled)],
    )
    crawl = building.row(
        "crawls", started=ago(60 * HOUR), ended=ended and ago(ended), program="test"
    )
    if captured:
        building.row(
            "captures",
            crawl=crawl,
            outlet="mpi",
            kind="feed",
            url="https://mpi.example/feed/",
            reached="https://mpi.example/feed/",
            at=ago(captured),
            status=200,
            sha256="0" * 64,
            bytes=0,
        )
    building.archive.close()
    done = bare("status", "--max-age", "1 hour", code=int(is_stalled))
    assert "mpi" in done.stdout  # as without the option
    assert ("no crawl did anything" in done.stderr) is is_stalled


def test_an_outlet_that_is_no_longer_in_the_settings_is_never_overdue(
    bare: Harvest,
) -> None:
    building = Building(bare.folder)
    building.connection.execute(
        "update feeds set due = ? where outlet = 'gone'", [ago(9 * HOUR)]
    )
    building.archive.close()
    bare("status", "--max-age", "1 hour")


def test_a_missing_archive_and_an_invalid_duration_fail(bare: Harvest) -> None:
    assert "not a duration" in bare("status", "--max-age", "soon", code=2).stderr
    (bare.folder / "settings.toml").write_text(
        "[outlets.a]\nfeeds = ['https://a.example/feed']\n"
    )
    assert "no archive" in bare("status", "--max-age", "1 hour", code=1).stderr


class Papers(Observer):
    """Many papers with a feed each; those numbered 3 and 7 cannot be read."""

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__(folder)
        self.settings.write_text(
            "".join(
                f'[outlets.paper{number}]\nfeeds = ["https://paper{number}.example/feed"]\n'
                for number in range(count)
            )
        )

    def _fetch(self, url: str, now: str) -> Capture:
        if "paper3." in url or "paper7." in url:
            return Capture(url, url, now, 403, HTML, b"<html>Forbidden</html>")
        return Capture(url, url, now, 200, RSS, self._feed_body())


def test_failures_come_first_and_60_outlets_are_one_screen(tmp_path: Path) -> None:
    papers = Papers(tmp_path, 60)
    papers.crawl(ago(HOUR))
    lines = papers.run("status").splitlines()
    assert "60 feeds: 58 fine, 2 failing" in lines
    assert len(lines) <= 40
    text = "\n".join(lines)
    assert text.index("paper7 ") < text.index("fine: paper0, paper1")
    assert "paper3.example/feed" in text and "paper4.example/feed" not in text
    assert "blocked: answered 403 Forbidden since" in text and "next poll" in text
    failing = papers.run("status", "--failing")
    assert "paper3.example/feed" in failing and "paper4" not in failing
    assert "paper4.example/feed" in papers.run("status", "--all")
    named = papers.run("status", "paper4")
    assert "1 feed: 1 fine" in named and "polled every 15 minutes" in named


def test_few_outlets_are_shown_in_full_the_failing_first(tmp_path: Path) -> None:
    papers = Papers(tmp_path, 4)
    papers.crawl(ago(HOUR))
    text = papers.run("status")
    assert "4 feeds: 3 fine, 1 failing" in text
    assert text.index("paper3.example") < text.index("paper0.example")


def test_a_silent_feed_is_counted_and_described(tmp_path: Path) -> None:
    papers = Papers(tmp_path, 2)
    papers.put("/one", page("One", BUDGET), "One")
    papers.crawl(ago(100.5 * 24 * HOUR))
    papers.crawl(ago(HOUR))
    text = " ".join(papers.run("status").split())
    assert "2 feeds: 2 silent" in text
    assert "silent: nothing new for 100 days" in text
    assert "→ see whether the outlet stopped" in text


def test_states_and_intervals_as_json(tmp_path: Path) -> None:
    papers = Papers(tmp_path, 8)
    papers.crawl(ago(HOUR))
    record = papers.json("status")
    assert record["summary"] == {
        "feeds": 8,
        "fine": 6,
        "failing": 2,
        "silent": 0,
        "waiting": 0,
        "unusual": 0,
    }
    assert [outlet["outlet"] for outlet in record["outlets"]] == sorted(
        f"paper{number}" for number in range(8)
    )
    (feed,) = record["outlets"][0]["feeds"]
    assert feed["state"] == "fine" and feed["interval"] == 900
    assert "rhythm" not in feed
    failing = papers.json("status", "--failing")
    assert [outlet["outlet"] for outlet in failing["outlets"]] == ["paper3", "paper7"]
