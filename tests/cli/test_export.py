"""``harvest export``: articles of a query, in files and on standard output."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support import small_archive
from tests.support.harvest_command import Harvest

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)


def keys(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in path.read_text().splitlines()]


def test_the_articles_of_a_query(harvest: Harvest) -> None:
    done = harvest("export", "église", "-wire", "-o", "out/church.jsonl")
    assert done.stdout == "out/church.jsonl: 1 article\n"
    assert "what the columns mean: out/church.jsonl.datapackage.json" in done.stderr
    assert keys(harvest.folder / "out/church.jsonl") == [CHURCH]
    summary = harvest.json("export", "--outlet", "courier", "-o", "courier.csv")
    assert (summary["articles"], summary["format"]) == (2, "csv")


def test_without_a_query_all_of_them_or_those_of_the_options(harvest: Harvest) -> None:
    harvest("export", "-o", "all.jsonl")
    assert keys(harvest.folder / "all.jsonl") == [CHURCH, MARKET, WIRE]
    options = ("--since", "2025-09-07", "--until", "2025-09-08", "--outlet", "courier")
    harvest("export", *options, "-o", "some.jsonl")
    assert keys(harvest.folder / "some.jsonl") == [WIRE]


def test_standard_output_has_lines_alone(harvest: Harvest) -> None:
    done = harvest("export", "is:removed", "-o", "-", "--text", "none")
    assert json.loads(done.stdout)["key"] == MARKET
    assert done.stderr == ""
    assert harvest("export", "zzzz", "-o", "-").stdout == ""
    done = harvest("export", "-o", "-", "--format", "csv")
    assert len(done.stdout.splitlines()) == 4
    done = harvest("export", "-o", "-", "--format", "wacz", code=2)
    assert "--format jsonl, csv, tsv" in done.stderr


def test_what_is_wrong_is_said(harvest: Harvest) -> None:
    assert "with -o" in harvest("export", "église", code=2).stderr
    assert "unknown format" in harvest("export", "-o", "x.docx", code=1).stderr
    assert (
        "no articles match" in harvest("export", "zzzz", "-o", "x.csv", code=1).stderr
    )
    assert (
        "unknown outlet"
        in harvest("export", "outlet:mip", "-o", "x.csv", code=2).stderr
    )
    assert not list(harvest.folder.glob("x.csv*"))
    harvest("export", "-o", "x.csv")
    assert "--overwrite" in harvest("export", "-o", "x.csv", code=1).stderr
    harvest("export", "-o", "x.csv", "--overwrite")


def test_opml_is_a_command_and_can_be_a_word(harvest: Harvest) -> None:
    assert harvest("export", "opml").stdout.startswith("<?xml")
    done = harvest("export", "-o", "x.jsonl", "--", "opml", code=1)
    assert "no articles match" in done.stderr
    assert "opml" in harvest("export", "--help").stdout
    assert "--secrets" in harvest("export", "opml", "--help").stdout


def test_an_archive_without_settings(harvest: Harvest) -> None:
    (harvest.folder / "settings.toml").unlink()
    harvest("export", "-o", "x.jsonl")
    assert len(keys(harvest.folder / "x.jsonl")) == 3
