"""Sample the stack of this process to see where its processor time goes.

Sampling is cheap enough not to change the proportions.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

import harvester

PACKAGE_FOLDER = Path(harvester.__file__).parent
EVERY = 0.005  # seconds of processor time
IDENTITY = (
    "identity/",
    "ingest/copy_detection.py",
    "ingest/identify.py",
    "ingest/join.py",
    "archive/records/copies.py",
    "archive/records/shingle_index.py",
)


class Samples:
    """A context that samples. ``label`` is what samples are counted under from now on."""

    def __init__(self, packages: Iterable[str] = IDENTITY) -> None:
        self.packages = tuple(str(PACKAGE_FOLDER / package) for package in packages)
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
        """The share of the time under these labels that is spent in the packages."""
        wanted = list(labels)
        return sum(self.inside[label] for label in wanted) / max(
            sum(self.all[label] for label in wanted), 1
        )

    def _sample(self, number: int, frame: FrameType | None) -> None:
        self.all[self.label] += 1
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(self.packages):
                self.inside[self.label] += 1
                self.functions[
                    f"{self.label} {Path(code.co_filename).stem}.{code.co_name}"
                ] += 1
                return
            frame = frame.f_back
