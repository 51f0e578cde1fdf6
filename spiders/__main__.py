"""The crawl as a command: ``python -P -m spiders --settings FILE [--once] [--force] [--fresh]``.

``--settings -``: they come from standard input, validated (``settings.handover``).
With ``--fetch N`` it fetches what it is told instead, see ``fetch``.

Standard output is one JSON object a line: ``{"event":"progress", …}`` at most twice a
second, with ``--at`` ``{"event":"visit", …}`` for each URL, and last
``{"event":"end","counts":{…}}``. Logs go to standard error. Exit codes
as in ``harvester.errors``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run a crawl; returns the exit code."""
    parser = argparse.ArgumentParser(prog="spiders", description="Fetch what is due.")
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--once", action="store_true", help="fetch what is due once, then exit"
    )
    parser.add_argument(
        "--force", action="store_true", help="fetch everything, due or not"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="send no conditional requests"
    )
    parser.add_argument(
        "--fetch",
        type=int,
        metavar="N",
        help="fetch the URLs on standard input instead, with at most N requests",
    )
    parser.add_argument(
        "--at",
        nargs=2,
        action="append",
        default=[],
        metavar=("OUTLET", "URL"),
        help="visit this URL of an outlet, and nothing else",
    )
    parser.add_argument(
        "--backfill",
        action="append",
        default=[],
        metavar="OUTLET",
        help="go on with the backfill of this outlet, until nothing of it is due",
    )
    parser.add_argument("outlets", nargs="*", metavar="OUTLET")
    options = parser.parse_args(arguments)
    from spiders.crawl import fetch, run

    if options.fetch is not None:
        return fetch(options.settings, options.fetch)
    return run(
        options.settings,
        options.outlets,
        once=options.once,
        force=options.force,
        fresh=options.fresh,
        addresses=[(outlet, url) for outlet, url in options.at],
        backfills=options.backfill,
    )


if __name__ == "__main__":
    sys.exit(main())
