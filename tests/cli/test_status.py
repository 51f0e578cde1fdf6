"""``harvest status --max-age``: whether crawls are made, for a monitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.harvest_command import Harvest
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
