"""What is wanted of a web archive into a WARC file of the workspace.

Each capture has exactly one outcome, committed with its record. Does not choose what is
wanted (``selection``), nor say what a response of the web archive is (``replayed``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from harvester import __version__
from harvester.archive.importing import capture_lists
from harvester.archive.importing.capture_lists import (
    FAILED,
    LEFT_OUT,
    OBTAINED,
    WANTED,
    CaptureRow,
)
from harvester.archive.records import warc_records
from harvester.importing.wayback.addresses import ArchiveAddress
from harvester.importing.wayback.capture_files import CaptureFile
from harvester.importing.wayback.listing import Wanted
from harvester.importing.wayback.replayed import (
    REASON_OTHER_TIME,
    Nearest,
    NotReplayed,
    Replayed,
    read_replay,
)
from harvester.importing.wayback.selection import REASON_HELD
from harvester.importing.wayback.web_archive import WebArchive
from harvester.settings import Settings

FILE_NAME = "replays.warc.gz"
MAX_TRIES = 3  # of one capture
MAX_NEAREST = 3  # captures in a row that the web archive names instead
BATCH = 100
REPLAYS = "captures fetched"
REASON_GIVEN_TWICE = "the web archive gave a capture that is listed too"
Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Obtaining:
    """Fetches the captures that are wanted, in the order of the workspace."""

    connection: Connection
    folder: Path
    archive: ArchiveAddress
    web: WebArchive
    wanted: Wanted
    settings: Settings
    held_times: Callable[[CaptureRow], frozenset[str]]

    def run(self, report: Report) -> None:
        """Fetch everything; returns when each capture has its outcome.

        Raises HarvesterError if the web archive cannot be asked; another call continues.
        """
        total = capture_lists.count_to_obtain(self.connection, MAX_TRIES)
        done = 0
        with CaptureFile(
            self.folder, self.connection, FILE_NAME, self.archive.host
        ) as file:
            while rows := capture_lists.list_wanted(self.connection, BATCH, MAX_TRIES):
                for row in rows:
                    self._obtain(row, file)
                    done += not row.tries
                    report(REPLAYS, min(done, total), total)
        capture_lists.give_up(self.connection)

    def _obtain(self, row: CaptureRow, file: CaptureFile) -> None:
        found = self._fetch(row)
        with capture_lists.transaction(self.connection):
            state, reason = OBTAINED, ""
            if isinstance(found, NotReplayed):
                state, reason = (WANTED if found.again else FAILED), found.reason
            else:
                reason = self._check_time(row, found)
                if reason:
                    state = LEFT_OUT
                else:
                    self._write(row, found, file)
            capture_lists.set_outcome(self.connection, row.id, state, reason)

    def _fetch(self, row: CaptureRow) -> Replayed | NotReplayed:
        timestamp = "".join(filter(str.isdigit, row.at))
        for _ in range(MAX_NEAREST):
            url = self.archive.replay_url(row.url, timestamp)
            capture = self.web.ask(url)
            found = read_replay(
                self.archive,
                row.url,
                capture,
                self.wanted.now,
                self.settings.limits.page_bytes,
            )
            if not isinstance(found, Nearest):
                return found
            timestamp = found.timestamp
        return NotReplayed(REASON_OTHER_TIME)

    def _check_time(self, row: CaptureRow, found: Replayed) -> str:
        """Why a capture is not wanted whose time is not the one that was listed."""
        if found.at == row.at:
            return ""
        since, until = self.wanted.since, self.wanted.until
        if (since and found.at < since) or (until and found.at >= until):
            return REASON_OTHER_TIME
        if found.at in self.held_times(row):
            return REASON_HELD
        if not capture_lists.move_capture(self.connection, row.id, found.at):
            return REASON_GIVEN_TWICE
        return ""

    def _write(self, row: CaptureRow, found: Replayed, file: CaptureFile) -> None:
        if file.is_new:
            file.append(
                warc_records.build_warcinfo(
                    FILE_NAME, self.wanted.now, f"harvester/{__version__}"
                )
            )
        file.append(
            warc_records.build_response(
                row.url,
                found.at,
                found.status,
                found.headers,
                found.body,
                False,
                {"WARC-Source-URI": found.source},
            )
        )
