"""The program that started Datasette: when that ends, however it does, Datasette ends too. Not for: plain ``datasette archive.db``."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT = "HARVESTER_BROWSE_PARENT"  # in the environment: its process id
PAUSE = 0.5  # seconds between two looks


def end_with_it() -> None:
    """Look for the parent from now on, where one is named."""
    named = os.environ.get(PARENT, "")
    if named.isdigit():
        threading.Thread(
            target=_look, args=[int(named)], name="parent", daemon=True
        ).start()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)
