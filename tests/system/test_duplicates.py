"""Copies end to end: pairs, clusters, quotations, archives of older versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.cli import cli
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

T0, T1, T2 = "2025-09-06T07:00:00Z", "2025-09-06T09:00:00Z", "2025-09-07T09:00:00Z"
MORE = (
    (
        "Residents of the upper town have collected two thousand signatures against "
        "the wall, which would hide the view of the bay."
    ),
    (
        "A hearing before the county court is set for the ninth of next month, and "
        "the builders must wait for its outcome until then."
    ),
)
WIRE = (f"MARLOW (AFP) - {BUDGET[0]}", *BUDGET[1:], *MORE)
Command = Callable[..., Any]


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    return Observer(tmp_path)


@pytest.fixture
def command(paper: Observer) -> Command:
    def run(*arguments: str, form: str = "--json") -> Any:
        done = CliRunner().invoke(
            cli,
            ["--settings", str(paper.settings), *arguments, *([form] if form else [])],
        )
        assert done.exit_code == 0, (done.output, done.exception)
        if form == "--json":
            return json.loads(done.stdout)
        return (
            [json.loads(line) for line in done.stdout.splitlines()]
            if form == "--nl"
            else done.output
        )

    return run


def key_of(command: Command, url: str) -> str:
    return str(command("show", url)["article"])


def test_similar_shows_the_other_articles_with_the_same_text(
    paper: Observer, command: Command
) -> None:
    first = paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    paper.put(
        "/race", page("Forty boats at the start", REGATTA), "Forty boats at the start"
    )
    paper.crawl(T0)
    cut = paper.put(
        "/night",
        page("A long night in Marlow", [*WIRE[1:4], FERRY[1]]),
        "A long night in Marlow",
    )
    late = paper.put(
        "/again",
        page("Marlow: the budget is voted", [*WIRE[:5], "With AFP"]),
        "Marlow: the budget is voted",
    )
    paper.crawl(T1)

    keys = [key_of(command, url) for url in (first, cut, late)]
    found = command("similar", first)
    assert {one["article"] for one in found} == set(keys[1:])
    assert all(
        not one["first"] and one["agency"] == "AFP" and one["outlet"] == "paper"
        for one in found
    )
    by_key = {one["article"]: one for one in found}
    assert by_key[keys[1]]["share"] < 0.7 < by_key[keys[1]]["shared"]
    assert set(found[0]) == {
        "article",
        "outlet",
        "url",
        "title",
        "first_seen",
        "share",
        "shared",
        "first",
        "agency",
    }
    assert [one["article"] for one in command("similar", cut) if one["first"]] == [
        keys[0]
    ]

    pairs = command("similar", "--all", form="--nl")
    assert (
        len(pairs)
        == len({frozenset((one["article"], one["other"])) for one in pairs})
        == 3
    )
    assert {(one["article"], one["other"]) for one in pairs} > {
        (keys[1], keys[0]),
        (keys[2], keys[0]),
    }
    assert all(one["first"] for one in pairs)
    assert set(pairs[0]) == {
        "article",
        "url",
        "other",
        "other_url",
        "share",
        "shared",
        "first",
        "agency",
    }

    marked = command("similar", cut, first)
    assert [round(one["copied"]) for one in marked["paragraphs"]] == [1, 1, 1, 0]
    assert "of its words from" in command("similar", first, cut, form="")
    assert "of this" in command("similar", first, form="")

    assert len(command("search", "library")) == 3
    assert [one["article"] for one in command("search", "library", "--unique")] == [
        keys[0]
    ]
    assert [one["article"] for one in command("search", "soup", "--unique")] == [
        keys[1]
    ]


def test_a_copy_of_an_earlier_version_is_found_in_any_order(
    paper: Observer, command: Command
) -> None:
    """A copy of a replaced wording is matched with the article that had it."""
    first = paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    paper.crawl(T0)
    paper.put("/budget", page("Marlow votes its budget", (*FERRY, *FERRY[:1])))
    paper.crawl(T1)
    copy = paper.put(
        "/copy", page("Marlow votes a budget", WIRE[1:]), "Marlow votes a budget"
    )
    paper.crawl(T2)
    [found] = command("similar", copy)
    assert found["article"] == key_of(command, first) and found["first"]

    said = command(
        "quote",
        (
            "The mayor said she had waited eleven years for that evening, and that "
            "work begins in September."
        ),
    )
    assert [(one["article"], one["version"], one["at"]) for one in said] == [
        (key_of(command, first), 1, T0),
        (key_of(command, copy), 1, T2),
    ]
    assert said[0]["sentence"] == BUDGET[3] and 0.6 < said[0]["score"] < 1
    assert (
        command("quote", "Nobody ever said anything like it about the town of Oakham")
        == []
    )


def count_unindexed(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return int(connection.execute("select count(*) from unsampled").fetchone()[0])


def test_versions_without_fingerprints_are_compared_by_the_next_crawl(
    paper: Observer, command: Command
) -> None:
    paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    paper.put("/copy", page("Marlow votes a budget", WIRE[1:]), "Marlow votes a budget")
    paper.crawl(T0)
    with closing(
        sqlite3.connect(paper.folder / "archive.db")
    ) as connection:  # as written by an older version
        for table in ("copies", "clusters", "shingles", "samples"):
            connection.execute(f"delete from {table}")
        connection.execute("insert into unsampled select id from versions")
        connection.commit()
    assert (
        command("similar", "--all", form="--nl") == []
        and count_unindexed(paper.folder) == 2
    )
    assert "2 versions are not compared yet" in command("similar", "--all", form="")
    paper.crawl(T1)
    assert (
        len(command("similar", "--all", form="--nl")) == 1
        and count_unindexed(paper.folder) == 0
    )


def test_deleting_the_first_article_of_a_cluster_keeps_the_others_together(
    paper: Observer, command: Command
) -> None:
    for name, words in (("one", WIRE), ("two", WIRE[1:]), ("three", WIRE[:-1])):
        paper.put(
            f"/{name}",
            page("Marlow votes its budget", words),
            "Marlow votes its budget",
        )
        paper.crawl(T0)
    archive = Archive.open(paper.folder / "archive.db")
    with closing(archive.connection) as connection:
        [cluster] = connection.execute("select * from reprints").fetchall()
        assert (cluster["articles"], cluster["outlets"], cluster["agency"]) == (
            3,
            1,
            "AFP",
        )
        connection.execute("pragma foreign_keys = off")
        connection.execute("delete from articles where key = ?", [cluster["cluster"]])
        rows = connection.execute("select article, cluster from clusters").fetchall()
        assert len(rows) == 2 and {row["cluster"] for row in rows} < {
            row["article"] for row in rows
        }


def test_a_text_that_was_reread_is_compared_again(
    paper: Observer, command: Command
) -> None:
    paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    copy = paper.put(
        "/copy", page("Marlow votes a budget", WIRE[1:]), "Marlow votes a budget"
    )
    paper.crawl(T0)
    key = key_of(command, copy)
    archive = Archive.open(paper.folder / "archive.db")
    with closing(archive.connection) as connection:
        connection.execute(
            "update versions set text = ? where article = ?", ["\n".join(REGATTA), key]
        )
    assert count_unindexed(paper.folder) == 1
    paper.pages.clear()
    paper.crawl(T1)
    assert command("similar", "--all", form="--nl") == []
    with closing(sqlite3.connect(paper.folder / "archive.db")) as connection:
        assert connection.execute("select count(*) from clusters").fetchone()[0] == 0
