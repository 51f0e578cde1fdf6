"""Pages are read in processes, each job with a deadline in processor time after which its process is killed and replaced.

Two lanes. In the first, some processes read what is quickly read, outlets taking turns. What takes longer, needs more memory,
kills its process, or is large from the start goes to the second: one process at a time, with a low priority, in which it is
read alone with the whole deadline. What cannot be read there either gets a cheap reading of its visible words. So an outlet
that attacks slows down nobody but itself.

A thread a process hands it one job at a time, so a kill loses nothing but the job that earned it; processes are started when there
is the first job for them. Not for: what reading means (``ingest.prepare``), nor for deciding what to read.
"""

from __future__ import annotations

import pickle
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harvester.model import Limits, Outcome, Prepared
from harvester.workers.process import (
    TOO_MUCH_MEMORY,
    TooSlowError,
    Worker,
    WorkerDiedError,
)

if TYPE_CHECKING:
    from harvester.ingest import Job

FAST_LANE_MEMORY_SHARE = (
    0.7  # of the memory that a page may take alone, for a process of the first lane
)
FAST_LANE_SECONDS = (
    2.0  # seconds of processor time in the first lane; a page takes 0.05
)
MAX_FAST_LANE_BYTES = (
    1_500_000  # bytes of a body, beyond which it goes to the second lane at once
)
VISIBLE_ONLY_SECONDS = 5.0  # seconds of processor time for the cheap reading
MAX_OVERRUNS = (
    12  # of one outlet, after which its slow pages are left for another crawl
)
MAX_JOBS_PER_PROCESS = 1_000  # jobs after which a process is replaced
PROCESS_KILLED_REASON = "the reading of this page killed its process"
LEFT_FOR_NEXT_RUN_REASON = (
    "left for the next run: it takes long to read, and nothing else was left to do"
)
LEFT_FOR_LATER_REASON = (
    "left for later: too many pages of this outlet take too long to read"
)


@dataclass(slots=True)
class Task:
    """A job on its way."""

    job: Job
    outlet: str
    refresh_job: Callable[[Job], Job] | None = None
    future: Future[Prepared] = field(default_factory=Future)

    def current_job(self) -> Job:
        """The job as it is now that its turn has come."""
        self.job = self.refresh_job(self.job) if self.refresh_job else self.job
        return self.job


