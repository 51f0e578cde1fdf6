"""Starts worker processes: forked where that is sound, else as fresh interpreters.

On Linux one process imports what reading needs and forks the workers: they are there
in milliseconds and share its memory. Elsewhere each is an interpreter of its own,
since on macOS libraries of the system must not be used after a fork.
"""

from __future__ import annotations

import socket
import sys
import threading
from multiprocessing.connection import Connection

from harvester.workers.fork_server import ForkServer, ServerGoneError
from harvester.workers.interpreter import start_interpreter
from harvester.workers.worker import ChildProcess, Worker

# Of memory; then a process is replaced. Another interpreter costs a second of
# processor time, a fork some milliseconds.
MAX_RESIDENT_BYTES = 240 * 1024**2
MAX_FORKED_RESIDENT_BYTES = 130 * 1024**2
MAX_SERVER_STARTS = 2  # for one worker: its server may have been killed


class WorkerStarter:
    """Starts workers. May be used by several threads.

    ``warm``: import before the first job what only some pages need; forked workers have
    it in any case.
    """

    def __init__(self, warm: bool = False) -> None:
        self._flags = ("warm",) if warm else ()
        self._server: ForkServer | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._can_fork = sys.platform == "linux"

    def start(self, memory_bytes: int, is_slow_lane: bool = False) -> Worker:
        """A new worker. Raises OSError where the system has no room for it.

        ``memory_bytes``: what it may take at most.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = self._start_process(
                    theirs.fileno(), memory_bytes, is_slow_lane
                )
        except BaseException:
            ours.close()
            raise
        return Worker(
            process,
            Connection(ours.detach()),
            memory_bytes,
            MAX_FORKED_RESIDENT_BYTES if self._can_fork else MAX_RESIDENT_BYTES,
            is_slow_lane,
        )

    def _start_process(
        self, descriptor: int, memory_bytes: int, is_slow_lane: bool
    ) -> ChildProcess:
        if self._can_fork:
            return self._fork(descriptor, memory_bytes, is_slow_lane)
        return start_interpreter(
            "harvester.workers.process",
            descriptor,
            str(memory_bytes),
            *self._flags,
            *(["slow"] if is_slow_lane else []),
        )

    def _fork(
        self, descriptor: int, memory_bytes: int, is_slow_lane: bool
    ) -> ChildProcess:
        for _ in range(MAX_SERVER_STARTS):
            server = self._running_server()
            try:
                return server.fork(descriptor, memory_bytes, is_slow_lane)
            except ServerGoneError:
                self._drop(server)
        raise ChildProcessError(0, "the process that forks them ends at once")

    def _running_server(self) -> ForkServer:
        with self._lock:
            if self._is_closed:
                raise ChildProcessError(0, "closed")
            if self._server is None:
                self._server = ForkServer()
            return self._server

    def _drop(self, server: ForkServer) -> None:
        with self._lock:
            if self._server is server:
                self._server = None
        server.close()

    def interrupt(self) -> None:
        """Start no more processes, and end a start that is under way."""
        with self._lock:
            self._is_closed = True
            server = self._server
        if server is not None:
            server.interrupt()

    def close(self) -> None:
        """End the process that forks, after all workers were closed."""
        with self._lock:
            server, self._server, self._is_closed = self._server, None, True
        if server is not None:
            server.close()
