"""``harvest search -f``: the results of each query, as if each was typed alone."""

from __future__ import annotations

import csv
import io
from typing import Any


def test_each_query_finds_what_it_finds_alone(harvest: Any) -> None:
    queries = ["eglise", "pont -nosuchword", "nosuchword", "outlet:courier"]
    text = "# of the village\n\n" + "\n".join(queries)
    (harvest.folder / "queries.txt").write_text(text, encoding="utf-8")
    expected = [
        {"query": query, **hit}
        for query in queries
        for hit in harvest.json("search", query)
        if hit["version"]
    ]
    assert expected
    assert harvest.json("search", "-f", "queries.txt") == expected
    table = harvest("search", "-f", "queries.txt", "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["query"] for row in rows] == [record["query"] for record in expected]
    assert "# eglise" in harvest("search", "-f", "queries.txt").stdout


def test_what_is_no_list_of_queries(harvest: Any) -> None:
    (harvest.folder / "bad.txt").write_text("eglise\ntitel:x\n")
    (harvest.folder / "empty.txt").write_text("# nothing\n")
    assert "titel:x" in harvest("search", "-f", "bad.txt", code=2).stderr
    assert "no queries" in harvest("search", "-f", "empty.txt", code=1).stderr
    assert "nosuch.txt" in harvest("search", "-f", "nosuch.txt", code=1).stderr
    for arguments in (["search"], ["search", "eglise", "-f", "bad.txt"]):
        assert "-f FILE" in harvest(*arguments, code=2).stderr
