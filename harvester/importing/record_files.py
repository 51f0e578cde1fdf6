"""The records of WARC files that others wrote: where each is, and what it says.

WARC 1.0 and 1.1, plain, compressed record by record or as a whole, with gzip or zstd.
What is wrong with a record costs that record: the next one is looked for behind it,
which the libraries that read WARC files do not do. Sizes are bounded: a block that is
too large is passed over. Does not read what is in a block (``http_messages``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from harvester.importing.record_streams import (
    CHUNK_BYTES,
    DAMAGED,
    INCOMPLETE,
    DamagedError,
    Frames,
    Member,
    Plain,
    Stream,
)

MAX_HEADER_BYTES = 1 << 16  # of a record, without its block
# Of one record, passed over in a compressed file: more is a bomb, and the rest of its
# gzip member is left out.
MAX_PASSED_BYTES = 1 << 32
MAX_FALSE_STARTS = 20_000  # of a file: where a record seemed to begin, and did not
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_VERSION = re.compile(rb"WARC/[01]\.[0-9]{1,3}[ \t]*\r?\n")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_LENGTH = re.compile(r"[0-9]{1,18}")
READ_TYPES = ("response", "revisit", "warcinfo")  # records whose blocks are wanted

NOT_WARC = "it is not a WARC file"
WRONG_LENGTH = "the length that the record states is wrong"
NO_LENGTH = "the record states no valid length"
TOO_LARGE = "the record is larger than the limits allow"
REST_LEFT_OUT = "the rest of the file is left out: no record is found in it"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record; ``problem`` says why there is no block of it."""

    offset: int
    length: int  # bytes in the file, to the end of the record
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    block: bytes = b""
    problem: str = ""
    # Whether it can be read again at its offset; else it is one of several in a member.
    is_alone: bool = True

    @property
    def type(self) -> str:
        """Its WARC-Type, in lower case."""
        return self.headers.get("warc-type", "").lower()


def iterate_records(
    file: BinaryIO, size: int, max_block_bytes: int
) -> Iterator[RawRecord]:
    """All records of a file of ``size`` bytes, and what is wrong with others."""
    file.seek(0)
    magic = file.read(5)
    if magic.startswith(GZIP_MAGIC):
        yield from _iterate_members(file, size, max_block_bytes)
    elif magic.startswith(ZSTD_MAGIC):
        yield from _iterate_frames(file, size, max_block_bytes)
    elif magic == b"WARC/":
        yield from _iterate_plain(file, size, max_block_bytes)
    else:
        yield RawRecord(0, size, problem=NOT_WARC)


def read_record_at(
    file: BinaryIO, offset: int, length: int, max_block_bytes: int
) -> RawRecord:
    """The record that ``iterate_records`` found alone at an offset."""
    file.seek(offset)
    stream: Stream
    if file.read(3) == GZIP_MAGIC:
        stream = Stream(Member(file, offset))
    else:
        file.seek(offset)
        stream = Stream(Plain(file, length))
    try:
        record = _read_record(stream, offset, max_block_bytes)
    except DamagedError as error:
        return RawRecord(offset, length, problem=str(error))
    return record or RawRecord(offset, length, problem=INCOMPLETE)


# ---- records


