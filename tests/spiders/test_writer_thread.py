"""The writer's thread: in order, each result to its caller, errors too."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from spiders.writer_thread import WriterThread


@pytest.fixture
def thread() -> Iterator[WriterThread]:
    started = WriterThread()
    yield started
    started.close()


def test_calls_run_in_order_in_one_thread(thread: WriterThread) -> None:
    ran: list[tuple[int, int]] = []

    def work(number: int) -> int:
        ran.append((number, threading.get_ident()))
        if number % 7 == 3:
            raise ValueError(number)
        return number * 2

    async def crawl() -> list[int | BaseException]:
        return await asyncio.gather(
            *(thread.run(partial(work, number)) for number in range(500)),
            return_exceptions=True,
        )

    results = asyncio.run(crawl())
    assert [number for number, _ in ran] == list(range(500))
    assert len({ident for _, ident in ran}) == 1 != threading.get_ident()
    for number, result in enumerate(results):
        if number % 7 == 3:
            assert isinstance(result, ValueError)
            assert result.args == (number,)
        else:
            assert result == number * 2


def test_results_that_came_together_need_one_wake_up(
    thread: WriterThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    wake_ups: list[object] = []

    async def crawl() -> None:
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def count_and_wake(*arguments: Any) -> asyncio.Handle:
            wake_ups.append(arguments)
            return wake(*arguments)

        monkeypatch.setattr(loop, "call_soon_threadsafe", count_and_wake)
        futures = [asyncio.ensure_future(thread.run(int)) for _ in range(50)]
        await asyncio.sleep(0)  # they are called
        thread.call(int)  # and have run, while the event loop did nothing
        await asyncio.gather(*futures)

    asyncio.run(crawl())
    assert len(wake_ups) == 1


def test_a_task_that_was_cancelled_takes_no_result(thread: WriterThread) -> None:
    may_end = threading.Event()

    async def crawl() -> int:
        waiting = asyncio.ensure_future(thread.run(may_end.wait))
        await asyncio.sleep(0)
        waiting.cancel()
        may_end.set()
        return await thread.run(lambda: 5)

    assert asyncio.run(crawl()) == 5


def test_it_goes_on_when_the_event_loop_has_ended(thread: WriterThread) -> None:
    may_end = threading.Event()

    async def crawl() -> None:
        task = asyncio.ensure_future(thread.run(may_end.wait))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(crawl())
    may_end.set()
    assert thread.call(lambda: 6) == 6


def test_a_blocking_call_gives_errors_and_a_timeout(thread: WriterThread) -> None:
    may_end = threading.Event()
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)
    with pytest.raises(TimeoutError):
        thread.call(may_end.wait, timeout=0.01)
    may_end.set()
    assert thread.call(lambda: 7) == 7
