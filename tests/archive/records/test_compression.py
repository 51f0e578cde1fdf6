"""Compressed captures are ordinary gzip and zlib data, whichever library made them."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from harvester.archive.records import compression
from tests.support.prose import ProseGenerator

PLAIN = (
    b"WARC/1.1\r\nWARC-Type: response\r\n\r\n" + "Lämpchen am Hafen. ".encode() * 9999
)
# A block as it is written, and what is wrong with it afterwards.
RECORD = gzip.compress(PLAIN, 6, mtime=0)
FAULTS = {
    "nothing": b"",
    "half a header": RECORD[:5],
    "not gzip": PLAIN[:500],
    "cut in the data": RECORD[: len(RECORD) // 2],
    "cut in the trailer": RECORD[:-1],
    "another checksum": RECORD[:-8] + bytes([RECORD[-8] ^ 1]) + RECORD[-7:],
    "another length": RECORD[:-1] + b"\x7f",
    "a changed byte": RECORD[:90] + bytes([RECORD[90] ^ 4]) + RECORD[91:],
    "bytes taken out": RECORD[:90] + RECORD[99:],
    "data after it": RECORD + b"x",
    "two members": RECORD + RECORD,
}
WITHOUT_ISAL = """
import sys
sys.modules["isal"] = None  # as where no wheel is installed
from harvester.archive.records import compression
assert "isal.isal_zlib" not in sys.modules
sys.stdout.buffer.write(compression.{function}(sys.stdin.buffer.read()))
"""


def _run_without_isal(function: str, given: bytes) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_ISAL.format(function=function)],
        input=given,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def test_gzip_reads_a_record(tmp_path: Path) -> None:
    block = compression.compress_record(PLAIN)
    assert gzip.decompress(block) == PLAIN
    path = tmp_path / "two.warc.gz"
    path.write_bytes(block + compression.compress_record(b""))
    subprocess.run(["gzip", "-t", str(path)], check=True)


def test_prose_is_no_larger_than_zlib_makes_it_at_its_fastest() -> None:
    prose = "\n".join(ProseGenerator(3, "fr").article_paragraphs(60)).encode()
    assert len(compression.compress_record(prose)) < len(zlib.compress(prose, 1)) * 1.01


def test_zlib_reads_a_body() -> None:
    assert zlib.decompress(compression.compress_body(PLAIN)) == PLAIN


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 3_000_000])
def test_incompressible_data_of_any_size(size: int) -> None:
    plain = random.Random(size).randbytes(size)
    record, body = compression.compress_record(plain), compression.compress_body(plain)
    assert gzip.decompress(record) == compression.decompress_record(record) == plain
    assert zlib.decompress(body) == compression.decompress_body(body) == plain
    assert len(record) < size * 1.01 + 100


def test_either_library_reads_what_the_other_wrote() -> None:
    ours = compression.compress_record(PLAIN)
    theirs = _run_without_isal("compress_record", PLAIN)
    assert _run_without_isal("decompress_record", ours) == PLAIN
    assert compression.decompress_record(theirs) == PLAIN
    ours = compression.compress_body(PLAIN)
    theirs = _run_without_isal("compress_body", PLAIN)
    assert _run_without_isal("decompress_body", ours) == PLAIN
    assert compression.decompress_body(theirs) == PLAIN


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_record_is_a_value_error(fault: str) -> None:
    with pytest.raises(ValueError, match=r".") as ours:
        compression.decompress_record(FAULTS[fault])
    decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:  # what damaged data is called does not depend on the library
        decompressor.decompress(FAULTS[fault])
    except zlib.error as theirs:
        assert str(ours.value) == str(theirs)
    else:
        expected = "it is incomplete" if not decompressor.eof else "other data follows"
        assert str(ours.value).startswith(expected)


def test_a_damaged_body_is_a_value_error() -> None:
    stored = zlib.compress(PLAIN)
    for damaged in (b"", stored[:-1], stored[:50] + stored[60:], PLAIN, stored + b"x"):
        with pytest.raises(ValueError, match=r"."):
            compression.decompress_body(damaged)


def test_no_more_is_decompressed_than_a_record_can_hold() -> None:
    with pytest.raises(ValueError, match="incomplete"):
        compression.decompress_record(RECORD, len(PLAIN) - 1)
    assert compression.decompress_record(RECORD, len(PLAIN)) == PLAIN


def test_random_damage_never_passes_for_another_record() -> None:
    rng = random.Random(7)
    block = compression.compress_record(PLAIN)
    for _ in range(500):
        damaged = bytearray(block)
        for _ in range(rng.choice((1, 1, 3))):
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        with suppress(ValueError):
            assert compression.decompress_record(bytes(damaged)) == PLAIN


@pytest.mark.parametrize("fault", FAULTS)
def test_only_a_sound_member_is_complete(fault: str) -> None:
    assert compression.gunzip_complete(FAULTS[fault], 1 << 30) is None


def test_a_complete_member_up_to_so_many_bytes() -> None:
    assert compression.gunzip_complete(RECORD, len(PLAIN) + 1) == PLAIN
    assert compression.gunzip_complete(RECORD, len(PLAIN) - 1) is None
