"""Makes a Python process find what it would on macOS; put this folder on PYTHONPATH.

Python imports it at its start, and so does every process that the program starts. What
Linux alone has is taken away; what macOS refuses is refused. A limit that macOS
accepts and ignores is ignored.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import io
import os
import resource
import select
import signal
import socket
import sys
import sysconfig
import time
import types
from typing import Any

OPEN_MAX = 10_240  # of <sys/syslimits.h>: setrlimit refuses more open files
SOFT_OPEN_FILES = 256  # launchd's default; the hard limit is infinite

LINUX_ONLY = (
    (os, ("sched_getaffinity", "posix_fadvise", "pidfd_open", "memfd_create")),
    (os, ("copy_file_range", "splice", "eventfd", "O_TMPFILE", "getrandom")),
    (select, ("epoll",)),
    (signal, ("pidfd_send_signal",)),
    (time, ("CLOCK_BOOTTIME", "pthread_getcpuclockid")),
)


def _without_proc(opener: Any) -> Any:
    def open_file(path: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith("/proc/"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return opener(path, *arguments, **named)

    return open_file


def _limit_resources() -> None:
    get_limits, set_limits = resource.getrlimit, resource.setrlimit
    hard_files = get_limits(resource.RLIMIT_NOFILE)[1]

    def getrlimit(which: int) -> tuple[int, int]:
        soft, hard = get_limits(which)
        return soft, resource.RLIM_INFINITY if which == resource.RLIMIT_NOFILE else hard

    def setrlimit(which: int, limits: tuple[int, int]) -> None:
        if which == resource.RLIMIT_DATA:
            return
        if which == resource.RLIMIT_NOFILE:
            if not 0 <= limits[0] <= OPEN_MAX:
                raise ValueError("current limit exceeds maximum limit")
            limits = min(limits[0], hard_files), hard_files
        set_limits(which, limits)

    set_limits(resource.RLIMIT_NOFILE, (min(SOFT_OPEN_FILES, hard_files), hard_files))
    resource.getrlimit, resource.setrlimit = getrlimit, setrlimit


def _bind(self: socket.socket, address: Any) -> None:
    """Bind a socket; of loopback's addresses only 127.0.0.1 exists."""
    host = address[0] if isinstance(address, tuple) else ""
    if str(host).startswith("127.") and host != "127.0.0.1":
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    super(socket.socket, self).bind(address)


def _become_macos() -> None:
    sysconfig.get_config_vars()  # kept from now on: its file is named by the platform
    sys.platform = "darwin"
    proxies: Any = types.ModuleType("_scproxy")  # urllib's, on macOS
    proxies._get_proxies = proxies._get_proxy_settings = dict
    sys.modules["_scproxy"] = proxies
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # cannot be imported
    for module, names in LINUX_ONLY:
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    # File systems without it refuse it, as the one of this machine does.
    fcntl.F_FULLFSYNC = 51  # type: ignore[attr-defined]
    builtins.open = io.open = _without_proc(open)
    os.open = _without_proc(os.open)
    socket.socket.bind = _bind  # type: ignore[method-assign,assignment]
    _limit_resources()


_become_macos()
