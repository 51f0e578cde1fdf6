"""Processes that fork our programs, and what becomes of one that is forked.

There are two: for the commands and the crawl, and for the workers' own server, which
needs another environment. Each has one thread, forks for each request, and ends when
nobody holds the other end of its connection. See ``forked_program``.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import gc
import inspect
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Self

from harvester.workers.interpreter import LOW_MEMORY_ENVIRONMENT
from tests.support import ROOT

MAX_MESSAGE_BYTES = 400_000
MAX_DESCRIPTORS = 16
FIRST_FREE_DESCRIPTOR = 200
STATUS_FORMAT, STATUS_LENGTH = b"%-20d", 20
FORK_SERVER = "harvester.workers.fork_server"
# Programs of the first process, and the packages that they may need, at once or later.
PROGRAMS = ("harvester.cli", "spiders")
PACKAGES = (
    "spiders",
    *(
        f"harvester.{name}"
        for name in (
            *("cli", "daemon", "export", "render", "workers", "ingest", "archive"),
            *("schedule", "query", "identity", "settings"),
        )
    ),
)


@dataclass(frozen=True)
class Request:
    """A program to be run, as an interpreter is told."""

    module: str
    arguments: tuple[str, ...]
    cwd: str
    environment: Mapping[str, str]
    # Numbers of descriptors that it inherits, after those of its standard streams.
    inherited: tuple[int, ...] = ()
    new_session: bool = False


def read_status(status: socket.socket) -> int:
    """A number that the process which forks sends: a process id, or how it ended."""
    data = status.recv(STATUS_LENGTH)
    if not data:
        raise ChildProcessError("the process that forks has ended")
    return int(data)


class Forks:
    """The processes that fork, as those see them who ask for programs."""

    def __init__(self, sockets: Mapping[str, socket.socket]) -> None:
        self._sockets = dict(sockets)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @classmethod
    def start(cls) -> Self:
        """Start both processes."""
        forks = cls({})
        forks._start("workers", {**LOW_MEMORY_ENVIRONMENT, "PYTHONHASHSEED": "0"})
        # Programs ask for workers themselves.
        forks._start("programs", {}, forks._sockets["workers"])
        return forks

    def _start(
        self, name: str, environment: Mapping[str, str], *inherited: socket.socket
    ) -> None:
        self._sockets[name], theirs = _open_connection()
        numbers = [theirs.fileno(), *(each.fileno() for each in inherited)]
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-P", "-m", __name__, name, *map(str, numbers)]
        with theirs:
            self._processes[name] = subprocess.Popen(
                command,
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                cwd="/",
                env={**os.environ, "PYTHONPATH": path, **environment},
            )

    def fork(
        self, request: Request, descriptors: Sequence[int]
    ) -> tuple[int, socket.socket]:
        """Run a program; returns its process id, and where its end is told.

        ``descriptors``: its standard streams, then those that it inherits.
        """
        name = "programs" if request.module in PROGRAMS else "workers"
        ours, theirs = socket.socketpair()
        with theirs:
            message = json.dumps(asdict(request)).encode()
            assert len(message) < MAX_MESSAGE_BYTES
            socket.send_fds(
                self._sockets[name], [message], [theirs.fileno(), *descriptors]
            )
        return read_status(ours), ours

    def close(self) -> None:
        """End the processes."""
        for each in self._sockets.values():
            each.close()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # a program of its own goes on
                process.kill()
                process.wait()


def _open_connection() -> tuple[socket.socket, socket.socket]:
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_MESSAGE_BYTES)
    return ends


# ---- the process that forks


def serve(control: socket.socket, inner: socket.socket) -> tuple[Request, list[int]]:
    """Fork for each request; returns in the processes that are forked, with theirs.

    ``control``: ends this process when its other end is closed. ``inner``: requests of
    programs that were forked here.
    """
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    statuses: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        for each in (control, inner, ended):
            selector.register(each, selectors.EVENT_READ)
        while True:
            for connection in [key.fileobj for key, _ in selector.select()]:
                assert isinstance(connection, socket.socket)
                if connection is ended:
                    ended.recv(4_096)
                    _report_ended(statuses)
                    continue
                data, received, *_ = socket.recv_fds(
                    connection, MAX_MESSAGE_BYTES, MAX_DESCRIPTORS
                )
                if not data:
                    os._exit(0)
                status, *descriptors = received
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.close(status)
                    for each in (control, inner, ended, wake, *statuses.values()):
                        each.close()
                    return Request(**json.loads(data)), descriptors
                for descriptor in descriptors:
                    os.close(descriptor)
                statuses[pid] = socket.socket(fileno=status)
                with contextlib.suppress(OSError):  # who asked may have ended
                    statuses[pid].send(STATUS_FORMAT % pid)


def _report_ended(statuses: dict[int, socket.socket]) -> None:
    with contextlib.suppress(ChildProcessError):  # there are no more
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with statuses.pop(pid) as connection, contextlib.suppress(OSError):
                connection.send(STATUS_FORMAT % status)


def import_all(package: str) -> None:
    """Import a package and all modules in it, but those that are programs."""
    found = import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


# ---- a process that was forked


def become(request: Request, descriptors: Sequence[int], forks: Forks) -> NoReturn:
    """Be the program until its end, as an interpreter would."""
    if request.new_session:
        os.setsid()
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    tempfile.tempdir = None
    _take_descriptors(descriptors, (0, 1, 2, *request.inherited))
    _open_standard_streams()
    _fork_what_is_started(forks)
    sys.argv = ["", *request.arguments]
    code = 0
    try:
        runpy.run_module(request.module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(bool(error.code))
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 (an interpreter shows it, and ends with 1)
        traceback.print_exc()
        code = 1
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 0xFF)


def _take_descriptors(received: Sequence[int], numbers: Sequence[int]) -> None:
    """Give each the number that the program expects."""
    moved = [
        fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR)
        for each in received
    ]
    for each in received:
        os.close(each)
    for each, number in zip(moved, numbers, strict=True):
        os.dup2(each, number)
        os.close(each)


def _open_standard_streams() -> None:
    """Standard streams as Python makes them for pipes."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        like = getattr(sys, name)
        stream = open(  # noqa: SIM115
            number,
            "w" if number else "r",
            encoding=like.encoding,
            errors=like.errors,
            buffering=1 if name == "stderr" else -1,
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _fork_what_is_started(forks: Forks) -> None:
    """Have ``subprocess`` fork our own programs, too, where it would start Python."""
    process: Any = subprocess.Popen
    start, try_wait = process._execute_child, process._try_wait
    poll, parameters = process._internal_poll, inspect.signature(start)

    def _execute_child(self: Any, *values: Any) -> None:
        given = parameters.bind(self, *values).arguments
        request = _read_command(given)
        if request is None:
            start(self, *values)
            return
        streams = (given["p2cread"], given["c2pwrite"], given["errwrite"])
        own = [number if each == -1 else each for number, each in enumerate(streams)]
        self.pid, self.forked_status = forks.fork(request, [*own, *request.inherited])
        self._child_created = True
        self._close_pipe_fds(
            *(given["p2cread"], given["p2cwrite"], given["c2pread"]),
            *(given["c2pwrite"], given["errread"], given["errwrite"]),
        )

    def _try_wait(self: Any, flags: int) -> tuple[int, int]:
        if not hasattr(self, "forked_status"):
            return try_wait(self, flags)  # type: ignore[no-any-return]
        self.forked_status.setblocking(not flags & os.WNOHANG)
        try:
            return self.pid, read_status(self.forked_status)
        except BlockingIOError:
            return 0, 0

    def _internal_poll(self: Any, *values: Any, **named: Any) -> int | None:
        if not hasattr(self, "forked_status"):
            return poll(self, *values, **named)  # type: ignore[no-any-return]
        if self.returncode is None and self._waitpid_lock.acquire(False):
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)
            finally:
                self._waitpid_lock.release()
        return self.returncode  # type: ignore[no-any-return]

    process._execute_child = _execute_child
    process._try_wait, process._internal_poll = _try_wait, _internal_poll


