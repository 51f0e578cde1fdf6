"""``harvest status --coverage``: what was watched, and which gaps there are."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.archive.records import feeds, gaps
from harvester.archive.records.gaps import GapUpdate, NewGap
from harvester.cli import cli
from harvester.cli.feed_coverage import day_mark, format_share
from harvester.schedule.coverage import DayCoverage
from tests.support.observer import BUDGET, Observer, page

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FEED, OTHER = "https://courier.example/feed/", "https://gazette.example/feed/"


def at(days: float) -> str:
    """A time so many days from the beginning of today (UTC)."""
    return f"{TODAY + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def made(folder: Path) -> Path:
    """Two feeds, read since ten days: one with a gap of each kind."""
    settings = folder / "settings.toml"
    settings.write_text(
        "[archive]\ncaptures = ''\n"
        f'[outlets.courier]\nfeeds = ["{FEED}"]\n[outlets.gazette]\nfeeds = ["{OTHER}"]\n'
    )
    archive = Archive.open(folder / "archive.db", None)
    archive.begin()
    connection = archive.connection
    for key, url in (("courier", FEED), ("gazette", OTHER)):
        feeds.upsert_outlet(connection, key, key, "", "en", "", at(-10))
        feeds.upsert_feed(connection, url, key, "", "", at(-10))
    connection.execute(
        "update feeds set watched_since = ?, read_at = ?, due = ?",
        [at(-10), at(0), at(2)],
    )
    for since, until, update in (
        (-9.5, -9.25, GapUpdate(state="filled", entries=7, reason="7 found")),
        (-8.5, -8.0, GapUpdate(state="unfilled", reason="nothing else lists them")),
        (-7.5, -7.0, GapUpdate(state="partly", back_to=at(-7.25), reason="in part")),
        (-6.0, -5.0, GapUpdate()),
    ):
        number = gaps.add_gap(connection, NewGap(FEED, at(since), at(until), at(until)))
        gaps.update_gap(connection, number, update)
    archive.commit()
    archive.close()
    return settings


def run(settings: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        cli, ["--settings", str(settings), "status", "--coverage", *arguments]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_share_of_each_day_and_the_gaps(tmp_path: Path) -> None:
    settings = made(tmp_path)
    record = json.loads(run(settings, "--json", "--since", "10 days"))
    courier, gazette = record["feeds"]  # the least watched first
    assert (courier["outlet"], gazette["share"]) == ("courier", 1.0)
    shares = {day["day"]: day["share"] for day in courier["days"]}
    assert len(shares) == 11
    expected = {-10: 1.0, -9: 0.5, -8: 0.75, -6: 0.0, -5: 1.0, -1: 1.0, 0: None}
    assert {days: shares[at(days)[:10]] for days in expected} == expected
    assert courier["days"][0]["filled_seconds"] == 6 * 3_600
    assert courier["share"] == (10 - 0.5 - 0.25 - 1.0) / 10
    assert [gap["state"] for gap in courier["gaps"]] == [
        "open",
        "partly",
        "unfilled",
        "filled",
    ]
    text = run(settings)
    assert "▓▄▆█×" in text
    assert "2 feeds, 91.25 % of their time; 4 gaps, 3 not filled" in text
    assert "nothing else lists them" in text and "7 found" in text


def test_days_as_lines(tmp_path: Path) -> None:
    settings = made(tmp_path)
    day = at(-6)[:10]
    csv = run(settings, "--csv", "--since", day, "--until", day, "--outlet", "courier")
    header, line = csv.splitlines()
    assert header.startswith("outlet,feed,day,share")
    assert line == f"courier,{FEED},{day},0.0,86400.0,0.0,0.0,1"


def test_the_status_of_an_outlet_names_its_losses(tmp_path: Path) -> None:
    settings = made(tmp_path)

    def status(*outlets: str) -> str:
        arguments = ["--settings", str(settings), "status", *outlets]
        return " ".join(CliRunner().invoke(cli, arguments).stdout.split())

    assert (
        "watched in the last 28 days: 1 feed, 82.50 % of its time; 4 gaps, 3 not "
        "filled; see `harvest status --coverage courier`"
    ) in status("courier")
    assert "watched in the last" not in status("gazette")
    assert "watched in the last" not in status()


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    settings = made(tmp_path)
    for arguments, message in (
        (["--since", "yesterday"], "are for --coverage"),
        (["--coverage", "--since", "2099"], "--since is after --until"),
        (["--coverage", "--since", "2020-01-01"], "at most 366 days"),
        (["--coverage", "--outlet", "nobody"], "nobody"),
    ):
        result = CliRunner().invoke(
            cli, ["--settings", str(settings), "status", *arguments]
        )
        assert result.exit_code != 0
        assert message in f"{result.output}{result.exception}"


def test_nothing_is_called_whole_that_is_not() -> None:
    almost = DayCoverage("2025-09-06", 86_400.0, 86_399.0, 0.0, 1)
    assert format_share(almost.share) == "99.99 %"
    assert day_mark(almost) == "▇"
    assert format_share(1.0) == "100 %" and format_share(None) == "–"
    assert day_mark(DayCoverage("2025-09-06", 86_400.0, 1.0, 0.0, 1)) == "▁"


def test_of_a_real_archive(tmp_path: Path) -> None:
    observer = Observer(tmp_path)
    observer.put("/budget", page("The budget", BUDGET), "The budget")
    observer.crawl(at(-3))
    observer.crawl(at(0))
    record = observer.json("status", "--coverage")
    [feed] = record["feeds"]
    assert feed["watched_since"] == at(-3)
    # From the first day on that was watched, unless another is asked for.
    assert record["since"] == at(-3)[:10] == feed["days"][0]["day"]
    assert [day["share"] for day in feed["days"][:3]] == [1.0, 1.0, 1.0]
    record = observer.json("status", "--coverage", "--since", at(-9)[:10])
    assert [day["share"] for day in record["feeds"][0]["days"][:6]] == [None] * 6


def test_a_gap_that_is_being_filled_says_when_it_goes_on(tmp_path: Path) -> None:
    settings = made(tmp_path)
    archive = Archive.open(tmp_path / "archive.db", None)
    archive.begin()
    [number] = archive.connection.execute(
        "select id from gaps where state = 'open'"
    ).fetchone()
    gaps.update_gap(archive.connection, number, GapUpdate(due=at(1), entries=3))
    archive.commit()
    archive.close()
    text = " ".join(run(settings).split())
    next_request = f"{at(1)[:10]} {at(1)[11:16]}"
    assert f"3 entries found so far; being filled, next request {next_request}" in text
