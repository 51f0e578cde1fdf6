"""Measure the hash chain, verification and a purge, on captures of real pages.

    python benchmarks/proof.py [--captures 10000]

Prints what records cost with zlib alone and with ISA-L, what sealing costs, how long
``verify`` takes, and whether a purge leaves any sentence of the article in any file.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import real_pages, table
from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.integrity.verify import Verifier
from harvester.archive.records import compression, warc_records
from harvester.archive.records.captures import WarcFiles
from harvester.archive.takedown import execute, purge
from harvester.archive.upkeep import optimise
from harvester.export import bundle
from harvester.identity.wording import wording_and_text_digests
from harvester.parse.content.extractor import EXTRACTOR

DAY = "2025-09-{:02}T{:02}:00:00Z"
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
PURGED = 700  # number of the article that is purged, between others
SENTENCES = 8


@contextmanager
def timed(times: dict[str, float], name: str) -> Iterator[None]:
    """Store the processor time of the block in ``times``."""
    before = time.process_time()
    yield
    times[name] = time.process_time() - before


def build(folder: Path, count: int) -> list[str]:
    """Build an archive: one article a capture, over four days.

    Returns title and sentences of the article that will be purged.
    """
    pages = real_pages(300) or [
        ("generated", f"<html><p>{'Words of a page. ' * 4000}</p></html>".encode())
    ]
    archive = Archive.open(folder / "archive.db", folder / "captures")
    warc = WarcFiles(folder / "captures", "benchmark/1")
    connection = archive.connection
    connection.execute(
        "insert into outlets (key, name, first_seen) values ('o', 'O', '2025-09-01')"
    )
    purged_sentences: list[str] = []
    archive.begin()
    for number in range(count):
        body = pages[number % len(pages)][1].replace(
            b"<body", b"<body data-n='%d'" % number
        )
        at, url = (
            DAY.format(1 + number * 4 // count, number % 24),
            f"https://paper.example/2025/09/article-{number}/",
        )
        lines = [
            f"Report {number}.{index} tells how the {number * 7 + index}th lamp of the"
            " harbour was lit by hand."
            for index in range(12)
        ]
        title, text = (
            f"Lamp number {number} of the harbour is lit again",
            "\n".join(lines),
        )
        body += (
            f"<h1>{title}</h1>{''.join(f'<p>{line}</p>' for line in lines)}".encode()
        )
        file, offset, length, record = warc.add_response(url, at, 200, HEADERS, body)
        capture = connection.execute(
            """insert into captures
                (outlet, kind, url, reached, at, status, type, sha256, bytes, file,
                 offset, length, record)
            values ('o', 'article', :url, :url, :at, 200, 'text/html; charset=utf-8',
                    :sha256, :size, :file, :offset, :length, :record)""",
            {
                "url": url,
                "at": at,
                "sha256": hashlib.sha256(body).hexdigest(),
                "size": len(body),
                "file": file,
                "offset": offset,
                "length": length,
                "record": record,
            },
        ).lastrowid
        key = hashlib.sha256(url.partition("://")[2].encode()).hexdigest()[:16]
        connection.execute(
            """insert into articles
                (key, url, reached, outlet, first_seen, last_seen, looked, outcome,
                 capture)
            values (:key, :url, :url, 'o', :at, :at, :at, 'new', :capture)""",
            {"key": key, "url": url, "at": at, "capture": capture},
        )
        connection.execute(
            """insert into urls (address, url, article, kind, first_seen, last_seen)
            values (?, ?, ?, 'canonical', ?, ?)""",
            [url.partition("://")[2], url, key, at, at],
        )
        digest, text_digest = wording_and_text_digests(title, text, ())
        version = connection.execute(
            """insert into versions
                (article, number, sha256, wording, text_sha256, title, text, words,
                 first_seen, last_seen, capture)
            values (:key, 1, :digest, :digest, :text_digest, :title, :text, 100, :at, :at,
                    :capture)""",
            {
                "key": key,
                "digest": digest,
                "text_digest": text_digest,
                "title": title,
                "text": text,
                "at": at,
                "capture": capture,
            },
        ).lastrowid
        connection.execute(
            """insert into readings (article, version, capture, source, extractor, wording, at)
            values (?, ?, ?, 'page', ?, ?, ?)""",
            [key, version, capture, EXTRACTOR, digest, at],
        )
        if number == min(PURGED, count - 1):
            purged_sentences = [title, *lines[:SENTENCES]]
    archive.commit()
    warc.close()
    archive.close()
    return purged_sentences


def measure_records() -> list[tuple[str, str, str]]:
    """Rows of what a record costs to write and to read, with each library in turn."""
    bodies = [body for _, body in real_pages(300)]
    libraries = {"zlib": (zlib,), "ISA-L": compression.CODECS}
    costs: dict[str, dict[str, float]] = {name: {} for name in libraries}
    sizes: dict[str, int] = dict.fromkeys(libraries, 0)
    for _ in range(3):  # in turns; the least counts, since other programs run as well
        for name, compression.CODECS in libraries.items():
            times: dict[str, float] = {}
            with timed(times, "written"):
                blocks = [
                    warc_records.build_response(
                        "https://paper.example/",
                        DAY.format(1, 0),
                        200,
                        HEADERS,
                        body,
                        False,
                    )
                    for body in bodies
                ]
            with timed(times, "read"):
                for block in blocks:
                    warc_records.read_record(block)
            sizes[name] = sum(map(len, blocks))
            for step, seconds in times.items():
                costs[name][step] = min(seconds, costs[name].get(step, seconds))
    return [
        (
            f"a record {step}, ms: zlib, ISA-L",
            ", ".join(
                f"{costs[name][step] * 1000 / max(1, len(bodies)):.2f}"
                for name in libraries
            ),
            f"pages of {sum(map(len, bodies)) / max(1, len(bodies)) / 1000:.0f} kB",
        )
        for step in ("written", "read")
    ] + [
        (
            "size of records, ISA-L / zlib",
            f"{sizes['ISA-L'] / max(1, sizes['zlib']):.3f}",
            "",
        )
    ]


def count_faults(connection: sqlite3.Connection, folder: Path, files: bool) -> int:
    """Verify, and return the number of faults."""
    return len(
        list(
            Verifier(
                connection,
                folder / "captures",
                lambda title, text: wording_and_text_digests(title, text, ())[0],
                EXTRACTOR,
            ).run(files)
        )
    )


def count_sentences(folder: Path, sentences: list[str]) -> int:
    """Number of the sentences that occur in any file, compressed or not."""
    wanted, present = {sentence.encode() for sentence in sentences}, set()
    for path in folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        pieces = re.finditer(rb"\x1f\x8b\x08", raw) if path.name.endswith(".gz") else ()
        for text in chain(
            [raw],
            (
                _decompressed(raw[piece.start() : piece.start() + 4_000_000])
                for piece in pieces
            ),
        ):
            present |= {sentence for sentence in wanted if sentence in text}
    return len(present)


def _decompressed(piece: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(piece)
    except zlib.error:
        return b""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--captures", type=int, default=10_000)
    count = parser.parse_args().captures
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sentences = build(folder, count)
        archive = Archive.open(folder / "archive.db", folder / "captures")
        archive.begin()
        with timed(times, "seal"):
            proof.seal_all(archive.connection, DAY.format(9, 0))
        archive.commit()
        size = 0
        if _has_dbstat(archive.connection):
            size = archive.connection.execute(
                """select sum(pgsize) from dbstat
                where name in ('seals', 'seals_day', 'sqlite_autoindex_seals_1')"""
            ).fetchone()[0]
        with timed(times, "quick"):
            faults = count_faults(archive.connection, folder, False)
        with timed(times, "full"):
            faults += count_faults(archive.connection, folder, True)
        key = archive.connection.execute(
            "select key from articles where id = ?", [min(PURGED, count - 1) + 1]
        ).fetchone()[0]
        with timed(times, "evidence"):
            bundle.write_bundle(
                archive.connection, folder / "captures", key, folder / "x.zip"
            )
        (folder / "x.zip").unlink()
        optimise.optimise(archive.path)
        before = count_sentences(folder, sentences)
        with timed(times, "plan"):
            plan = purge.plan_purge(
                archive.connection,
                archive.captures_folder,
                key,
                lambda done, total: None,
            )
        with timed(times, "purge"):
            execute.execute_purge(
                archive, plan, "benchmark", DAY.format(9, 1), wording_and_text_digests
            )
            execute.finish_purge(archive, DAY.format(9, 1))
        after = count_sentences(folder, sentences)
        faults += count_faults(archive.connection, folder, True)
        archive.close()
    rows = 2 * count
    table(
        [
            *measure_records(),
            (
                "sealing, ms a thousand rows",
                f"{times['seal'] / rows * 1e6:.1f}",
                "once, by the crawl",
            ),
            (
                "chain, bytes a row",
                f"{size / rows:.0f}" if size else "not measured",
                "",
            ),
            (
                "verify without files, s for 10,000 captures",
                f"{times['quick'] / count * 10_000:.2f}",
                "",
            ),
            (
                "verify with files, s for 10,000 captures",
                f"{times['full'] / count * 10_000:.2f}",
                "aim: at most 30",
            ),
            ("evidence bundle of one article, s", f"{times['evidence']:.2f}", ""),
            (
                "purge: planning, s for 10,000 captures",
                f"{times['plan'] / count * 10_000:.2f}",
                "",
            ),
            (
                "purge: executing, s",
                f"{times['purge']:.2f}",
                "files and archive are rewritten",
            ),
            (
                "its sentences in all files, before and after",
                f"{before}, {after}",
                f"{len(sentences)}, 0",
            ),
            ("faults found", f"{faults}", "0"),
        ]
    )


def _has_dbstat(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("select 1 from dbstat limit 1").fetchone()
    except sqlite3.OperationalError:
        return False
    return True


if __name__ == "__main__":
    main()