def _read_command(given: Mapping[str, Any]) -> Request | None:
    """The program of a command that runs one of ours; None: it is another's."""
    command = list(given["args"]) if not isinstance(given["args"], str | bytes) else []
    if command[:1] != [sys.executable] or "-m" not in command:
        return None
    position = command.index("-m") + 1
    if command[position] not in (*PROGRAMS, FORK_SERVER):
        return None
    return Request(
        command[position],
        tuple(map(str, command[position + 1 :])),
        str(given["cwd"] or Path.cwd()),
        dict(given["env"] if given["env"] is not None else os.environ),
        tuple(given["pass_fds"]),
        bool(given["start_new_session"]),
    )


def main() -> None:
    """Import what the programs need; then fork."""
    name, *numbers = sys.argv[1:]
    control, *others = (_move_up(int(number)) for number in numbers)
    ours, inner = map(_move_up, (each.detach() for each in _open_connection()))
    if name == "workers":
        from harvester.workers import process

        process.prepare_process(warm=True)
    else:
        for package in PACKAGES:
            import_all(package)
    assert "twisted.internet.reactor" not in sys.modules  # a process needs its own
    assert threading.active_count() == 1
    gc.freeze()
    asked = {"programs": ours, **dict(zip(("workers",), others, strict=False))}
    become(*serve(control, inner), Forks(asked))


def _move_up(descriptor: int) -> socket.socket:
    """A connection out of the way of numbers that programs expect."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 2 * FIRST_FREE_DESCRIPTOR)
    os.close(descriptor)
    return socket.socket(fileno=moved)


if __name__ == "__main__":
    main()
