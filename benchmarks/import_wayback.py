"""Measure an import from a web archive: its list, WARC files by offset, an address.

    python benchmarks/import_wayback.py [--lines 1000000] [--captures 1000]

The list has lines of one outlet as web archives list a site: images, scripts, pages that
did not change between captures. The web archive is on loopback, without delay: what is
told of it are requests, which is what a web archive's delay multiplies.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harvester.archive.importing import capture_lists
from harvester.archive.records.warc_records import build_response, build_warcinfo
from harvester.importing.wayback import listing, local_files, obtaining
from harvester.importing.wayback.addresses import parse_address
from harvester.importing.wayback.cdx import read_timestamp
from harvester.importing.wayback.listing import Wanted
from harvester.importing.wayback.run import (
    Source,
    WaybackOptions,
    WaybackResult,
    default_scopes,
    import_wayback,
)
from harvester.importing.wayback.selection import Scope
from harvester.importing.wayback.web_archive import WebArchive
from harvester.model import Capture
from harvester.newsroom import Newsroom
from harvester.newsroom.response_body import join_parts
from harvester.settings import Settings, parse_settings

NOW = "2026-12-01T12:00:00Z"
SENTENCES = (
    "The council of {town} has met for the {n}th time to talk about its budget.",
    "Members of all parties asked how much the new school is going to cost in {n} years.",
    "A report of {n} pages says that the roads in the north are in a bad state.",
    "The mayor answered that nothing is decided, and that everybody will be heard.",
    "Residents of {town} may write to the town hall until the end of the month.",
)
TOWNS = (
    "Ashby",
    "Burford",
    "Colne",
    "Dunster",
    "Epworth",
    "Fakenham",
    "Grimsby",
    "Hexham",
)


def lines(count: int) -> Iterator[str]:
    """Lines of a list: of ten, three are images and scripts, four the same again."""
    yield " CDX N b a m s k r M S V g"
    for number in range(count):
        article, turn = divmod(number, 10)
        stamp = f"2020{1 + turn:02}01{article % 24:02}0000"
        path, mime = f"/2020/01/report-of-the-council-{article}", "text/html"
        if turn < 3:
            path, mime = f"/images/{article}-{turn}.jpg", "image/jpeg"
        digest = f"D{article}-{min(turn, 5)}"
        yield (
            f"example,courier){path} {stamp} https://courier.example{path} {mime} 200 "
            f"{digest} - - 5000 {number * 5000} courier-{article % 7}.warc.gz"
        )


def measure_list(folder: Path, count: int) -> list[object]:
    """Read a list of so many lines; returns a row of the table."""
    path = folder / "list.cdx.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.writelines(f"{line}\n" for line in lines(count))
    memory, start = peak_megabytes(), time.process_time()
    with closing(capture_lists.open_lists(folder / "lists.db")) as connection:
        wanted = Wanted((Scope("domain", "courier.example"),), "", "", NOW)
        listing.read_files(connection, [path], wanted, lambda *_: None)
        seconds = time.process_time() - start
        kept = connection.execute("select count(*) from captures").fetchone()[0]
    grown = peak_megabytes() - memory
    return [
        "list",
        count,
        f"{count / seconds:,.0f} lines/s of processor time",
        f"{kept:,} kept, memory {grown:+.0f} MB",
    ]


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Past:
    """A newspaper whose articles a web archive has captured, again and again."""

    def __init__(self, room: Newsroom, captures: int) -> None:
        self.room = room
        self.outlet = room.add_outlet("courier", "wordpress", language="en")
        self.web = room.add_web_archive()
        for number in range(max(captures // 4, 1)):
            words = [
                text.format(town=TOWNS[number % len(TOWNS)], n=number)
                for text in SENTENCES
            ]
            title = f"Council of {TOWNS[number % len(TOWNS)]} meets, number {number}"
            article = self.outlet.publish(title, words)
            url = self.outlet.absolute_url(article.path)
            for text in ([], [f"Update {number}: the council has adjourned."]):
                room.advance(hours=1)
                self.outlet.edit(article, [*words, *text])
                response = self.web.capture(url).response
                room.advance(hours=1)
                self.web.add(url, response)  # the same again

    def settings(self, folder: Path) -> Settings:
        """Settings of an empty archive."""
        folder.mkdir()
        text = self.room.settings_toml(folder)
        return parse_settings(text, folder / "settings.toml")

    def write_files(self, folder: Path) -> tuple[Path, Path]:
        """The captures as a WARC file and its list."""
        warc, cdx = folder / "courier.warc.gz", folder / "courier.cdx"
        told = [" CDX N b a m s k r M S V g"]
        with warc.open("wb") as file:
            file.write(build_warcinfo(warc.name, NOW, "benchmark"))
            for capture in self.web.captures:
                record = build_response(
                    capture.url,
                    read_timestamp(capture.timestamp),
                    capture.response.status,
                    [("Content-Type", capture.response.content_type)],
                    join_parts(capture.response.parts),
                    False,
                )
                row = " ".join(capture.row[:6])
                place = f"{len(record)} {file.tell()} {warc.name}"
                told.append(f"{row} - - {place}")
                file.write(record)
        cdx.write_text("\n".join(told))
        return cdx, warc


def fetch(url: str) -> Capture:
    """A response, by a client without manners."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}".rstrip("?"))
        response = connection.getresponse()
        pairs = tuple(response.getheaders())
        return Capture(url, url, NOW, response.status, pairs, response.read())


def run(
    settings: Settings, source: Source, web: WebArchive
) -> tuple[WaybackResult, float]:
    """Import everything; also the seconds until all captures were obtained."""
    obtained_at = start = time.monotonic()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal obtained_at
        if stage in (local_files.COPIES, obtaining.REPLAYS):
            obtained_at = time.monotonic()

    scopes = default_scopes(settings.outlets["courier"])
    options = WaybackOptions("courier", scopes)
    result = import_wayback(settings, options, source, web, NOW, report)
    return result, obtained_at - start


def measure_imports(folder: Path, captures: int) -> list[list[object]]:
    """Import the same captures from files and from an address; returns rows."""
    rows: list[list[object]] = []
    with Newsroom() as room:
        past = Past(room, captures)
        cdx, warc = past.write_files(folder)
        address = parse_address(past.web.address, past.web.list_address)
        listed = len(past.web.captures)
        for name, source in (
            ("WARC files by offset", Source((cdx,), (warc,))),
            ("address", Source(archive=address)),
        ):
            web = WebArchive(fetch, time.time, time.sleep)
            settings = past.settings(folder / name.split()[0])
            start = time.monotonic()
            result, first = run(settings, source, web)
            seconds = time.monotonic() - start - first
            articles = result.articles or 1
            rows.append(
                [
                    name,
                    listed,
                    f"{result.obtained / first:.0f} captures/s obtained, "
                    f"{result.obtained / seconds:.0f}/s imported",
                    f"{result.obtained} obtained of {articles} articles, "
                    f"{result.requests} requests, {result.requests / articles:.2f} "
                    "for each article",
                ]
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--captures", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wayback-") as name:
        folder = Path(name)
        rows = [measure_list(folder, options.lines)]
        rows += measure_imports(folder, options.captures)
    print(tabulate(rows, ["source", "listed", "speed", "what was done"]))


if __name__ == "__main__":
    main()
