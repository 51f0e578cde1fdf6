"""Passes of the real crawl over a small site, with WARC files, at times that stand still."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from tests.golden.dump import digests
from tests.golden.loopback import Site
from tests.golden.pages import (
    BRIDGE,
    COUNCIL,
    FERRY,
    OFFER,
    ORCHARD,
    REGATTA,
    Lantern,
    by_hand,
    ld,
    modified,
    page,
)
from tests.golden.program import at_time

SETTINGS = """
[archive]
path = "archive.db"
captures = "captures"
[crawl]
user_agent = "harvester/1.0 (+https://example.org/golden)"
delay = "0 seconds"
allow_networks = ["127.0.0.0/8"]
concurrency = 1
workers = 1
every = "0 seconds"
revisit = ["0 seconds", "0 seconds", "0 seconds", "0 seconds", "0 seconds"]
removed_after = { looks = 2, apart = "0 seconds" }
[limits]
entries = 24
[outlets.lantern]
name = "The Lantern"
language = "en"
"""
LATER = 9  # entries that come on the second day: more than a feed may have
# While a page is read the next is fetched, so that the order in which they are kept is a
# matter of chance. What tells of nothing but that order, or of identifiers of WARC
# records, is left out; that an outlet's profile is learned meanwhile, too (``RULES``).
RULES = 'rules = { deny = ["/denied/"], text = ["article"] }'
CHANCE = ("seals", "days", "chains", "rhythms", "shingles", "samples", "unsampled")
NUMBERS = ("readings", "sightings", "copies", "clusters", "labels", "looks")
COLUMNS = (
    *("offset", "length", "record"),
    *("capture", "reading", "first", "change", "before", "after", "original_version"),
    *(f"{table}.version" for table in NUMBERS),
)


def crawled(folder: Path) -> dict[str, Any]:
    """What each pass said, what is stored after it, and what stands in the WARC files."""
    found: dict[str, Any] = {}
    with Site() as site:
        lantern = Lantern(site)
        named = by_hand(lantern)
        feed = f'feeds = ["{site.absolute_url("/feed.xml")}"]\n{RULES}\n'
        (folder / "settings.toml").write_text(SETTINGS + feed, "utf-8")

        def once(at: str, *more: str) -> None:
            ran = at_time(folder, f"2025-09-{at}:00+00:00", "once", "--json", *more)
            assert ran.code == 0, ran.err
            counts = json.loads(ran.out.splitlines()[-1])
            counts = {name: count for name, count in counts.items() if count}
            found[at] = {"counts": counts, "tables": stored(folder)}

        once("06T08:00")
        lantern.change("/news/budget-77.html", page("The budget is voted", COUNCIL[1:]))
        lantern.change("/news/bridge", page("The bridge is closed", BRIDGE))
        lantern.change("/news/ferry", page("The ferry stays", FERRY, modified("12:30")))
        offer = f"<div class='offer'><p>{OFFER}</p></div>"
        sold = ld(**{"@type": "NewsArticle", "isAccessibleForFree": "False"})
        lantern.change("/free", page("The orchard", ORCHARD[2:3], sold, offer))
        for name, words in (("regatta", REGATTA), ("orchard", ORCHARD)):
            more = f"A correction: the {name} was named wrongly, which we regret."
            body = page(f"The {name}", (*words, more))
            lantern.put(f"/new/{name}", f"The {name}", body)
        once("06T11:00")  # nothing is fetched before: a page said when to come again
        site.add_fault("/stub", "status", status=410)
        site.add_fault("/live/the-flood", "status", status=404)
        once("07T08:00")
        for name in ("regatta", "orchard"):
            location = site.absolute_url(f"/new/{name}")
            site.add_fault(f"/old/{name}", "redirect", status=301, location=location)
        site.add_fault("/feed.xml", "status", status=500)
        _postpone(folder, "/new/")
        once("07T09:00")
        site.heal("/feed.xml")
        site.heal("/live/the-flood")
        for number in range(LATER):
            body = page(f"Brief {number}", [f"{number}. {one}" for one in BRIDGE[:2]])
            lantern.put(f"/brief/{number}", f"Brief {number}", body)
        once("08T08:00")
        once("08T09:00", "--force")
    for arguments in (
        ("purge", named["bridge"], "--why", "a test", "--yes", "--json"),
        ("split", named["orchard"], "--json"),
        ("reread", "--json"),
        ("verify", "--json"),
    ):
        ran = at_time(folder, "2025-09-09T08:00:00+00:00", *arguments)
        assert ran.code == 0, (ran.out, ran.err)
        found[f"{len(found)} {arguments[0]}"] = stored(folder)
    found["warc"] = records(folder)
    return found


def _postpone(folder: Path, path: str) -> None:
    """Make articles below a path due later: else chance decides which visit is first."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute(
            "update articles set due = '2025-09-08T08:00:00Z' where reached like ?",
            [f"%{path}%"],
        )


def stored(folder: Path) -> dict[str, str]:
    """Table → its digest."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        every = digests(connection, COLUMNS)
    return {name: one for name, one in every.items() if name not in CHANCE}


def records(folder: Path) -> dict[str, Any]:
    """What the WARC files are called, and each record's kind, address and fields."""
    found = []
    files = sorted((folder / "captures").rglob("*"))
    files = [one for one in files if one.is_file()]
    for file in files:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                url = record.rec_headers.get_header("WARC-Target-URI")
                names = [name for name, _ in record.rec_headers.headers]
                status = record.http_headers.statusline if record.http_headers else ""
                at = record.rec_headers.get_header("WARC-Date")
                found.append(f"{record.rec_type} {at} {url} {status} {' '.join(names)}")
    return {"files": len(files), "records": sorted(found)}
