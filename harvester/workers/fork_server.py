"""A process that has imported what reading needs, and forks workers. Linux only.

Here are its parent's side (``ForkServer``) and its own (``serve_forks``). It has one
thread and reads no page, so a hostile one cannot reach it. It ends when its parent's end
of the connection closes, not by the signal that workers ask for: that one comes when
the parent's *thread* ends. ``multiprocessing``'s fork server would keep the parent's
environment (the hash seed, malloc's settings), import the parent's program, and start a
process to track resources.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, NoReturn

from harvester.workers import process
from harvester.workers.interpreter import start_interpreter

MAX_MESSAGE_BYTES = 1_000
WAIT_SECONDS = 1.0  # for the end of a process; then others get their turn
START_TIMEOUT_SECONDS = 120.0  # for the server to import what it needs
CLOSE_TIMEOUT_SECONDS = 5.0  # for the server to end, once its connection is closed


class ServerGoneError(Exception):
    """The process that forks has ended, and all its workers with it."""


class ForkServer:
    """The process that forks, as its parent sees it. For several threads.

    Raises OSError where the system has no room for it.
    """

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(START_TIMEOUT_SECONDS)
        self._lock = threading.Lock()
        self._is_ready = False
        try:
            with theirs:
                self._process = start_interpreter(__name__, theirs.fileno())
        except BaseException:
            self._socket.close()
            raise

    def fork(
        self, descriptor: int, memory_bytes: int, is_slow_lane: bool
    ) -> ForkedProcess:
        """A new worker, which serves jobs at the descriptor.

        Raises OSError where the system has no room for it, or ServerGoneError.
        """
        reply = self._request(
            {"memory": memory_bytes, "slow": is_slow_lane}, descriptor
        )
        if "errno" in reply:
            raise OSError(reply["errno"], os.strerror(reply["errno"]))
        return ForkedProcess(self, reply["pid"])

    def wait(self, pid: int, timeout_seconds: float) -> int | None:
        """The exit code of a worker that was forked here; None: it has not ended.

        It is asked for once: the worker's process id may be another's after that.
        Raises ServerGoneError.
        """
        code: int | None = self._request({"wait": pid, "seconds": timeout_seconds})[
            "code"
        ]
        return code

    def _request(self, message: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        try:
            with self._lock:
                socket.send_fds(
                    self._socket, [json.dumps(message).encode()], descriptors
                )
                data = self._socket.recv(MAX_MESSAGE_BYTES)
        except OSError as error:
            raise ServerGoneError from error
        if not data:
            raise ServerGoneError
        self._is_ready = True
        reply: dict[str, Any] = json.loads(data)
        return reply

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """End the process if it is still starting: somebody waits for it."""
        if not self._is_ready:
            self._process.kill()

    def close(self) -> None:
        """End the process, and workers that were not waited for."""
        self._socket.close()
        try:
            self._process.wait(CLOSE_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedProcess:
    """A worker that the server forked: what ``subprocess.Popen`` is to a child."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._lock = threading.Lock()
        self._exit_code: int | None = None

    def kill(self) -> None:
        """Send SIGKILL, unless it is known to have ended."""
        with self._lock:
            # Until it is waited for, no other process gets its id.
            if self._exit_code is None and self._server.is_running():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        end = None if timeout is None else time.monotonic() + timeout
        while self._exit_code is None:
            left = WAIT_SECONDS if end is None else end - time.monotonic()
            with self._lock:
                try:
                    self._exit_code = self._server.wait(
                        self.pid, min(max(left, 0.0), WAIT_SECONDS)
                    )
                except ServerGoneError:  # its workers are killed with it
                    self._exit_code = -signal.SIGKILL
            if self._exit_code is None and end is not None and left <= 0:
                raise subprocess.TimeoutExpired(f"worker {self.pid}", timeout or 0.0)
        return self._exit_code


# ---- the process's own side


def serve_forks(descriptor: int) -> None:
    """Fork a worker for each request until the other end is closed."""
    process.prepare_process(warm=True)
    # The end of a worker is waited for with a timeout (``sigtimedwait``).
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    control = socket.socket(fileno=descriptor)
    while True:
        data, descriptors, *_ = socket.recv_fds(control, MAX_MESSAGE_BYTES, 1)
        if not data:
            return
        request = json.loads(data)
        if "wait" in request:
            reply = {"code": _wait_for_exit(request["wait"], request["seconds"])}
        else:
            reply = _fork_worker(
                control, descriptors[0], request["memory"], request["slow"]
            )
        try:
            control.sendall(json.dumps(reply).encode())
        except OSError:  # the other end was closed meanwhile
            return


def _fork_worker(
    control: socket.socket, descriptor: int, memory_bytes: int, is_slow_lane: bool
) -> dict[str, int | None]:
    server_pid = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        return {"errno": error.errno or 0}
    finally:
        # In the child, where ``os.fork`` returns 0, the descriptor is still needed.
        if os.getpid() == server_pid:
            os.close(descriptor)
    if pid == 0:
        _become_worker(control, descriptor, memory_bytes, is_slow_lane, server_pid)
    return {"pid": pid}


def _become_worker(
    control: socket.socket,
    descriptor: int,
    memory_bytes: int,
    is_slow_lane: bool,
    server_pid: int,
) -> NoReturn:
    """Serve jobs, and end: never return to the server's loop."""
    try:
        control.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        process.die_with_parent()
        if os.getppid() == server_pid:  # else it ended before that was asked for
            process.serve_jobs(descriptor, memory_bytes, is_slow_lane)
            os._exit(0)
    finally:
        os._exit(1)


def _wait_for_exit(pid: int, timeout_seconds: float) -> int | None:
    """The exit code of a child, negative for a signal; None: it has not ended."""
    end = time.monotonic() + timeout_seconds
    while True:
        try:
            ended, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return -signal.SIGKILL
        if ended:
            return os.waitstatus_to_exitcode(status)
        left = end - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait([signal.SIGCHLD], left)


if __name__ == "__main__":
    serve_forks(int(sys.argv[1]))
