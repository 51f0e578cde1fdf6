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

MAX_LISTED_FAULTS = 20  # of what SQLite itself finds

FaultDict = dict[
    str, Any
]  # what, where, and row, day, file or offset where they are known
WordingDigester = Callable[[str, str], str]  # title, text → sha256 of the wording


@dataclass(slots=True)
class Verifier:
    """One pass. ``wording``: as it is computed today, and ``extractor`` the readings for which that holds.

    ``progress`` is told how many rows and records are done, of how many.
    """

    connection: sqlite3.Connection
    captures_folder: Path | None
    digest_wording: WordingDigester
    extractor: str
    progress: Callable[[int, int], None] = lambda done, total: None
    counts: Counter[str] = field(default_factory=Counter)
    _done: int = 0
    _total: int = 0

    def __post_init__(self) -> None:
        self.connection.text_factory = lambda raw: raw.decode(
            "utf-8", "replace"
        )  # damage must not end the check

    def run(self, check_files: bool = True) -> Iterator[FaultDict]:
        """All that is broken, archive first, then the chain from its beginning, then the files. ``files``: look into them."""
        count = self.connection.execute(
            "select (select count(*) from seals), (select count(*) from captures where file is not null)"
        ).fetchone()
        self._total = count[0] + (count[1] if check_files else 0)
        yield from self._verify_archive()
        yield from self._verify_chain()
        yield from self.verify_versions()
        if check_files:
            yield from self._verify_files()

    def _advance(self) -> None:
        self._done += 1
        if self._done % 64 == 0:
            self.progress(self._done, self._total)

    # ---- the archive

    def _verify_archive(self) -> Iterator[FaultDict]:
        for row in self.connection.execute(
            f"pragma integrity_check({MAX_LISTED_FAULTS})"
        ):
            if row[0] != "ok":
                yield {
                    "what": f"the file is damaged: {' '.join(str(row[0]).split())}",
                    "where": "archive",
                }
        for row in self.connection.execute("pragma foreign_key_check").fetchmany(
            MAX_LISTED_FAULTS
        ):
            words = f"points at a row of {row[2]} that is not there"
            yield {"what": words, "where": row[0], "row": row[1]}
        for words in (
            *optimise.check_index_counts(self.connection),
            *optimise.check_current_versions(self.connection),
        ):
            yield {"what": words, "where": "archive"}

    # ---- the chain

    def _verify_chain(self) -> Iterator[FaultDict]:
        before, number = proof.GENESIS_DIGEST, 0
        for day in self.connection.execute(
            "select * from days order by number"
        ).fetchall():
            number += 1
            self.counts["days"] += 1
            where: FaultDict = {
                "where": "days",
                "row": day["number"],
                "day": day["day"],
            }
            if day["number"] != number:
                yield {"what": f"day {number} of the chain is missing", **where}
                number = day["number"]
            if day["before"] != before:
                yield {
                    "what": "does not follow the day before: its digest is another",
                    **where,
                }
            if proof.digest(proof.canonical_day(day)).hex() != day["digest"]:
                yield {"what": "the day's own digest is another", **where}
            yield from self._verify_day(day, where)
            before = day["digest"]
        yield from self._verify_open_day()

    def _verify_day(self, day: sqlite3.Row, location: FaultDict) -> Iterator[FaultDict]:
        seals = self.connection.execute(
            "select * from seals where number = ? order by id", [day["number"]]
        ).fetchall()
        listed = proof.canonical_row_list(
            (seal["kind"], seal["digest"]) for seal in seals
        )
        if proof.digest(listed).hex() != day["rows"]:
            yield {"what": "the list of the day's digests was changed", **location}
        yield from self._verify_seals(seals, day["day"])

    def _verify_open_day(self) -> Iterator[FaultDict]:
        """What is not closed yet, and what stands between sealed rows."""
        seals = self.connection.execute(
            "select * from seals where number is null order by id"
        ).fetchall()
        self.counts["open"] = len(seals)
        yield from self._verify_seals(seals, "today")
        for kind, table in (("capture", "captures"), ("version", "versions")):
            rows = self.connection.execute(
                f"""select t.id from {table} t left join seals s on s.kind = ?1 and s.row = t.id
                where s.id is null and t.id < (select max(row) from seals where kind = ?1) order by t.id limit ?2""",
                [kind, MAX_LISTED_FAULTS],
            )
            for row in rows:
                yield {
                    "what": "was put between rows of the chain",
                    "where": table,
                    "row": row["id"],
                }

    def _verify_seals(self, seals: list[sqlite3.Row], day: str) -> Iterator[FaultDict]:
        for seal in seals:
            self._advance()
            self.counts["gone" if seal["gone"] is not None else f"{seal['kind']}s"] += 1
            words = self._verify_seal(seal)
            if words:
                yield {
                    "what": words,
                    "where": f"{seal['kind']}s",
                    "row": seal["row"],
                    "day": day,
                }

    def _verify_seal(self, seal: sqlite3.Row) -> str:
        """What is wrong with a sealed row; "" where it is as it was."""
        if seal["gone"] is not None:
            held = self.connection.execute(
                "select 1 from tombstones where id = ?", [seal["gone"]]
            ).fetchone()
            return "" if held else "is gone, and so is the tombstone that says why"
        if seal["kind"] not in proof.ROW_QUERIES:
            return "is of no kind that is known"
        row = self.connection.execute(
            f"{proof.ROW_QUERIES[seal['kind']]} where id = ?", [seal["row"]]
        ).fetchone()
        if row is None:
            return "the row is missing"
        if seal["kind"] == "capture":
            form = proof.canonical_capture(row)
        elif seal["kind"] == "tombstone":
            form = proof.canonical_tombstone(
                row, proof.list_removed_digests(self.connection, row["id"])
            )
        elif seal["kind"] == "chain":
            form = proof.canonical_chain_head(row)
        else:
            form = proof.canonical_version(
                seal["article"] or "", row["sha256"], seal["at"], seal["said"] or b""
            )
        if proof.digest(form) != seal["digest"]:
            return "the row is not the one that was sealed"
        return ""

    # ---- the versions' words

    def verify_versions(self) -> Iterator[FaultDict]:
        """Title and text: as sealed, or as a later reading says, or (where no seal says) of the wording that they are named by."""
        rows = self.connection.execute(
            """select v.*, s.said, s.article as sealed_article, s.at as sealed_at, r.wording as read, r.extractor,
            (select count(*) from readings where version = v.id and source <> 'feed-compared') as readings
            from versions v left join seals s on s.kind = 'version' and s.row = v.id
            left join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
            order by v.id"""
        )
        for row in rows:
            self.counts["texts"] += 1
            for words in self._verify_version(row):
                yield {
                    "what": words,
                    "where": "versions",
                    "row": row["id"],
                    "article": row["article"],
                    "version": row["number"],
                }

    def _verify_version(self, row: sqlite3.Row) -> Iterator[str]:
        if row["said"] is not None:
            if row["first_seen"] > row["sealed_at"]:
                yield f"it was first seen at {row['sealed_at']}, and now says {row['first_seen']}"
            if row["sealed_article"] != row["article"] and not self._was_moved(
                row["sealed_article"], row["article"]
            ):
                yield f"it was a version of article {row['sealed_article']}"
            if proof.digest_text(row["title"], row["text"]) == row["said"]:
                return
            if row["readings"] < 2:
                yield "title or text were changed since they were sealed"
                return
        if row["read"] is not None and row["read"] != row["wording"]:
            yield "its wording is not that of its last reading"
        elif (
            row["extractor"] == self.extractor
            and self.digest_wording(row["title"], row["text"]) != row["wording"]
        ):
            yield "title or text are not of the wording that was read"

    def _was_moved(self, sealed_key: str, article_key: str) -> bool:
        """Whether the archive says that the two were joined, or parted."""
        return (
            self.connection.execute(
                """select 1 from aliases where key = ?1 and article = ?2
                union all select 1 from joins where (joined, article) in (values (?1, ?2), (?2, ?1))
                union all select 1 from apart where (one, other) in (values (?1, ?2), (?2, ?1))""",
                [sealed_key, article_key],
            ).fetchone()
            is not None
        )

    # ---- the files

    def _verify_files(self) -> Iterator[FaultDict]:
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
            self.counts["files"] += 1
            rows = self.connection.execute(
                """select id, offset, length, sha256, record, at from captures where file = ?
                and typeof(offset) = 'integer' and typeof(length) = 'integer' and offset >= 0 and length > 0 order by offset""",
                [name],
            ).fetchall()
            if not rows:
                continue
            if self.captures_folder is None:
                yield {
                    "what": "the settings name no folder of captures",
                    "where": name,
                    "file": name,
                }
                continue
            for broken in warc_check.check_file(
                self.captures_folder / name,
                rows,
                name == newest["file"],
                self._count_record,
            ):
                yield {"where": "captures", "file": name, **broken}

    def _count_record(self, size: int) -> None:
        self.counts["records"] += 1
        self.counts["bytes"] += size
        self._advance()
