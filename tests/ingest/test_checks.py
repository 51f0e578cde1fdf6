"""When articles are checked, and what checks of a missing article lead to, over months."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from harvester.archive.records import looks
from harvester.ingest import revisits
from harvester.schedule.times import add_seconds
from tests.support.in_process_harvest import HOME, HOUR, Answer, World

NOT_FOUND = b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1><p>Sorry, the page you are looking for does not exist.</p></body></html>"
UNAVAILABLE = b"<html><head><title>Service temporarily unavailable</title></head><body><h1>Service temporarily unavailable</h1></body></html>"
LOGIN = b"<html><head><title>Log in</title></head><body><h1>Log in</h1><form><input name='u'><input type='password' name='p'></form></body></html>"
ROBOT_CHECK = b"<html><head><title>Just a moment...</title></head><body><p>Checking your browser before you go on.</p></body></html>"


def ages(world: World, path: str) -> list[float]:
    """Hours after the first visit at which an article was fetched."""
    times = [at for at, url in world.asked if url == HOME + path]
    return [revisits.hours_between(times[0], at) for at in times[1:]]


def test_a_fixed_schedule_is_followed_exactly(tmp_path: Path) -> None:
    world = World(tmp_path, 'revisit = ["1 hour", "6 hours", "1 day"]')
    path = world.publish(1)
    world.visit()
    world.run(60)
    assert ages(world, path) == [1.0, 7.0, 31.0]
    assert world.article(1)["due"] is None


def test_auto_checks_often_at_first_then_rarely_then_never(tmp_path: Path) -> None:
    world = World(tmp_path)
    paths = [world.publish(number) for number in range(4)]
    world.visit()
    world.run(48)
    world.run(24 * 40, 12)
    check_ages = [ages(world, path) for path in paths]
    assert all(3 <= len(hours) <= 10 for hours in check_ages), check_ages
    assert all(hours[0] < 6 and 400 < hours[-1] < 800 for hours in check_ages)
    assert all(world.article(number)["due"] is None for number in range(4))
    assert len({tuple(hours) for hours in check_ages}) == 4  # spread
    (tmp_path / "again").mkdir()
    again = World(tmp_path / "again")
    assert [again.publish(number) for number in range(4)] == paths
    again.visit()
    again.run(48)
    assert [ages(again, path) for path in paths] == [
        [age for age in hours if age <= 48] for hours in check_ages
    ]  # and the same each time


def test_old_articles_of_a_new_outlet_are_checked_rarely(tmp_path: Path) -> None:
    assert (
        revisits.age_start("2025-09-01T10:00:00Z", "2025-09-06T06:00:00Z")
        == "2025-09-01T10:00:00Z"
    )
    assert (
        revisits.age_start("2019-09-01", "2025-09-06T06:00:00Z")
        == "2025-08-30T06:00:00Z"
    )
    for published in (
        None,
        "2025-09-06",
        "2025-09-07",
        "2025-09-06T06:30:00Z",
        "2025-09-06T23:00:00Z",
    ):
        assert (
            revisits.age_start(published, "2025-09-06T06:00:00Z")
            == "2025-09-06T06:00:00Z"
        )
    assert (
        revisits.age_start("2025-09-05", "2025-09-06T06:00:00Z")
        == "2025-09-05T23:59:59Z"
    )


def test_reliable_hints_prompt_a_check_and_are_learned(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(12):
        world.publish(number)
    world.visit()
    world.run(1)
    for number in range(12):
        world.edit(number, "in the rain", tell=True)
        world.run(0.5)
        assert world.article(number)["versions"] == 2, number
    counts = {row["part"]: row for row in world.rows("select * from rhythms")}
    assert counts["articles"]["tried"] > 11 and counts["date"]["tried"] > 11
    assert counts["date"]["found"] > 0.6 * counts["date"]["tried"]
    assert {
        row["prompt"]
        for row in world.rows("select prompt from looks where outcome = 'changed'")
    } == {"date"}


def test_false_hints_are_soon_ignored(tmp_path: Path) -> None:
    world = World(tmp_path)
    paths = [world.publish(number) for number in range(6)]
    world.visit()
    for _ in range(24 * 4):
        for path in paths:
            world.updated[path] = world.now
        world.run(0.25)
    checks = [len(ages(world, path)) for path in paths]
    assert max(checks) < 20, checks  # of 96 hints for each
    assert len([age for age in ages(world, paths[0]) if age > 12]) <= 4


def test_a_watched_article_is_checked_daily_whatever_the_settings_say(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, "revisit = []")
    path = world.publish(1)
    world.visit()
    assert world.article(1)["due"] is None
    looks.add_watch(
        world.archive.connection,
        world.article(1)["key"],
        world.now,
        add_seconds(world.now, 5 * 24 * HOUR),
    )
    world.run(24 * 8, 1)
    hours = ages(world, path)
    assert 6 <= len(hours) <= 40
    assert max(after - before for before, after in pairwise(hours)) <= 28
    assert hours[-1] <= 6 * 24 and world.article(1)["due"] is None
    assert {
        row["prompt"]
        for row in world.rows(
            "select prompt from looks where at <= ?", "2025-09-11T05:00:00Z"
        )
    } == {"watched"}


@pytest.mark.parametrize(
    ("answer", "saw", "gone"),
    [
        (Answer(status=404, body=b"no"), "404", True),
        (Answer(status=410, body=b"no"), "410", True),
        (Answer(NOT_FOUND), "soft 404", True),
        (Answer(to=f"{HOME}/"), "front page", True),
        (Answer(to=f"{HOME}/login"), "login", True),
        (Answer(UNAVAILABLE), "error page", False),
        (Answer(ROBOT_CHECK), "robots check", False),
        (Answer(LOGIN), "login", False),
        (Answer(status=500, body=b"no"), "500", False),
        (Answer(status=503, body=b"no"), "503", False),
        (Answer(status=403, body=b"no"), "403", False),
        (Answer(status=429, body=b"no"), "429", False),
        (Answer(error="no answer within 60 seconds"), "no answer", False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_evidence_of_a_removal(
    tmp_path: Path, answer: Answer, saw: str, gone: bool
) -> None:
    world = World(tmp_path, 'revisit = ["1 hour", "1 hour", "1 hour", "1 day"]')
    world.pages["/login"] = Answer(LOGIN)
    path = world.publish(1)
    page = world.pages[path]
    world.visit()
    world.pages[path] = answer
    world.run(10, 0.5)
    checks = world.rows("select * from looks order by id")
    assert {row["saw"] for row in checks} == {saw}
    assert all(bool(row["missed"]) is gone for row in checks)
    assert world.article(1)["state"] == ("removed" if gone else "live")
    if gone:
        removed = world.rows("select * from removals where kind = 'removed'")[0]
        assert removed["last_stood"] == "2025-09-06T06:00:00Z"
        assert removed["first_miss"] == checks[0]["at"] and removed[
            "evidence"
        ].startswith(f"{saw} at {checks[0]['at']}; ")
        assert revisits.hours_between(removed["first_miss"], removed["at"]) >= 6
        world.pages[path] = page
        world.run(30, 3)
        assert world.article(1)["state"] == "returned"
    assert world.rows("select count(*) as versions from versions")[0]["versions"] == 1


def test_an_outlet_that_is_down_removes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, 'revisit = ["1 hour", "1 hour", "1 day", "1 day"]')
    paths = [world.publish(number) for number in range(8)]
    pages = dict(world.pages)
    world.visit()
    world.run(1)
    for path in paths:
        world.pages[path] = Answer(NOT_FOUND)
    world.run(40, 0.5)
    assert {world.article(number)["state"] for number in range(8)} == {"suspect"}
    assert not world.rows("select * from events where kind = 'removed'")
    assert len(world.rows("select * from events where kind = 'all missing'")) == 1
    assert "hardly any article" in world.article(3)["reason"]
    world.pages.update(
        {path: pages[path] for path in paths[:6]}
    )  # the outlet is back, without two of its articles
    world.run(80, 0.5)
    states = [world.article(number)["state"] for number in range(8)]
    assert states == ["live"] * 6 + ["removed"] * 2


def test_a_few_articles_may_all_be_removed(tmp_path: Path) -> None:
    world = World(tmp_path, 'revisit = ["1 hour", "1 day"]')
    paths = [world.publish(number) for number in range(3)]
    world.visit()
    for path in paths:
        world.pages[path] = Answer(status=410)
    world.run(10)
    assert [world.article(number)["state"] for number in range(3)] == ["removed"] * 3
