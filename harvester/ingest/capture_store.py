"""Stores captures: each as a row, and its body in a WARC file.

Where no WARC files are kept, the row holds the body: the newest one of an article. Does
not decide what a capture means (``keeper``), nor write records (``records.captures``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from harvester.archive.connection import Archive
from harvester.archive.records import captures, stored_bodies, warc_records
from harvester.archive.records.compression import compress_body
from harvester.archive.records.origins import OriginOfResponse
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.identity import urls
from harvester.ingest.counts import PROGRAM
from harvester.model import Capture
from harvester.settings import Settings

MAX_HEADER_LENGTH = 200  # characters of a header stored in a column


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """Where a capture's WARC record is; nothing if no WARC files are kept."""

    file: str | None = None
    offset: int | None = None
    length: int | None = None
    digest: str = ""  # SHA-256 of the record
    request_length: int | None = None  # of the request's record, directly behind it


class CaptureStore:
    """The captures of one archive; continues after the last committed record."""

    def __init__(self, archive: Archive, settings: Settings) -> None:
        self._archive = archive
        self._keeps_requests = settings.requests
        self._secret_outlets = frozenset(
            key for key, outlet in settings.outlets.items() if outlet.has_secrets
        )
        self._connection = archive.connection
        self.warc = (
            captures.WarcFiles(archive.captures_folder, PROGRAM)
            if archive.captures_folder
            else None
        )
        with translate_sqlite_errors(archive.path):
            last = captures.get_last_record_end(self._connection)
            if self.warc and last:
                self.warc.resume(*last)

    def flush(self) -> None:
        """Write what was added to the disk, so that it lasts and can be read."""
        if self.warc:
            self.warc.flush()

    def close(self) -> None:
        """Close the WARC file; the next capture begins a new one."""
        if self.warc:
            self.warc.close()

    def drop_body(self, capture_id: int | None) -> None:
        """Delete a body from its row, where no WARC files are kept."""
        if self.warc is None and capture_id is not None:
            captures.delete_body(self._connection, capture_id)

    def link_further_pages(
        self, capture_ids: Sequence[int], first_capture_id: int | None, count: int
    ) -> int:
        """Link the first ``count`` captures as further pages; returns the number of pages.

        The bodies of the others are dropped.
        """
        linked = capture_ids[:count]
        if linked and first_capture_id is not None:
            captures.link_further_pages(self._connection, first_capture_id, linked)
        for capture_id in capture_ids[len(linked) :]:
            self.drop_body(capture_id)
        return len(linked) + 1

    def add(
        self,
        capture: Capture,
        kind: str,
        outlet: str,
        crawl_id: int | None,
        digest: str = "",
        reserved: str = "",
        origin: OriginOfResponse | None = None,
    ) -> int:
        """Store a capture; returns its id. ``digest``: of its body, if it is known.

        ``reserved``: what the outlet reserves for it, in words. ``origin``: where it is
        imported from; None: it is received now.
        """
        url = urls.strip_login(capture.url)
        reached = urls.strip_login(capture.reached) or url
        # A redirect's own record is at its own URL; what it leads to is at that.
        sender = url if kind == "redirect" else reached
        digest = digest or hashlib.sha256(capture.body).hexdigest()
        original = self._find_original(capture, kind, outlet, (url, sender), digest)
        written = self._add_record(sender, capture, outlet, original, origin)
        stores_body = (
            self.warc is None
            and kind == "article"
            and capture.is_whole_success
            and bool(capture.body)
        )
        return captures.add_capture(
            self._connection,
            captures.NewCapture(
                crawl=crawl_id,
                outlet=outlet,
                kind=kind,
                url=url,
                reached=reached,
                at=capture.at,
                status=capture.status,
                type=capture.header("Content-Type")[:MAX_HEADER_LENGTH],
                sha256=digest,
                bytes=len(capture.body),
                truncated=int(capture.truncated),
                robots=capture.header("X-Robots-Tag")[:MAX_HEADER_LENGTH],
                file=written.file,
                offset=written.offset,
                length=written.length,
                record=written.digest,
                ip=capture.ip,
                reserved=reserved,
                request=written.request_length,
                body=compress_body(capture.body) if stores_body else None,
                body_of=original.capture_id if original else None,
                origin=origin.id if origin else None,
            ),
        )

    def _find_original(
        self,
        capture: Capture,
        kind: str,
        outlet: str,
        requested_and_sender: tuple[str, str],
        digest: str,
    ) -> stored_bodies.OriginalCapture | None:
        """The capture that holds the same body, if it is worth a reference."""
        if (
            self.warc is None
            or capture.truncated
            or len(capture.body) < stored_bodies.MIN_REVISIT_BYTES
        ):
            return None
        return stored_bodies.find_original(
            self._connection,
            self.warc,
            kind,
            outlet,
            requested_and_sender,
            capture.body,
            digest,
        )

    def _add_record(
        self,
        url: str,
        capture: Capture,
        outlet: str,
        original: stored_bodies.OriginalCapture | None,
        origin: OriginOfResponse | None,
    ) -> WrittenRecord:
        """Write the WARC record, and that of its request, if they are kept."""
        if self.warc is None:
            return WrittenRecord()
        headers = capture.headers
        if outlet in self._secret_outlets:
            headers = warc_records.without_headers(headers, warc_records.COOKIE_HEADERS)
        response_id = f"<urn:uuid:{uuid4()}>"
        warc_headers = {"WARC-Record-ID": response_id}
        if capture.ip:
            warc_headers["WARC-IP-Address"] = capture.ip
        if origin is not None:
            warc_headers |= warc_records.origin_headers(origin.name, origin.record_id)
        with translate_sqlite_errors(self._archive.path):
            if original is None:
                written = self.warc.add_response(
                    url,
                    capture.at,
                    capture.status,
                    headers,
                    capture.body,
                    capture.truncated,
                    warc_headers,
                )
            else:
                block = warc_records.build_revisit(
                    url,
                    capture.at,
                    capture.status,
                    headers,
                    len(capture.body),
                    original.record,
                    warc_headers,
                )
                written = self.warc.add_record(block, capture.at)
            request_length = None
            if self._keeps_requests:
                request_length = self.warc.add_request(
                    url, capture.at, capture.request_headers, response_id
                )
            return WrittenRecord(*written, request_length)
