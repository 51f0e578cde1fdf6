"""An archive appears at once, whoever opens it meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.archive.connection import Archive, open_reader, read_file_ids

COUNT = 12
READ = """
import sys
from pathlib import Path
from harvester.archive.connection import open_reader
from harvester.errors import ArchiveNotFound
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    path = Path(sys.argv[1], f"{number}.db")
    while True:
        try:
            open_reader(path).close()
        except ArchiveNotFound:
            continue
        break
"""
CREATE = """
import sys
from pathlib import Path
from harvester.archive.connection import Archive
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    Archive.open(Path(sys.argv[1], f"{number}.db")).close()
"""


def start(script: str, folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder), str(COUNT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_programs_that_open_it_meanwhile_see_none_or_all_of_it(tmp_path: Path) -> None:
    reader = start(READ, tmp_path)
    writers = [start(CREATE, tmp_path) for _ in range(2)]
    for process in (*writers, reader):
        _, errors = process.communicate("\n", timeout=120)
        assert (process.returncode, errors) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{number}.db" for number in range(COUNT)
    )
    for path in tmp_path.iterdir():
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
            assert read_file_ids(connection) == (
                schema.APPLICATION_ID,
                schema.SCHEMA_VERSION,
            )


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1] + "/a.db", isolation_level=None)
connection.execute(sys.argv[2].replace("_", " "))
connection.execute("select count(*) from sqlite_master").fetchall()
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("begin", ["begin", "begin_immediate", "begin_exclusive"])
def test_an_empty_file_that_another_program_has_locked_is_waited_for(
    tmp_path: Path, begin: str
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), begin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "ready\n"
    opener = start(CREATE.replace('f"{number}.db"', '"a.db"'), tmp_path)
    assert opener.stdin is not None
    opener.stdin.write("\n")
    opener.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        opener.wait(0.5)  # it waits, and does not give up
    holder.communicate("\n", timeout=30)
    _, errors = opener.communicate(timeout=60)
    assert (opener.returncode, errors) == (0, "")
    open_reader(tmp_path / "a.db").close()


def test_a_link_to_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    Archive.open(tmp_path / "link.db").close()
    open_reader(tmp_path / "real.db").close()
    assert (tmp_path / "link.db").is_symlink()
