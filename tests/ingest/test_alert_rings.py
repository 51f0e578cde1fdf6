"""What rings: in the crawl's own transactions, once, and only what is news."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harvester.archive.queries.happenings import Happening
from harvester.errors import SettingsError
from harvester.ingest import alert_rings
from harvester.schedule.times import add_seconds
from harvester.settings import parse_settings
from tests.ingest.test_old_entries import DAY, MONDAY, Paper
from tests.support.in_process_harvest import World
from tests.support.papers import Story

ALERT = """
[alerts.{name}]
query = '{query}'
on = {on}
to = "file:rang.jsonl"
"""


def begin(folder: Path, *alerts: tuple[str, str, list[str]], more: str = "") -> World:
    """A newspaper that is watched for alerts: name, query, on."""
    tables = "".join(
        ALERT.format(name=name, query=query, on=on) for name, query, on in alerts
    )
    return World(folder, f"{more}\n{tables}")


def rang(world: World) -> list[tuple[str, str]]:
    """What rang, in order: alert and kind."""
    rows = world.archive.connection.execute(
        "select alert, kind from alert_events order by id"
    )
    return [(row[0], row[1]) for row in rows]


def test_new_articles_ring_from_the_first_poll_on(tmp_path: Path) -> None:
    title = Story(3).title.replace("'", " ")
    world = begin(tmp_path, ("one", f'title:"{title}"', ["new"]), ("all", "", ["new"]))
    for number in (1, 2, 3):
        world.publish(number)
    world.run(1)
    assert rang(world).count(("one", "new")) == 1
    assert rang(world).count(("all", "new")) == 3
    deliveries = world.archive.connection.execute(
        "select target, state, attempts from deliveries"
    ).fetchall()
    assert {tuple(row) for row in deliveries} == {
        (f"file:{tmp_path / 'rang.jsonl'}", "waiting", 0)
    }


def test_an_edit_rings_where_its_words_appear_and_disappear(tmp_path: Path) -> None:
    world = begin(
        tmp_path,
        ("appears", 'added:"rain of frogs"', ["edit"]),
        ("disappears", 'removed:"rain of frogs"', ["edit"]),
        ("headline", "frogs", ["headline"]),
        ("removal", "lang:en OR frogs OR the", ["removed", "returned"]),
        more="revisit = ['15 minutes', '15 minutes', '15 minutes', '15 minutes']",
    )
    world.publish(1)
    world.run(1)
    assert rang(world) == []
    world.edit(1, "after a rain of frogs", tell=True)
    world.run(1)
    assert rang(world) == [("appears", "edit")]
    world.edit(1, "after a storm", tell=True)
    world.run(1)
    assert rang(world) == [("appears", "edit"), ("disappears", "edit")]


def test_a_text_that_flips_rings_once(tmp_path: Path) -> None:
    intervals = ", ".join(["'15 minutes'"] * 40)
    world = begin(tmp_path, ("edits", "", ["edit"]), more=f"revisit = [{intervals}]")
    world.publish(1)
    world.run(1)
    for number in range(6):
        world.edit(1, "after a rain of frogs" if number % 2 else "at noon", tell=True)
        world.run(1)
    events = world.archive.connection.execute(
        "select kind from events where kind in ('edited', 'back')"
    ).fetchall()
    changes = world.archive.connection.execute(
        "select count(*) from changes where kind = 'edited'"
    ).fetchone()[0]
    assert changes == 6
    assert len(rang(world)) == len(events) == 3  # there, on, and back once


def test_old_entries_in_a_flood_do_not_ring(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    with paper.settings.open("a") as file:
        file.write(ALERT.format(name="all", query="", on=["new", "missed"]))
    paper.ages = (0.5, 1.5)
    paper.crawl(MONDAY, force=False)
    assert len(paper.rows("select 1 from alert_events")) == 2
    paper.ages = (-0.01, 0.5, 1.5, *(100.0 + number for number in range(60)))
    at = add_seconds(MONDAY, DAY)
    paper.crawl(at, force=False)
    paper.crawl(add_seconds(at, DAY), force=False)
    assert len(paper.rows("select 1 from articles")) > 20
    rang = paper.rows(
        "select a.url from alert_events e join articles a on a.key = e.article"
    )
    assert sorted(row["url"].rpartition("/")[0][-4:] for row in rang) == sorted(
        ["/0.5", "/1.5", "0.01"]
    )


def test_what_another_program_wrote_does_not_ring(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.ages = (0.5, 1.5)
    paper.crawl(MONDAY, force=False)  # without alerts: as an import would
    with paper.settings.open("a") as file:
        file.write(ALERT.format(name="all", query="", on=["new", "edit"]))
    paper.crawl(add_seconds(MONDAY, 3_600.0), force=False)
    assert not paper.rows("select 1 from alert_events")


def test_muted_alerts_are_logged_and_not_sent(tmp_path: Path) -> None:
    world = begin(tmp_path, ("all", "", ["new"]))
    alert = replace(world.settings.alerts["all"], muted=True)
    (delivery,) = alert_rings.build_deliveries(alert, "key", world.now)
    assert (delivery.state, delivery.due) == ("muted", None)


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("now", "2025-09-06T06:20:00Z"),
        ("hourly", "2025-09-06T07:00:00Z"),
        ("daily", "2025-09-07T06:00:00Z"),
    ],
)
def test_digests_are_due_at_the_full_hour_or_next_morning(
    when: str, due: str, tmp_path: Path
) -> None:
    text = (
        "[outlets.a]\nfeeds = ['https://a.example/']\n"
        f"[alerts.x]\nto = 'file:x'\nwhen = '{when}'\n"
    )
    alert = parse_settings(text, tmp_path / "settings.toml").alerts["x"]
    assert alert_rings.compute_due(alert, "2025-09-06T06:20:00Z") == due


def test_a_query_that_cannot_be_read_is_an_error_with_its_line(tmp_path: Path) -> None:
    text = (
        "[outlets.a]\nfeeds = ['https://a.example/']\n"
        "[alerts.x]\nto = 'file:x'\nquery = '(flood'\n"
    )
    settings = parse_settings(text, tmp_path / "settings.toml")
    with pytest.raises(SettingsError, match=r"settings.toml:5: alerts.x.query: a br"):
        alert_rings.check_alerts(settings, "2025-09-06T06:20:00Z")


def test_the_key_of_a_ring_is_made_of_content(tmp_path: Path) -> None:
    alert = begin(tmp_path, ("all", "", ["new"])).settings.alerts["all"]
    happening = Happening("new", "2025-09-06T06:20:00Z", "a", "k", version=7)
    key = alert_rings.build_event(alert, "new", happening).key
    moved = replace(happening, version=8)  # row numbers change by a merge
    assert alert_rings.build_event(alert, "new", moved).key == key
    for other in (
        replace(happening, at="2025-09-06T06:20:01Z"),
        replace(happening, article="l"),
        replace(happening, digests=("", "x")),
    ):
        assert alert_rings.build_event(alert, "new", other).key != key
    assert alert_rings.build_event(alert, "edit", happening).key != key
