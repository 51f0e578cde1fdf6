"""Kill processes of a harvest with SIGKILL at random instants, and check the archive.

    python benchmarks/kill.py [--kills 500] [--seed 1] [--state FILE]

One process, or all of them, is killed at a time. After every 25 kills the harvest runs
to the end, and a new archive and newspaper are started. With ``--state`` the progress is
written to a file, and the next run continues from it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import end_in_order, table
from benchmarks.machine.kills import CHECKS, TARGETS, Kills
from harvester.newsroom import Newsroom

BLOCK = 25


def block(seed: int, kills: int, done: dict[str, Any]) -> None:
    """Kill a number of times on one archive, then harvest to the end."""
    with Newsroom() as room, tempfile.TemporaryDirectory() as folder:
        run = Kills(Path(folder), room, seed)
        for number in range(kills):
            run.case(TARGETS[(seed + number) % len(TARGETS)])
            kill_count = done["kills"] + number + 1
            fault_count = len(done["faults"]) + len(run.faults)
            print(
                f"\r{kill_count} kills, {fault_count} faults", end="", file=sys.stderr
            )
        faults = run.faults + run.complete()
    for name in ("killed", "early", "held"):
        done[name] = dict(Counter(done[name]) + getattr(run, name))
    done["faults"] += faults
    done["kills"] += kills
    done["blocks"] += 1
    done["complete"] += not faults


def main() -> int:
    """Kill, check, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--state", type=Path, help="file that keeps the progress; continue from it"
    )
    options = parser.parse_args()
    end_in_order()
    done: dict[str, Any] = {
        "kills": 0,
        "blocks": 0,
        "complete": 0,
        "killed": {},
        "early": {},
        "held": {},
        "faults": [],
        "seconds": 0.0,
    }
    if options.state and options.state.exists():
        done |= json.loads(options.state.read_text())
    while done["kills"] < options.kills:
        started = time.monotonic()
        block(
            options.seed + done["blocks"],
            min(BLOCK, options.kills - done["kills"]),
            done,
        )
        done["seconds"] += time.monotonic() - started
        if options.state:
            options.state.write_text(json.dumps(done))
    print(file=sys.stderr)
    for fault in done["faults"][:20]:
        print(fault)
    rows = [
        (
            f"killed: {target}",
            str(done["killed"].get(target, 0)),
            f"and {done['early'].get(target, 0)} that had already ended",
        )
        for target in TARGETS
    ]
    rows += [
        (f"passed: {check}", str(done["held"].get(check, 0)), "") for check in CHECKS
    ]
    rows += [
        (
            "kills",
            str(done["kills"]),
            f"{done['seconds'] / max(done['kills'], 1):.1f} s each; aim: at most 3",
        ),
        (
            "archives harvested to the end",
            f"{done['complete']} of {done['blocks']}",
            "aim: all",
        ),
        ("faults", str(len(done["faults"])), "aim: 0"),
    ]
    table(rows)
    return 1 if done["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
