"""The crawl as a program, with the time passed in: what ``benchmarks/month.py`` starts in place of ``python -m spiders``.

    python month_crawl.py --settings FILE --at TIME

Everything is the real program but its clock, and that it tells when nothing is due any more at the time that it has, and waits to be
told the next: a line "TIME SECONDS" on standard input (SECONDS: of a clock that never steps), or "end".
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ROUNDS = 12  # at one instant: more, and something is due for ever
OVER = object()


class Time:
    """What time it is, as we were told."""

    def __init__(self, said: str) -> None:
        self.tell(said)

    def tell(self, said: str) -> None:
        """TIME SECONDS."""
        at, _, seconds = said.partition(" ")
        self.now = datetime.fromisoformat(at), float(seconds)

    @property
    def at(self) -> datetime:
        """As the clock has it."""
        return self.now[0]

    @property
    def seconds(self) -> float:
        """As a clock has it that is never set."""
        return self.now[1]


def put_in(time: Time) -> None:
    """The time that was passed in, wherever the spiders ask for it."""
    import spiders.crawl
    import spiders.harvest
    import spiders.middlewares
    import spiders.pagination
    import spiders.politeness
    import spiders.robots
    import spiders.system_clock
    import spiders.writer

    class Passed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return time.at.astimezone(tz or UTC)

    from harvester.schedule.times import format_time

    for module in [
        one for name, one in sys.modules.items() if name.startswith("spiders.")
    ]:
        if getattr(module, "datetime", None) is datetime:
            module.datetime = Passed  # type: ignore[attr-defined]
        if hasattr(module, "utc_now_iso"):
            module.utc_now_iso = lambda: format_time(time.at)  # type: ignore[attr-defined]
        if hasattr(module, "boottime_seconds"):
            module.boottime_seconds = lambda: time.seconds  # type: ignore[attr-defined]
    spiders.robots.time = SimpleNamespace(monotonic=lambda: time.seconds)  # type: ignore[attr-defined]


def stepping(time: Time) -> Any:
    """The spider, which waits for the next instant in place of real time."""
    import spiders.crawl
    import spiders.harvest

    (
        spiders.harvest.MIN_REFILL_INTERVAL_SECONDS,
        spiders.harvest.MAX_REFILL_INTERVAL_SECONDS,
    ) = (
        0.02,
        0.1,
    )  # of real time, which would only be waited for

    class Stepping(spiders.harvest.HarvestSpider):
        rounds = 0

        async def _should_continue(self) -> bool:
            while not self.stopping:
                if await self._refill():
                    return True
                await self.writer.start_round()
                self.rounds += 1
                if self.rounds <= ROUNDS and await self._refill():
                    return True
                await self.writer._run_in_thread(
                    lambda: self.writer._open_keeper.flush()
                )
                spiders.crawl.print_event("idle", rounds=self.rounds)
                said = await self._said()
                if said == "end":
                    return False
                time.tell(said)
                self.rounds = 0
                await self.writer.get_counts()  # which looks at the clock
                await self.writer.start_round()
            return False

        async def _said(self) -> str:
            """The next line; not in the executor, which would be waited for at the end."""
            loop, told = asyncio.get_running_loop(), asyncio.Future[str]()

            def read() -> None:
                line = sys.stdin.readline().strip() or "end"
                loop.call_soon_threadsafe(told.set_result, line)

            threading.Thread(target=read, daemon=True).start()
            return await told

    return Stepping


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--at", required=True, help='"TIME SECONDS"')
    given = parser.parse_args()
    time = Time(given.at)
    put_in(time)
    import spiders.harvest
    from spiders.crawl import run

    spiders.harvest.HarvestSpider = stepping(time)  # type: ignore[misc]
    return run(given.settings, [], once=False, force=False)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
