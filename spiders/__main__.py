"""The door of the crawl: ``python -P -m spiders --settings FILE [--once] [--force] [OUTLET …]``.

Standard output is one JSON object a line: ``{"event":"progress", …}`` at most twice a second, and last
``{"event":"end","counts":{…}}``. Logs go to standard error. Exit codes as in ``harvester.errors``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl; returns the exit code."""
    parser = argparse.ArgumentParser(prog="spiders", description="Visit what is due.")
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--once", action="store_true", help="one pass over what is due, then end"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="visit everything of the outlets, due or not",
    )
    parser.add_argument("outlets", nargs="*", metavar="OUTLET")
    given = parser.parse_args(arguments)
    from spiders.crawl import run

    return run(given.settings, given.outlets, once=given.once, force=given.force)


if __name__ == "__main__":
    sys.exit(main())
