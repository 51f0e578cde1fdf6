"""What the chain costs, how long it takes to check all, and what a purge leaves: on captures of real pages.

python benchmarks/proof.py [--captures 10000]
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
from harvester.archive.records.captures import WarcFiles
from harvester.archive.takedown import execute, purge
from harvester.archive.upkeep import optimise
from harvester.export import bundle
from harvester.identity.wording import wording_and_text_digests
from harvester.parse.content.extractor import EXTRACTOR

DAY = "2025-09-{:02}T{:02}:00:00Z"
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
WANTED = 700  # in the middle: the article that is purged
SENTENCES = 8


@contextmanager
def timed(times: dict[str, float], name: str) -> Iterator[None]:
    """Processor time of what is done within."""
    before = time.process_time()
    yield
    times[name] = time.process_time() - before


def build(folder: Path, count: int) -> list[str]:
    """An article a capture; four days. Returns sentences of the one that is to go."""
    pages = real_pages(300) or [
        ("made up", f"<html><p>{'Words of a page. ' * 4000}</p></html>".encode())
    ]
    archive = Archive.open(folder / "archive.db", folder / "captures")
    warc = WarcFiles(folder / "captures", "benchmark/1")
    connection = archive.connection
    connection.execute(
        "insert into outlets (key, name, first_seen) values ('o', 'O', '2025-09-01')"
    )
    said: list[str] = []
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
            f"Report {number}.{one} tells how the {number * 7 + one}th lamp of the harbour was lit by hand."
            for one in range(12)
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
            """insert into captures (outlet, kind, url, reached, at, status, type, sha256, bytes, file, offset, length, record)
            values ('o', 'article', ?1, ?1, ?2, 200, 'text/html; charset=utf-8', ?3, ?4, ?5, ?6, ?7, ?8)""",
            [
                url,
                at,
                hashlib.sha256(body).hexdigest(),
                len(body),
                file,
                offset,
                length,
                record,
            ],
        ).lastrowid
        key = hashlib.sha256(url.partition("://")[2].encode()).hexdigest()[:16]
        connection.execute(
            """insert into articles (key, url, reached, outlet, first_seen, last_seen, looked, outcome, capture)
            values (?1, ?2, ?2, 'o', ?3, ?3, ?3, 'new', ?4)""",
            [key, url, at, capture],
        )
        connection.execute(
            "insert into urls (address, url, article, kind, first_seen, last_seen) values (?, ?, ?, 'canonical', ?, ?)",
            [url.partition("://")[2], url, key, at, at],
        )
        name, words = wording_and_text_digests(title, text, ())
        version = connection.execute(
            """insert into versions (article, number, sha256, wording, text_sha256, title, text, words, first_seen, last_seen, capture)
            values (?1, 1, ?2, ?2, ?3, ?4, ?5, 100, ?6, ?6, ?7)""",
            [key, name, words, title, text, at, capture],
        ).lastrowid
        connection.execute(
            """insert into readings (article, version, capture, source, extractor, wording, at)
            values (?, ?, ?, 'page', ?, ?, ?)""",
            [key, version, capture, EXTRACTOR, name, at],
        )
        if number == min(WANTED, count - 1):
            said = [title, *lines[:SENTENCES]]
    archive.commit()
    warc.close()
    archive.close()
    return said


def verified(connection: sqlite3.Connection, folder: Path, files: bool) -> int:
    """How many faults there are."""
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


def found(folder: Path, sentences: list[str]) -> int:
    """How many of the sentences stand in a file, unpacked or not."""
    wanted, held = {one.encode() for one in sentences}, set()
    for path in folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        pieces = re.finditer(rb"\x1f\x8b\x08", raw) if path.name.endswith(".gz") else ()
        for text in chain(
            [raw],
            (
                _unfolded(raw[piece.start() : piece.start() + 4_000_000])
                for piece in pieces
            ),
        ):
            held |= {one for one in wanted if one in text}
    return len(held)


def _unfolded(piece: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(piece)
    except zlib.error:
        return b""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--captures", type=int, default=10_000)
    count = options.parse_args().captures
    times: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sentences = build(folder, count)
        archive = Archive.open(folder / "archive.db", folder / "captures")
        archive.begin()
        with timed(times, "seal"):
            proof.seal_all(archive.connection, DAY.format(9, 0))
        archive.commit()
        size = archive.connection.execute(
            "select sum(pgsize) from dbstat where name in ('seals', 'seals_day', 'sqlite_autoindex_seals_1')"
        ).fetchone()[0] if _has_dbstat(archive.connection) else 0  # fmt: skip
        with timed(times, "quick"):
            faults = verified(archive.connection, folder, False)
        with timed(times, "whole"):
            faults += verified(archive.connection, folder, True)
        key = archive.connection.execute(
            "select key from articles where id = ?", [min(WANTED, count - 1) + 1]
        ).fetchone()[0]
        with timed(times, "evidence"):
            bundle.write_bundle(
                archive.connection, folder / "captures", key, folder / "x.zip"
            )
        (folder / "x.zip").unlink()
        optimise.optimise(archive.path)
        before = found(folder, sentences)
        with timed(times, "look"):
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
        after = found(folder, sentences)
        faults += verified(archive.connection, folder, True)
        archive.close()
    rows = 2 * count
    table(
        [
            (
                "sealing, ms a thousand rows",
                f"{times['seal'] / rows * 1e6:.1f}",
                "paid once, by the crawl",
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
                f"{times['whole'] / count * 10_000:.2f}",
                "aim: at most 30",
            ),
            ("evidence of one article, s", f"{times['evidence']:.2f}", ""),
            (
                "purge: looking, s for 10,000 captures",
                f"{times['look'] / count * 10_000:.2f}",
                "",
            ),
            (
                "purge: doing it, s",
                f"{times['purge']:.2f}",
                "files and archive are written anew",
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
