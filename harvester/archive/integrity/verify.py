"""Whether the archive is what it was: file and indexes, chain, and every WARC record. Reads only; says what is broken, and where.

Not for: mending, nor for what keeps the archive quick (``upkeep``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof, warc_check
from harvester.archive.upkeep import optimise

LISTED = 20  # of what SQLite itself finds

Broken = dict[
    str, Any
]  # what, where, and row, day, file or offset where they are known
Wording = Callable[[str, str], str]  # title, text → sha256 of the wording


@dataclass(slots=True)
class Check:
    """One pass. ``wording``: as it is computed today, and ``extractor`` the readings for which that holds.

    ``progress`` is told how many rows and records are done, of how many.
    """

    connection: sqlite3.Connection
    captures: Path | None
    wording: Wording
    extractor: str
    progress: Callable[[int, int], None] = lambda done, total: None
    checked: Counter[str] = field(default_factory=Counter)
    _done: int = 0
    _total: int = 0

    def __post_init__(self) -> None:
        self.connection.text_factory = lambda raw: raw.decode(
            "utf-8", "replace"
        )  # damage must not end the check

    def run(self, files: bool = True) -> Iterator[Broken]:
        """All that is broken, archive first, then the chain from its beginning, then the files. ``files``: look into them."""
        count = self.connection.execute(
            "select (select count(*) from seals), (select count(*) from captures where file is not null)"
        ).fetchone()
        self._total = count[0] + (count[1] if files else 0)
        yield from self._archive()
        yield from self._chain()
        yield from self.versions()
        if files:
            yield from self._files()

    def _step(self) -> None:
        self._done += 1
        if self._done % 64 == 0:
            self.progress(self._done, self._total)

    # ---- the archive

    def _archive(self) -> Iterator[Broken]:
        for row in self.connection.execute(f"pragma integrity_check({LISTED})"):
            if row[0] != "ok":
                yield {
                    "what": f"the file is damaged: {' '.join(str(row[0]).split())}",
                    "where": "archive",
                }
        for row in self.connection.execute("pragma foreign_key_check").fetchmany(
            LISTED
        ):
            words = f"points at a row of {row[2]} that is not there"
            yield {"what": words, "where": row[0], "row": row[1]}
        for words in (
            *optimise.index_counts(self.connection),
            *optimise.without_version(self.connection),
        ):
            yield {"what": words, "where": "archive"}

    # ---- the chain

    def _chain(self) -> Iterator[Broken]:
        before, number = proof.FIRST, 0
        for day in self.connection.execute(
            "select * from days order by number"
        ).fetchall():
            number += 1
            self.checked["days"] += 1
            where: Broken = {"where": "days", "row": day["number"], "day": day["day"]}
            if day["number"] != number:
                yield {"what": f"day {number} of the chain is missing", **where}
                number = day["number"]
            if day["before"] != before:
                yield {
                    "what": "does not follow the day before: its digest is another",
                    **where,
                }
            if proof.digest(proof.of_day(day)).hex() != day["digest"]:
                yield {"what": "the day's own digest is another", **where}
            yield from self._day(day, where)
            before = day["digest"]
        yield from self._open()

    def _day(self, day: sqlite3.Row, where: Broken) -> Iterator[Broken]:
        seals = self.connection.execute(
            "select * from seals where number = ? order by id", [day["number"]]
        ).fetchall()
        listed = proof.of_rows((seal["kind"], seal["digest"]) for seal in seals)
        if proof.digest(listed).hex() != day["rows"]:
            yield {"what": "the list of the day's digests was changed", **where}
        yield from self._seals(seals, day["day"])

    def _open(self) -> Iterator[Broken]:
        """What is not closed yet, and what stands between sealed rows."""
        seals = self.connection.execute(
            "select * from seals where number is null order by id"
        ).fetchall()
        self.checked["open"] = len(seals)
        yield from self._seals(seals, "today")
        for kind, table in (("capture", "captures"), ("version", "versions")):
            rows = self.connection.execute(
                f"""select t.id from {table} t left join seals s on s.kind = ?1 and s.row = t.id
                where s.id is null and t.id < (select max(row) from seals where kind = ?1) order by t.id limit ?2""",
                [kind, LISTED],
            )
            for row in rows:
                yield {
                    "what": "was put between rows of the chain",
                    "where": table,
                    "row": row["id"],
                }

    def _seals(self, seals: list[sqlite3.Row], day: str) -> Iterator[Broken]:
        for seal in seals:
            self._step()
            self.checked[
                "gone" if seal["gone"] is not None else f"{seal['kind']}s"
            ] += 1
            words = self._seal(seal)
            if words:
                yield {
                    "what": words,
                    "where": f"{seal['kind']}s",
                    "row": seal["row"],
                    "day": day,
                }

    def _seal(self, seal: sqlite3.Row) -> str:
        """What is wrong with a sealed row; "" where it is as it was."""
        if seal["gone"] is not None:
            held = self.connection.execute(
                "select 1 from tombstones where id = ?", [seal["gone"]]
            ).fetchone()
            return "" if held else "is gone, and so is the tombstone that says why"
        if seal["kind"] not in proof.ROWS:
            return "is of no kind that is known"
        row = self.connection.execute(
            f"{proof.ROWS[seal['kind']]} where id = ?", [seal["row"]]
        ).fetchone()
        if row is None:
            return "the row is missing"
        if seal["kind"] == "capture":
            form = proof.of_capture(row)
        elif seal["kind"] == "tombstone":
            form = proof.of_tombstone(row, proof.gone(self.connection, row["id"]))
        elif seal["kind"] == "chain":
            form = proof.of_chain(row)
        else:
            form = proof.of_version(
                seal["article"] or "", row["sha256"], seal["at"], seal["said"] or b""
            )
        if proof.digest(form) != seal["digest"]:
            return "the row is not the one that was sealed"
        return ""

    # ---- the versions' words

    def versions(self) -> Iterator[Broken]:
        """Title and text: as sealed, or as a later reading says, or (where no seal says) of the wording that they are named by."""
        rows = self.connection.execute(
            """select v.*, s.said, s.article as sealed_article, s.at as sealed_at, r.wording as read, r.extractor,
            (select count(*) from readings where version = v.id and source <> 'feed-compared') as readings
            from versions v left join seals s on s.kind = 'version' and s.row = v.id
            left join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
            order by v.id"""
        )
        for row in rows:
            self.checked["texts"] += 1
            for words in self._version(row):
                yield {
                    "what": words,
                    "where": "versions",
                    "row": row["id"],
                    "article": row["article"],
                    "version": row["number"],
                }

    def _version(self, row: sqlite3.Row) -> Iterator[str]:
        if row["said"] is not None:
            if row["first_seen"] > row["sealed_at"]:
                yield f"it was first seen at {row['sealed_at']}, and now says {row['first_seen']}"
            if row["sealed_article"] != row["article"] and not self._moved(
                row["sealed_article"], row["article"]
            ):
                yield f"it was a version of article {row['sealed_article']}"
            if proof.words(row["title"], row["text"]) == row["said"]:
                return
            if row["readings"] < 2:
                yield "title or text were changed since they were sealed"
                return
        if row["read"] is not None and row["read"] != row["wording"]:
            yield "its wording is not that of its last reading"
        elif (
            row["extractor"] == self.extractor
            and self.wording(row["title"], row["text"]) != row["wording"]
        ):
            yield "title or text are not of the wording that was read"

    def _moved(self, sealed: str, article: str) -> bool:
        """Whether the archive says that the two were joined, or parted."""
        return (
            self.connection.execute(
                """select 1 from aliases where key = ?1 and article = ?2
                union all select 1 from joins where (joined, article) in (values (?1, ?2), (?2, ?1))
                union all select 1 from apart where (one, other) in (values (?1, ?2), (?2, ?1))""",
                [sealed, article],
            ).fetchone()
            is not None
        )

    # ---- the files

    def _files(self) -> Iterator[Broken]:
        for row in self.connection.execute(
            """select id, file from captures where file is not null and not (typeof(offset) = 'integer' and typeof(length) = 'integer'
            and offset >= 0 and length > 0)"""
        ):
            yield {
                "what": "it does not say where its record is",
                "where": "captures",
                "row": row["id"],
                "file": row["file"],
            }
        names = [row[0] for row in self.connection.execute(
            "select file from captures where file is not null group by file order by min(id)"
        )]  # fmt: skip
        newest = self.connection.execute(
            "select file from captures where file is not null order by id desc limit 1"
        ).fetchone()
        for name in names:
            self.checked["files"] += 1
            rows = self.connection.execute(
                """select id, offset, length, sha256, record, at from captures where file = ?
                and typeof(offset) = 'integer' and typeof(length) = 'integer' and offset >= 0 and length > 0 order by offset""",
                [name],
            ).fetchall()
            if not rows:
                continue
            if self.captures is None:
                yield {
                    "what": "the settings name no folder of captures",
                    "where": name,
                    "file": name,
                }
                continue
            for broken in warc_check.check(
                self.captures / name, rows, name == newest["file"], self._record
            ):
                yield {"where": "captures", "file": name, **broken}

    def _record(self, size: int) -> None:
        self.checked["records"] += 1
        self.checked["bytes"] += size
        self._step()