class FairTaskQueue:
    """Tasks that wait, first in, first out for each outlet; outlets take turns."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, deque[Task]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, task: Task) -> None:
        self._tasks.setdefault(task.outlet, deque()).append(task)
        self._count += 1
        if (
            task.job.kind == "learn"
        ):  # until it is done, pages are read that will have to be read again
            self._tasks[task.outlet].rotate()
            self._tasks.move_to_end(task.outlet, last=False)

    def take(self) -> Task:
        """The next one; there must be one."""
        outlet, tasks = self._tasks.popitem(last=False)
        task = tasks.popleft()
        if tasks:
            self._tasks[outlet] = tasks
        self._count -= 1
        return task

    def drop_outlet(self, outlet: str) -> Sequence[Task]:
        """All of an outlet, which wait here no longer."""
        tasks = self._tasks.pop(outlet, ())
        self._count -= len(tasks)
        return tuple(tasks)


class WorkerPool:
    """``count`` processes at most, and one for what is slow; ``read_time`` seconds of processor time and ``memory`` bytes a job.
    ``warm``: what is imported only where a page needs it is imported at the start, so that no page's time shows it."""

    def __init__(
        self,
        count: int,
        read_time: float = Limits().read_time,
        max_jobs: int = MAX_JOBS_PER_PROCESS,
        memory: int = Limits().read_memory,
        warm: bool = False,
    ) -> None:
        self._count, self._read_time, self._max_jobs, self._memory = (
            max(1, count),
            read_time,
            max_jobs,
            memory,
        )
        self._flags = ("warm",) if warm else ()
        self._fast_queue, self._slow_queue = FairTaskQueue(), FairTaskQueue()
        self._condition = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._slow_thread: threading.Thread | None = None
        self._idle_count = 0
        self._closed = False
        self._live_workers: set[Worker] = set()
        self._slow_running = 0  # jobs in the second lane's process
        self._slow_outlets: set[str] = (
            set()
        )  # outlets of which a page was slow, and none has been quick since
        self._overruns: Counter[str] = Counter()

    def submit(
        self,
        job: Job,
        outlet: str = "",
        refresh_job: Callable[[Job], Job] | None = None,
    ) -> Future[Prepared]:
        """Have a job read. The future is cancelled by ``close``, and has no exception otherwise. ``at_last``: asked in another thread
        when the job's turn comes, for it may have waited long."""
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
        """The processes alive."""
        with self._condition:
            return [worker.process.pid for worker in self._live_workers]

    @property
    def slow_count(self) -> int:
        """How many jobs are read alone, or wait for that."""
        return len(self._slow_queue) + self._slow_running

    def abandon_slow_pages(self) -> int:
        """Read none of the pages more that wait to be read alone. How many these are."""
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
        """End all processes, whatever they do; what was not read is cancelled."""
        with self._condition:
            self._closed = True
            for turns in (self._fast_queue, self._slow_queue):
                while turns:
                    turns.take().future.cancel()
            for worker in self._live_workers:
                worker.process.kill()
            self._condition.notify_all()
        for thread in [
            *self._threads,
            *([self._slow_thread] if self._slow_thread else []),
        ]:
            thread.join()

    # ---- the first lane

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
            limit = (
                self._read_time
                if job.kind in ("again", "learn", "explain")
                else self._fast_limit(job)
            )
            worker = worker or self._start_worker(
                max(1, int(self._memory * FAST_LANE_MEMORY_SHARE))
            )
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
        return min(self._read_time, FAST_LANE_SECONDS * (1 + len(job.earlier_captures)))

    def _read(self, worker: Worker, job: Job, limit_seconds: float) -> Prepared | None:
        """The reading; None: it took too long, or its process died."""
        try:
            made: Prepared = pickle.loads(
                worker.read(pickle.dumps(job, pickle.HIGHEST_PROTOCOL), limit_seconds)
            )  # noqa: S301 (our own process)
        except (TooSlowError, WorkerDiedError):
            return None
        return made

    # ---- the second lane

    def _move_to_slow_lane(self, task: Task) -> None:
        """To be read alone, with all that waits of its outlet. The lock is held."""
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
                if (
                    not self._slow_queue and worker is not None
                ):  # its memory is given back
                    spare, worker = worker, None
                    self._live_workers.discard(spare)
                    spare.close()
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
            prepared, worker = self._read_in_slow_lane(task, worker)
            if prepared is None:
                task.future.cancel()
            else:
                _set_result(task, prepared)
        self._stop_worker(worker)

    def _read_in_slow_lane(
        self, task: Task, worker: Worker | None
    ) -> tuple[Prepared | None, Worker | None]:
        """The reading, and the process for the next one. None: closed meanwhile."""
        worker = worker or self._start_worker(self._memory, "patient")
        prepared, reason = None, PROCESS_KILLED_REASON
        try:
            blob = pickle.dumps(task.current_job(), pickle.HIGHEST_PROTOCOL)
            prepared = pickle.loads(worker.read(blob, self._read_time))  # noqa: S301 (our own process)
        except TooSlowError:
            reason = f"too slow: more than {self._read_time:g} s of processor time"
        except WorkerDiedError:
            pass
        if prepared is not None and prepared.error != TOO_MUCH_MEMORY:
            if prepared.cpu < FAST_LANE_SECONDS:
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
        """The visible words of a page that cannot be read, with the reason why not; and the process for the next one."""
        made, worker = None, None
        if job.kind == "page":
            worker = self._start_worker(self._memory, "patient")
            made = self._read(
                worker,
                replace(job, visible_only=True, earlier_captures=()),
                VISIBLE_ONLY_SECONDS,
            )
            if (
                made is None
                or made.error == TOO_MUCH_MEMORY
                or worker.is_worn_out(self._max_jobs)
            ):
                self._stop_worker(worker)
                worker = None
        extract = made.extract if made is not None else None
        return Prepared(
            outcome=Outcome.FAILED,
            error=reason,
            cpu_seconds=self._read_time,
            extract=extract,
        ), worker

    def _start_worker(self, memory: int, *flags: str) -> Worker:
        worker = Worker(memory, *self._flags, *flags)
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


def _set_result(task: Task, prepared: Prepared) -> None:
    if task.future.set_running_or_notify_cancel():
        task.future.set_result(prepared)
