"""Bytes that are not a complete WARC record raise our errors, never a library's."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harvester.archive.integrity import warc_check
from harvester.archive.records import captures
from harvester.errors import ArchiveError

HEAD = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
BODY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nwords\r\n"
BYTES = (
    b"",
    b"\x1f\x8b",
    b"8\x02",
    b"WARC/1.1\r\n\r\n",
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\n",
    HEAD + b"Content-Length: 9999\r\n\r\nHTTP/1.1",
    HEAD
    + b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    + BODY,
    b"WARC/1.1\r\nContent-Length: 5\r\n\r\nwords",
    b"HTTP/1.1 200 OK\r\n\r\n",
)


@pytest.mark.parametrize("body", BYTES)
@pytest.mark.parametrize("compressed", [True, False])
def test_bytes_that_are_not_a_record(
    tmp_path: Path, body: bytes, compressed: bool
) -> None:
    block = gzip.compress(body, mtime=0) if compressed else body
    (tmp_path / "a.warc.gz").write_bytes(block)
    for read in (
        lambda: warc_check.read_payload(block),
        lambda: captures._read_record(tmp_path, "a.warc.gz", 0, len(block)),
    ):
        try:
            read()
        except (ArchiveError, ValueError) as error:
            assert type(error) in (ArchiveError, ValueError)
            assert str(error)
