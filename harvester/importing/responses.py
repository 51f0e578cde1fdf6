"""The responses of an import, read again at their place and made into captures."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from harvester.archive.importing import workspace
from harvester.archive.importing.workspace import FileRow, RecordRow
from harvester.importing import http_messages, record_files
from harvester.importing.http_messages import Head, Message
from harvester.importing.index import SPOOL_NAME, seconds_of
from harvester.importing.record_files import RawRecord
from harvester.model import Capture, Limits, Outcome, Redirect

MAX_OPEN_FILES = 64
MAX_CHAIN = 50  # redirects; the limits of the settings hold before
NO_ORIGINAL = "a revisit record whose body is not in the files"
WRONG_DIGEST = "its payload does not match its digest"
CHANGED_FILE = "its record cannot be read any more: the file has changed"


@dataclass(frozen=True, slots=True)
class Response:
    """One response with the redirects that led to it; without ``capture`` a problem."""

    record: RecordRow  # of the URL that was requested first
    capture: Capture | None = None
    problem: str = ""
    chain: tuple[RecordRow, ...] = ()  # all of its records, the last is the response's

    @property
    def last(self) -> RecordRow:
        """The record of the response itself."""
        return self.chain[-1]


class ResponseReader:
    """Reads the responses that an index names."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        files: list[FileRow],
        folder: Path,
        limits: Limits,
        max_block_bytes: int,
    ) -> None:
        self._connection = connection
        self._files = {file.id: file for file in files}
        self._folder = folder
        self._limits = limits
        self._max_block_bytes = max_block_bytes
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def read(self, record: RecordRow) -> Response:
        """A response, with what led to it."""
        chain = [record]
        while chain[-1].next is not None and len(chain) < MAX_CHAIN:
            chain.append(workspace.get_record(self._connection, chain[-1].next))
        hops: list[Redirect] = []
        for hop in chain[:-1]:
            message, problem, ip = self._read_message(hop)
            if message is None:
                return Response(record, None, problem, tuple(chain))
            hops.append(
                Redirect(
                    hop.url, hop.status, hop.target, message.headers, message.body, ip
                )
            )
        last = chain[-1]
        message, problem, ip = self._read_message(last)
        if message is None:
            return Response(record, None, problem, tuple(chain))
        capture = Capture(
            url=record.url,
            reached=last.url,
            at=seconds_of(last.moment),
            status=last.status,
            headers=message.headers,
            body=message.body,
            redirects=tuple(hops),
            truncated=message.truncated,
            outcome=Outcome.FAILED if message.undecoded else None,
            error=message.undecoded,
            ip=ip,
        )
        return Response(record, capture, "", tuple(chain))

    def close(self) -> None:
        """Close the files."""
        while self._open:
            self._open.popitem()[1].close()

    def _read_message(self, record: RecordRow) -> tuple[Message | None, str, str]:
        """The HTTP response of a record, or what is wrong with it, and its sender."""
        raw = self._read_raw(record)
        ip = raw.headers.get("warc-ip-address", "")[:45]
        if raw.problem:
            return None, CHANGED_FILE, ip
        head = http_messages.parse_head(raw.block, self._limits.header_bytes)
        if record.status == 304 or raw.type != "revisit":
            if raw.type != "revisit" and not _matches_digest(raw, head):
                return None, WRONG_DIGEST, ip
            return self._decode(record, head, raw), "", ip
        original = workspace.find_original(self._connection, record)
        if original is None:
            return None, NO_ORIGINAL, ip
        body = self._read_raw(original)
        body_head = http_messages.parse_head(body.block, self._limits.header_bytes)
        if body.problem or body_head.problem or not _matches_digest(body, body_head):
            return None, NO_ORIGINAL, ip
        message = self._decode(original, body_head, body)
        if not head.problem:  # its own headers, with the body of the other
            own = self._decode(record, head, raw)
            message = replace(message, headers=own.headers)
        return message, "", ip

    def _decode(self, record: RecordRow, head: Head, raw: RawRecord) -> Message:
        is_feed = record.role in ("feed", "other")  # a moved feed leads to the latter
        max_bytes = self._limits.feed_bytes if is_feed else self._limits.page_bytes
        message = http_messages.decode_message(
            head, raw.block, max_bytes, bool(self._files[record.file].own)
        )
        if record.status == 304:
            return replace(message, body=b"", truncated=False)
        if len(message.body) > max_bytes:
            return replace(message, undecoded=f"larger than {max_bytes} bytes")
        if raw.headers.get("warc-truncated"):
            return replace(message, truncated=True)
        return message

    def _read_raw(self, record: RecordRow) -> RawRecord:
        path = Path(self._files[record.file].path)
        if record.spooled:
            path = self._folder / SPOOL_NAME
        try:
            return record_files.read_record_at(
                self._file(path), record.offset, record.length, self._max_block_bytes
            )
        except OSError:
            return RawRecord(record.offset, 0, problem=CHANGED_FILE)

    def _file(self, path: Path) -> BinaryIO:
        if path not in self._open:
            self._open[path] = path.open("rb")
            if len(self._open) > MAX_OPEN_FILES:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(path)
        return self._open[path]


def _matches_digest(raw: RawRecord, head: Head) -> bool:
    """Whether a record has the digest that it states.

    Writers take it of the body as it was sent, or without its chunks, or decompressed;
    it is believed where it is made with an unknown algorithm.
    """
    stated = raw.headers.get("warc-payload-digest", "")
    algorithm, _, value = stated.partition(":")
    if not value or algorithm.lower() not in ("sha1", "sha256", "md5"):
        return True
    body = raw.block[head.body_start :]
    if _is_digest(algorithm, value, body):
        return True
    message = http_messages.decode_message(head, raw.block, len(raw.block) * 20)
    if _is_digest(algorithm, value, message.body):
        return True
    joined = http_messages.join_chunks(body)[0]
    return _is_digest(algorithm, value, joined)


def _is_digest(algorithm: str, value: str, body: bytes) -> bool:
    digest = hashlib.new(algorithm.lower(), body, usedforsecurity=False).digest()
    if value.lower() == digest.hex():
        return True
    with suppress(ValueError):
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8)) == digest
    return False
