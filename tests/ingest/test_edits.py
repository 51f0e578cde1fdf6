"""Stored changes: their class and acknowledgement, and quiet events for reverts."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.archive.connection import Archive, open_reader
from harvester.archive.merging import timeline
from harvester.archive.records import changes
from harvester.errors import ArchiveOutdated
from harvester.ingest import edits, join
from tests.support import small_archive
from tests.support.in_process_harvest import Answer, World
from tests.support.papers import Story
from tests.support.queries import list_changes


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(
        tmp_path,
        'revisit = ["1 hour", "1 hour", "1 hour", "1 hour", "1 hour", "1 hour"]',
    )


def change_page(world: World, path: str, body: bytes) -> None:
    """The page has changed at its next check."""
    world.pages[path] = Answer(body)
    world.run(1.25)


def told(world: World) -> list[tuple[str, str, bool | None]]:
    rows = list_changes(world.archive.connection)
    return [
        (row["kind"] + (" back" if row["back"] else ""), row["class"], row["silent"])
        for row in rows
    ]


def test_each_change_has_its_class_and_inserts_make_none(
    world: World,
) -> None:
    path = world.publish(1)
    body = Story(1).page(boxes=False)
    world.pages[path] = Answer(body)
    world.run(0.5)

    ad = b"<div class='ad-slot'><p>Change your bank today and be given a kettle.</p></div>"
    links = b"<p><a href='/other'>Where to swim this summer</a></p><p>Lire aussi : <a href='/b'>la panne du bac</a></p><p>12 shares</p>"
    for more in (ad, links, links + ad):
        change_page(world, path, body.replace(b"</p>", b"</p>" + more, 1))
    assert told(world) == [] and len(world.rows("select 1 from versions")) == 1

    typo = body.replace(b"debate", b"debaet", 1)
    change_page(world, path, typo)
    assert told(world) == [("edited", "typo", True)]
    dated = typo.replace(
        b"<head>",
        b"<head><meta property='article:modified_time' content='2025-09-06T11:00:00Z'>",
    )
    change_page(world, path, dated.replace(b"last night", b"this morning", 1))
    assert told(world)[0] == ("edited", "substantive", False)
    assert (
        world.rows("select admitted from changes order by id desc")[0]["admitted"]
        == "modified"
    )


def test_a_revert_is_stored_with_a_quiet_event(world: World) -> None:
    path = world.publish(2)
    world.run(0.5)
    body = Story(2).page()
    change_page(world, path, body.replace(b"last night", b"this morning"))
    change_page(world, path, body)
    assert told(world) == [
        ("edited back", "substantive", True),
        ("edited", "substantive", True),
    ]
    assert [
        row["kind"]
        for row in world.rows(
            "select kind from events where change is not null order by id"
        )
    ] == [
        "edited",
        "back",
    ]
    assert [
        row["kind"] for row in list_changes(world.archive.connection, kinds=["edited"])
    ] == ["edited"]
    assert changes.count_edits_by_outlet(world.archive.connection)[0]["edits"] == 1
    assert world.rows("select silent, edits from edit_stats") == [
        {"silent": 1, "edits": 1}
    ]


def test_a_page_that_alternates_between_two_versions_is_told_once(
    world: World,
) -> None:
    path = world.publish(2)
    world.run(0.5)
    first = Story(2).page()
    second = first.replace(b"last night", b"this morning")
    for body in (second, first, second, first, second):
        change_page(world, path, body)
    connection = world.archive.connection
    assert [row["kind"] for row in list_changes(connection)] == [
        "edited",
        "edited",
    ]
    assert [(kind, silent) for kind, _, silent in told(world)] == [
        ("edited back", True),
        ("edited", True),
    ]
    # Nothing is lost: the times of both versions, and each change of the page.
    (article,) = world.rows("select key, version, versions, outcome from articles")
    assert (article["version"], article["versions"]) == (2, 2)
    assert article["outcome"] == "unchanged"
    assert len(world.rows("select 1 from sightings")) == 6
    assert [row["back"] for row in world.rows("select back from changes")] == [
        0,
        1,
        1,
        1,
        1,
    ]
    # Put together anew, as after a merge, the same events remain.
    before = world.rows("select at, kind, note, change from events order by at, kind")
    world.archive.begin()
    timeline.select_articles(connection, [article["key"]])
    join.compare_neighbours(
        connection, timeline.rebuild_timelines(connection), world.now
    )
    assert before == world.rows(
        "select at, kind, note, change from events order by at, kind"
    )
    # A change that was not recorded there, of the time between, is told in its place.
    connection.execute("delete from events where kind = 'back'")
    connection.execute("delete from changes where id = 2")
    timeline.select_articles(connection, [article["key"]])
    join.compare_neighbours(
        connection, timeline.rebuild_timelines(connection), world.now
    )
    again = world.rows("select at, kind, note from events order by at, kind")
    assert again == [
        {name: row[name] for name in ("at", "kind", "note")} for row in before
    ]
    world.archive.commit()


def test_counters_in_a_headline_make_no_version(world: World) -> None:
    path = world.publish(5)
    page = Story(5).page(boxes=False)
    title = Story(5).title.encode()
    assert title in page
    world.pages[path] = Answer(page.replace(title, title + b" (12 comments)"))
    world.run(0.5)
    for count in (b" (13 comments)", b" (104 comments)", b""):
        change_page(world, path, page.replace(title, title + count))
    assert told(world) == [] and len(world.rows("select 1 from sightings")) == 1
    (stored,) = world.rows("select title from versions")
    assert stored["title"].endswith("(12 comments)")  # as the outlet wrote it
    change_page(world, path, page.replace(title, title + b": 12 dead"))
    assert told(world) == [("headline", "headline", True)]


def test_changes_of_an_older_program_are_classified_when_a_crawl_begins(
    world: World,
) -> None:
    path = world.publish(3)
    world.run(0.5)
    change_page(
        world,
        path,
        Story(3)
        .page()
        .replace(b"</article>", b"")
        .replace(b"last night", b"this morning"),
    )
    connection = world.archive.connection
    before = world.rows("select class, size, silent, admitted from changes")
    world.archive.begin()
    connection.execute(
        "update changes set class = '', size = 0, silent = null, admitted = ''"
    )
    assert list_changes(connection)[0]["silent"] is None
    assert edits.backfill_classifications(connection) == 1
    assert world.rows("select class, size, silent, admitted from changes") == before
    world.archive.commit()


def test_the_links_of_an_edit(world: World) -> None:
    path = world.publish(4)
    body = Story(4).page(boxes=False)
    linked = body.replace(
        b"last night",
        b"<a href='https://a.example/minutes?utm_source=x'>last night</a>",
    )
    world.pages[path] = Answer(linked)
    world.run(0.5)
    change_page(
        world,
        path,
        linked.replace(b"a.example/minutes?utm_source=x", b"b.example/report").replace(
            b"debate", b"quarrel"
        ),
    )
    fields = json.loads(
        world.rows("select fields from changes order by id desc")[0]["fields"]
    )
    assert fields["links"] == [
        ["https://a.example/minutes"],
        ["https://b.example/report"],
    ]


def test_an_older_archive_is_migrated_and_its_changes_are_classified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:2])
        patched.setattr(schema, "SCHEMA_VERSION", 2)
        built = small_archive.village(tmp_path)
        built.connection.execute("update changes set back = 1 where kind = 'headline'")
        path = built.done()
    with pytest.raises(ArchiveOutdated):
        open_reader(path)
    Archive.open(path).close()
    with closing(open_reader(path)) as connection:
        found = list_changes(connection)
        assert [
            (one["kind"], one["back"], one["class"]) for one in found if one["before"]
        ] == [
            ("headline", True, ""),
            ("edited", False, ""),
        ]
    archive = Archive.open(path)
    archive.begin()
    assert edits.backfill_classifications(archive.connection) == 2
    archive.commit()
    judged = archive.connection.execute(
        "select class, silent from edits order by id"
    ).fetchall()
    assert [tuple(row) for row in judged] == [("substantive", 1), ("headline", 1)]
    archive.close()
