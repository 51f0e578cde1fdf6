"""Stores captures: each as a row, and its body in a WARC file.

Where no WARC files are kept, the row holds the body: the newest one of an article. Does
not decide what a capture means (``keeper``), nor write records (``records.captures``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from harvester.archive.connection import Archive
from harvester.archive.records import captures, stored_bodies, warc_records
from harvester.archive.records.compression import compress_body
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.identity import urls
from harvester.ingest.counts import PROGRAM
from harvester.model import Capture

MAX_HEADER_LENGTH = 200  # characters of a header stored in a column


class CaptureStore:
    """The captures of one archive; continues after the last committed record."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
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
    ) -> int:
        """Store a capture; returns its id. ``digest``: of its body, if it is known."""
        url = urls.strip_login(capture.url)
        reached = urls.strip_login(capture.reached) or url
        # A redirect's own record is at its own URL; what it leads to is at that.
        sender = url if kind == "redirect" else reached
        digest = digest or hashlib.sha256(capture.body).hexdigest()
        original = self._find_original(capture, kind, outlet, (url, sender), digest)
        file, offset, length, record = self._add_record(sender, capture, original)
        stores_body = (
            self.warc is None and kind == "article" and capture.is_whole_success
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
                file=file,
                offset=offset,
                length=length,
                record=record,
                body=compress_body(capture.body) if stores_body else None,
                body_of=original.capture_id if original else None,
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
        original: stored_bodies.OriginalCapture | None,
    ) -> tuple[str | None, int | None, int | None, str]:
        """File, offset, length and digest of the WARC record, if files are kept."""
        if self.warc is None:
            return None, None, None, ""
        with translate_sqlite_errors(self._archive.path):
            if original is None:
                return self.warc.add_response(
                    url,
                    capture.at,
                    capture.status,
                    capture.headers,
                    capture.body,
                    capture.truncated,
                )
            block = warc_records.build_revisit(
                url,
                capture.at,
                capture.status,
                capture.headers,
                len(capture.body),
                original.record,
            )
            return self.warc.add_record(block, capture.at)
