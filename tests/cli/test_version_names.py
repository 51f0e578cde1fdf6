"""``KEY@2`` wherever a version can be named."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import small_archive
from tests.support.harvest_command import Harvest

CHURCH, MARKET = (
    small_archive.key_of(url) for url in (small_archive.CHURCH, small_archive.MARKET)
)


def _show(harvest: Harvest, name: str) -> int:
    return int(harvest.json("show", name)["version"])


@pytest.mark.parametrize(
    ("selector", "version"),
    [
        ("1", 1), ("2", 2), ("v2", 2), ("first", 1), ("latest", 3), ("LATEST", 3), ("current", 3),
        ("2025-09-06", 2), ("2025-09-06T08:59", 1), ("2025-09-06T09:00", 2), ("2025-09-07", 3),
        ("2025-09", 3), ("2026", 3), ("yesterday", 3), ("2025-09-06T10:30+02:00", 1),
    ],
)  # fmt: skip
def test_a_version_by_number_name_or_time(
    harvest: Harvest, selector: str, version: int
) -> None:
    for article in (CHURCH, CHURCH[:8], small_archive.CHURCH, "mpi.example/?p=7"):
        assert _show(harvest, f"{article}@{selector}") == version


def test_a_version_by_its_digest(harvest: Harvest) -> None:
    digest = harvest.json("history", CHURCH)[1]["sha256"]
    assert _show(harvest, f"{CHURCH}@{digest[:12]}") == 2
    assert _show(harvest, f"{CHURCH}@{digest}") == 2


def test_history_lists_what_is_named(harvest: Harvest) -> None:
    def versions(name: str) -> list[int]:
        return [row["version"] for row in harvest.json("history", name)]

    assert versions(f"{CHURCH}@2") == [2]
    assert versions(f"{CHURCH}@2..3") == versions(f"{CHURCH}@2..") == [2, 3]
    assert versions(f"{CHURCH}@..2") == versions(f"{CHURCH}@2..first") == [1, 2]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"{CHURCH}@4", "has no version 4: there are 3"),
        (f"{CHURCH}@0", "has no version 0: there are 3"),
        (f"{MARKET}@2", "has no version 2: there is 1"),
        (f"{CHURCH}@new", "has versions 1 to 3"),
        (f"{CHURCH}@2025-09-05", "first seen 2025-09-06 07:00 UTC"),
        (f"{CHURCH}@deadbeefdead", "has versions 1 to 3"),
        (f"{CHURCH}@", "has versions 1 to 3"),
        (f"{CHURCH}@1..2", "names two versions"),
        ("0123456789@2", "no article has a key that starts with '0123456789'"),
        (f"{small_archive.CHURCH}@2026-13-45", "has versions 1 to 3"),
        (
            "https://nowhere.example/@anna",
            "no article is stored for https://nowhere.example/@anna",
        ),
        ("@2", "too short"),
        ("https://courier.example/never@2", "gone, answered 404"),
    ],
)
def test_what_is_no_version_is_told(harvest: Harvest, name: str, said: str) -> None:
    assert said in harvest("show", name, code=1).stderr


def test_an_address_with_an_at_sign_is_an_address(bare: Harvest) -> None:
    made = small_archive.Building(bare.folder)
    urls = (
        "https://mpi.example/@anna",
        "https://mpi.example/@2",
        "https://mpi.example/",
    )
    keys = [made.article(url) for url in urls]
    for key in keys:
        first = made.version(key, "A title", "A text.")
        made.edit(
            key, first, made.version(key, "A title", "Another."), "2025-09-07T07:00:00Z"
        )
    made.done()
    for key, url in zip(keys, urls, strict=True):
        assert bare.json("show", url)["article"] == key
        record = bare.json("show", f"{url}@1")
        assert (record["article"], record["version"]) == (key, 1)


@pytest.mark.parametrize("command", ["watch", "similar"])
def test_what_concerns_the_whole_article_says_so(
    harvest: Harvest, command: str
) -> None:
    done: subprocess.CompletedProcess[str] = harvest(command, f"{CHURCH}@2", code=1)
    assert (
        "concerns the whole article" in done.stderr and f"write {CHURCH}" in done.stderr
    )


def test_show_with_two_names_for_its_version(harvest: Harvest) -> None:
    assert harvest.json("show", f"{CHURCH}@2", "--version", "2")["version"] == 2
    harvest("show", f"{CHURCH}@2", "--version", "1", code=2)


def test_evidence_of_a_version_is_that_of_its_article(
    harvest: Harvest, tmp_path: Path
) -> None:
    files = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for name, file in zip((CHURCH, f"{CHURCH}@2"), files, strict=True):
        harvest("evidence", name, "-o", str(file))
    assert files[0].read_bytes() == files[1].read_bytes()
    bad = str(tmp_path / "three.zip")
    assert (
        "has no version 9"
        in harvest("evidence", f"{CHURCH}@9", "-o", bad, code=1).stderr
    )
