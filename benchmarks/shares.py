"""Where the processor time of this process goes, by samples of its stack: cheap enough to leave the proportions as they are."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

import harvester

ROOM = Path(harvester.__file__).parent
EVERY = 0.005  # seconds of processor time
IDENTITY = (
    "identity/", "ingest/copies.py", "ingest/addresses.py", "ingest/twins.py", "archive/shingles.py", "archive/copies.py",
)  # fmt: skip


class Samples:
    """A context. ``label``: under which what happens now is counted."""

    def __init__(self, rooms: Iterable[str] = IDENTITY) -> None:
        self.rooms = tuple(str(ROOM / one) for one in rooms)
        self.label = ""
        self.all: Counter[str] = Counter()
        self.inside: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()

    def __enter__(self) -> Samples:
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def share(self, labels: Iterable[str]) -> float:
        """The part of the time under these labels that is spent in the rooms or below them."""
        wanted = list(labels)
        return sum(self.inside[one] for one in wanted) / max(
            sum(self.all[one] for one in wanted), 1
        )

    def _sample(self, number: int, frame: FrameType | None) -> None:
        self.all[self.label] += 1
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(self.rooms):
                self.inside[self.label] += 1
                self.functions[
                    f"{self.label} {Path(code.co_filename).stem}.{code.co_name}"
                ] += 1
                return
            frame = frame.f_back
