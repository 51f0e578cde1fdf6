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
from harvester.workers.process import TOO_MUCH, DiedError, TooSlowError, Worker

if TYPE_CHECKING:
    from harvester.ingest import Job

USUAL_SHARE = (
    0.7  # of the memory that a page may take alone, for a process of the first lane
)
QUICK = 2.0  # seconds of processor time in the first lane; a page takes 0.05
LARGE = 1_500_000  # bytes of a body, beyond which it goes to the second lane at once
CHEAP_TIME = 5.0  # seconds of processor time for the cheap reading
OVERRUNS = 12  # of one outlet, after which its slow pages are left for another crawl
RECYCLE = 1_000  # jobs after which a process is replaced
KILLED = "the reading of this page killed its process"
LEFT = "left for the next run: it takes long to read, and nothing else was left to do"
LATER = "left for later: too many pages of this outlet take too long to read"


@dataclass(slots=True)
class Task:
    """A job on its way."""

    job: Job
    outlet: str
    at_last: Callable[[Job], Job] | None = None
    future: Future[Prepared] = field(default_factory=Future)

    def settled(self) -> Job:
        """The job as it is now that its turn has come."""
        self.job = self.at_last(self.job) if self.at_last else self.job
        return self.job


class Turns:
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

    def drop(self, outlet: str) -> Sequence[Task]:
        """All of an outlet, which wait here no longer."""
        tasks = self._tasks.pop(outlet, ())
        self._count -= len(tasks)
        return tuple(tasks)


