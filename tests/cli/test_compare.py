"""``harvest check --compare``: what only we read of a page, and what only trafilatura."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from harvester.cli.commands import cli

PARAGRAPHS = [
    f"The ferry of the {ordinal} harbour was late again on Monday, and its captain said "
    "that the mill had taken all the water."
    for ordinal in ("first", "second", "third", "fourth")
]
NOTE = "All the ferries of the coast have their timetables in the hall of the harbour."


def check(folder: Path, *options: str, body: str = "") -> Any:
    file = folder / "page.html"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    file.write_text(
        body
        or f"<html><head><title>Late ferries</title></head><body><article><h1>Late "
        f"ferries</h1>{text}</article><div class='newsletter'><p>{NOTE}</p></div>"
        "</body></html>"
    )
    return CliRunner().invoke(cli, ["check", str(file), *options])


def test_both_texts_are_compared_sentence_by_sentence(tmp_path: Path) -> None:
    shown = check(tmp_path, "--compare", "--json")
    record = json.loads(shown.output)
    other = record["trafilatura"]
    assert record["text"].split("\n") == PARAGRAPHS
    assert set(PARAGRAPHS) <= set(other["text"].split("\n"))
    rest = set(other["text"].split("\n")) - set(PARAGRAPHS)
    assert set(other["only_there"]) == rest and not other["only_here"]


def test_what_only_one_has_is_marked(tmp_path: Path) -> None:
    from harvester.cli.compare import comparison_record

    record = comparison_record(
        "\n".join(PARAGRAPHS), "\n".join([*PARAGRAPHS[1:], NOTE])
    )
    assert record["only_here"] == [PARAGRAPHS[0]] and record["only_there"] == [NOTE]
    shown = check(tmp_path, "--compare")
    assert shown.exit_code == 0
    assert shown.output.startswith("harvester (model): ")


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    feed = "<rss version='2.0'><channel><title>Ferries</title></channel></rss>"
    assert check(tmp_path, "--compare", body=feed).exit_code != 0
    assert check(tmp_path, "--compare", "--explain").exit_code == 2
