"""An upgrade says what it takes, and one that is killed is undone or continued."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema, upgrade
from harvester.archive.connection import Archive, is_outdated, open_reader
from harvester.archive.records import counts
from harvester.errors import DiskFull
from tests.support.small_archive import village

OLD_VERSION = 2
KILLED_UPGRADE = """
import os, signal, sys
from pathlib import Path
from harvester.archive.connection import Archive

def report(step, share):
    print(step, share, flush=True)
    if step.startswith(sys.argv[2]) and share >= float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

Archive.open(Path(sys.argv[1]), None, report).close()
"""


@pytest.fixture
def old_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive as the program of version 2 left it."""
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:OLD_VERSION])
        patched.setattr(schema, "SCHEMA_VERSION", OLD_VERSION)
        return village(tmp_path).done()


def list_rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            f"select id, article, number, sha256, title, text from {table} order by id"
        ).fetchall()


def assert_upgraded(path: Path, versions: list[tuple[object, ...]]) -> None:
    assert list_rows(path, "versions") == versions
    with closing(open_reader(path)) as connection:
        assert list(counts.find_wrong_counts(connection)) == []
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        names = [
            row["name"]
            for row in connection.execute(
                "select name from _sqlite_migrations order by id"
            )
        ]
    assert len(names) == len(set(names)) == schema.SCHEMA_VERSION


def has_statements(number: int, name: str) -> bool:
    """Whether a migration does anything."""
    folder = Path(schema.__file__).parent / "migrations"
    script = (folder / f"{number:03d}_{name}.sql").read_text("utf-8")
    return bool(schema.split_statements(script))


def test_each_step_is_reported_after_what_it_takes(old_archive: Path) -> None:
    steps: list[tuple[str, float]] = []
    versions = list_rows(old_archive, "versions")
    Archive.open(
        old_archive, None, lambda step, share: steps.append((step, share))
    ).close()
    names = list(dict.fromkeys(step for step, _ in steps))
    plan, backup, verification, *migrations, end = names
    assert f"from version 2 to {schema.SCHEMA_VERSION}" in plan
    assert "takes seconds" in plan and "are free" in plan
    assert backup == "writing the backup" and verification == "verifying the backup"
    assert migrations == [
        f"migration {number} ({name})"
        for number, name in enumerate(schema.MIGRATION_NAMES, 1)
        if number > OLD_VERSION and has_statements(number, name)
    ]
    assert end == f"upgraded to version {schema.SCHEMA_VERSION}"
    for name in names:
        shares = [share for step, share in steps if step == name]
        assert shares[0] == 0.0 and shares == sorted(shares) and shares[-1] <= 1.0
    assert_upgraded(old_archive, versions)


def test_the_backup_is_the_old_archive_and_private(old_archive: Path) -> None:
    versions = list_rows(old_archive, "versions")
    Archive.open(old_archive).close()
    backup = old_archive.with_name(f"{old_archive.name}.version-2.backup")
    assert list_rows(backup, "versions") == versions
    assert backup.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (2,)
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)


def test_too_little_space_is_said_before_anything_is_done(
    old_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(old_archive.parent)
    monkeypatch.setattr(
        upgrade.shutil, "disk_usage", lambda path: usage._replace(free=1_000_000)
    )
    before = old_archive.read_bytes()
    with pytest.raises(DiskFull, match="free space for a backup; 1 MB are free"):
        Archive.open(old_archive)
    assert old_archive.read_bytes() == before
    assert list(old_archive.parent.glob("*.backup*")) == []


@pytest.mark.parametrize(
    ("step", "share", "version"),
    [
        ("writing the backup", 0.0, OLD_VERSION),
        ("writing the backup", 0.9, OLD_VERSION),
        ("verifying the backup", 0.0, OLD_VERSION),
        ("migration 3", 0.5, OLD_VERSION),
        ("migration 5", 0.8, 4),
        ("migration 9", 0.1, 8),
        ("migration 9", 0.9, 8),
    ],
)
def test_a_killed_upgrade_is_undone_and_continued(
    old_archive: Path, step: str, share: float, version: int
) -> None:
    versions = list_rows(old_archive, "versions")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_UPGRADE, old_archive, step, str(share)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with closing(sqlite3.connect(old_archive)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (version,)
        assert connection.execute("pragma quick_check").fetchone() == ("ok",)
    assert list_rows(old_archive, "versions") == versions
    Archive.open(old_archive).close()
    assert_upgraded(old_archive, versions)
    assert list(old_archive.parent.glob("*.part*")) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (10_000_000, "takes seconds"),
        (7_000_000_000, "takes about a minute"),
        (70_000_000_000, "takes about 12 minutes"),
    ],
)
def test_the_plan_of_a_large_archive(size: int, words: str) -> None:
    plan = upgrade.UpgradePlan(
        Path("archive.db"), Path("archive.db.version-2.backup"), 2, size, size * 3
    )
    assert words in str(plan)
    assert size < plan.needed < 1.5 * size + 20_000_001


def test_once_upgrades_first_and_says_so(old_archive: Path) -> None:
    versions = list_rows(old_archive, "versions")
    settings = old_archive.with_name("settings.toml")
    settings.write_text(
        '[archive]\ncaptures = ""\n[outlets.none]\nfeeds = ["http://127.0.0.1:1/feed"]\n'
    )
    assert is_outdated(old_archive)
    done = subprocess.run(
        [sys.executable, "-m", "harvester.cli", "--settings", settings, "once"],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *steps = done.stderr.splitlines()
    assert "upgrading" in first and "of free space" in first
    assert f"upgraded to version {schema.SCHEMA_VERSION}" in steps
    assert not is_outdated(old_archive)
    assert_upgraded(old_archive, versions)


def test_what_is_no_archive_awaits_no_upgrade(tmp_path: Path) -> None:
    assert not is_outdated(tmp_path / "missing.db")
    (tmp_path / "notes.db").write_text("no database")
    assert not is_outdated(tmp_path / "notes.db")
