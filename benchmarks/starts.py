"""Measure what the start of a command costs, on the archive of the demonstration.

    python benchmarks/starts.py [--runs 9]

Prints processor time of the command and of all that it starts: the least of several
runs, since whatever else the machine does makes each of them longer.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table

# Command line, and how many seconds it may take.
COMMANDS = (
    (("--version",), None),
    (("search", "harbour"), 0.17),
    (("once",), 0.35),  # nothing is due
    (("status",), None),
    (("changes",), None),
)


def processor_seconds(folder: Path, *arguments: str) -> float:
    """Run ``harvest`` in a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "harvester.cli", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,  # `status` has an exit code of its own where a feed failed
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Build the archive, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    rows = []
    with tempfile.TemporaryDirectory() as name:
        processor_seconds(Path(name), "demo", "--keep", "demo")
        folder = Path(name) / "demo"
        if not (folder / "archive.db").exists():
            raise SystemExit("the demonstration failed: run `harvest demo`")
        processor_seconds(folder, "once")  # what the demonstration left due
        for arguments, aim in COMMANDS:
            least = min(processor_seconds(folder, *arguments) for _ in range(runs))
            rows.append(
                (
                    f"harvest {' '.join(arguments)}, s",
                    f"{least:.3f}",
                    f"aim: at most {aim}" if aim else "",
                )
            )
    table(rows)


if __name__ == "__main__":
    main()
