"""kill -9 of any process, or of all, at random instants of a harvest: what holds after each.

    python benchmarks/kill.py [--kills 500] [--seed 1] [--state FILE]

Archives and newspapers are begun anew every 25 kills, and harvested to the end then. With --state what is done is noted, and gone on with.
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
    """Some kills on one archive, then a harvest to the end."""
    with Newsroom() as room, tempfile.TemporaryDirectory() as folder:
        one = Kills(Path(folder), room, seed)
        for number in range(kills):
            one.case(TARGETS[(seed + number) % len(TARGETS)])
            print(f"\r{done['kills'] + number + 1} kills, {len(done['faults']) + len(one.faults)} faults", end="", file=sys.stderr)  # fmt: skip
        faults = one.faults + one.complete()
    for name in ("killed", "early", "held"):
        done[name] = dict(Counter(done[name]) + getattr(one, name))
    done["faults"] += faults
    done["kills"] += kills
    done["blocks"] += 1
    done["complete"] += not faults


def main() -> int:
    """Kill, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--state", type=Path, help="a file in which it is noted how far it came"
    )
    given = options.parse_args()
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
    if given.state and given.state.exists():
        done |= json.loads(given.state.read_text())
    while done["kills"] < given.kills:
        started = time.monotonic()
        block(
            given.seed + done["blocks"], min(BLOCK, given.kills - done["kills"]), done
        )
        done["seconds"] += time.monotonic() - started
        if given.state:
            given.state.write_text(json.dumps(done))
    print(file=sys.stderr)
    for fault in done["faults"][:20]:
        print(fault)
    rows = [
        (
            f"killed: {one}",
            str(done["killed"].get(one, 0)),
            f"and {done['early'].get(one, 0)} that had ended",
        )
        for one in TARGETS
    ]
    rows += [(f"held: {one}", str(done["held"].get(one, 0)), "") for one in CHECKS]
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
