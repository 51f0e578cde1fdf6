"""Fetch single URLs as a crawl would, without an archive: see ``spiders.fetch``.

The program is started once and asked for one URL after the other. Does not decide what
to fetch.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Literal, Self, cast

from harvester.errors import HarvesterError
from harvester.model import Capture, Outcome
from harvester.settings import Settings
from harvester.settings.handover import send_settings


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response, or why there is none."""

    capture: Capture
    is_permanent: bool  # it was reached by permanent redirects alone
    sitemaps: tuple[str, ...]  # that robots.txt of its origin names
    request_count: int  # sent so far, robots.txt and redirects among them


class FetchProcess:
    """A process that fetches URLs, at most ``max_requests`` requests in all."""

    def __init__(self, settings: Settings, max_requests: int) -> None:
        command = (sys.executable, "-P", "-m", "spiders", "--settings", "-")
        self._process = subprocess.Popen(
            [*command, "--fetch", str(max_requests)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us, and we end it
        )
        self._error_lines: list[bytes] = []
        self._listener = threading.Thread(target=self._collect_stderr, daemon=True)
        self._listener.start()
        with suppress(OSError):  # it ended at once: what it said tells why
            send_settings(settings, cast("Any", self._stdin))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def fetch(
        self,
        url: str,
        kind: Literal["feed", "page"],
        outlet: str = "",
        follow: bool = True,
    ) -> Fetched:
        """Fetch a URL, as an outlet of the settings does if one is named.

        ``follow``: redirects are followed; else a redirect is the response. Raises
        HarvesterError if the process does not work.
        """
        wanted = {"url": url, "kind": kind, "outlet": outlet, "follow": follow}
        line = json.dumps(wanted) + "\n"
        try:
            self._stdin.write(line.encode())
            self._stdin.flush()
        except OSError:
            raise self._error() from None
        while answer := self._stdout.readline():
            with suppress(ValueError, KeyError, TypeError, binascii.Error):
                event = json.loads(answer)
                if event["event"] == "response":
                    return _read_event(event)
        raise self._error()

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._stdin.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stdout.close()
        self._listener.join(1.0)

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _collect_stderr(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            self._error_lines.extend(lines)

    def _error(self) -> HarvesterError:
        self._process.wait()
        self._listener.join(1.0)
        lines = [line.decode("utf-8", "replace").strip() for line in self._error_lines]
        last = next((line for line in reversed(lines) if line), "")
        return HarvesterError(
            last.removeprefix("harvest: ") or "the program that fetches has ended"
        )


def _read_event(event: dict[str, Any]) -> Fetched:
    outcome = event["outcome"]
    capture = Capture(
        url=event["url"],
        reached=event["reached"],
        at=event["at"],
        status=int(event["status"]),
        headers=tuple((str(name), str(value)) for name, value in event["headers"]),
        body=base64.b64decode(event["body"]),
        outcome=Outcome(outcome) if outcome else None,
        error=event["error"],
        truncated=bool(event["truncated"]),
        retry_at=event["retry_at"],
    )
    return Fetched(
        capture,
        bool(event["permanent"]),
        tuple(map(str, event["sitemaps"])),
        int(event["requests"]),
    )
