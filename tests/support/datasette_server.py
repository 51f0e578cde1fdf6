"""Datasette as a process, for tests of its pages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datasette.utils import tilde_encode

from harvester.browse import datasette_compat

# Where SQL is answered; 1.0 redirects from the address that 0.65 has.
SQL_PATH = "/-/query" if datasette_compat.is_new() else ""


@dataclass(frozen=True)
class Served:
    """A running Datasette, its archive, and the keys of the articles in that."""

    address: str
    path: Path
    keys: dict[str, str]
    log: Path

    @property
    def database(self) -> str:
        """The name of the database in URLs."""
        return str(tilde_encode(self.path.stem))


def start(
    path: Path, folder: Path, *more: str, environment: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], str, Path]:
    """Start Datasette; returns (process, URL, log file) once it listens.

    ``environment``: further variables of the process.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "datasette.log"
    with log.open("wb") as file:
        command = [
            sys.executable,
            "-m",
            "datasette",
            "serve",
            str(path),
            "--port",
            str(port),
            *more,
        ]
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process, f"http://127.0.0.1:{port}", log
    process.kill()
    raise AssertionError(f"Datasette did not start:\n{log.read_text()}")
