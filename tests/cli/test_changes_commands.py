"""``harvest diff`` and ``harvest changes``: what kind of change it was, and whether it was admitted."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.support import small_archive

CHURCH, MARKET = (
    small_archive.key_of(url) for url in (small_archive.CHURCH, small_archive.MARKET)
)


def test_diff_says_what_kind_of_change_it_is(harvest: Any) -> None:
    record = harvest.json("diff", CHURCH, "1", "2")
    assert (record["class"], record["kind"], record["silent"], record["moved"]) == (
        "substantive",
        "edited",
        True,
        [],
    )
    assert (record["size"], record["admitted"], record["back"]) == (5, "", False)
    assert (
        harvest.json("diff", CHURCH)["class"],
        harvest.json("diff", CHURCH)["kind"],
    ) == ("headline", "headline")
    assert (
        harvest.json("diff", CHURCH, "3", "1")["class"] == "substantive"
    )  # never followed each other
    only = harvest.json("diff", MARKET)
    assert (only["class"], only["silent"], only["size"]) == ("cosmetic", False, 0)
    text = harvest("diff", CHURCH, "1", "2").stdout
    assert "substantive, 5 words; unacknowledged" in text


def test_what_was_moved_is_shown(bare: Any) -> None:
    made = small_archive.Building(bare.folder)
    key = made.article("https://mpi.example/bac")
    lines = [
        "Le bac repart ce matin.",
        "Son moteur a été réparé au chantier.",
        "Les billets restent valables.",
    ]
    first = made.version(key, "Le bac", "\n".join(lines))
    second = made.version(
        key, "Le bac", "\n".join([lines[2], *lines[:2]]), "2025-09-06T09:00:00Z"
    )
    assert first != second
    made.done()
    harvest = bare
    record = harvest.json("diff", key)
    assert (record["class"], record["moved"]) == ("cosmetic", [lines[2]])
    assert record["sentences"] == {"added": [], "removed": [], "changed": []}
    assert f"> {lines[2]}" in harvest("diff", key).stdout


def test_changes_by_class_silence_and_outlet(bare: Any) -> None:
    made = small_archive.village(bare.folder)
    made.connection.execute(
        "update changes set class = 'substantive', silent = 1, size = 5 where kind = 'edited'"
    )
    made.connection.execute(
        "update changes set class = 'headline', silent = 0, admitted = 'modified' where kind = 'headline'"
    )
    made.done()
    harvest = bare
    first, *_ = harvest.json("changes", "--silent")
    assert (first["class"], first["silent"], first["size"]) == ("substantive", True, 5)
    assert [one["class"] for one in harvest.json("changes", "--admitted")] == [
        "headline"
    ]
    assert [
        one["class"]
        for one in harvest.json("changes", "--class", "headline", "--class", "typo")
    ] == ["headline"]
    assert harvest.json("changes", "--class", "date-line") == []
    assert len(harvest.json("changes")) == 3  # with the removal, which has no class
    harvest("changes", "--class", "big", code=2)
    (mpi,) = harvest.json("changes", "--by", "outlet")
    assert (mpi["outlet"], mpi["edits"], mpi["silent"], mpi["silent_share"]) == (
        "mpi",
        2,
        1,
        0.5,
    )
    assert mpi["classes"] == {
        "headline": {"edits": 1, "silent": 0},
        "substantive": {"edits": 1, "silent": 1},
    }
    assert "silent share" in harvest("changes", "--by", "outlet", COLUMNS="").stdout


def _titles(harvest: Any, *arguments: str) -> list[str]:
    return [record["title"] for record in harvest.json("changes", *arguments)]


def test_a_query_filters_changes(harvest: Any) -> None:
    church = ["L’église bradée", "L’église vendue"]
    for arguments, expected in {
        ("enquete",): church,
        ("added:enquête",): church[1:],
        ("added:covid",): [],
        ("église", "-bradée"): church[1:],
        ("--kind", "removed", "covid"): ["The market is back"],
        ("outlet:mpi", "--kind", "headline"): church[:1],
        ("--until", "2025-09-06"): church[1:],
        ("--since", "2025-09-07", "--outlet", "mpi", "--outlet", "courier"): [
            church[0],
            "The market is back",
        ],
    }.items():
        assert _titles(harvest, *arguments) == expected, arguments
    assert "did you mean title" in harvest("changes", "titel:x", code=2).stderr
    assert "did you mean mpi" in harvest("changes", "outlet:mpe", code=2).stderr
    assert "--by counts" in harvest("changes", "x", "--by", "outlet", code=2).stderr


def test_changes_carry_their_words(harvest: Any) -> None:
    (edit,) = harvest.json("changes", "--kind", "edited")
    assert edit["added"] == ["Une enquête est ouverte."] and edit["removed"] == []
    ((old, new),) = edit["changed"]
    assert "10 000" in old and "12 000" in new
    assert "10 000 euros" in edit["before_text"] and "12 000" in edit["after_text"]
    (headline,) = harvest.json("changes", "--kind", "headline")
    assert headline["fields"]["title"] == [headline["before_title"], headline["title"]]
    for form, separator in (("--csv", ","), ("--tsv", "\t")):
        table = harvest("changes", "--kind", "edited", form).stdout
        (row,) = csv.DictReader(io.StringIO(table), delimiter=separator)
        assert row["added"] == "Une enquête est ouverte."
        assert row["changed"] == f"{old} → {new}"
        assert row["after_text"] == edit["after_text"]
        assert (row["class"], row["before"], row["after"]) == ("", "1", "2")


def test_pages_of_changes(harvest: Any) -> None:
    first = harvest("changes", "-n", "1")
    count, following = first.stderr.splitlines()
    assert count == "1 of 3 changes, newest first"
    titles = _titles(harvest, "-n", "1")
    while following.startswith("next page: "):
        cursor = following.split()[-1]
        titles += _titles(harvest, "-n", "1", "--after", cursor)
        notes = harvest("changes", "-n", "1", "--after", cursor).stderr.splitlines()
        following = notes[-1]
    assert titles == _titles(harvest) and following == "no more changes"
    assert "not a cursor" in harvest("changes", "--after", "x", code=2).stderr


def test_no_changes_say_what_was_tried(harvest: Any) -> None:
    done = harvest("changes", "eglize", "--kind", "removed")
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "no matching changes",
        "no version has 'eglize'; did you mean eglise?",
        "without eglize there are matches",
    ]
    done = harvest("changes", "enquête", "--kind", "removed")
    assert done.stderr.splitlines() == [
        "no matching changes",
        "without enquête there are matches",
        "without --kind there are matches",
    ]
    harvest("changes", "enquête", "--kind", "removed", "--exit-code", code=1)


def test_diff_of_versions_named_in_any_way(harvest: Any) -> None:
    whole = harvest.json("diff", CHURCH, "1", "2")
    for arguments in (
        (f"{CHURCH}@1..2",),
        (CHURCH, "1..2"),
        (CHURCH, "2"),
        (f"{CHURCH}@2",),
        (f"{small_archive.CHURCH}@first..2025-09-06",),
        (CHURCH, "first", "2025-09-06"),
    ):
        assert harvest.json("diff", *arguments) == whole, arguments
    assert harvest.json("diff", f"{CHURCH}@1..")["after"] == 3
    for arguments, said in {
        ("1..2",): "no article",
        ("12",): "no article",
        (CHURCH, "1"): "version 1 of",
        (f"{CHURCH}@2", "3"): "names versions already",
        (CHURCH, "1..2", "3"): "names two versions",
    }.items():
        assert said in harvest("diff", *arguments, code=2).stderr
    assert "has versions 1 to 3" in harvest("diff", CHURCH, MARKET, code=1).stderr


def test_diff_has_a_head_and_fits_the_terminal(harvest: Any) -> None:
    lines = harvest("diff", CHURCH, "1", "3", COLUMNS="60").stdout.splitlines()
    assert lines[:5] == [
        "L’église bradée",
        f"MPI  {small_archive.CHURCH}",
        "version 1  seen 2025-09-06 07:00 UTC",
        "version 3  seen 2025-09-07 09:00 UTC",
        "substantive, 6 words; unacknowledged",
    ]
    assert "title: L’église [-vendue-]{+bradée+}" in lines
    assert max(map(len, lines[5:])) < 60
    assert "~ L'église du village a été vendue pour" in "\n".join(lines)


def test_diff_in_other_forms(harvest: Any, tmp_path: Path) -> None:
    numbers = harvest("diff", CHURCH, "1..3", "--stat").stdout.splitlines()
    assert [line.split()[0] for line in numbers[-2:]] == ["1..2", "2..3"]
    word = harvest("diff", CHURCH, "1", "2", "--word", COLUMNS="").stdout
    assert "vendue pour [-10-]{+12+} 000 euros. Le maire se tait." in word
    full = harvest("diff", CHURCH, "1", "2", "--full", COLUMNS="").stdout
    assert full == word  # one paragraph
    markdown = harvest("diff", CHURCH, "1", "2", "--md").stdout
    assert "<del>10</del><ins>12</ins>" in markdown
    file = tmp_path / "difference.html"
    harvest("diff", CHURCH, "1", "2", "-o", str(file))
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "<del>10</del><ins>12</ins>" in page
    assert (
        "exists already" in harvest("diff", CHURCH, "-o", str(file), code=None).stderr
    )


def test_feeds_of_queries_and_of_changes(harvest: Any, tmp_path: Path) -> None:
    def ids(*arguments: str) -> list[str]:
        return [item["id"] for item in json.loads(harvest(*arguments).stdout)["items"]]

    every = ids("feed", "--json-feed")
    assert len(every) == 3 == len(set(every))
    assert ids("changes", "--json-feed") == every
    assert ids("changes", "enquête", "--kind", "edited", "--json-feed") == every[2:]
    assert ids("feed", "enquête", "--kind", "edited", "--json-feed") == every[2:]
    found = ids("feed", "église", "--json-feed")
    assert found == ids("search", "église", "--json-feed") and len(found) == 2
    assert not set(found) & set(every)
    file = tmp_path / "village.xml"
    for _ in range(2):  # it is replaced
        harvest("feed", "église", "-o", str(file), "--link", "http://127.0.0.1:8001")
    text = file.read_text(encoding="utf-8")
    assert (
        text.startswith("<?xml") and f"http://127.0.0.1:8001/-/article/{CHURCH}" in text
    )
    assert (
        "not an http(s) URL"
        in harvest("feed", "x", "--link", "javascript:x", code=2).stderr
    )


def test_the_table_names_what_diff_takes(harvest: Any) -> None:
    lines = harvest("changes", COLUMNS="80").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    names = [word for line in lines for word in line.split() if "@" in word]
    assert names == [f"{CHURCH[:8]}@3", f"{CHURCH[:8]}@2"]
    assert harvest.json("diff", names[1])["before"] == 1
    assert f"{CHURCH}@3" in harvest("changes", COLUMNS="").stdout  # whole: no terminal


def test_programs_are_told_nothing_of_nothing(harvest: Any) -> None:
    for form, expected in (("--nl", ""), ("--json", "[]\n")):
        done = harvest("changes", "nothinglikeit", form)
        assert (done.stdout, done.stderr) == (expected, "")
