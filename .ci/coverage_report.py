"""Print the coverage of each package; exit 1 where code that decides has too little.

Usage: ``coverage json -q -o - | python .ci/coverage_report.py``. Lines and branches
count alike. ``[tool.coverage-floor]`` of ``pyproject.toml`` says what has a floor.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

WORST_FILES = 12  # named below a package that is under its floor

Counts = tuple[int, int]  # lines and branches: (run, all)


def count(summary: Mapping[str, int]) -> Counts:
    """The counts of a file, of coverage's summary."""
    return (
        summary["covered_lines"] + summary["covered_branches"],
        summary["num_statements"] + summary["num_branches"],
    )


def percent(counts: Iterable[Counts]) -> float:
    """Percent of all that was run."""
    run, total = map(sum, zip((0, 0), *counts, strict=True))
    return 100 * run / total if total else 100.0


def package(path: str) -> str:
    """``harvester/parse/html/dom.py`` → ``harvester/parse``; ``spiders`` is one."""
    parts = Path(path).parts
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def main() -> int:
    """Print the report; the exit code."""
    files = {
        path: count(file["summary"])
        for path, file in json.load(sys.stdin)["files"].items()
    }
    packages: dict[str, list[Counts]] = defaultdict(list)
    for path, counts in files.items():
        packages[package(path)].append(counts)
    for name, all_counts in sorted(packages.items()):
        print(f"{percent(all_counts):6.1f} %  {name}")
    print(f"{percent(files.values()):6.1f} %  total")
    config: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
    floor = config["tool"]["coverage-floor"]
    too_low = False
    for name, prefixes in floor["of"].items():
        chosen = {
            path: counts
            for path, counts in files.items()
            if path.startswith(tuple(prefixes))
        }
        share = percent(chosen.values())
        is_low = share < floor["percent"] or not chosen
        too_low |= is_low
        verdict = "too little" if is_low else "enough"
        print(f"{share:6.1f} %  {name}: {verdict}, at least {floor['percent']} %")
        if is_low:
            worst = sorted(chosen, key=lambda path: files[path][0] - files[path][1])
            for path in worst[:WORST_FILES]:
                print(f"{percent([files[path]]):14.1f} %  {path}")
    return int(too_low)


if __name__ == "__main__":
    sys.exit(main())