class Workers:
    """``count`` processes at most, and one for what is slow; ``read_time`` seconds of processor time and ``memory`` bytes a job.
    ``warm``: what is imported only where a page needs it is imported at the start, so that no page's time shows it."""

    def __init__(
        self,
        count: int,
        read_time: float = Limits().read_time,
        recycle: int = RECYCLE,
        memory: int = Limits().read_memory,
        warm: bool = False,
    ) -> None:
        self._count, self._read_time, self._recycle, self._memory = (
            max(1, count),
            read_time,
            recycle,
            memory,
        )
        self._words = ("warm",) if warm else ()
        self._waiting, self._slow = Turns(), Turns()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._patient: threading.Thread | None = None
        self._idle = 0
        self._closed = False
        self._live: set[Worker] = set()
        self._alone = 0  # jobs in the second lane's process
        self._slowed: set[str] = (
            set()
        )  # outlets of which a page was slow, and none has been quick since
        self._overruns: Counter[str] = Counter()

    def submit(
        self, job: Job, outlet: str = "", at_last: Callable[[Job], Job] | None = None
    ) -> Future[Prepared]:
        """Have a job read. The future is cancelled by ``close``, and has no exception otherwise. ``at_last``: asked in another thread
        when the job's turn comes, for it may have waited long."""
        task = Task(job, outlet, at_last)
        with self._changed:
            if self._closed:
                task.future.cancel()
                return task.future
            if len(job.capture.body) > LARGE or outlet in self._slowed:
                self._put_aside(task)
                return task.future
            self._waiting.add(task)
            if len(self._waiting) > self._idle and len(self._threads) < self._count:
                self._threads.append(
                    threading.Thread(target=self._serve, name="worker", daemon=True)
                )
                self._threads[-1].start()
            self._changed.notify_all()
        return task.future

    def pids(self) -> list[int]:
        """The processes alive."""
        with self._changed:
            return [worker.process.pid for worker in self._live]

    @property
    def slow(self) -> int:
        """How many jobs are read alone, or wait for that."""
        return len(self._slow) + self._alone

    def leave(self) -> int:
        """Read none of the pages more that wait to be read alone. How many these are."""
        with self._changed:
            tasks = [self._slow.take() for _ in range(len(self._slow))]
            pages = [task for task in tasks if task.job.kind == "page"]
            for task in tasks:
                if task not in pages:
                    self._slow.add(task)
        for task in pages:
            _settle(task, Prepared(outcome=Outcome.WAITING, error=LEFT))
        return len(pages)

    def close(self) -> None:
        """End all processes, whatever they do; what was not read is cancelled."""
        with self._changed:
            self._closed = True
            for turns in (self._waiting, self._slow):
                while turns:
                    turns.take().future.cancel()
            for worker in self._live:
                worker.process.kill()
            self._changed.notify_all()
        for thread in [*self._threads, *([self._patient] if self._patient else [])]:
            thread.join()

    # ---- the first lane

    def _next(self) -> Task | None:
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            return None if self._closed else self._waiting.take()

    def _serve(self) -> None:
        worker: Worker | None = None
        while (task := self._next()) is not None:
            job = task.settled()
            limit = (
                self._read_time
                if job.kind in ("again", "learn", "explain")
                else self._quick(job)
            )
            worker = worker or self._start(max(1, int(self._memory * USUAL_SHARE)))
            prepared = self._read(worker, job, limit)
            if prepared is None or prepared.error == TOO_MUCH:
                self._drop(worker)
                worker = None
                with self._changed:
                    if self._closed:
                        task.future.cancel()
                    else:
                        self._put_aside(task)
                continue
            if worker.worn(self._recycle):
                self._drop(worker)
                worker = None
            _settle(task, prepared)
        self._drop(worker)

    def _quick(self, job: Job) -> float:
        return min(self._read_time, QUICK * (1 + len(job.earlier)))

    def _read(self, worker: Worker, job: Job, limit: float) -> Prepared | None:
        """The reading; None: it took too long, or its process died."""
        try:
            made: Prepared = pickle.loads(
                worker.read(pickle.dumps(job, pickle.HIGHEST_PROTOCOL), limit)
            )  # noqa: S301 (our own process)
        except (TooSlowError, DiedError):
            return None
        return made

    # ---- the second lane

    def _put_aside(self, task: Task) -> None:
        """To be read alone, with all that waits of its outlet. The lock is held."""
        self._slow.add(task)
        if task.outlet:
            self._slowed.add(task.outlet)
            for other in self._waiting.drop(task.outlet):
                self._slow.add(other)
        if self._patient is None:
            self._patient = threading.Thread(
                target=self._serve_slow, name="patient worker", daemon=True
            )
            self._patient.start()
        self._changed.notify_all()

    def _serve_slow(self) -> None:
        worker: Worker | None = None
        while True:
            with self._changed:
                self._alone = 0
                if not self._slow and worker is not None:  # its memory is given back
                    spare, worker = worker, None
                    self._live.discard(spare)
                    spare.close()
                while not self._slow and not self._closed:
                    self._changed.wait()
                if self._closed:
                    break
                task = self._slow.take()
                self._alone = 1
            if self._overruns[task.outlet] >= OVERRUNS and task.outlet:
                _settle(task, Prepared(outcome=Outcome.WAITING, error=LATER))
                continue
            prepared, worker = self._read_alone(task, worker)
            if prepared is None:
                task.future.cancel()
            else:
                _settle(task, prepared)
        self._drop(worker)

    def _read_alone(
        self, task: Task, worker: Worker | None
    ) -> tuple[Prepared | None, Worker | None]:
        """The reading, and the process for the next one. None: closed meanwhile."""
        worker = worker or self._start(self._memory, "patient")
        prepared, reason = None, KILLED
        try:
            blob = pickle.dumps(task.settled(), pickle.HIGHEST_PROTOCOL)
            prepared = pickle.loads(worker.read(blob, self._read_time))  # noqa: S301 (our own process)
        except TooSlowError:
            reason = f"too slow: more than {self._read_time:g} s of processor time"
        except DiedError:
            pass
        if prepared is not None and prepared.error != TOO_MUCH:
            if prepared.cpu < QUICK:
                with self._changed:
                    self._slowed.discard(task.outlet)
            if worker.worn(self._recycle):
                self._drop(worker)
                worker = None
            return prepared, worker
        self._drop(worker)
        if self._closed:
            return None, None
        self._overruns[task.outlet] += 1
        reason = TOO_MUCH if prepared is not None else reason
        return self._cheaply(task.job, reason)

    def _cheaply(self, job: Job, reason: str) -> tuple[Prepared, Worker | None]:
        """The visible words of a page that cannot be read, with the reason why not; and the process for the next one."""
        made, worker = None, None
        if job.kind == "page":
            worker = self._start(self._memory, "patient")
            made = self._read(worker, replace(job, cheap=True, earlier=()), CHEAP_TIME)
            if made is None or made.error == TOO_MUCH or worker.worn(self._recycle):
                self._drop(worker)
                worker = None
        extract = made.extract if made is not None else None
        return Prepared(
            outcome=Outcome.FAILED, error=reason, cpu=self._read_time, extract=extract
        ), worker

    def _start(self, memory: int, *words: str) -> Worker:
        worker = Worker(memory, *self._words, *words)
        with self._changed:
            self._live.add(worker)
            if self._closed:
                worker.process.kill()
        return worker

    def _drop(self, worker: Worker | None) -> None:
        if worker is not None:
            with self._changed:
                self._live.discard(worker)
            worker.close()


def _settle(task: Task, prepared: Prepared) -> None:
    if task.future.set_running_or_notify_cancel():
        task.future.set_result(prepared)
