"""The first pass over the files of an import: what they hold, and whose it is.

Each file is one transaction: an interrupted pass begins again with the file it was at.
Records that cannot be read again at their place (several in one gzip member, zstd) are
copied into the workspace.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from harvester.archive.importing import workspace
from harvester.archive.importing.workspace import FileRow, NewRecord
from harvester.archive.records.compression import compress_record
from harvester.identity.urls import mask_secrets
from harvester.importing import http_messages, record_files
from harvester.importing.ownership import NOT_HTTP_URL, Owner, Ownership
from harvester.importing.record_files import RawRecord
from harvester.model import Limits

SPOOL_NAME = "records.warc.gz"  # in the workspace
HASH_BYTES = 1 << 20
BATCH_RECORDS = 1_000
MAX_DOMAINS = 10_000  # that are counted by name
FIRST_YEAR = 1990  # nothing was received from the web before it
# kinds of what is left out
SKIPPED, OTHER, DOMAIN = "skipped", "other", "domain"
BAD_DATE = "its WARC-Date is missing or not a time"
OLD_DATE, FUTURE_DATE = (
    "its WARC-Date is before the web",
    "its WARC-Date is in the future",
)
TOO_EARLY, TOO_LATE = "received before --since", "received after --until"
NO_URL = "it states no URL"
REVISIT_KEYS = ("warc-refers-to", "warc-refers-to-target-uri", "warc-refers-to-date")
NOT_MODIFIED_PROFILE = "server-not-modified"
OWN_SOFTWARE = "harvester/"

_HTTP_URL = re.compile(r"https?://[^\x00-\x20\x7f]+", re.IGNORECASE)

Progress = Callable[[int, int], None]


def hash_file(path: Path, progress: Progress) -> str:
    """The SHA-256 of a file. Raises OSError."""
    digest, done = hashlib.sha256(), 0
    size = path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(HASH_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress(done, size)
    return digest.hexdigest()


@dataclass(slots=True)
class Indexer:
    """Indexes the files of one import."""

    connection: sqlite3.Connection
    folder: Path  # of the workspace
    ownership: Ownership
    limits: Limits
    now: str
    since: str = ""
    until: str = ""
    _batch: list[NewRecord] = field(default_factory=list)
    _left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    _receiver: str = ""
    _is_own: bool = False
    _spool: BinaryIO | None = None
    _latest: str = ""  # the last moment that is not in the future

    def index_file(self, file: FileRow, progress: Progress) -> None:
        """Index one file. Raises OSError if it cannot be read."""
        self._batch, self._left_out = [], Counter()
        self._receiver, self._is_own = file.receiver, False
        self._latest = to_moment(self.now)
        problem = ""
        made = dict(self.ownership.made)
        with (
            Path(file.path).open("rb") as source,
            workspace.transaction(self.connection),
            (self.folder / SPOOL_NAME).open("ab") as self._spool,
        ):
            for record in record_files.iterate_records(
                source, file.bytes, self.max_block_bytes
            ):
                if record.problem == record_files.NOT_WARC:
                    problem = record.problem
                    break
                self._add(file, record)
                if len(self._batch) >= BATCH_RECORDS:
                    self._write_batch()
                progress(record.offset, file.bytes)
            self._write_batch()
            workspace.add_made_outlets(
                self.connection,
                [
                    (outlet.name, key)
                    for key, outlet in self.ownership.made.items()
                    if key not in made
                ],
            )
            workspace.finish_file(
                self.connection,
                file.id,
                self._receiver,
                self._is_own,
                problem,
                self._left_out,
            )
        self._spool = None

    @property
    def max_block_bytes(self) -> int:
        """The most bytes of a record's block that are read."""
        limits = self.limits
        return max(limits.page_bytes, limits.feed_bytes) + limits.header_bytes

    def _write_batch(self) -> None:
        workspace.add_records(self.connection, self._batch)
        self._batch = []

    def _add(self, file: FileRow, record: RawRecord) -> None:
        """Add one record, or count why not."""
        if record.type == "warcinfo":
            self._read_warcinfo(record)
        if record.problem and not record.headers:
            self._left_out[SKIPPED, record.problem] += 1
            return
        if record.type not in ("response", "revisit"):
            self._left_out[OTHER, record.type[:20] or "without a type"] += 1
            return
        self._add_response(file, record)

    def _read_warcinfo(self, record: RawRecord) -> None:
        """Who received the records, as the file says of itself."""
        fields = {
            name.lower(): value
            for name, value in record_files.parse_headers(record.block)
        }
        self._is_own = fields.get("software", "").startswith(OWN_SOFTWARE)
        if not self._receiver:
            names = (
                fields.get(name, "") for name in ("publisher", "operator", "software")
            )
            self._receiver = next(filter(None, names), "")[:200]

    def _add_response(self, file: FileRow, record: RawRecord) -> None:
        headers = record.headers
        reason, moment = self._check_time(headers.get("warc-date", ""))
        reason = record.problem or reason
        url = headers.get("warc-target-uri", "").strip("<> ").partition("#")[0]
        if not reason and not url:
            reason = NO_URL
        if not reason and not _HTTP_URL.fullmatch(url):
            reason = NOT_HTTP_URL
        if reason:
            self._left_out[SKIPPED, reason] += 1
            return
        head = http_messages.parse_head(record.block, self.limits.header_bytes)
        is_revisit = record.type == "revisit"
        status = head.status
        if is_revisit and NOT_MODIFIED_PROFILE in headers.get("warc-profile", ""):
            status = 304
        elif is_revisit and head.problem:
            status = 200  # a revisit record may have no HTTP headers at all
        elif head.problem:
            self._left_out[SKIPPED, head.problem] += 1
            return
        media_type = head.value("content-type").partition(";")[0].strip().lower()
        owner = self.ownership.classify(url, status, media_type, head.value("location"))
        # Of a file that cannot be read again at any place only front pages are kept.
        is_kept = owner.role == "other" and (record.is_alone or not owner.domain)
        if owner.left_out and not is_kept:
            self._count_left_out(owner)
            return
        offset, length, spooled = self._place(record)
        refers = [headers.get(name, "").strip("<> ") for name in REVISIT_KEYS]
        self._batch.append(
            NewRecord(
                file.id,
                offset,
                length,
                spooled,
                headers.get("warc-record-id", "").strip("<> ")[:200],
                url,
                moment,
                status,
                owner.role,
                owner.outlet,
                owner.feed,
                owner.target,
                refers[0] if is_revisit else "",
                refers[1] if is_revisit else "",
                self._check_time(refers[2])[1] if is_revisit else "",
                headers.get("warc-payload-digest", "")[:100],
                owner.left_out,
                mask_secrets(owner.domain)[:100],
            )
        )

    def _count_left_out(self, owner: Owner) -> None:
        self._left_out[SKIPPED, owner.left_out] += 1
        if not owner.domain:
            return
        key = (DOMAIN, mask_secrets(owner.domain)[:100])
        if key in self._left_out or len(self._left_out) < MAX_DOMAINS:
            self._left_out[key] += 1

    def _check_time(self, stated: str) -> tuple[str, str]:
        """Why a record's time is none that is imported, or "", and its moment."""
        moment = to_moment(stated)
        if not moment:
            return BAD_DATE, ""
        if int(moment[:4]) < FIRST_YEAR:
            return OLD_DATE, moment
        if moment > self._latest:
            return FUTURE_DATE, moment
        if self.since and moment < self.since:
            return TOO_EARLY, moment
        if self.until and moment >= self.until:
            return TOO_LATE, moment
        return "", moment

    def _place(self, record: RawRecord) -> tuple[int, int, int]:
        """Where a record can be read again: offset, length, and whether in the spool."""
        if record.is_alone:
            return record.offset, record.length, 0
        assert self._spool is not None
        lines = [f"{name}: {value}" for name, value in record.headers.items()]
        head = "\r\n".join(["WARC/1.1", *lines]).encode("utf-8", "replace")
        block = compress_record(head + b"\r\n\r\n" + record.block + b"\r\n\r\n")
        offset = self._spool.seek(0, 2)
        self._spool.write(block)
        return offset, len(block), 1


def to_moment(stated: str) -> str:
    """A time with six decimals, in UTC: such texts sort as the times do; "" for none."""
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(stated.strip()[:40])
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).replace(tzinfo=None)
        return f"{at.isoformat(timespec='microseconds')}Z"
    return ""


def seconds_of(moment: str) -> str:
    """A moment as the archive writes times: whole seconds."""
    return f"{moment[:19]}Z"
