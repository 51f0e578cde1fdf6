"""A record says what was received, in one gzip member that other programs read."""

from __future__ import annotations

import gzip
import io

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvester.archive.records import warc_records

URL = "https://lantern.example/harbour"
AT = "2026-03-01T08:15:00Z"
BODY = "<p>The ferry’s timetable</p>".encode() * 2000
HEADERS = (
    ("Content-Type", "text/html"),
    ("Content-Encoding", "br"),
    ("Content-Length", "17"),
    ("X-Broken", "two\r\nlines"),
)


def _build(truncated: bool = False) -> bytes:
    return warc_records.build_response(URL, AT, 200, HEADERS, BODY, truncated)


def test_warcio_reads_a_record_and_its_digests_are_right() -> None:
    info = warc_records.build_warcinfo("a.warc.gz", AT, "lantern/1")
    records = ArchiveIterator(io.BytesIO(info + _build()), check_digests="raise")
    first = next(records)
    assert first.rec_type == "warcinfo"
    assert b"lantern/1" in first.content_stream().read()
    second = next(records)
    assert second.content_stream().read() == BODY
    assert second.rec_headers.get_header("WARC-Date") == AT
    assert second.rec_headers.get_header("WARC-Target-URI") == URL
    assert second.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "br"
    assert second.http_headers.get_header("Content-Length") == str(len(BODY))
    assert second.http_headers.get_header("X-Broken") == "two lines"
    assert next(records, None) is None


def test_a_record_is_read_as_it_was_received() -> None:
    record, body = warc_records.read_record(_build())
    assert body == BODY
    headers = warc_records.original_headers(record)
    assert headers[:3] == list(HEADERS[:3])


def test_another_body_and_the_rest_as_before() -> None:
    block = warc_records.replace_body(_build(truncated=True), b"<p>None</p>")
    record, body = warc_records.read_record(block)
    assert body == b"<p>None</p>"
    assert record.rec_headers.get_header("WARC-Truncated") == "disconnect"
    assert record.rec_headers.get_header("WARC-Date") == AT
    assert record.rec_headers.get_header("X-Harvester-Words")
    headers = warc_records.original_headers(record)
    assert headers[:3] == list(HEADERS[:3])
    assert headers[-1] == ("Content-Length", "11")


@pytest.mark.parametrize(
    "block",
    [b"", gzip.compress(b"no record", mtime=0), _build()[:-1], _build() + b"\0"],
    ids=["empty", "no record", "cut", "with a byte more"],
)
def test_what_is_not_exactly_one_record(block: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        warc_records.read_record(block)
    with pytest.raises(ValueError, match=r"."):
        warc_records.replace_body(block, b"")
