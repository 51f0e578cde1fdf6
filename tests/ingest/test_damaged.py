"""A damaged value of the archive ends the visit that needs it, and no other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.ingest import damaged
from harvester.model import Visit
from tests.support.observer import BUDGET, FERRY, Observer, page

MORNING, NEXT_DAY = "2025-09-01T08:00:00Z", "2025-09-02T08:00:00Z"


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    """An archive with two articles, each edited since."""
    paper = Observer(tmp_path)
    for name, text in (("budget", BUDGET), ("ferry", FERRY)):
        title = f"The {name} of Marlow"
        paper.put(f"/{name}", page(title, text), title)
    paper.crawl(MORNING)
    for name, text in (("budget", BUDGET), ("ferry", FERRY)):
        words = (*text, "It was amended in the evening, after a long debate.")
        paper.put(f"/{name}", page(f"The {name} of Marlow", words))
    return paper


def execute(paper: Observer, sql: str) -> None:
    with (
        closing(sqlite3.connect(paper.folder / "archive.db")) as connection,
        connection,
    ):
        connection.execute(sql)


def test_the_visit_fails_and_is_due_in_a_day(paper: Observer) -> None:
    execute(paper, "update articles set last_seen = 'soon' where url like '%budget'")
    assert paper.crawl(NEXT_DAY) == {"changed": 1, "failed": 1}
    (row,) = paper.rows("select * from articles where outcome = 'failed'")
    assert f"articles, row {row['id']}: last_seen is not a time" in row["reason"]
    assert row["due"] == "2025-09-03T08:00:00Z"
    assert len(paper.rows("select 1 from versions")) == 3
    # Nothing of the failed visit was written, but what was received.
    assert len(paper.rows("select 1 from versions where article = ?", row["key"])) == 1
    # Once it is repaired, the edit is found.
    execute(
        paper, f"update articles set last_seen = '{MORNING}' where last_seen = 'soon'"
    )
    assert paper.crawl("2025-09-03T08:00:00Z")["changed"] == 1


def test_no_damage_explains_an_error_of_the_program(paper: Observer) -> None:
    with closing(sqlite3.connect(paper.folder / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        visit = Visit.__new__(Visit)  # not looked at
        assert damaged.postpone_visit(connection, visit, NEXT_DAY) is None
