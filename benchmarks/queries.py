"""Measure queries on a large archive: the query itself, without the program's start.

    python benchmarks/queries.py ARCHIVE.db [--times 7]

``large_archive.py`` makes such an archive. Prints a row for each query: processor time of
its first 20 hits (median and most of several runs, after one that does not count), of the
count of all hits up to 10,000, and how many there are.
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

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.large import choose_words
from harvester.archive.connection import open_reader
from harvester.archive.queries.facets import FACETS, count_facets
from harvester.archive.queries.search import count_hits, search
from harvester.query import parse_query
from harvester.schedule.times import format_time

# Milliseconds of processor time: the newest, ranked, with filters.
MAX_NEWEST, MAX_RANKED, MAX_FILTERED = 10, 40, 200


def list_queries(words: dict[str, str]) -> list[tuple[str, str, bool, int]]:
    """Name, query, whether it is ranked, and the most milliseconds."""
    rare, common, frequent = words["rare"], words["common"], words["frequent"]
    outlet, day = words["outlet"], words["day"]
    month = day[:7]
    return [
        ("rare", rare, False, MAX_NEWEST),
        ("common", common, False, MAX_NEWEST),
        ("frequent", frequent, False, MAX_NEWEST),
        ("two words", f"{common} {words['second']}", False, MAX_NEWEST),
        ("phrase", f'"{frequent} {frequent}"', False, MAX_NEWEST),
        ("prefix", f"{common[:3]}*", False, MAX_NEWEST),
        ("common, ranked", common, True, MAX_RANKED),
        ("frequent, ranked", frequent, True, MAX_RANKED),
        ("one filter: outlet", f"{common} outlet:{outlet}", False, MAX_FILTERED),
        ("one filter: month", f"{common} published:{month}", False, MAX_FILTERED),
        ("one filter: edited", f"{common} is:edited", False, MAX_FILTERED),
        ("one filter: words", f"{frequent} words:>900", False, MAX_FILTERED),
        (
            "three filters",
            f"{common} outlet:{outlet} published:{month} is:edited",
            False,
            MAX_FILTERED,
        ),
        ("title", f"title:{common}", False, MAX_FILTERED),
        ("added", f"added:{common}", False, MAX_FILTERED),
        ("removed", f"removed:{frequent}", False, MAX_FILTERED),
        ("word or filter", f"{rare} OR is:removed", False, MAX_FILTERED),
        (
            "no words: month, unique",
            f"published:{month} is:unique",
            False,
            MAX_FILTERED,
        ),
        ("no words: outlet", f"outlet:{outlet}", False, MAX_FILTERED),
        ("no words: removed", "is:removed", False, MAX_FILTERED),
        ("no words: silent", "is:silent", False, MAX_FILTERED),
        ("no words: edited on a day", f"edited:{day}", False, MAX_FILTERED),
    ]


def measure(run: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of processor time of several runs, after one that does not count."""
    spent = []
    for _ in range(times + 1):
        start = time.process_time()
        run()
        spent.append((time.process_time() - start) * 1000)
    return sorted(spent[1:])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, metavar="ARCHIVE.db")
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    words = choose_words(options.archive)
    moment = datetime.fromisoformat(words["day"]).replace(hour=12, tzinfo=UTC)
    now = format_time(moment)
    rows = []
    with closing(open_reader(options.archive)) as connection:
        for name, query, is_ranked, most in list_queries(words):
            tree = parse_query(query, moment)
            spent = measure(
                lambda tree=tree, is_ranked=is_ranked: search(  # type: ignore[misc]
                    connection, tree, now, rank=is_ranked
                ),
                options.times,
            )
            counting = measure(
                lambda tree=tree: count_hits(connection, tree, now),  # type: ignore[misc]
                1,
            )
            hits = count_hits(connection, tree, now)
            rows.append(
                [
                    name,
                    f"{median(spent):.1f}",
                    f"{spent[-1]:.1f}",
                    f"{most}{'  over' if spent[-1] > most else ''}",
                    f"{counting[0]:.1f}",
                    "more than 10,000" if hits is None else f"{hits:,}",
                ]
            )
            print(f"  {name}", file=sys.stderr)
        for name in ("common", "frequent"):
            tree = parse_query(words[name], moment)
            spent = measure(
                lambda tree=tree: count_facets(connection, tree, now, FACETS),  # type: ignore[misc]
                options.times,
            )
            over = "  over" if spent[-1] > MAX_FILTERED else ""
            counted = count_facets(connection, tree, now, FACETS)
            rows.append(
                [
                    f"{name}: all five facets",
                    *(
                        f"{median(spent):.1f}",
                        f"{spent[-1]:.1f}",
                        f"{MAX_FILTERED}{over}",
                    ),
                    *("", f"{counted.versions:,} versions"),
                ]
            )
    headers = ["query", "median ms", "most ms", "aim", "count ms", "hits"]
    print(tabulate(rows, headers, disable_numparse=True, stralign="right"))


if __name__ == "__main__":
    main()
