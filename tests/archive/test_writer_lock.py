"""The lock beside the archive, between real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.archive.writer_lock import (
    Lock,
    LockHolder,
    describe_holder,
    get_lock_holder,
)
from harvester.errors import ArchiveError, ArchiveLocked

HOLDER = LockHolder(os.getpid(), "harvest run", "2025-09-06T07:00:00Z")


def test_a_second_program_is_refused_and_the_holder_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "new" / "archive.db"
    assert get_lock_holder(archive) is None
    first, second = Lock(archive), Lock(archive)
    first.acquire(HOLDER)
    assert get_lock_holder(archive) == HOLDER
    with pytest.raises(
        ArchiveLocked, match=f"harvest run.*process {os.getpid()}"
    ) as raised:
        second.acquire(HOLDER)
    assert raised.value.exit_code == 4
    first.report_problem("the disk is full", "2025-09-06T08:00:00Z")
    holder = get_lock_holder(archive)
    assert holder is not None and (holder.problem, holder.problem_since) == (
        "the disk is full",
        "2025-09-06T08:00:00Z",
    )
    first.release()
    assert get_lock_holder(archive) is None
    second.acquire(HOLDER)
    second.release()


def test_a_child_that_inherits_the_lock_keeps_it(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    lock = Lock(archive)
    lock.acquire(LockHolder(2**22 + 1, "harvest once", "2025-09-06T07:00:00Z"))
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; print('there', flush=True); sys.stdin.read()"],
        pass_fds=[lock.descriptor], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    child.stdout.readline()
    lock.release()
    assert "left behind" in describe_holder(archive)
    child.stdin.close()
    child.wait()
    child.stdout.close()
    assert get_lock_holder(archive) is None


def test_a_stale_holder_file_is_ignored(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "archive.db"
    (tmp_path / "archive.db.holder.json").write_text(
        '{"pid": 1, "command": "x", "since": ""}'
    )
    (tmp_path / "archive.db.lock").touch()
    assert get_lock_holder(archive) is None
    lock = Lock(archive)
    lock.acquire(HOLDER)
    (tmp_path / "archive.db.holder.json").write_text("{broken")
    assert describe_holder(archive) == "another program"
    lock.release()


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="file"):
        Lock(tmp_path / "file" / "archive.db").acquire(HOLDER)
