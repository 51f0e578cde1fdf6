"""A small archive with WARC files, of several days, built row by row."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import stored_bodies, warc_records
from harvester.archive.records.captures import WarcFiles
from harvester.identity.wording import wording_digest
from harvester.parse.content.extractor import EXTRACTOR

FEED = "https://courier.example/rss"
SETTINGS = f"""
[archive]
path = "archive.db"
[outlets.courier]
feeds = ["{FEED}"]
"""
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Encoding", "gzip"),
    ("Server", "press/1"),
)


def day(number: int, time: str = "10:00:00") -> str:
    return f"2025-09-{number:02}T{time}Z"


@dataclass
class Paper:
    """An archive under construction."""

    folder: Path
    rotate: int = 1_000_000
    archive: Archive = field(init=False)
    warc: WarcFiles = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        self.archive = Archive.open(
            self.folder / "archive.db", self.folder / "captures"
        )
        self.connection = self.archive.connection
        self.warc = WarcFiles(self.folder / "captures", "test/1", self.rotate)
        self.row("outlets", key="courier", name="Courier", first_seen=day(1))
        self.row("feeds", url=FEED, outlet="courier", first_seen=day(1), since=day(1))

    def row(self, table: str, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", list(columns.values())
        )
        return int(cursor.lastrowid or 0)

    def capture(
        self,
        url: str,
        body: bytes,
        at: str,
        kind: str = "article",
        warc_headers: dict[str, str] | None = None,
        **columns: Any,
    ) -> int:
        file, offset, length, record = self.warc.add_response(
            url, at, columns.get("status", 200), HEADERS, body, False, warc_headers
        )
        defaults = {
            "outlet": "courier",
            "kind": kind,
            "url": url,
            "reached": url,
            "at": at,
            "status": 200,
            "type": HEADERS[0][1],
            "sha256": hashlib.sha256(body).hexdigest(),
            "bytes": len(body),
            "file": file,
            "offset": offset,
            "length": length,
            "record": record,
        }
        return self.row("captures", **{**defaults, **columns})

    def capture_again(
        self, url: str, body: bytes, at: str, kind: str = "article"
    ) -> int:
        """A response with the body of an earlier one, as a revisit record."""
        sha256 = hashlib.sha256(body).hexdigest()
        original = stored_bodies.find_original(
            self.connection, self.warc, kind, "courier", (url, url), body, sha256
        )
        assert original is not None
        block = warc_records.build_revisit(
            url, at, 200, HEADERS, len(body), original.record
        )
        file, offset, length, record = self.warc.add_record(block, at)
        return self.row(
            "captures",
            outlet="courier",
            kind=kind,
            url=url,
            reached=url,
            at=at,
            status=200,
            type=HEADERS[0][1],
            sha256=sha256,
            bytes=len(body),
            file=file,
            offset=offset,
            length=length,
            record=record,
            body_of=original.capture_id,
        )

    def article(self, url: str, at: str, **columns: Any) -> str:
        address = url.partition("://")[2]
        key = hashlib.sha256(address.encode()).hexdigest()[:16]
        defaults = {
            "key": key,
            "url": url,
            "reached": url,
            "outlet": "courier",
            "first_seen": at,
            "last_seen": at,
            "looked": at,
            "outcome": "new",
        }
        self.row("articles", **{**defaults, **columns})
        self.row(
            "urls",
            address=address,
            url=url,
            article=key,
            kind="canonical",
            first_seen=at,
            last_seen=at,
        )
        return key

    def version(self, key: str, title: str, text: str, capture: int, at: str) -> int:
        number = self.connection.execute(
            "select count(*) + 1 from versions where article = ?", [key]
        ).fetchone()[0]
        wording = wording_digest(title, text)
        version = self.row(
            "versions",
            article=key,
            number=number,
            sha256=wording,
            wording=wording,
            text_sha256=wording,
            title=title,
            text=text,
            words=len(text.split()),
            first_seen=at,
            last_seen=at,
            capture=capture,
        )
        self.read(key, version, capture, wording, at)
        self.row("sightings", article=key, version=version, since=at, until=at)
        self.connection.execute(
            "update articles set versions = ?, version = ?, capture = ? where key = ?",
            [number, number, capture, key],
        )
        return version

    def read(self, key: str, version: int, capture: int, wording: str, at: str) -> int:
        return self.row(
            "readings",
            article=key,
            version=version,
            capture=capture,
            source="page",
            extractor=EXTRACTOR,
            wording=wording,
            extract=json.dumps({}),
            at=at,
        )

    def close(self) -> None:
        self.warc.close()
        self.archive.close()


def page(title: str, text: str) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{lines}"
        "</body></html>"
    ).encode()


def three_days(folder: Path, rotate: int = 1_000_000) -> Paper:
    """Four articles on three days, the first of them edited on the third.

    Two days are sealed in the chain, the third is still open.
    """
    paper = Paper(folder, rotate)
    for number in range(1, 5):
        at = day(1 + number // 2)
        title, text = (
            f"The {number}. bridge is closed",
            f"Nobody may cross bridge {number} today.\nIt is to be mended by May.",
        )
        url = f"https://courier.example/bridge-{number}"
        capture = paper.capture(url, page(title, text), at)
        paper.version(paper.article(url, at), title, text, capture, at)
        proof.seal_rows(paper.connection, at)
    title, text = (
        "The 1. bridge is closed",
        "Nobody may cross bridge 1 today.\nIt is to be mended by June.",
    )
    first = paper.connection.execute(
        "select key, url from articles order by id limit 1"
    ).fetchone()
    capture = paper.capture(first["url"], page(title, text), day(3, "11:00:00"))
    paper.version(first["key"], title, text, capture, day(3, "11:00:00"))
    proof.seal_rows(paper.connection, day(3, "11:00:00"))
    paper.warc.flush()
    return paper
