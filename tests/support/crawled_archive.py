"""An archive that the real programs fill and read."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from tests.support import forked_program

OUTCOMES = (
    *("new", "changed", "unchanged", "duplicate", "empty"),
    *("blocked", "gone", "failed", "refused", "waiting"),
)
BODIES_SQL = """
    select c.id, o.file, o.offset, o.length, c.sha256
    from captures c join captures o on o.id = coalesce(c.body_of, c.id)
    where c.file is not null
"""
# Each of these finds nothing in a consistent archive.
INCONSISTENCIES_SQL = (
    """
    select 1 from articles
    where versions <> (select count(*) from versions v where v.article = articles.key)
    """,
    """
    select 1 from entries
    where outcome in ('new', 'duplicate', 'changed') and article is null
    """,
    "select 1 from versions group by article, wording having count(*) > 1",
)


class Harvest:
    """An archive in a folder, and the command ``harvest`` on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "settings.toml"

    def run(
        self, *arguments: str, code: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; checks its exit code, and that it shows no traceback."""
        process = forked_program.run(
            "harvester.cli",
            ["--settings", str(self.settings), *arguments],
            timeout=240,
            cwd=self.folder,
        )
        assert "Traceback" not in process.stderr, process.stderr
        assert code is None or process.returncode == code, (
            process.returncode,
            process.stdout,
            process.stderr,
        )
        return process

    def once(self, *arguments: str) -> dict[str, int]:
        """Crawl once; returns the counts."""
        counts: dict[str, int] = json.loads(
            self.run("once", "--json", *arguments).stdout.strip().splitlines()[-1]
        )
        outcome_counts = [counts[outcome] for outcome in OUTCOMES]
        assert counts["visits"] == counts["feeds"] + sum(outcome_counts)
        return counts

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the archive."""
        with closing(
            sqlite3.connect(f"file:{self.folder / 'archive.db'}?mode=ro", uri=True)
        ) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def check(self) -> None:
        """Check the file, the full-text index, all WARC records, and the counts."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            connection.execute(
                "insert into versions_fts (versions_fts) values ('integrity-check')"
            )
        for row in self.rows(BODIES_SQL):
            with (self.folder / "captures" / row["file"]).open("rb") as file:
                file.seek(row["offset"])
                block = io.BytesIO(file.read(row["length"]))
            bodies = [
                record.content_stream().read() for record in ArchiveIterator(block)
            ]
            digests = [hashlib.sha256(body).hexdigest() for body in bodies]
            assert digests == [row["sha256"]], row
        for sql in INCONSISTENCIES_SQL:
            assert not self.rows(sql), sql
