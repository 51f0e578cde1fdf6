"""End Datasette when ``harvest browse``, which started it, ends, however it does."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT_VARIABLE = "HARVESTER_BROWSE_PARENT"  # in the environment: its process id
CHECK_INTERVAL_SECONDS = 0.5


def exit_with_parent() -> None:
    """Watch the parent process from now on, if the environment names one."""
    pid = os.environ.get(PARENT_VARIABLE, "")
    if pid.isdigit():
        threading.Thread(
            target=_wait_for_parent_exit, args=[int(pid)], name="parent", daemon=True
        ).start()


def _wait_for_parent_exit(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(CHECK_INTERVAL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
