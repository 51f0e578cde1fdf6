"""One thread that runs functions in order; the event loop awaits their results.

In place of an executor, whose future for each call, wrapped in one of the event loop,
and wake-up of the loop for each take longer than many of the calls. Here the results
that come before the loop gets to them share one wake-up.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class WriterThread:
    """``run`` is awaited in the event loop; ``call`` blocks, before and after it."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Callable[[], Any], Any] | None] = SimpleQueue()
        # Of ``run``, on their way to the event loop: future, result, error.
        self._results: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = (
            deque()
        )
        self._is_delivery_due = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], T], timeout: float | None = None) -> T:
        """What a function returns, run after all before it. Raises TimeoutError."""
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._calls.put((function, future))
        return future.result(timeout)

    async def run(self, function: Callable[[], T]) -> T:
        """What a function returns, run after all before it."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._calls.put((function, future))
        return await future

    def close(self) -> None:
        """End the thread, after all calls."""
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            function, future = call
            result, error = None, None
            try:
                result = function()
            except BaseException as problem:  # noqa: BLE001 (the caller's)
                error = problem
            if isinstance(future, concurrent.futures.Future):
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
                continue
            self._results.append((future, result, error))
            if not self._is_delivery_due:
                self._is_delivery_due = True
                with suppress(RuntimeError):  # the event loop has ended
                    future.get_loop().call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        """In the event loop: complete the futures whose results are there."""
        self._is_delivery_due = False  # first: what comes now is delivered once more
        while self._results:
            future, result, error = self._results.popleft()
            if future.done():  # its task was cancelled
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
