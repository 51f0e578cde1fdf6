"""Records of what ``harvest check`` reads, and its list mode: one record a line.

Files are read as in a crawl, by a worker process with the same deadline and memory
limit: a file that is too slow, or kills the worker, affects only its own line.
``cpu_ms`` is the processor time of the reading alone.
"""

from __future__ import annotations

import gzip
import json
import os
import queue
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from harvester.errors import HarvesterError
from harvester.model import Capture, Entry, Limits, Outcome, Prepared, Rules

if TYPE_CHECKING:
    from harvester.ingest.prepare import Job
    from harvester.ingest.section_links import SectionHints
    from harvester.settings import Outlet, Settings
    from harvester.workers.pool import WorkerPool

MAX_FILE_BYTES = 20_000_000  # after decompression
MAX_LINE_BYTES = 1_000_000  # of the list
NOT_HTML_PREFIX = "no page"  # starts the error of what cannot be read as HTML
READ_AHEAD_FILES = 3  # while the worker is busy


@dataclass(frozen=True, slots=True)
class Response:
    """A body to read, its URL and headers, and when it was received."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    received_at: str = ""


def read_file(path: Path, stream: IO[bytes] | None = None) -> bytes:
    """The bytes of a file, or of ``stream``, gzipped or not. Raises HarvesterError."""
    try:
        with stream or path.open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
            if body[:2] == b"\x1f\x8b":
                body = _decompress_gzip(body)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise HarvesterError(f"{path} cannot be read: invalid gzip data") from error
    except (OSError, ValueError) as error:
        reason = (
            os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        )
        raise HarvesterError(
            f"{path} cannot be read: {reason}", "give a file, or an http(s) URL"
        ) from error
    if len(body) > MAX_FILE_BYTES:
        raise HarvesterError(f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    return body


def _decompress_gzip(body: bytes) -> bytes:
    """Decompress, up to the size limit."""
    decompressed = b""
    while body and len(decompressed) <= MAX_FILE_BYTES:
        member = zlib.decompressobj(zlib.MAX_WBITS + 16)
        decompressed += member.decompress(body, MAX_FILE_BYTES + 1 - len(decompressed))
        if not member.eof and len(decompressed) <= MAX_FILE_BYTES:
            raise EOFError
        body = member.unused_data
    return decompressed


def find_outlet(url: str, settings: Settings | None, key: str = "") -> Outlet | None:
    """The outlet with that key in the settings, or else the one a URL belongs to."""
    from harvester.identity.urls import site

    if settings is None:
        return None
    if key:
        return settings.outlets.get(key)
    if not url:
        return None
    url_site = site(url)
    for outlet in settings.outlets.values():
        sites = (site(outlet.home), *(site(feed.url) for feed in outlet.feeds))
        if url_site and url_site in sites:
            return outlet
    return None


class ProfileCache:
    """The profiles in the settings' archive, if there is one, each loaded once."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._profiles: dict[str, str] = {}

    def get_profile(self, outlet: Outlet | None) -> str:
        """The outlet's newest profile as JSON; "" if it has none or its rules forbid it."""
        if outlet is None or self._settings is None:
            return ""
        if outlet.key not in self._profiles:
            self._profiles[outlet.key] = _load_profile(outlet, self._settings)
        return self._profiles[outlet.key]

    def describe_profile(self, outlet: Outlet | None) -> dict[str, Any] | None:
        """Its name, the numbers of pages, and whether it may decide alone."""
        from harvester.parse.content import profile

        text = self.get_profile(outlet)
        if not text:
            return None
        learned = profile.from_json(text)
        return {
            "name": learned.digest,
            "pages": learned.pages,
            "labelled": learned.labelled_pages,
            "sure": learned.is_reliable,
        }


def _load_profile(outlet: Outlet, settings: Settings) -> str:
    from harvester.archive.connection import open_reader
    from harvester.errors import ArchiveError
    from harvester.ingest.profiles import training_set

    if not settings.archive.exists():
        return ""
    try:
        with closing(open_reader(settings.archive)) as connection:
            return training_set.current_profile(connection, outlet.key, outlet.rules)[1]
    except (ArchiveError, sqlite3.Error):  # a page can be read without
        return ""


def build_job(
    response: Response,
    outlet: Outlet | None,
    settings: Settings | None,
    now: str,
    profiles: ProfileCache,
) -> Job:
    """The job of reading a feed or a page, whichever the body looks like."""
    from harvester.ingest.prepare import Job
    from harvester.parse.feeds.sniff import sniff_kind

    capture = Capture(
        response.url,
        response.url,
        response.received_at or now,
        200,
        response.headers,
        response.body,
    )
    limits = settings.limits if settings else Limits()
    rules = outlet.rules if outlet else Rules()
    return Job(
        sniff_kind(response.body, capture.header("Content-Type")),
        capture,
        rules,
        limits,
        profile=profiles.get_profile(outlet),
    )


def _stated_fields(entry: Entry) -> dict[str, Any]:
    """The fields of an entry without the markup that its summary was made of."""
    fields = asdict(entry)
    del fields["teaser"]
    return fields


def section_hints(
    outlet: Outlet | None, settings: Settings | None, url: str
) -> SectionHints:
    """What the settings' archive knows of an outlet whose section page is read."""
    from harvester.archive.connection import open_reader
    from harvester.errors import ArchiveError
    from harvester.ingest import section_pages
    from harvester.ingest.section_links import SectionHints

    if outlet is None or settings is None or not settings.archive.exists():
        return SectionHints()
    try:
        with closing(open_reader(settings.archive)) as connection:
            return section_pages.hints_for(connection, outlet, url)
    except (ArchiveError, sqlite3.Error):  # a page can be read without
        return SectionHints()


