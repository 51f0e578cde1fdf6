"""Measure lists of changes on a large archive: the query itself, without the program's start.

    python benchmarks/change_queries.py ARCHIVE.db [--times 5]

``large_archive.py`` makes such an archive. Prints a row for each query: processor time of
the first 20 changes (median and most of several runs), of the count of all up to 10,000,
and how many there are.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TypeVar

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.large import choose_words
from harvester.archive.connection import open_reader
from harvester.archive.queries.changes import ChangeFilter, count_changes, list_changes
from harvester.query import parse_query
from harvester.schedule.times import format_time

T = TypeVar("T")


def list_queries(words: dict[str, str]) -> dict[str, str]:
    """Name → query."""
    rare, common, frequent = words["rare"], words["common"], words["frequent"]
    outlet = words["outlet"]
    return {
        "all": "",
        "rare word": rare,
        "common word": common,
        "frequent word": frequent,
        "two words": f"{rare} {frequent}",
        "prefix": f"{rare[:3]}*",
        "word, outlet": f"{frequent} outlet:{outlet}",
        "word, class": f"{frequent} class:correction",
        "word, silent": f"{common} is:silent",
        "added": f"added:{common}",
        "removed": f"removed:{frequent}",
        "of what was removed": "is:removed",
        "none, nothing indexed": f"lang:fr -{frequent}",
    }


def measure(call: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and milliseconds of processor time."""
    started = time.process_time()
    result = call()
    return result, (time.process_time() - started) * 1_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path, metavar="ARCHIVE.db")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    now = datetime.now(UTC)
    at = format_time(now)
    rows = []
    with closing(open_reader(options.archive)) as connection:
        for name, query in list_queries(choose_words(options.archive)).items():
            chosen = ChangeFilter(parse_query(query, now) if query else None)
            runs = [
                measure(lambda: list_changes(connection, chosen, at))[1]  # noqa: B023
                for _ in range(options.times)
            ]
            count, taken = measure(lambda: count_changes(connection, chosen, at))  # noqa: B023
            shown = "more" if count is None else count
            rows.append([name, query, median(runs), max(runs), taken, shown])
    headers = ["changes", "query", "median ms", "most ms", "count ms", "changes"]
    print(tabulate(rows, headers, floatfmt=".1f"))


if __name__ == "__main__":
    main()
