"""Reads pages in worker processes; a job over its deadline ends its process.

There are two lanes. In the fast lane several processes read what is quickly read, and
outlets take turns. A page that takes longer, needs more memory, kills its process, or
is large from the start goes to the slow lane: one process of low priority reads it
alone, with the whole deadline. If that fails too, its visible text is read cheaply. So a
hostile outlet cannot slow down the others.

Deadlines are in processor time. Each process has a thread that hands it one job at a
time, so a kill loses only the job that caused it; a process is started with its first
job. Does not read (``ingest.prepare``), nor decide what to read.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from harvester.ingest.prepare import Job
from harvester.model import Limits, Outcome, Prepared
from harvester.workers.process import TOO_MUCH_MEMORY
from harvester.workers.start import WorkerStarter
from harvester.workers.worker import TooSlowError, Worker, WorkerDiedError

FAST_LANE_MEMORY_SHARE = 0.7  # of the memory that a page may take in the slow lane
FAST_LANE_SECONDS = 2.0  # of processor time in the fast lane; a page takes 0.05
MAX_FAST_LANE_BYTES = 1_500_000  # larger bodies go to the slow lane at once
VISIBLE_ONLY_SECONDS = 5.0  # of processor time to read the visible text
MAX_OVERRUNS = 12  # then an outlet's slow pages are left for another crawl
MAX_JOBS_PER_PROCESS = 1_000  # then a process is replaced
ARCHIVE_JOBS = ("again", "learn", "explain")  # kinds not read from a response
PROCESS_KILLED_REASON = "the reading of this page killed its process"
LEFT_FOR_NEXT_RUN_REASON = (
    "left for the next run: it takes long to read, and nothing else was left to do"
)
LEFT_FOR_LATER_REASON = (
    "left for later: too many pages of this outlet take too long to read"
)


@dataclass(slots=True)
class Task:
    """A job that waits for its result."""

    job: Job
    outlet: str
    refresh_job: Callable[[Job], Job] | None = None
    future: Future[Prepared] = field(default_factory=Future)

    def current_job(self) -> Job:
        """The job, refreshed now that its turn has come."""
        self.job = self.refresh_job(self.job) if self.refresh_job else self.job
        return self.job


class FairTaskQueue:
    """Waiting tasks: first in, first out for each outlet; outlets take turns."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, deque[Task]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, task: Task) -> None:
        """Add a task; learning a profile comes first.

        Until it is learned, pages are read that will have to be read again.
        """
        self._tasks.setdefault(task.outlet, deque()).append(task)
        self._count += 1
        if task.job.kind == "learn":
            self._tasks[task.outlet].rotate()
            self._tasks.move_to_end(task.outlet, last=False)

    def take(self) -> Task:
        """Remove and return the next task; there must be one."""
        outlet, tasks = self._tasks.popitem(last=False)
        task = tasks.popleft()
        if tasks:
            self._tasks[outlet] = tasks
        self._count -= 1
        return task

    def drop_outlet(self, outlet: str) -> Sequence[Task]:
        """Remove and return all tasks of an outlet."""
        tasks = self._tasks.pop(outlet, ())
        self._count -= len(tasks)
        return tuple(tasks)


