"""The crawl process with the time passed in, started by ``benchmarks/month.py``.

    python month_crawl.py --settings FILE --at TIME

It is the real program except for its clock. When nothing is due any more, it prints an
event and reads the next time from standard input: a line "TIME SECONDS" (SECONDS: of a
clock that never steps), or "end".
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

MAX_ROUNDS = 12  # at one instant; with more, something is due for ever


class Time:
    """The time as passed in."""

    def __init__(self, said: str) -> None:
        self.tell(said)

    def tell(self, said: str) -> None:
        """TIME SECONDS."""
        at, _, seconds = said.partition(" ")
        self.now = datetime.fromisoformat(at), float(seconds)

    @property
    def at(self) -> datetime:
        """The time by the clock."""
        return self.now[0]

    @property
    def seconds(self) -> float:
        """The time by a clock that is never set."""
        return self.now[1]


def use_passed_time(time: Time) -> None:
    """Make the spiders use the time passed in."""
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
    """Return the spider class that waits for the next instant instead of real time."""
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
                if self.rounds <= MAX_ROUNDS and await self._refill():
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
                await self.writer.get_counts()  # which reads the clock
                await self.writer.start_round()
            return False

        async def _said(self) -> str:
            """Read the next line, in a thread that nobody waits for at the end."""
            loop, line_read = asyncio.get_running_loop(), asyncio.Future[str]()

            def read() -> None:
                line = sys.stdin.readline().strip() or "end"
                loop.call_soon_threadsafe(line_read.set_result, line)

            threading.Thread(target=read, daemon=True).start()
            return await line_read

    return Stepping


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=Path, required=True)
    parser.add_argument("--at", required=True, help='"TIME SECONDS"')
    arguments = parser.parse_args()
    time = Time(arguments.at)
    use_passed_time(time)
    import spiders.harvest
    from spiders.crawl import run

    spiders.harvest.HarvestSpider = stepping(time)  # type: ignore[misc]
    return run(arguments.settings, [], once=False, force=False)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
