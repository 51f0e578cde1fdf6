"""``quote`` and ``similar`` narrowed down as ``search`` is: of what they list, a part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import small_archive
from tests.support.harvest_command import Harvest

OPTIONS = (
    ["--outlet", "mpi"],
    ["--outlet", "mpi", "--outlet", "courier"],
    ["--query", "outlet:courier"],
    ["--since", "2025-09-06"],
    ["--until", "2025-09-05"],
    ["--query", "is:removed", "--until", "2030"],
    ["--query", "eglise OR pont"],
)
SENTENCE = (
    "Three councils have agreed to share the cost of the new ferry on the estuary"
)


@pytest.fixture
def copied(tmp_path: Path) -> Harvest:
    """The small archive, with a sentence in articles of three outlets, at several times."""
    building = small_archive.village(tmp_path)
    for number, outlet in enumerate(("mpi", "courier", "mpi", "gone")):
        at = f"2025-09-0{4 + number}T07:00:00Z"
        key = building.article(f"https://{outlet}.example/ferry/{number}", outlet, at)
        building.version(key, f"Ferry {number}", f"{SENTENCE}.\nMore {number}.", at)
    building.done()
    return Harvest(tmp_path)


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_quote_lists_those_that_search_finds(
    options: list[str], copied: Harvest
) -> None:
    everything = copied.json("quote", SENTENCE)
    assert [row["outlet"] for row in everything] == ["mpi", "courier", "mpi", "gone"]
    query = options[1] if options[0] == "--query" else ""
    others = options[2:] if query else options
    typed = f"({query}) ferry" if query else "ferry"
    found = {
        hit["article"]
        for hit in copied.json("search", typed, *others, "--all-versions", "-n", "99")
    }
    expected = [row for row in everything if row["article"] in found]
    assert copied.json("quote", SENTENCE, *options) == expected


def test_unknown_outlets_and_queries_are_refused(copied: Harvest) -> None:
    for command in (["quote", SENTENCE], ["similar", "--all"]):
        assert "unknown outlet" in copied(*command, "--outlet", "nix", code=2).stderr
        assert "titel" in copied(*command, "--query", "titel:x", code=2).stderr


def test_pairs_of_an_outlet(copied: Harvest) -> None:
    pairs = copied.json("similar", "--all")
    of_outlet = copied.json("similar", "--all", "--outlet", "courier")
    assert of_outlet == [pair for pair in pairs if "courier" in pair["url"]]
