"""pywb, which serves WARC files as a web archive does.

It has an environment of its own, as it brings a package ``brotli`` with which Scrapy
cannot decompress: the variable ``PYWB`` names its folder.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

PYWB = Path(os.environ.get("PYWB") or "no such folder")
needs_pywb = pytest.mark.skipif(
    not (PYWB / "bin" / "wayback").exists(),
    reason="python3 -m venv .venv-pywb && .venv-pywb/bin/pip install pywb cdxj-indexer; "
    "then with PYWB=$PWD/.venv-pywb",
)
# Without this checkout on the path of its Python.
OWN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
START_SECONDS = 60.0  # it takes two


def run_in(folder: Path, *command: str) -> str:
    """What a command prints. Raises AssertionError if it fails."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=OWN
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Replay:
    """pywb with one collection, on loopback."""

    def __init__(self, folder: Path, files: list[str]) -> None:
        manager = str(PYWB / "bin" / "wb-manager")
        run_in(folder, manager, "init", "news")
        run_in(folder, manager, "add", "news", *files)
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [PYWB / "bin" / "wayback", "-b", "127.0.0.1", "-p", str(self.port)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "pywb.log").open("wb"),
            env=OWN,
        )
        self._opener = urllib.request.build_opener(_NoRedirect)

    def wait(self) -> None:
        """Wait until it listens."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, "pywb ended"
                assert time.monotonic() < deadline, "pywb does not listen"
                threading.Event().wait(0.1)

    def get(self, url: str, at: str = "3000") -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers as they were archived, nearest to a time."""
        address = f"http://127.0.0.1:{self.port}/news/{at}id_/{url}"
        try:
            response = self._opener.open(address, timeout=60)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return response.status, response.read(), headers

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
