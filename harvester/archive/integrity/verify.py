"""Verify the archive: file and indexes, the chain of days, and every WARC record.

Reads only, and says what is broken and where. Does not repair; see ``archive.repair``.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof, values, warc_check
from harvester.archive.records import captures, counts, warc_records
from harvester.archive.regular_files import is_capture_file_name
from harvester.archive.upkeep import optimise
from harvester.errors import ArchiveError

MAX_LISTED_FAULTS = 20  # of those that SQLite itself finds
MAX_REMEMBERED_DIGESTS = 20_000  # of bodies that other captures refer to
_VALID_POSITION_SQL = """(
    typeof(offset) = 'integer' and typeof(length) = 'integer'
    and offset >= 0 and length > 0)"""

# "what" and "where"; also "row", "day", "file" or "offset" where they are known.
FaultDict = dict[str, Any]
WordingDigester = Callable[[str, str], str]  # title, text → digest of the wording


@dataclass(slots=True)
class Verifier:
    """One pass over the archive.

    ``digest_wording`` computes digests as today's ``extractor`` does; they are compared
    with readings by that extractor alone. ``progress`` is called with the number of rows
    and records done, and their total.
    """

    connection: sqlite3.Connection
    captures_folder: Path | None
    digest_wording: WordingDigester
    extractor: str
    progress: Callable[[int, int], None] = lambda done, total: None
    counts: Counter[str] = field(default_factory=Counter)
    _done: int = 0
    _total: int = 0
    _payload_digests: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Damaged text must not end the check.
        self.connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    def run(self, check_files: bool = True) -> Iterator[FaultDict]:
        """Everything broken: the archive first, then the chain, then the WARC files."""
        count = self.connection.execute(
            """
            select (select count(*) from seals),
                (select count(*) from captures where file is not null)"""
        ).fetchone()
        self._total = count[0] + (count[1] if check_files else 0)
        damaged_values = list(self._verify_values())
        yield from damaged_values
        parts = {
            "archive": self._verify_archive,
            "days": self._verify_chain,
            "versions": self.verify_versions,
        }
        if check_files:
            parts["captures"] = self._verify_files
        for where, verify_part in parts.items():
            try:
                yield from verify_part()
            except (TypeError, ValueError, LookupError, AttributeError) as error:
                if not damaged_values:
                    raise
                yield {
                    "what": f"damaged values end the check: {error}",
                    "where": where,
                }

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
        violations = self.connection.execute("pragma foreign_key_check")
        for row in violations.fetchmany(MAX_LISTED_FAULTS):
            yield {
                "what": f"refers to a row of {row[2]} that does not exist",
                "where": row[0],
                "row": row[1],
            }
        yield from self._verify_references()
        for fault in (
            *optimise.check_index_counts(self.connection),
            *optimise.check_current_versions(self.connection),
            *counts.find_wrong_counts(self.connection),
        ):
            yield {"what": fault, "where": "archive"}

    def _verify_references(self) -> Iterator[FaultDict]:
        """Check that the body of each revisit record is stored, and has its digest.

        The digest of the other record's body is checked with that one.
        """
        (thinned,) = self.connection.execute(
            "select count(*) from captures where thinned is not null"
        ).fetchone()
        if thinned:
            self.counts["thinned"] = thinned
        rows = self.connection.execute(
            """
            select c.id, c.body_of, o.id is null or o.file is null as lost,
                o.body_of is not null as indirect
            from captures c
            left join captures o on o.id = c.body_of
            where c.body_of is not null and c.file is not null and (
                o.id is null or o.file is null or o.body_of is not null
                or o.truncated or o.sha256 <> c.sha256
            )"""
        )
        for row in rows:
            problem = "has another digest"
            if row["lost"]:
                problem = "is not stored"
            elif row["indirect"]:
                problem = "is not in its own record either"
            yield {
                "what": f"its body is that of capture {row['body_of']}, which {problem}",
                "where": "captures",
                "row": row["id"],
            }

    def _verify_values(self) -> Iterator[FaultDict]:
        """Check types, JSON and times, which SQLite stores as they come."""
        for damaged in values.find_damaged_values(self.connection, MAX_LISTED_FAULTS):
            yield {"what": damaged.fault, "where": damaged.table, "row": damaged.row}

    # ---- the chain

    def _verify_chain(self) -> Iterator[FaultDict]:
        previous_digest, number = proof.GENESIS_DIGEST, 0
        for day in self.connection.execute(
            "select * from days order by number"
        ).fetchall():
            number += 1
            self.counts["days"] += 1
            location: FaultDict = {
                "where": "days",
                "row": day["number"],
                "day": day["day"],
            }
            if day["number"] != number:
                yield {"what": f"day {number} of the chain is missing", **location}
                number = day["number"]
            if day["before"] != previous_digest:
                yield {
                    "what": "does not name the digest of the day before",
                    **location,
                }
            if proof.digest(proof.canonical_day(day)).hex() != day["digest"]:
                yield {"what": "the day does not match its own digest", **location}
            yield from self._verify_day(day, location)
            previous_digest = day["digest"]
        yield from self._verify_open_day()

    def _verify_day(self, day: sqlite3.Row, location: FaultDict) -> Iterator[FaultDict]:
        seals = self.connection.execute(
            "select * from seals where number = ? order by id", [day["number"]]
        ).fetchall()
        row_list = proof.canonical_row_list(
            (seal["kind"], seal["digest"]) for seal in seals
        )
        if proof.digest(row_list).hex() != day["rows"]:
            yield {"what": "the list of the day's digests was changed", **location}
        yield from self._verify_seals(seals, day["day"])

    def _verify_open_day(self) -> Iterator[FaultDict]:
        """Check the open day, and for rows that were inserted between sealed ones."""
        seals = self.connection.execute(
            "select * from seals where number is null order by id"
        ).fetchall()
        self.counts["open"] = len(seals)
        yield from self._verify_seals(seals, "today")
        for kind in ("capture", "version", "origin"):
            table = f"{kind}s"
            rows = self.connection.execute(
                f"""
                select t.id
                from {table} t
                left join seals s on s.kind = :kind and s.row = t.id
                where s.id is null
                and t.id < (select max(row) from seals where kind = :kind)
                order by t.id
                limit :limit""",
                {"kind": kind, "limit": MAX_LISTED_FAULTS},
            )
            for row in rows:
                yield {
                    "what": "was inserted between sealed rows",
                    "where": table,
                    "row": row["id"],
                }

    def _verify_seals(self, seals: list[sqlite3.Row], day: str) -> Iterator[FaultDict]:
        for seal in seals:
            self._advance()
            self.counts["gone" if seal["gone"] is not None else f"{seal['kind']}s"] += 1
            fault = self._verify_seal(seal)
            if fault:
                yield {
                    "what": fault,
                    "where": f"{seal['kind']}s",
                    "row": seal["row"],
                    "day": day,
                }

    def _verify_seal(self, seal: sqlite3.Row) -> str:
        """What is wrong with a sealed row; "" if it is unchanged."""
        if seal["gone"] is not None:
            tombstone = self.connection.execute(
                "select 1 from tombstones where id = ?", [seal["gone"]]
            ).fetchone()
            return "" if tombstone else "was removed, and so was its tombstone"
        if seal["kind"] not in proof.ROW_QUERIES:
            return "is of an unknown kind"
        row = self.connection.execute(
            f"{proof.ROW_QUERIES[seal['kind']]} where id = ?", [seal["row"]]
        ).fetchone()
        if row is None:
            return "the row is missing"
        if seal["kind"] == "capture":
            canonical_form = proof.canonical_capture(row)
        elif seal["kind"] == "tombstone":
            canonical_form = proof.canonical_tombstone(
                row, proof.list_removed_digests(self.connection, row["id"])
            )
        elif seal["kind"] == "chain":
            canonical_form = proof.canonical_chain_head(row)
        elif seal["kind"] == "origin":
            canonical_form = proof.canonical_origin(row)
        else:
            canonical_form = proof.canonical_version(
                seal["article"] or "", row["sha256"], seal["at"], seal["said"] or b""
            )
        if proof.digest(canonical_form) != seal["digest"]:
            return "the row is not the one that was sealed"
        return ""

    # ---- the texts of versions

    def verify_versions(self, versions: str = "versions") -> Iterator[FaultDict]:
        """Check titles and texts against their seals, readings and wording digests.

        ``versions``: the rows to check, as a table expression of SQL.
        """
        rows = self.connection.execute(
            f"""
            select v.*, s.said, s.article as sealed_article, s.at as sealed_at,
                r.wording as read, r.extractor,
                (select count(*) from readings
                    where version = v.id and source <> 'feed-compared') as readings
            from {versions} v
            left join seals s on s.kind = 'version' and s.row = v.id
            left join readings r on r.id = (
                select max(id) from readings
                where version = v.id and source <> 'feed-compared')
            order by v.id"""
        )
        for row in rows:
            self.counts["texts"] += 1
            for fault in self._verify_version(row):
                yield {
                    "what": fault,
                    "where": "versions",
                    "row": row["id"],
                    "article": row["article"],
                    "version": row["number"],
                }

    def _verify_version(self, row: sqlite3.Row) -> Iterator[str]:
        if row["said"] is not None:
            if row["first_seen"] > row["sealed_at"]:
                yield (
                    f"it was first seen at {row['sealed_at']}, "
                    f"and now says {row['first_seen']}"
                )
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
            yield "its wording is not the one of its last reading"
        elif (
            row["extractor"] == self.extractor
            and self.digest_wording(row["title"], row["text"]) != row["wording"]
        ):
            yield "title or text do not match the digest of the wording that was read"

    def _was_moved(self, sealed_key: str, article_key: str) -> bool:
        """Whether the archive says that the two articles were joined or split."""
        record = self.connection.execute(
            """
            select 1 from aliases where key = :sealed and article = :now
            union all
            select 1 from joins
            where (joined, article) in (values (:sealed, :now), (:now, :sealed))
            union all
            select 1 from apart
            where (one, other) in (values (:sealed, :now), (:now, :sealed))""",
            {"sealed": sealed_key, "now": article_key},
        )
        return record.fetchone() is not None

    # ---- the files

    def _verify_files(self) -> Iterator[FaultDict]:
        for row in self.connection.execute(
            f"""
            select id, file from captures
            where file is not null and not {_VALID_POSITION_SQL}"""
        ):
            yield {
                "what": "it does not say where its record is",
                "where": "captures",
                "row": row["id"],
                "file": row["file"],
            }
        name_rows = self.connection.execute(
            """
            select file from captures
            where file is not null
            group by file
            order by min(id)"""
        ).fetchall()
        newest = self.connection.execute(
            """
            select file from captures
            where file is not null
            order by id desc
            limit 1"""
        ).fetchone()
        for (name,) in name_rows:
            self.counts["files"] += 1
            yield from self._verify_file(name, is_growing=name == newest["file"])

    def _verify_file(self, name: str, is_growing: bool) -> Iterator[FaultDict]:
        rows = self.connection.execute(
            f"""
            select c.id, c.offset, c.length, c.sha256, c.record, c.at, c.body_of,
                o.file is not null and o.body_of is null as is_held
            from (select * from captures where file = ? and {_VALID_POSITION_SQL}) c
            left join captures o on o.id = c.body_of
            order by c.offset""",
            [name],
        ).fetchall()
        if not rows:
            return
        if self.captures_folder is None:
            yield {
                "what": "the settings name no folder of captures",
                "where": name,
                "file": name,
            }
            return
        if not is_capture_file_name(name):
            return  # told with the other values
        for fault in warc_check.check_file(
            self.captures_folder / name,
            rows,
            is_growing,
            self._count_record,
            self._get_payload_digest,
        ):
            yield {"where": "captures", "file": name, **fault}

    def _get_payload_digest(self, capture_id: int) -> str:
        """The digest of the body in a capture's record; "" if it cannot be read.

        The same few are asked for again and again: feeds that do not change.
        """
        if capture_id not in self._payload_digests:
            try:
                body = captures.get_body(
                    self.connection, self.captures_folder, capture_id
                )
                digest = warc_records.payload_digest(body)
            except ArchiveError:
                digest = ""
            if len(self._payload_digests) >= MAX_REMEMBERED_DIGESTS:
                self._payload_digests.clear()
            self._payload_digests[capture_id] = digest
        return self._payload_digests[capture_id]

    def _count_record(self, size: int) -> None:
        self.counts["records"] += 1
        self.counts["bytes"] += size
        self._advance()
