"""The lists of an outlet's captures into the workspace, in parts that are committed.

From CDX and CDXJ files (also compressed), or from the CDX server of a web archive. Does
not choose what is requested (``selection``).
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import IO, cast

from harvester.archive.importing import capture_lists
from harvester.archive.importing.capture_lists import NewCapture, PartRow
from harvester.errors import HarvesterError
from harvester.importing.wayback import cdx
from harvester.importing.wayback.addresses import LIST_ROWS, ArchiveAddress
from harvester.importing.wayback.cdx import Listed, Unread
from harvester.importing.wayback.selection import Candidate, Scope, sift
from harvester.importing.wayback.web_archive import WebArchive
from harvester.model import Capture
from harvester.schedule.times import format_time, parse_time

BATCH_LINES = 20_000
FIRST_TIME = "1996-01-01T00:00:00Z"  # before it, no web archive has anything
MIN_PART_SECONDS = 86_400.0  # shorter parts of a list are not split
LISTED_AGAIN = "listed twice"
LISTS, LINES = "lists read", "lines read"
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the lists."""

    scopes: tuple[Scope, ...]
    since: str  # "" for open; the first time
    until: str  # the first that is not wanted any more
    now: str


def store(
    connection: Connection, rows: Iterable[Listed | Unread], wanted: Wanted
) -> None:
    """Store what may be requested; count everything else by its reason."""
    left_out: Counter[str] = Counter()
    candidates: list[NewCapture] = []
    for row in rows:
        if isinstance(row, Unread):
            left_out[row.reason] += 1
            continue
        sifted = sift(row, wanted.scopes, wanted.since, wanted.until)
        if isinstance(sifted, Candidate):
            candidates.append(_to_capture(sifted))
        else:
            left_out[sifted] += 1
    _, again = capture_lists.add_captures(connection, candidates)
    if again:
        left_out[LISTED_AGAIN] += again
    capture_lists.count_left_out(connection, left_out)


def _to_capture(candidate: Candidate) -> NewCapture:
    listed = candidate.listed
    return NewCapture(
        candidate.key,
        listed.url,
        listed.at,
        listed.status,
        listed.mime,
        listed.digest,
        listed.length,
        listed.offset,
        listed.filename,
    )


# ---- files


def read_files(
    connection: Connection, paths: Sequence[Path], wanted: Wanted, report: Report
) -> None:
    """Read CDX and CDXJ files. Raises HarvesterError for one that cannot be read."""
    for path in paths:
        capture_lists.add_part(connection, str(path.resolve()))
    while (part := capture_lists.get_next_part(connection)) is not None:
        _read_file(connection, part, wanted, report)


def _read_file(
    connection: Connection, part: PartRow, wanted: Wanted, report: Report
) -> None:
    path, position = Path(part.source), part.position
    try:
        with _open(path) as stream:
            lines = bounded_lines(stream)
            # A header holds for what is behind it, also where the reading continues.
            header = [line for line in islice(lines, position) if b"CDX " in line[:5]]
            while batch := list(islice(lines, BATCH_LINES)):
                with capture_lists.transaction(connection):
                    rows = cdx.parse_lines([*header[-1:], *batch], wanted.now)
                    store(connection, rows, wanted)
                    position += len(batch)
                    capture_lists.update_part(connection, part.id, position, "")
                header += [line for line in batch if b"CDX " in line[:5]]
                report(LINES, position, position)
    except (OSError, EOFError, zlib.error) as error:
        raise HarvesterError(
            f"{path} cannot be read behind line {position}: {error or 'it ends early'}"
        ) from error
    capture_lists.close_part(connection, part.id)


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if is_gzip else path.open("rb")


def bounded_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; of those that are too long the beginning."""
    limit = cdx.MAX_LINE_BYTES + 1
    while line := stream.readline(limit):
        rest = line
        while len(rest) == limit and not rest.endswith(b"\n"):
            rest = stream.readline(limit)
        yield line


# ---- servers


def read_server(
    connection: Connection,
    archive: ArchiveAddress,
    wanted: Wanted,
    web: WebArchive,
    report: Report,
) -> None:
    """Read the list of a web archive. Raises HarvesterError if it gives none.

    A server that cannot continue a long list is asked for shorter times.
    """
    scopes = {f"{scope.kind} {scope.value}": scope for scope in wanted.scopes}
    for source in scopes:
        capture_lists.add_part(connection, source, wanted.since, wanted.until)
    while (part := capture_lists.get_next_part(connection)) is not None:
        url = archive.list_url(scopes[part.source], part.since, part.until, part.next)
        capture = web.ask(url)
        answer = _read_answer(capture, wanted.now)
        if answer is None and not _is_too_large(capture):
            raise HarvesterError(
                f"{archive.list} gave no list of captures: {_describe(capture)}",
                "name the address of its CDX server with --cdx, or give a list of your own "
                "with --from",
            )
        with capture_lists.transaction(connection):
            if answer is not None:
                store(connection, answer.listed, wanted)
            _continue(connection, part, answer, wanted)
        report(LISTS, *capture_lists.count_parts(connection))


def _continue(
    connection: Connection, part: PartRow, answer: cdx.Answer | None, wanted: Wanted
) -> None:
    """Go on with a part: by the server's key, by halves of its time, or not at all."""
    if answer is not None and answer.resume_key not in ("", part.next):
        capture_lists.update_part(
            connection, part.id, part.position + 1, answer.resume_key
        )
        return
    capture_lists.close_part(connection, part.id)
    if answer is not None and (
        len(answer.listed) < LIST_ROWS or answer.resume_key or part.next
    ):
        return
    since = parse_time(part.since or FIRST_TIME)
    until = parse_time(part.until or wanted.now) + timedelta(
        seconds=0 if part.until else 1
    )
    seconds = (until - since).total_seconds()
    if seconds <= MIN_PART_SECONDS:
        capture_lists.count_left_out(connection, Counter({"a list that is cut off": 1}))
        return
    middle = format_time(since + timedelta(seconds=seconds // 2))
    capture_lists.add_part(connection, part.source, format_time(since), middle)
    capture_lists.add_part(connection, part.source, middle, format_time(until))


def _read_answer(capture: Capture, now: str) -> cdx.Answer | None:
    if capture.outcome is not None:
        return None
    if capture.status == 404 and not capture.body.lstrip().startswith(b"<"):
        return cdx.Answer((), "")  # as pywb says that it has nothing
    if capture.status != 200:
        return None
    return cdx.parse_answer(capture.body, now)


def _is_too_large(capture: Capture) -> bool:
    return capture.outcome is not None and capture.error.startswith("larger than ")


def _describe(capture: Capture) -> str:
    return capture.error or f"HTTP {capture.status}"