class WorkerPool:
    """At most ``count`` processes in the fast lane, and one in the slow lane.

    ``read_time``: seconds of processor time for a job; ``memory``: bytes for a job;
    ``warm``: import at the start what only some pages need, so that their time is even.
    """

    def __init__(
        self,
        count: int,
        read_time: float = Limits().read_time,
        max_jobs: int = MAX_JOBS_PER_PROCESS,
        memory: int = Limits().read_memory,
        warm: bool = False,
    ) -> None:
        self._count = max(1, count)
        self._read_time = read_time
        self._max_jobs = max_jobs
        self._memory = memory
        self._starter = WorkerStarter(warm)
        self._fast_queue, self._slow_queue = FairTaskQueue(), FairTaskQueue()
        self._condition = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._slow_thread: threading.Thread | None = None
        self._idle_count = 0
        self._closed = False
        self._live_workers: set[Worker] = set()
        self._slow_running = 0  # jobs in the slow lane's process
        # outlets with a slow page, and no quick one in the slow lane since
        self._slow_outlets: set[str] = set()
        self._overruns: Counter[str] = Counter()

    def submit(
        self,
        job: Job,
        outlet: str = "",
        refresh_job: Callable[[Job], Job] | None = None,
    ) -> Future[Prepared]:
        """Submit a job. ``close`` cancels the future; otherwise it has a result.

        ``refresh_job`` is called, in another thread, when the job's turn comes: it may
        have waited long.
        """
        task = Task(job, outlet, refresh_job)
        with self._condition:
            if self._closed:
                task.future.cancel()
                return task.future
            if (
                len(job.capture.body) > MAX_FAST_LANE_BYTES
                or outlet in self._slow_outlets
            ):
                self._move_to_slow_lane(task)
                return task.future
            self._fast_queue.add(task)
            if (
                len(self._fast_queue) > self._idle_count
                and len(self._threads) < self._count
            ):
                self._threads.append(
                    threading.Thread(
                        target=self._run_fast_lane, name="worker", daemon=True
                    )
                )
                self._threads[-1].start()
            self._condition.notify_all()
        return task.future

    def pids(self) -> list[int]:
        """Process ids of the live processes."""
        with self._condition:
            return [worker.process.pid for worker in self._live_workers]

    @property
    def slow_count(self) -> int:
        """How many jobs are in the slow lane, waiting or running."""
        return len(self._slow_queue) + self._slow_running

    def abandon_slow_pages(self) -> int:
        """Drop the pages that wait in the slow lane; returns how many."""
        with self._condition:
            tasks = [self._slow_queue.take() for _ in range(len(self._slow_queue))]
            pages = [task for task in tasks if task.job.kind == "page"]
            for task in tasks:
                if task not in pages:
                    self._slow_queue.add(task)
        for task in pages:
            _set_result(
                task, Prepared(outcome=Outcome.WAITING, error=LEFT_FOR_NEXT_RUN_REASON)
            )
        return len(pages)

    def close(self) -> None:
        """Kill all processes; jobs without a result are cancelled."""
        with self._condition:
            self._closed = True
            for queue in (self._fast_queue, self._slow_queue):
                while queue:
                    queue.take().future.cancel()
            for worker in self._live_workers:
                worker.process.kill()
            self._condition.notify_all()
        self._starter.interrupt()
        for thread in (*self._threads, self._slow_thread):
            if thread is not None:
                thread.join()
        self._starter.close()

    # ---- the fast lane

    def _next_task(self) -> Task | None:
        with self._condition:
            self._idle_count += 1
            while not self._fast_queue and not self._closed:
                self._condition.wait()
            self._idle_count -= 1
            return None if self._closed else self._fast_queue.take()

    def _run_fast_lane(self) -> None:
        worker: Worker | None = None
        while (task := self._next_task()) is not None:
            job = task.current_job()
            limit = self._fast_limit(job)
            try:
                worker = worker or self._start_worker(
                    max(1, int(self._memory * FAST_LANE_MEMORY_SHARE))
                )
            except OSError as error:
                self._postpone(task, error)
                continue
            prepared = self._read(worker, job, limit)
            if prepared is None or prepared.error == TOO_MUCH_MEMORY:
                self._stop_worker(worker)
                worker = None
                with self._condition:
                    if self._closed:
                        task.future.cancel()
                    else:
                        self._move_to_slow_lane(task)
                continue
            if worker.is_worn_out(self._max_jobs):
                self._stop_worker(worker)
                worker = None
            _set_result(task, prepared)
        self._stop_worker(worker)

    def _fast_limit(self, job: Job) -> float:
        """Seconds of processor time for a job in the fast lane."""
        if job.kind in ARCHIVE_JOBS:
            return self._read_time
        return min(self._read_time, FAST_LANE_SECONDS * (1 + len(job.earlier_captures)))

    def _read(self, worker: Worker, job: Job, limit_seconds: float) -> Prepared | None:
        """What a worker gives for a job; None: it took too long, or the worker died."""
        try:
            return worker.run(job, limit_seconds)
        except (TooSlowError, WorkerDiedError):
            return None

    # ---- the slow lane

    def _move_to_slow_lane(self, task: Task) -> None:
        """Move a task, and all that wait of its outlet. The lock is held."""
        self._slow_queue.add(task)
        if task.outlet:
            self._slow_outlets.add(task.outlet)
            for other in self._fast_queue.drop_outlet(task.outlet):
                self._slow_queue.add(other)
        if self._slow_thread is None:
            self._slow_thread = threading.Thread(
                target=self._run_slow_lane, name="patient worker", daemon=True
            )
            self._slow_thread.start()
        self._condition.notify_all()

    def _run_slow_lane(self) -> None:
        worker: Worker | None = None
        while True:
            with self._condition:
                self._slow_running = 0
                if not self._slow_queue and worker is not None:
                    # Idle: give its memory back.
                    idle, worker = worker, None
                    self._live_workers.discard(idle)
                    idle.close()
                while not self._slow_queue and not self._closed:
                    self._condition.wait()
                if self._closed:
                    break
                task = self._slow_queue.take()
                self._slow_running = 1
            if self._overruns[task.outlet] >= MAX_OVERRUNS and task.outlet:
                _set_result(
                    task, Prepared(outcome=Outcome.WAITING, error=LEFT_FOR_LATER_REASON)
                )
                continue
            try:
                prepared, worker = self._read_in_slow_lane(task, worker)
            except OSError as error:  # of a start; what a read raises is handled there
                self._postpone(task, error)
                worker = None
                continue
            if prepared is None:
                task.future.cancel()
            else:
                _set_result(task, prepared)
        self._stop_worker(worker)

    def _read_in_slow_lane(
        self, task: Task, worker: Worker | None
    ) -> tuple[Prepared | None, Worker | None]:
        """What was read, and the worker for the next task. None: closed meanwhile."""
        worker = worker or self._start_worker(self._memory, is_slow_lane=True)
        prepared, reason = None, PROCESS_KILLED_REASON
        try:
            prepared = worker.run(task.current_job(), self._read_time)
        except TooSlowError:
            reason = f"too slow: more than {self._read_time:g} s of processor time"
        except WorkerDiedError:
            pass
        if prepared is not None and prepared.error != TOO_MUCH_MEMORY:
            if prepared.cpu_seconds < FAST_LANE_SECONDS:
                with self._condition:
                    self._slow_outlets.discard(task.outlet)
            if worker.is_worn_out(self._max_jobs):
                self._stop_worker(worker)
                worker = None
            return prepared, worker
        self._stop_worker(worker)
        if self._closed:
            return None, None
        self._overruns[task.outlet] += 1
        reason = TOO_MUCH_MEMORY if prepared is not None else reason
        return self._read_visible_text(task.job, reason)

    def _read_visible_text(
        self, job: Job, reason: str
    ) -> tuple[Prepared, Worker | None]:
        """A failed page with its visible text, and the worker for the next task."""
        visible, worker = None, None
        if job.kind == "page":
            worker = self._start_worker(self._memory, is_slow_lane=True)
            visible = self._read(
                worker,
                replace(job, visible_only=True, earlier_captures=()),
                VISIBLE_ONLY_SECONDS,
            )
            if (
                visible is None
                or visible.error == TOO_MUCH_MEMORY
                or worker.is_worn_out(self._max_jobs)
            ):
                self._stop_worker(worker)
                worker = None
        prepared = Prepared(
            outcome=Outcome.FAILED,
            error=reason,
            cpu_seconds=self._read_time,
            extract=visible.extract if visible is not None else None,
        )
        return prepared, worker

    # ---- workers

    def _start_worker(self, memory: int, is_slow_lane: bool = False) -> Worker:
        """Start a process. Raises OSError where the system has no room for it."""
        worker = self._starter.start(memory, is_slow_lane)
        with self._condition:
            self._live_workers.add(worker)
            if self._closed:
                worker.process.kill()
        return worker

    def _stop_worker(self, worker: Worker | None) -> None:
        if worker is not None:
            with self._condition:
                self._live_workers.discard(worker)
            worker.close()

    def _postpone(self, task: Task, error: OSError) -> None:
        """Leave a job for later for which no process could be started."""
        if self._closed:
            task.future.cancel()
            return
        reason = f"left for later: no process could be started: {error.strerror}"
        _set_result(task, Prepared(outcome=Outcome.WAITING, error=reason))


def _set_result(task: Task, prepared: Prepared) -> None:
    if task.future.set_running_or_notify_cancel():
        task.future.set_result(prepared)
