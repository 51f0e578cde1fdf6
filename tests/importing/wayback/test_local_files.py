"""Captures out of WARC files at hand, by the file and offset that a list names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.errors import HarvesterError
from harvester.importing.wayback import cdx, listing, local_files, selection
from harvester.importing.wayback.run import Source, WaybackResult
from tests.importing.wayback.past import Past

NAME = "ashby-1.warc.gz"


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path)
    yield made
    made.close()


def cdx_lines(past: Past, places: list[tuple[int, int]], name: str = NAME) -> list[str]:
    lines = [" CDX N b a m s k r M S V g"]
    for capture, (offset, length) in zip(past.web.captures, places, strict=True):
        row = " ".join(capture.row[:6])
        lines.append(f"{row} - - {length} {offset} {name}")
    return lines


def run(past: Past, lines: list[str], warc: Path, **options: object) -> WaybackResult:
    path = past.folder / "list.cdx.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return past.run(Source((path,), (warc,)), **options)


def test_records_are_found_wherever_their_files_are(past: Past) -> None:
    past.harvest()
    folder = past.folder / "warcs" / "deep"
    folder.mkdir(parents=True)
    lines = cdx_lines(past, past.write_warc(folder / NAME))
    first = lines[1].split(" ")

    def line(minute: str, digest: str, offset: str, name: str) -> str:
        told = [*first]
        told[1] = f"2025090608{minute}00"
        told[5], told[9], told[10] = digest, offset, name
        return " ".join(told)

    # The list cannot be trusted: each line costs itself alone.
    lines += [
        line("01", "B", "0", "../../elsewhere.warc.gz"),
        line("02", "C", first[9], NAME),  # of another time
        line("03", "D", "0", NAME),  # the warcinfo record
        line("04", "E", "7", NAME),  # in the middle of a record
        line("05", "F", "9" * 18, NAME),
        line("06", "G", "-", NAME),
        line("07", "H", "0", "-"),
        "http://evil.example/ no line",
        lines[2].replace(first[2].split("/")[2], "evil.example"),
        lines[1],
    ]
    result = run(past, lines, past.folder / "warcs")
    assert result.obtained == 7 and result.requests == 0
    assert result.failed == {
        local_files.REASON_NO_FILE: 1,
        local_files.REASON_OTHER: 2,
        local_files.REASON_UNREADABLE: 2,
        local_files.REASON_NO_PLACE: 2,
    }
    assert result.left_out[cdx.REASON_INVALID] == 1
    assert result.left_out[listing.LISTED_AGAIN] == 1
    assert past.versions() == ["two", "three", "five", "nine"]
    [origin] = past.rows("select * from origins")
    assert (origin["kind"], origin["name"]) == ("warc", NAME)
    assert "Ashby Library" in origin["receiver"]
    assert not past.fetched
    # The same again finds everything in the archive.
    again = run(past, lines[:8], past.folder / "warcs")
    assert again.wanted == 0
    assert again.left_out[selection.REASON_HELD] == 7


def test_plain_files_and_cdxj(past: Past) -> None:
    packed = past.folder / "packed.warc.gz"
    places = past.write_warc(packed)
    data, plain, lines = packed.read_bytes(), b"", []
    for capture, (offset, length) in zip(past.web.captures, places, strict=True):
        _, _, url, mime, status, digest, _ = capture.row
        fields = {"url": url, "mime": mime, "status": status, "digest": digest}
        place = {"offset": str(len(plain)), "filename": "a/plain.warc"}
        key = capture.row[0]
        lines.append(f"{key} {capture.timestamp} {json.dumps({**fields, **place})}")
        plain += gzip.decompress(data[offset : offset + length])
    file = past.folder / "plain.warc"
    file.write_bytes(plain)
    assert run(past, lines, file).obtained == 7
    assert past.versions() == ["two", "three", "five"]


def test_two_files_of_one_name_are_not_guessed(past: Past) -> None:
    for name in ("a", "b"):
        (past.folder / "warcs" / name).mkdir(parents=True)
        places = past.write_warc(past.folder / "warcs" / name / NAME)
    result = run(past, cdx_lines(past, places), past.folder / "warcs")
    assert result.failed == {local_files.REASON_TWO_FILES: 7}
    assert not (past.folder / "archive.db").exists()


def test_a_bomb_in_a_record_is_bounded(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harvester.importing.wayback import run as run_module

    monkeypatch.setattr(run_module, "MAX_RECORD_BYTES", 100_000)
    file = past.folder / NAME
    places = past.write_warc(file)
    data = file.read_bytes()
    bomb = gzip.compress(b"WARC/1.0\r\n" + b" " * 30_000_000)
    file.write_bytes(data + bomb)
    places[0] = (len(data), len(bomb))
    result = run(past, cdx_lines(past, places), file)
    assert result.failed == {local_files.REASON_UNREADABLE: 1}
    assert result.obtained == 6


def test_a_list_that_ends_early_is_an_error_and_continues(past: Past) -> None:
    lines = cdx_lines(past, past.write_warc(past.folder / NAME))
    path = past.folder / "list.cdx.gz"
    whole = gzip.compress("\n".join(lines).encode())
    path.write_bytes(whole[:-30])
    with pytest.raises(HarvesterError, match="cannot be read behind line"):
        past.run(Source((path,), (past.folder / NAME,)))
    path.write_bytes(whole)
    assert past.run(Source((path,), (past.folder / NAME,))).obtained == 7
