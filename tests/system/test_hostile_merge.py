"""Merging an archive that somebody made to do harm: refused, or merged without that."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from harvester.errors import HarvesterError
from harvester.ingest.merge_archives import merge_archives
from tests.support import ROOT
from tests.support.observer import BUDGET, FERRY, Observer, page

NOW = "2026-01-01T00:00:00Z"
SECRET = b"what is in a file of this machine"
MAX_MEMORY_BYTES = 600_000_000


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two archives of one newspaper, each with an article of its own."""
    folders = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    for folder, name, text in zip(
        folders, ("budget", "ferry"), (BUDGET, FERRY), strict=True
    ):
        observer = Observer(folder)
        observer.put(f"/{name}", page(f"The {name}", text), f"The {name}")
        observer.crawl("2025-09-01T08:00:00Z")
    return folders


@pytest.fixture
def ours(observed: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(observed[0], tmp_path / "ours"))


@pytest.fixture
def theirs(observed: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(observed[1], tmp_path / "theirs"))


def execute(folder: Path, sql: str, *values: object) -> None:
    """Change their archive, without what triggers would do."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute("pragma foreign_keys = off")
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            connection.execute(f'drop trigger "{name}"')
        connection.execute(sql, values)


def merge(ours: Path, theirs: Path) -> dict[str, object]:
    return merge_archives(
        ours / "archive.db",
        ours / "captures",
        theirs / "archive.db",
        theirs / "captures",
        NOW,
        lambda _: None,
    )


def articles(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        count: int = connection.execute("select count(*) from articles").fetchone()[0]
        return count


@pytest.mark.parametrize("way", ["absolute", "climbing", "link", "device", "fifo"])
def test_a_record_is_read_from_the_folder_of_captures_alone(
    ours: Path, theirs: Path, tmp_path: Path, way: str
) -> None:
    """Named with its true digest, so that nothing else keeps it from being copied."""
    block = gzip.compress(SECRET)
    secret = tmp_path / "secret.gz"
    secret.write_bytes(block)
    name = {
        "absolute": str(secret),
        "climbing": "../../secret.gz",
        "link": "link/secret.gz",
        "device": "/dev/zero",
        "fifo": "fifo",
    }[way]
    if way == "link":
        (theirs / "captures" / "link").symlink_to(tmp_path)
    if way == "fifo":
        os.mkfifo(theirs / "captures" / "fifo")
    execute(
        theirs,
        "update captures set file = ?, offset = 0, length = ?, record = ?",
        name,
        len(block),
        hashlib.sha256(block).hexdigest(),
    )
    summary = merge(ours, theirs)
    assert summary["records"] == 0 and summary["missing"]
    assert articles(ours) == 2
    for path in (ours / "captures").iterdir():
        assert block not in path.read_bytes()


@pytest.mark.parametrize("length", [1 << 40, -1, "x"])
def test_a_record_without_end_is_not_read(
    ours: Path, theirs: Path, length: object
) -> None:
    (name,) = [path.name for path in (theirs / "captures").iterdir()]
    os.truncate(theirs / "captures" / name, 1 << 40)  # sparse: a terabyte of zeros
    if isinstance(length, str):
        execute(theirs, "update captures set length = ?", length)
        with pytest.raises(HarvesterError, match="length is not an integer"):
            merge(ours, theirs)
        return
    execute(theirs, "update captures set offset = 0, length = ?, record = ''", length)
    assert merge(ours, theirs)["records"] == 0
    assert articles(ours) == 2


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("update versions set authors = 'x'", "versions, row 1: authors is not JSON"),
        ("update versions set tags = '[1]'", "tags is not what it says"),
        ("update articles set looked = 'x'", "looked is not a time"),
        ("update versions set text = x'ff'", "text is not a text"),
        ("update captures set status = 'x'", "status is not an integer"),
        ("alter table looks rename to x", "looks is not the table of an archive"),
        ("alter table rhythms drop column found", "it lacks found"),
        ("drop table rhythms", "rhythms is not the table of an archive"),
    ],
)
def test_what_no_program_of_ours_has_written_is_refused(
    ours: Path, theirs: Path, sql: str, message: str
) -> None:
    execute(theirs, sql)
    with pytest.raises(HarvesterError, match=message):
        merge(ours, theirs)
    assert articles(ours) == 1


def test_a_view_without_end_in_the_place_of_a_table(ours: Path, theirs: Path) -> None:
    execute(theirs, "alter table events rename to x")
    execute(
        theirs,
        """
        create view events as
        with recursive n(id) as (values (1) union all select id + 1 from n)
        select n.id, at, kind, outlet, article, feed, change, note from n, x""",
    )
    with pytest.raises(HarvesterError, match="events is not the table of an archive"):
        merge(ours, theirs)


def test_a_trigger_in_an_archive_that_is_to_be_upgraded(
    ours: Path, theirs: Path
) -> None:
    execute(theirs, "pragma user_version = 8")
    execute(
        theirs,
        """
        create trigger x after update on articles begin
            update articles set outlet = 'x' where key = new.key;
        end""",
    )
    with pytest.raises(HarvesterError, match="did not create: x"):
        merge(ours, theirs)


@pytest.mark.parametrize("megabytes", [7, 300])
def test_texts_of_hundreds_of_megabytes_take_no_memory(
    ours: Path, theirs: Path, megabytes: int
) -> None:
    execute(
        theirs,
        "update versions set text = replace(hex(zeroblob(?)), '0000', 'word ')",
        megabytes * 400_000,
    )
    process = subprocess.run(
        [
            *(sys.executable, "-m", "harvester.cli"),
            *("--settings", str(ours / "settings.toml")),
            *("merge", str(theirs / "archive.db")),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_DATA, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES)
        ),
    )
    assert "Traceback" not in process.stderr, process.stderr
    if megabytes == 300:
        assert process.returncode == 1
        assert "cannot be merged: it has a row of more than 64 MB" in process.stderr
        assert articles(ours) == 1
    else:
        assert process.returncode == 0, process.stderr
        assert articles(ours) == 2
