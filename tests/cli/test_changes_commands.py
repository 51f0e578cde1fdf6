"""``harvest diff`` and ``harvest changes``: what kind of change it was, and whether it was admitted."""

from __future__ import annotations

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
    assert "silent share" in harvest("changes", "--by", "outlet").stdout
