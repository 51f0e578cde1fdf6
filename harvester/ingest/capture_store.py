"""Where captures go: into WARC files and a row, or, where no files are kept, with the newest body of an article in the row.

Not for: what a capture means (``keeper``), nor for how a record looks (``archive.captures``).
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import harvester
from harvester.archive.connection import Archive, translate_sqlite_errors
from harvester.archive.records import captures
from harvester.identity import urls
from harvester.model import Capture

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = f"harvester/{harvester.__version__}"


class CaptureStore:
    """The captures of one archive; goes on where the last committed record ends."""

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
        """What was added lasts, and can be read."""
        if self.warc:
            self.warc.flush()

    def close(self) -> None:
        """Let go of the file; the next capture begins a new one."""
        if self.warc:
            self.warc.close()

    def drop_body(self, capture_id: int | None) -> None:
        """Where no WARC files are kept, only the newest body of an article stays."""
        if self.warc is None and capture_id is not None:
            captures.delete_body(self._connection, capture_id)

    def link_further_pages(
        self, capture_ids: Sequence[int], first_capture_id: int | None, count: int
    ) -> int:
        """Note that the first ``count`` of these captures are the article's other pages. How many pages it has in all."""
        joined = capture_ids[:count]
        if joined and first_capture_id is not None:
            captures.link_further_pages(self._connection, first_capture_id, joined)
        for row in capture_ids[len(joined) :]:
            self.drop_body(row)
        return len(joined) + 1

    def add(
        self,
        capture: Capture,
        kind: str,
        outlet: str,
        crawl_id: int | None,
        digest: str = "",
    ) -> int:
        """Keep a capture; returns its row. ``digest``: of its body, where it is known."""
        asked = urls.strip_login(capture.url)
        with translate_sqlite_errors(self._archive.path):
            file, offset, length, record = (
                self.warc.add_response(
                    asked,
                    capture.at,
                    capture.status,
                    capture.headers,
                    capture.body,
                    capture.truncated,
                )
                if self.warc
                else (None, None, None, "")
            )
        kept_here = self.warc is None and kind == "article" and capture.status == 200
        return captures.add_capture(
            self._connection,
            {
                "crawl": crawl_id,
                "outlet": outlet,
                "kind": kind,
                "url": asked,
                "reached": urls.strip_login(capture.reached) or asked,
                "at": capture.at,
                "status": capture.status,
                "type": capture.header("Content-Type")[:200],
                "sha256": digest or hashlib.sha256(capture.body).hexdigest(),
                "bytes": len(capture.body),
                "truncated": int(capture.truncated),
                "robots": capture.header("X-Robots-Tag")[:200],
                "file": file,
                "offset": offset,
                "length": length,
                "record": record,
                "body": zlib.compress(capture.body, captures.GZIP_LEVEL)
                if kept_here
                else None,
            },
        )
