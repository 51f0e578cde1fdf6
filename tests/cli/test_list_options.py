"""Every command that lists something: the same forms, files and exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from harvester.cli import commands
from tests.support import small_archive

CHURCH = small_archive.key_of(small_archive.CHURCH)
LISTS = (
    ["search", "eglise"],
    ["search", "eglise", "--all-versions"],
    ["history", CHURCH],
    ["similar", CHURCH],
    ["similar", "--all"],
    ["quote", "eglise"],
    ["outlets"],
    ["looks"],
    ["health"],
    ["profiles"],
    ["watch", "--list"],
    ["purge", "--list"],
    ["stats", "--by", "month,outlet"],
)


@pytest.fixture
def run(
    harvest: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """A command in this process; returns exit code, stdout, stderr."""
    monkeypatch.chdir(harvest.folder)

    def run_command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["harvest", *arguments])
        code = commands.run()
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run_command


@pytest.mark.parametrize("arguments", LISTS, ids=" ".join)
def test_the_same_records_in_all_forms(arguments: list[str], run: Any) -> None:
    records = json.loads(run(*arguments, "--json")[1])
    lines = run(*arguments, "--nl")[1].splitlines()
    assert [json.loads(line) for line in lines] == records
    tables = [
        list(csv.DictReader(io.StringIO(run(*arguments, f"--{form}")[1]), delimiter=by))
        for form, by in (("csv", ","), ("tsv", "\t"))
    ]
    assert tables[0] == tables[1]
    if arguments != ["health"]:  # a line for each week of an outlet
        assert len(tables[0]) == len(records)
    for row, record in zip(tables[0], records, strict=False):
        for name in ("article", "outlet", "version", "title"):
            if name in row and name in record:
                assert row[name].lstrip("'") == str(record[name])


@pytest.mark.parametrize("arguments", LISTS, ids=" ".join)
def test_a_file_has_what_is_printed_and_its_ending_says_how(
    arguments: list[str], run: Any
) -> None:
    for form, ending in (
        ("csv", "csv"),
        ("tsv", "TSV"),
        ("json", "json"),
        ("nl", "nl"),
    ):
        printed = run(*arguments, f"--{form}")[1]
        code, out, _ = run(*arguments, "-o", f"list.{ending}")
        assert (code, out) == (0, "")
        assert Path(f"list.{ending}").read_text("utf-8") == printed
    run(*arguments, "--csv", "-o", "list.txt")
    assert Path("list.txt").read_text("utf-8") == run(*arguments, "--csv")[1]
    assert not list(Path().glob(".*.part"))


def test_a_file_is_not_replaced_unless_asked_for(run: Any) -> None:
    Path("list.csv").write_text("mine")
    code, _, err = run("outlets", "-o", "list.csv")
    assert code == 1 and "--overwrite" in err
    assert Path("list.csv").read_text() == "mine"
    assert run("outlets", "-o", "list.csv", "--overwrite")[0] == 0
    assert Path("list.csv").read_text().startswith("outlet,name")


def test_a_command_that_fails_writes_no_file(run: Any) -> None:
    assert run("history", "0123456789abcdef", "-o", "list.csv")[0] == 1
    assert not Path("list.csv").exists() and not list(Path().glob(".*"))


def test_devices_fifos_and_folders_are_refused(run: Any) -> None:
    os.mkfifo("fifo")
    Path("folder").mkdir()
    for target in ("fifo", "/dev/null", "folder"):
        code, _, err = run("outlets", "-o", target, "--overwrite")
        assert code in (1, 2) and target in err


def test_a_dash_is_standard_output(run: Any) -> None:
    assert run("outlets", "--csv", "-o", "-")[1] == run("outlets", "--csv")[1]


def test_no_matches_are_an_exit_code_only_if_asked_for(run: Any) -> None:
    assert run("search", "nosuchword")[0] == 0
    assert run("search", "nosuchword", "--exit-code")[0] == 1
    assert run("search", "eglise", "--exit-code")[0] == 0
    assert run("quote", "nosuchword", "--exit-code", "-o", "none.csv")[0] == 1
    assert Path("none.csv").read_text() == run("quote", "nosuchword", "--csv")[1]


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("arguments", [*LISTS, ["changes"], ["stats"]], ids=" ".join)
def test_tables_fit_the_terminal(
    arguments: list[str], columns: int, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    table = run(*arguments)[1].splitlines()
    rules = [number for number, line in enumerate(table) if line.startswith("---")]
    for number in rules:
        following = table[number - 1 : number + 3]
        assert all(len(line) <= columns for line in following), following


def test_what_is_piped_is_not_shortened(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    titles = [record["title"] for record in json.loads(run("changes", "--json")[1])]
    table = run("changes")[1]
    assert titles and all(title in table for title in titles)
    assert "…" not in table
