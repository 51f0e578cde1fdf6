"""What ``harvest check`` has read, as records; and its list mode: many files named on standard input, one record a line.

All are read as in the harvest, by a worker process with the same deadline and memory limit: what is slow or kills it is one
line's outcome. ``cpu_ms`` is the processor time of the reading alone. Not for: printing for people (``check``).
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
from harvester.model import Capture, Limits, Outcome, Prepared, Rules

if TYPE_CHECKING:
    from harvester.ingest import Job
    from harvester.settings import Outlet, Settings
    from harvester.workers.pool import WorkerPool

MAX_FILE_BYTES = 20_000_000  # bytes of a file, unfolded
MAX_LINE_BYTES = 1_000_000  # bytes of a line of the list
NOT_HTML_PREFIX = "no page"  # begins the error of what does not read as HTML at all
READ_AHEAD_FILES = 3  # files read while the worker is busy


@dataclass(frozen=True, slots=True)
class Response:
    """What is to be understood: the bytes, where they are from, with which headers, and when they were received."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    received_at: str = ""


def read_file(path: Path, stream: IO[bytes] | None = None) -> bytes:
    """The bytes of a file, or of ``stream``, gzipped or not. Raises HarvesterError with what is wrong in words."""
    try:
        with stream or path.open("rb") as file:
            body = file.read(MAX_FILE_BYTES + 1)
            if body[:2] == b"\x1f\x8b":
                body = _decompress_gzip(body)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise HarvesterError(
            f"{path} cannot be read: its gzip body is broken"
        ) from error
    except (OSError, ValueError) as error:
        reason = (
            os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        )
        raise HarvesterError(
            f"{path} cannot be read: {reason}", "write a file, or an http(s) address"
        ) from error
    if len(body) > MAX_FILE_BYTES:
        raise HarvesterError(f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    return body


def _decompress_gzip(body: bytes) -> bytes:
    """Gzip undone, as far as anything is read."""
    found = b""
    while body and len(found) <= MAX_FILE_BYTES:
        unfold = zlib.decompressobj(zlib.MAX_WBITS + 16)
        found += unfold.decompress(body, MAX_FILE_BYTES + 1 - len(found))
        if not unfold.eof and len(found) <= MAX_FILE_BYTES:
            raise EOFError
        body = unfold.unused_data
    return found


def find_outlet(url: str, settings: Settings | None, key: str = "") -> Outlet | None:
    """The outlet of the settings of that name, or that an address belongs to."""
    from harvester.identity.urls import site

    if settings is None:
        return None
    if key:
        return settings.outlets.get(key)
    here = site(url) if url else ""
    for outlet in settings.outlets.values():
        if here and here in (
            site(outlet.home),
            *(site(feed.url) for feed in outlet.feeds),
        ):
            return outlet
    return None


class ProfileCache:
    """The profiles of the settings' archive, each looked up once; none where there is no archive."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._profiles: dict[str, str] = {}

    def get_profile(self, outlet: Outlet | None) -> str:
        """The outlet's newest profile as text; "" where there is none, or where its rules say what is text."""
        if outlet is None or self._settings is None:
            return ""
        if outlet.key not in self._profiles:
            self._profiles[outlet.key] = _load_profile(outlet, self._settings)
        return self._profiles[outlet.key]

    def describe_profile(self, outlet: Outlet | None) -> dict[str, Any] | None:
        """Its name, from how many pages it was learned, how many of them had the true text, and whether it may decide alone."""
        from harvester.parse.content import profile

        text = self.get_profile(outlet)
        if not text:
            return None
        found = profile.from_json(text)
        return {
            "name": found.digest,
            "pages": found.pages,
            "labelled": found.labelled_pages,
            "sure": found.is_reliable,
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
    except (ArchiveError, sqlite3.Error):  # a page can be looked at without
        return ""


def build_job(
    response: Response,
    outlet: Outlet | None,
    settings: Settings | None,
    now: str,
    profiles: ProfileCache,
) -> Job:
    """What a worker is to read: a feed or a page, by what the bytes look like."""
    from harvester.ingest import Job
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


def build_record(prepared: Prepared, url: str, outlet: str = "") -> dict[str, Any]:
    """An extract or a feed as one object; what is neither, or says nothing, has ``outcome`` and ``error``."""
    from harvester.identity.urls import mask_secrets

    record: dict[str, Any] = {}
    if prepared.feed is not None:
        entries = [
            {
                **asdict(entry),
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


# ---- many


def process_list(
    lines: IO[bytes], settings: Settings | None, workers: WorkerPool, now: str
) -> Iterator[dict[str, Any]]:
    """A record a line, in their order; each as soon as it and all before it are there.

    The list is read in a thread of its own: who writes it may wait for a record before writing the next line.
    """
    begun: queue.Queue[tuple[dict[str, Any], Future[Prepared] | None, str] | None] = (
        queue.Queue(READ_AHEAD_FILES)
    )

    known = ProfileCache(settings)

    def begin() -> None:
        try:
            for number, line in enumerate(_read_lines(lines), 1):
                if line.strip():
                    begun.put(_submit_line(number, line, settings, workers, now, known))
        finally:
            begun.put(None)

    threading.Thread(target=begin, name="list", daemon=True).start()
    while (one := begun.get()) is not None:
        yield _finish_line(*one)


def _read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines; what is longer than any honest one is cut, and then no JSON."""
    while line := stream.readline(MAX_LINE_BYTES):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        yield line


def _submit_line(
    number: int,
    line: bytes,
    settings: Settings | None,
    workers: WorkerPool,
    now: str,
    profiles: ProfileCache,
) -> tuple[dict[str, Any], Future[Prepared] | None, str]:
    """What is known of a line's record, and its reading under way."""
    named: dict[str, Any] = {"file": ""}
    try:
        asked = _parse_line(number, line)
        named["file"] = asked["file"]
        answer = Response(
            read_file(Path(asked["file"])), asked["url"], asked["headers"], asked["at"]
        )
        outlet = find_outlet(answer.url, settings, asked["outlet"])
        named["outlet"] = outlet.key if outlet else asked["outlet"]
        job = build_job(answer, outlet, settings, now, profiles)
    except HarvesterError as error:
        return (
            {
                **named,
                "outcome": Outcome.FAILED.value,
                "error": str(error),
                "cpu_ms": 0.0,
            },
            None,
            "",
        )
    return named, workers.submit(job), answer.url


def _finish_line(
    partial_record: dict[str, Any], future: Future[Prepared] | None, url: str
) -> dict[str, Any]:
    if future is None:
        return partial_record
    return {
        **build_record(future.result(), url, partial_record["outlet"]),
        "file": partial_record["file"],
    }


def _parse_line(number: int, line: bytes) -> dict[str, Any]:
    """A line of the list, checked. Raises HarvesterError."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise HarvesterError(f"line {number} is no JSON") from error
    if not isinstance(asked, dict):
        raise HarvesterError(f"line {number} is no JSON object")
    found: dict[str, Any] = {}
    for name in ("file", "url", "content_type", "outlet", "at"):
        value = asked.get(name)
        if value is not None and not isinstance(value, str):
            raise HarvesterError(f"line {number}: {name} is not a text")
        found[name] = value or ""
    if not found["file"] or "\0" in found["file"]:
        raise HarvesterError(f"line {number} names no file")
    found["at"] = _parse_time(number, found["at"])
    headers = asked.get("headers") or {}
    if not isinstance(headers, dict):
        raise HarvesterError(f"line {number}: headers is not an object")
    found["headers"] = tuple(_header_pairs(headers, found["content_type"]))
    return found


def _header_pairs(
    headers: Mapping[str, Any], content_type: str
) -> Iterable[tuple[str, str]]:
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)
    if content_type and not any(name.lower() == "content-type" for name in headers):
        yield "Content-Type", content_type


def _parse_time(number: int, at: str) -> str:
    """A capture time as the archive writes it; a day is its end, so that nothing stated that day is in the future."""
    from datetime import UTC, datetime

    from harvester.schedule.times import format_time

    if not at:
        return ""
    try:
        stated = datetime.fromisoformat(f"{at}T23:59:59" if len(at) == 10 else at)
        return format_time(stated if stated.tzinfo else stated.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise HarvesterError(f"line {number}: {at!r} is no time") from error
