"""Copies through the keeper and the commands: pairs, clusters, quotations, archives of older programs."""

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
Ask = Callable[..., Any]


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    return Observer(tmp_path)


@pytest.fixture
def ask(paper: Observer) -> Ask:
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


def key_of(ask: Ask, url: str) -> str:
    return str(ask("show", url)["article"])


def test_who_has_it_too(paper: Observer, ask: Ask) -> None:
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

    keys = [key_of(ask, url) for url in (first, cut, late)]
    found = ask("similar", first)
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
    assert [one["article"] for one in ask("similar", cut) if one["first"]] == [keys[0]]

    pairs = ask("similar", "--all", form="--nl")
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

    marked = ask("similar", cut, first)
    assert [round(one["copied"]) for one in marked["paragraphs"]] == [1, 1, 1, 0]
    assert "of its words from" in ask("similar", first, cut, form="")
    assert "of its text" in ask("similar", first, form="")

    assert len(ask("search", "library")) == 3
    assert [one["article"] for one in ask("search", "library", "--unique")] == [keys[0]]
    assert [one["article"] for one in ask("search", "soup", "--unique")] == [keys[1]]


def test_found_whichever_came_first_and_by_earlier_words(
    paper: Observer, ask: Ask
) -> None:
    """A copy of words that were since replaced is one of the article that had them."""
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
    [found] = ask("similar", copy)
    assert found["article"] == key_of(ask, first) and found["first"]

    said = ask(
        "quote",
        (
            "The mayor said she had waited eleven years for that evening, and that "
            "work begins in September."
        ),
    )
    assert [(one["article"], one["version"], one["at"]) for one in said] == [
        (key_of(ask, first), 1, T0),
        (key_of(ask, copy), 1, T2),
    ]
    assert said[0]["sentence"] == BUDGET[3] and 0.6 < said[0]["score"] < 1
    assert (
        ask("quote", "Nobody ever said anything like it about the town of Oakham") == []
    )


def waiting(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return int(connection.execute("select count(*) from unsampled").fetchone()[0])


def test_what_waits_is_compared_by_the_next_crawl(paper: Observer, ask: Ask) -> None:
    paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    paper.put("/copy", page("Marlow votes a budget", WIRE[1:]), "Marlow votes a budget")
    paper.crawl(T0)
    with closing(
        sqlite3.connect(paper.folder / "archive.db")
    ) as connection:  # as if an older program had written it
        for table in ("copies", "clusters", "shingles", "samples"):
            connection.execute(f"delete from {table}")
        connection.execute("insert into unsampled select id from versions")
        connection.commit()
    assert ask("similar", "--all", form="--nl") == [] and waiting(paper.folder) == 2
    assert "2 versions are not compared yet" in ask("similar", "--all", form="")
    paper.crawl(T1)
    assert len(ask("similar", "--all", form="--nl")) == 1 and waiting(paper.folder) == 0


def test_a_first_article_that_goes_leaves_its_cluster(
    paper: Observer, ask: Ask
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


def test_a_text_read_otherwise_is_compared_anew(paper: Observer, ask: Ask) -> None:
    paper.put(
        "/budget", page("Marlow votes its budget", WIRE), "Marlow votes its budget"
    )
    copy = paper.put(
        "/copy", page("Marlow votes a budget", WIRE[1:]), "Marlow votes a budget"
    )
    paper.crawl(T0)
    key = key_of(ask, copy)
    archive = Archive.open(paper.folder / "archive.db")
    with closing(archive.connection) as connection:
        connection.execute(
            "update versions set text = ? where article = ?", ["\n".join(REGATTA), key]
        )
    assert waiting(paper.folder) == 1
    paper.pages.clear()
    paper.crawl(T1)
    assert ask("similar", "--all", form="--nl") == []
    with closing(sqlite3.connect(paper.folder / "archive.db")) as connection:
        assert connection.execute("select count(*) from clusters").fetchone()[0] == 0
