"""A worker process as its parent sees it: jobs, results, and how it ended.

Does not start processes (``start``), nor decide which jobs they read, nor what becomes
of those that cannot be read (``pool``).
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Protocol

from harvester.model import Outcome, Prepared
from harvester.workers.process import TOO_MUCH_MEMORY, resident_bytes

if TYPE_CHECKING:
    from harvester.ingest.prepare import Job

START_TIMEOUT_SECONDS = 120.0  # for a process to import what it needs
# Of elapsed time to the deadline: a process so far behind does not compute, it hangs.
STUCK_FACTOR = 12.0
SLOW_LANE_STUCK_FACTOR = 3 * STUCK_FACTOR  # it gets little of a busy machine
MEMORY_CHECK_SECONDS = 0.5  # between two measurements of memory that is not limited
EXIT_TIMEOUT_SECONDS = 5.0  # for a process whose connection is closed to be gone
CHECKED_JOBS = 16  # the memory of a process is measured after so many jobs


class TooSlowError(Exception):
    """The deadline has passed."""


class WorkerDiedError(Exception):
    """The process is gone."""


class ChildProcess(Protocol):
    """What a worker needs of its process; ``subprocess.Popen`` has it."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal. Raises subprocess.TimeoutExpired."""


class Worker:
    """A worker process, as its thread sees it."""

    def __init__(
        self,
        process: ChildProcess,
        connection: Connection,
        memory_bytes: int,
        max_resident_bytes: int,
        is_slow_lane: bool,
    ) -> None:
        self.process = process
        self.connection = connection
        self.job_count = 0
        self.is_ready = False
        self._memory_bytes = memory_bytes
        self._max_resident_bytes = max_resident_bytes
        self._is_memory_limited = True  # by the system; the process tells
        self._is_slow_lane = is_slow_lane

    def run(self, job: Job, limit_seconds: float) -> Prepared:
        """What a job gives. Raises TooSlowError or WorkerDiedError: replace it then.

        ``limit_seconds`` are of processor time.
        """
        pickled_job = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        factor = SLOW_LANE_STUCK_FACTOR if self._is_slow_lane else STUCK_FACTOR
        try:
            self._wait_until_ready()
            self.connection.send(limit_seconds)
            self.connection.send_bytes(pickled_job)
            self.job_count += 1
            if not self._wait_for_result(limit_seconds * factor):
                return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH_MEMORY)
            pickled_result = self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            if self._was_over_deadline():
                raise TooSlowError from error
            raise WorkerDiedError from error
        prepared: Prepared = pickle.loads(pickled_result)  # noqa: S301 (our own process)
        return prepared

    def _wait_until_ready(self) -> None:
        """Wait for the process to import what it needs: that is not a job's time."""
        if not self.is_ready:
            if not self.connection.poll(START_TIMEOUT_SECONDS):
                raise WorkerDiedError
            self._is_memory_limited = self.connection.recv()
            self.is_ready = True

    def _wait_for_result(self, stuck_seconds: float) -> bool:
        """Wait for a result; false: the job takes too much memory.

        Raises TooSlowError if the process hangs: it uses no processor time.
        """
        end = time.monotonic() + stuck_seconds
        while (left := end - time.monotonic()) > 0:
            wait = left if self._is_memory_limited else min(left, MEMORY_CHECK_SECONDS)
            if self.connection.poll(wait):
                return True
            if not self._is_memory_limited and self._is_over_memory():
                return False
        raise TooSlowError

    def _is_over_memory(self) -> bool:
        return resident_bytes(self.process.pid) > self._memory_bytes

    def _was_over_deadline(self) -> bool:
        """Whether the system ended the process for its processor time."""
        try:
            return self.process.wait(EXIT_TIMEOUT_SECONDS) == -signal.SIGPROF
        except subprocess.TimeoutExpired:
            return False

    def is_worn_out(self, max_jobs: int) -> bool:
        """Whether the process should be replaced."""
        if self.job_count >= max_jobs:
            return True
        if self.job_count % CHECKED_JOBS and not self._is_slow_lane:
            return False
        return resident_bytes(self.process.pid) > self._max_resident_bytes

    def close(self) -> None:
        """Kill the process."""
        self.connection.close()
        self.process.kill()
        self.process.wait()
