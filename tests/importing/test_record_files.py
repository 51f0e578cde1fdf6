"""Records of foreign WARC files: each is found; what is wrong with one costs it alone."""

from __future__ import annotations

import gzip
import io
import itertools
import random
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvester.importing import record_files
from harvester.importing.record_files import (
    NO_LENGTH,
    NOT_WARC,
    TOO_LARGE,
    WRONG_LENGTH,
    RawRecord,
    iterate_records,
    read_record_at,
)
from harvester.importing.record_streams import DAMAGED, INCOMPLETE
from tests.importing import foreign_files as files

MAX = 1_000_000
PAGES = [
    files.response(f"{files.HOME}/{n}", "2026-09-01T10:00:00Z", b"<p>%d</p>" % n * 300)
    for n in range(5)
]
FORMS = ("plain", "members", "one", "zstd")


def read(body: bytes, max_bytes: int = MAX) -> list[RawRecord]:
    return list(iterate_records(io.BytesIO(body), len(body), max_bytes))


def found(records: list[RawRecord]) -> list[str]:
    """The pages that were found, and problems."""
    return [
        record.problem or record.headers["warc-target-uri"].rpartition("/")[2]
        for record in records
    ]


@pytest.mark.parametrize("form", FORMS)
def test_every_record_is_found_in_every_form(form: str, tmp_path: Path) -> None:
    path = files.write(tmp_path / "a.warc", [files.info(), *PAGES], form)
    records = read(path.read_bytes())
    assert [record.type for record in records] == ["warcinfo", *["response"] * 5]
    assert [record.is_alone for record in records] == [form in ("plain", "members")] * 6
    with path.open("rb") as file:
        if form in ("plain", "members"):  # warcio is the witness
            theirs = [each.content_stream().read() for each in ArchiveIterator(file)][
                1:
            ]
            assert [r.block.partition(b"\r\n\r\n")[2] for r in records[1:]] == theirs
        for record in records if form in ("plain", "members") else ():
            again = read_record_at(file, record.offset, record.length, MAX)
            assert (again.headers, again.block) == (record.headers, record.block)


@pytest.mark.parametrize("form", ["plain", "members"])
@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (PAGES[0].replace(b"WARC/1.0", b"WARX/1.0"), DAMAGED),
        (PAGES[0].replace(b"Content-Length: ", b"Content-Length: x", 1), NO_LENGTH),
        (PAGES[0].replace(b"Content-Length: ", b"Content-Length: -", 1), NO_LENGTH),
        (files.record("response", files.HOME, "", b"x", length=10**15), INCOMPLETE),
        (files.record("response", files.HOME, "", b"x" * 99, length=10), WRONG_LENGTH),
        (files.record("response", files.HOME, "", b"x" * (MAX + 1)), TOO_LARGE),
    ],
)
def test_a_bad_record_costs_itself_only(form: str, bad: bytes, problem: str) -> None:
    records = [PAGES[1], bad, PAGES[2], PAGES[3]]
    body = b"".join(records if form == "plain" else map(gzip.compress, records))
    told = found(read(body))
    assert [name for name in told if name.isdecimal()] == ["1", "2", "3"]
    assert any(name in (problem, DAMAGED) for name in told) and len(told) <= 5


def test_flipped_and_missing_bytes_cost_the_records_they_are_in() -> None:
    members = [gzip.compress(page) for page in PAGES]
    rng = random.Random(1)
    for _ in range(60):
        number = rng.randrange(5)
        broken = bytearray(members[number])
        if rng.random() < 0.5:
            broken[rng.randrange(12, len(broken))] ^= 1 << rng.randrange(8)
        else:
            del broken[rng.randrange(12, len(broken)) :]
        body = b"".join([*members[:number], bytes(broken), *members[number + 1 :]])
        told = [name for name in found(read(body)) if name.isdecimal()]
        assert set(told) >= {str(n) for n in range(5)} - {str(number)}
        assert len(told) == len(set(told))


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_breaks_off_has_what_came_before(form: str, tmp_path: Path) -> None:
    body = files.write(tmp_path / "a.warc", PAGES, form).read_bytes()
    told = found(read(body[: len(body) * 2 // 3]))
    assert told[-1] in (INCOMPLETE, DAMAGED)
    pages = [name for name in told if name.isdecimal()]
    assert pages == [str(n) for n in range(len(pages))]
    assert form in ("one", "zstd") or len(pages) >= 2


def test_a_bomb_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that never ends is left, and the next one is found."""
    monkeypatch.setattr(record_files, "MAX_PASSED_BYTES", 3_000_000)
    bomb = files.record("response", files.HOME, "", b"\0" * 20_000_000)
    records = [PAGES[1], bomb, PAGES[2]]
    told = found(read(b"".join(map(gzip.compress, records))))
    assert told == ["1", TOO_LARGE, "2"]


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"<html>", b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"WARC/"],
)
def test_what_is_no_warc_file_is_told(body: bytes) -> None:
    told = found(read(body))
    assert len(told) == 1 and told[0] in (NOT_WARC, DAMAGED, INCOMPLETE)


def test_false_starts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_files, "MAX_FALSE_STARTS", 50)
    body = gzip.compress(b"no record") + record_files.GZIP_MAGIC * 500
    told = found(read(body))
    assert told == [DAMAGED, record_files.REST_LEFT_OUT]


def test_headers_as_they_are_written() -> None:
    lines = (
        b"Name: v\xc3\xa9\r\nfolded: a\r\n  b\r\nno colon\r\nbad name: x\r\nEmpty:\r\n"
    )
    assert record_files.parse_headers(lines) == [
        ("Name", "vé"),
        ("folded", "a b"),
        ("Empty", ""),
    ]
    assert record_files.parse_headers(b"A: \xe9") == [("A", "é")]


def test_any_bytes_give_records_or_problems() -> None:
    """Nothing raises, whatever the bytes."""
    rng = random.Random(7)
    whole = b"".join(map(gzip.compress, PAGES[:2])), b"".join(PAGES[:2])
    for body, _ in itertools.product(whole, range(150)):
        broken = bytearray(body)
        for _ in range(rng.randrange(1, 6)):
            broken[rng.randrange(5, len(broken))] = rng.randrange(256)
        for record in read(bytes(broken)):
            assert record.problem or record.headers
