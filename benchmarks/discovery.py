"""Measure whether ``harvest add`` finds and takes the right feeds.

    python benchmarks/discovery.py [--wrong]

Invented newspapers of all kinds (``tests/support/sites.py``), each with the feeds that
are right to take; and, where the corpora are, pages with the feeds that they announce.
The aims: the right ones at all of them, in at most 15 requests to a site.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from harvester.discovery.choice import choose_feeds
from harvester.discovery.search import MAX_REQUESTS
from harvester.parse.site_page import read_site_page
from tests.support.site_search import AT, search_site
from tests.support.sites import HOST, SITES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wrong", action="store_true", help="name what went wrong")
    options = parser.parse_args()
    wrong: list[str] = []
    rows = [*newspapers(wrong), *pages(wrong)]
    table(rows)
    for line in wrong if options.wrong else ():
        print(line)
    return 0


def newspapers(wrong: list[str]) -> list[tuple[str, str, str]]:
    """Newspapers at which the right feeds are taken, and requests to each."""
    right, requests = 0, []
    for name, site in SITES.items():
        search = search_site(site)
        language = search.page.language if search.page else ""
        choices = choose_feeds(search.feeds, language, AT)
        taken = {choice.feed.url for choice in choices if choice.is_taken}
        is_right = taken == {f"{HOST}{path}" for path in site.right}
        right += is_right
        requests.append(search.request_count)
        if not is_right:
            wrong.append(f"{name}: {site.right} but {sorted(taken)}")
    found = [
        count
        for count, site in zip(requests, SITES.values(), strict=True)
        if site.right
    ]
    return [
        ("newspapers: the right feeds taken", f"{right} of {len(SITES)}", "all"),
        (
            "requests to a newspaper that has one: median; most",
            f"{statistics.median(found):g}; {max(found)}",
            f"{MAX_REQUESTS}",
        ),
        ("requests where there is none: most", f"{max(requests)}", f"{MAX_REQUESTS}"),
    ]


def pages(wrong: list[str]) -> list[tuple[str, str, str]]:
    """Pages of the corpora whose announced feeds are exactly as expected."""
    root = corpora()
    if root is None:
        return [("pages: the announced feeds found", "no corpora", "all")]
    folder = root / "feeds"
    cases = json.loads((folder / "autodiscovery.json").read_text())
    right = 0
    for case in cases:
        headers = (("Content-Type", case["content_type"]),)
        page = read_site_page(
            (folder / case["file"]).read_bytes(), case["url"], headers
        )
        urls = [link.url for link in page.feeds]
        is_right = set(urls) == set(case["expect"]["feeds"])
        right += is_right
        if not is_right:
            wrong.append(f"page {case['id']}: {case['expect']['feeds']} but {urls}")
    return [("pages: the announced feeds found", f"{right} of {len(cases)}", "all")]


if __name__ == "__main__":
    sys.exit(main())