def parse_headers(block: bytes, encoding: str = "utf-8") -> list[tuple[str, str]]:
    """Header lines as names and values; lines that are none are left out."""
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    pairs: list[tuple[str, str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line[:1] in (" ", "\t") and pairs:  # folded, RFC 9112, 5.2
            name, value = pairs[-1]
            pairs[-1] = name, f"{value} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(name):
            pairs.append((name, value.strip()))
    return pairs


def _read_record(stream: Stream, offset: int, max_block_bytes: int) -> RawRecord | None:
    """The next record of a stream; None: there is none.

    ``length`` is of what was taken from the stream. Raises DamagedError.
    """
    stream.skip_blank()
    start = stream.position
    head = stream.peek(MAX_HEADER_BYTES)
    if not head:
        return None
    match = _HEADER_END.search(head)
    if not _VERSION.match(head) or match is None:
        return RawRecord(offset, 0, problem=DAMAGED)
    headers: dict[str, str] = {}
    for name, value in parse_headers(head[: match.start()].partition(b"\n")[2]):
        headers.setdefault(name.lower(), value)
    stream.take(match.end())

    def record(block: bytes = b"", problem: str = "") -> RawRecord:
        return RawRecord(offset, stream.position - start, headers, block, problem)

    stated = headers.get("content-length", "")
    if not _LENGTH.fullmatch(stated):
        return record(problem=NO_LENGTH)
    count, block = int(stated), b""
    is_wanted = headers.get("warc-type", "").lower() in READ_TYPES
    if count <= max_block_bytes:
        block = stream.take(count)
        if len(block) < count:
            return record(problem=INCOMPLETE)
    elif stream.skip(passed := min(count, MAX_PASSED_BYTES)) < passed:
        return record(problem=INCOMPLETE)
    elif passed < count or is_wanted:
        return record(problem=TOO_LARGE)
    return record(block if is_wanted else b"")


def _iterate_members(
    file: BinaryIO, size: int, max_block_bytes: int
) -> Iterator[RawRecord]:
    """The records of a file of gzip members, most with one record each."""
    offset, false_starts = 0, 0
    while offset < size:
        member = Member(file, offset)
        stream, found, problem = Stream(member), 0, ""
        pending: RawRecord | None = None  # it may turn out not to be alone
        try:
            while (record := _read_record(stream, offset, max_block_bytes)) is not None:
                if pending is not None:
                    yield _not_alone(pending)
                    pending = None
                if record.problem in (DAMAGED, NO_LENGTH, INCOMPLETE):
                    problem = WRONG_LENGTH if found and not record.headers else ""
                    problem = problem or record.problem
                    break
                found += 1
                pending = record
                if found > 1:
                    yield _not_alone(record)
                    pending = None
                if record.problem == TOO_LARGE and not _ends_soundly(stream):
                    problem = TOO_LARGE
                    break
        except DamagedError as error:
            problem = str(error)
        if pending is not None:
            if problem:
                pending = _not_alone(pending)
            end = member.end if not problem else offset
            yield RawRecord(
                offset,
                max(end - offset, 0),
                pending.headers,
                pending.block,
                pending.problem,
                pending.is_alone,
            )
        if not problem:
            offset = member.end
            continue
        if problem != TOO_LARGE:
            yield RawRecord(offset, 0, problem=problem)
        following, tries = _find_member(file, offset + 1, size, false_starts)
        false_starts += tries
        if following < 0:
            if false_starts >= MAX_FALSE_STARTS:
                yield RawRecord(offset, size - offset, problem=REST_LEFT_OUT)
            return
        offset = following


def _not_alone(record: RawRecord) -> RawRecord:
    return RawRecord(
        record.offset, 0, record.headers, record.block, record.problem, is_alone=False
    )


def _ends_soundly(stream: Stream) -> bool:
    """Whether a record is followed by another one, or by nothing."""
    stream.skip_blank()
    following = stream.peek(5)
    return not following or following == b"WARC/"


def _find_member(
    file: BinaryIO, start: int, size: int, false_starts: int
) -> tuple[int, int]:
    """Where the next gzip member with a record begins, and how many tries it took.

    -1: nowhere, or not within ``MAX_FALSE_STARTS``.
    """
    tries, position = 0, start
    while position < size:
        file.seek(position)
        chunk = file.read(CHUNK_BYTES)
        index = chunk.find(GZIP_MAGIC)
        while index >= 0:
            tries += 1
            if false_starts + tries > MAX_FALSE_STARTS:
                return -1, tries
            try:
                if _VERSION.match(Stream(Member(file, position + index)).peek(20)):
                    return position + index, tries
            except DamagedError:
                pass
            index = chunk.find(GZIP_MAGIC, index + 1)
        position += max(1, len(chunk) - len(GZIP_MAGIC) + 1)
    return -1, tries


def _iterate_frames(
    file: BinaryIO, size: int, max_block_bytes: int
) -> Iterator[RawRecord]:
    """The records of a file of zstd frames: read once, from its beginning to its end."""
    stream = Stream(Frames(file))
    try:
        while (record := _read_record(stream, 0, max_block_bytes)) is not None:
            yield _not_alone(record)
            if record.problem and record.problem != TOO_LARGE:
                yield RawRecord(0, size, problem=REST_LEFT_OUT, is_alone=False)
                return
    except DamagedError as error:
        yield RawRecord(0, size, problem=str(error), is_alone=False)


def _iterate_plain(
    file: BinaryIO, size: int, max_block_bytes: int
) -> Iterator[RawRecord]:
    """The records of a file that is not compressed."""
    offset = 0
    while 0 <= offset < size:
        file.seek(offset)
        stream = Stream(Plain(file, size - offset))
        stream.skip_blank()
        blank = stream.position
        head = stream.peek(MAX_HEADER_BYTES)
        if not head:
            return
        offset += blank
        record, following = _read_plain_record(
            file, offset, size, head, max_block_bytes
        )
        yield record
        offset = following


def _read_plain_record(
    file: BinaryIO, offset: int, size: int, head: bytes, max_block_bytes: int
) -> tuple[RawRecord, int]:
    """The record at an offset, and where the next one begins; -1: nowhere."""
    stream = Stream(Plain(file, size - offset))
    file.seek(offset)
    match = _HEADER_END.search(head)
    if not _VERSION.match(head) or match is None:
        return RawRecord(offset, 0, problem=DAMAGED), _find_plain(
            file, offset + 1, size
        )
    headers = dict(parse_headers(head[: match.start()].partition(b"\n")[2]))
    stated = next((v for k, v in headers.items() if k.lower() == "content-length"), "")
    behind = offset + match.end()
    if not _LENGTH.fullmatch(stated):
        return RawRecord(offset, 0, problem=NO_LENGTH), _find_plain(file, behind, size)
    end = behind + int(stated)
    if end > size:
        return RawRecord(offset, 0, problem=INCOMPLETE), _find_plain(file, behind, size)
    file.seek(end)
    following = file.read(64)
    if following.strip() and not (
        following.startswith(b"\r\n\r\n") or following.lstrip().startswith(b"WARC/")
    ):
        problem = RawRecord(offset, 0, problem=WRONG_LENGTH)
        return problem, _find_plain(file, behind, size)
    file.seek(offset)
    record = _read_record(stream, offset, max_block_bytes)
    return record or RawRecord(offset, 0, problem=INCOMPLETE), end


def _find_plain(file: BinaryIO, start: int, size: int) -> int:
    """Where the next record of a plain file begins; -1: nowhere."""
    position = start
    while position < size:
        file.seek(position)
        chunk = file.read(CHUNK_BYTES)
        for match in _VERSION.finditer(chunk):
            before = chunk[max(0, match.start() - 1) : match.start()]
            if before in (b"\n", b""):
                return position + match.start()
        position += max(1, len(chunk) - 32)
    return -1
