"""``harvest stats --by``: groups of a query, plots, and what cannot be counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree


def test_groups_add_up_to_what_search_finds(harvest: Any) -> None:
    hits = harvest.json("search", "eglise OR pont OR mayor", "--limit", "100")
    groups = harvest.json("stats", "eglise OR pont OR mayor", "--by", "outlet,month")
    assert sum(group["articles"] for group in groups) == len(hits) > 0
    assert {group["outlet"] for group in groups} == {hit["outlet"] for hit in hits}
    (total,) = harvest.json("stats", "eglise OR pont OR mayor")
    assert total["articles"] == len(hits)


def test_options_narrow_it_as_in_search(harvest: Any) -> None:
    groups = harvest.json("stats", "--by", "outlet", "--outlet", "mpi")
    assert [group["outlet"] for group in groups] == ["mpi"]
    assert harvest.json("stats", "--by", "outlet", "--until", "2001") == []
    assert "no matches" in harvest("stats", "--until", "2001", "--exit-code", code=1).stderr  # fmt: skip


def test_a_plot(harvest: Any) -> None:
    harvest("stats", "--by", "month,outlet", "--plot", "plot.svg")
    file: Path = harvest.folder / "plot.svg"
    assert ElementTree.parse(file).getroot().tag.endswith("svg")
    done = harvest("stats", "--by", "outlet", "--plot", "plot.svg", code=1)
    assert "--overwrite" in done.stderr
    options = ("--measure", "words", "--plot", "plot.svg", "--overwrite")
    assert harvest("stats", "--by", "outlet", *options).stdout
    assert "words" in file.read_text("utf-8")
    assert "no plot" in harvest("stats", "--by", "month", "--until", "2001", "--plot", "x.svg", code=1).stderr  # fmt: skip
    assert not (harvest.folder / "x.svg").exists()


def test_what_cannot_be_counted_by(harvest: Any) -> None:
    assert "'outlet'" in harvest("stats", "--by", "outlt", code=2).stderr
    assert "month" in harvest("stats", "--by", "colour", code=2).stderr
    assert "once" in harvest("stats", "--by", "month,month", code=2).stderr
    assert "--by" in harvest("stats", "--plot", "x.svg", code=2).stderr
    assert "unknown" in harvest("stats", "titel:x", "--by", "month", code=2).stderr


def test_everything_is_listed_by_outlet_too(harvest: Any) -> None:
    rows = harvest("stats", "--csv").stdout.splitlines()
    everything = harvest.json("stats")
    assert rows[0].startswith("outlet,feeds,entries,articles")
    assert len(rows) == 1 + len(everything["outlets"])
