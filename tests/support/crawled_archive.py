"""An archive that the real programs fill and read, for tests of the whole program."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator


class Harvest:
    """An archive of its own, harvested and asked by the real programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "settings.toml"

    def run(
        self, *arguments: str, code: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """``harvest …``; checks its exit code, and that it never shows a traceback."""
        command = [
            sys.executable,
            "-m",
            "harvester.cli",
            "--settings",
            str(self.settings),
            *arguments,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=240, cwd=self.folder
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert code is None or done.returncode == code, (
            done.returncode,
            done.stdout,
            done.stderr,
        )
        return done

    def once(self, *arguments: str) -> dict[str, int]:
        """One pass; the counts."""
        counts: dict[str, int] = json.loads(
            self.run("once", "--json", *arguments).stdout.strip().splitlines()[-1]
        )
        outcomes = [
            "new",
            "changed",
            "unchanged",
            "duplicate",
            "empty",
            "blocked",
            "gone",
            "failed",
            "refused",
            "waiting",
        ]
        assert counts["visits"] == counts["feeds"] + sum(
            counts[one] for one in outcomes
        )
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
        """Whole: pages, foreign keys, the full-text index, every WARC record that a row points at, the accounts."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            connection.execute(
                "insert into versions_fts (versions_fts) values ('integrity-check')"
            )
        for row in self.rows(
            "select id, file, offset, length, sha256 from captures where file is not null"
        ):
            with (self.folder / "captures" / row["file"]).open("rb") as file:
                file.seek(row["offset"])
                block = io.BytesIO(file.read(row["length"]))
            bodies = [
                record.content_stream().read() for record in ArchiveIterator(block)
            ]
            assert [hashlib.sha256(body).hexdigest() for body in bodies] == [
                row["sha256"]
            ], row
        assert not self.rows(
            "select 1 from articles where versions <> (select count(*) from versions v where v.article = articles.key)"
        )
        assert not self.rows(
            "select 1 from entries where outcome in ('new', 'duplicate', 'changed') and article is null"
        )
        assert not self.rows(
            "select 1 from versions group by article, wording having count(*) > 1"
        )
