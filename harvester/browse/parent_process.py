"""The program that started Datasette: when that ends, however it does, Datasette ends too. Not for: plain ``datasette archive.db``."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT_VARIABLE = "HARVESTER_BROWSE_PARENT"  # in the environment: its process id
CHECK_INTERVAL_SECONDS = 0.5  # seconds between two looks


def exit_with_parent() -> None:
    """Look for the parent from now on, where one is named."""
    named = os.environ.get(PARENT_VARIABLE, "")
    if named.isdigit():
        threading.Thread(
            target=_wait_for_parent_exit, args=[int(named)], name="parent", daemon=True
        ).start()


def _wait_for_parent_exit(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(CHECK_INTERVAL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