def build_record(prepared: Prepared, url: str, outlet: str = "") -> dict[str, Any]:
    """An extract or a feed as one object; ``outcome`` and ``error`` if it failed."""
    from harvester.identity.urls import mask_secrets

    record: dict[str, Any] = {}
    if prepared.feed is not None:
        entries = [
            {
                **_stated_fields(entry),
                "id": entry.id or None,
                "url": mask_secrets(entry.url) or None,
            }
            for entry in prepared.feed.entries
        ]
        record = {**asdict(prepared.feed), "entries": entries, "outlet": outlet}
    elif prepared.extract is not None:
        extract = prepared.extract
        if not extract.error.startswith(NOT_HTML_PREFIX):
            record = {
                **asdict(extract),
                "sources": dict(extract.sources),
                "outlet": outlet,
            }
            record["url"] = extract.url or url
    if prepared.outcome is not None:
        record |= {"outcome": prepared.outcome.value, "error": prepared.error}
    return {**record, "cpu_ms": round(prepared.cpu_seconds * 1000, 2)}


# ---- lists


@dataclass(frozen=True, slots=True)
class _SubmittedLine:
    """What is known of a line's record, and its job under way, unless it failed."""

    record: dict[str, Any]
    future: Future[Prepared] | None = None
    url: str = ""


def process_list(
    lines: IO[bytes], settings: Settings | None, workers: WorkerPool, now: str
) -> Iterator[dict[str, Any]]:
    """One record a line, in their order, each as soon as it is ready.

    The list is read in a thread of its own: its writer may wait for a record before it
    writes the next line.
    """
    submitted: queue.Queue[_SubmittedLine | None] = queue.Queue(READ_AHEAD_FILES)
    profiles = ProfileCache(settings)

    def submit_lines() -> None:
        try:
            for number, line in enumerate(_read_lines(lines), 1):
                if line.strip():
                    submitted.put(
                        _submit_line(number, line, settings, workers, now, profiles)
                    )
        finally:
            submitted.put(None)

    threading.Thread(target=submit_lines, name="list", daemon=True).start()
    while (line := submitted.get()) is not None:
        yield _finish_line(line)


def _read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines; one that is too long is cut, and is then not JSON."""
    while line := stream.readline(MAX_LINE_BYTES):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        yield line


def _submit_line(
    number: int,
    text: bytes,
    settings: Settings | None,
    workers: WorkerPool,
    now: str,
    profiles: ProfileCache,
) -> _SubmittedLine:
    """What is known of a line's record, and its job under way."""
    record: dict[str, Any] = {"file": ""}
    try:
        fields = _parse_line(number, text)
        record["file"] = fields["file"]
        response = Response(
            read_file(Path(fields["file"])),
            fields["url"],
            fields["headers"],
            fields["at"],
        )
        outlet = find_outlet(response.url, settings, fields["outlet"])
        record["outlet"] = outlet.key if outlet else fields["outlet"]
        job = build_job(response, outlet, settings, now, profiles)
    except HarvesterError as error:
        failure = {"outcome": Outcome.FAILED.value, "error": str(error), "cpu_ms": 0.0}
        return _SubmittedLine({**record, **failure})
    return _SubmittedLine(record, workers.submit(job), response.url)


def _finish_line(line: _SubmittedLine) -> dict[str, Any]:
    if line.future is None:
        return line.record
    return {
        **build_record(line.future.result(), line.url, line.record["outlet"]),
        "file": line.record["file"],
    }


def _parse_line(number: int, text: bytes) -> dict[str, Any]:
    """The fields of a line of the list. Raises HarvesterError."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HarvesterError(f"line {number} is not JSON") from error
    if not isinstance(parsed, dict):
        raise HarvesterError(f"line {number} is not a JSON object")
    fields: dict[str, Any] = {}
    for name in ("file", "url", "content_type", "outlet", "at"):
        value = parsed.get(name)
        if value is not None and not isinstance(value, str):
            raise HarvesterError(f"line {number}: {name} is not a string")
        fields[name] = value or ""
    if not fields["file"] or "\0" in fields["file"]:
        raise HarvesterError(f"line {number} names no file")
    fields["at"] = _parse_time(number, fields["at"])
    headers = parsed.get("headers") or {}
    if not isinstance(headers, dict):
        raise HarvesterError(f"line {number}: headers is not an object")
    fields["headers"] = tuple(_header_pairs(headers, fields["content_type"]))
    return fields


def _header_pairs(
    headers: Mapping[str, Any], content_type: str
) -> Iterable[tuple[str, str]]:
    for name, value in headers.items():
        for part in value if isinstance(value, list) else [value]:
            yield name, str(part)
    if content_type and not any(name.lower() == "content-type" for name in headers):
        yield "Content-Type", content_type


def _parse_time(number: int, at: str) -> str:
    """A capture time as the archive writes it.

    A day means its end, so that nothing stated on that day is in the future.
    """
    from datetime import UTC, datetime

    from harvester.schedule.times import format_time

    if not at:
        return ""
    try:
        stated = datetime.fromisoformat(f"{at}T23:59:59" if len(at) == 10 else at)
        return format_time(stated if stated.tzinfo else stated.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise HarvesterError(f"line {number}: invalid time {at!r}") from error
