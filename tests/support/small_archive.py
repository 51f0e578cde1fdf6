"""A small archive built row by row, so that what is read can be compared with it.

It has three outlets: ``mpi`` (French), ``courier`` (English), and ``gone``, which is no
longer in the settings.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from harvester.archive.connection import Archive
from harvester.identity.url_variants import variant_key

SETTINGS = """
[archive]
path = "archive.db"

[outlets.mpi]
name = "Médias-Presse-Info"
language = "fr"
feeds = ["https://mpi.example/feed/"]

[outlets.courier]
feeds = ["https://courier.example/rss?token=hush"]
"""


def key_of(url: str) -> str:
    """An article's key: 16 digits of the SHA-256 of its URL without scheme."""
    return hashlib.sha256(url.partition("://")[2].rstrip("/").encode()).hexdigest()[:16]


@dataclass
class Building:
    """An archive under construction, in a folder."""

    folder: Path
    archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        self.archive = Archive.open(
            self.folder / "archive.db", self.folder / "captures"
        )
        self.archive.begin()
        for number, outlet in enumerate(("mpi", "courier", "gone")):
            self.row(
                "outlets",
                key=outlet,
                name=outlet.upper(),
                active=int(outlet != "gone"),
                first_seen="2025-01-01T00:00:00Z",
            )
            url = {
                "mpi": "https://mpi.example/feed/",
                "courier": "https://courier.example/rss?token=hush",
            }.get(outlet, f"https://{outlet}.example/feed")
            self.row(
                "feeds",
                url=url,
                outlet=outlet,
                active=int(outlet != "gone"),
                first_seen="2025-01-01T00:00:00Z",
                since=f"2025-01-0{number + 1}T00:00:00Z",
            )
        self.archive.commit()

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def connection(self) -> sqlite3.Connection:
        return self.archive.connection

    def row(self, table: str, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        cursor = self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", list(columns.values())
        )
        return int(cursor.lastrowid or 0)

    def article(
        self,
        url: str,
        outlet: str = "mpi",
        at: str = "2025-09-06T07:00:00Z",
        **columns: Any,
    ) -> str:
        """Add an article without versions; returns its key."""
        key = key_of(url)
        defaults = {
            "key": key,
            "url": url,
            "reached": url,
            "outlet": outlet,
            "first_seen": at,
            "last_seen": at,
            "looked": at,
            "outcome": "new",
            "site": f"{url.split('/')[2]}",
        }
        self.row("articles", **{**defaults, **columns})
        self.row(
            "urls",
            address=url.partition("://")[2].rstrip("/"),
            url=url,
            article=key,
            kind="canonical",
            first_seen=at,
            last_seen=at,
            **({"tail": variant_key(url)} if self._urls_have_tails() else {}),
        )
        return key

    def _urls_have_tails(self) -> bool:
        """Not in archives of old, which are made to be upgraded."""
        rows = self.connection.execute("select name from pragma_table_info('urls')")
        return "tail" in {row[0] for row in rows}

    def version(
        self,
        key: str,
        title: str,
        text: str,
        at: str = "2025-09-06T07:00:00Z",
        current: bool = True,
        **columns: Any,
    ) -> int:
        """Add the next version of an article; returns its id."""
        number = self.connection.execute(
            "select count(*) + 1 from versions where article = ?", [key]
        ).fetchone()[0]
        wording = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
        defaults = {
            "article": key,
            "number": number,
            "sha256": wording,
            "wording": wording,
            "title": title,
            "text": text,
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "words": len(text.split()),
            "first_seen": at,
            "last_seen": at,
            "language": "fr",
            "authors": json.dumps(["Jeanne Dupré"], ensure_ascii=False),
        }
        version = self.row("versions", **{**defaults, **columns})
        self.row("sightings", article=key, version=version, since=at, until=at)
        self.connection.execute(
            """
            update articles set versions = ?, version = iif(?, ?, version)
            where key = ?
            """,
            [number, current, number, key],
        )
        return version

    def edit(
        self,
        key: str,
        before: int,
        after: int,
        at: str,
        kind: str = "edited",
        **columns: Any,
    ) -> None:
        """Add a change and its event."""
        change = self.row(
            "changes",
            **{
                "article": key,
                "at": at,
                "kind": kind,
                "before": before,
                "after": after,
                **columns,
            },
        )
        self.event(kind, key, at, change=change)

    def event(self, kind: str, key: str, at: str, **columns: Any) -> None:
        outlet = self.connection.execute(
            "select outlet from articles where key = ?", [key]
        ).fetchone()[0]
        self.row(
            "events",
            **{"at": at, "kind": kind, "outlet": outlet, "article": key, **columns},
        )

    def entry(self, feed: str, outcome: str, **columns: Any) -> None:
        number = self.connection.execute("select count(*) from entries").fetchone()[0]
        at = "2025-09-06T07:00:00Z"
        defaults = {
            "key": f"{number:016x}",
            "feed": feed,
            "outcome": outcome,
            "first_seen": at,
            "last_seen": at,
        }
        self.row("entries", **{**defaults, **columns})

    def announced(self, before: str, title: str, at: str) -> int:
        """Have the feed change the title of the last entry; returns the wording's id."""
        entry, outlet = self.connection.execute(
            """
            select e.key, f.outlet from entries e join feeds f on f.url = e.feed
            order by e.id desc
            """
        ).fetchone()
        first = self.row(
            "announcements",
            entry=entry,
            wording=before,
            title=before,
            summary="",
            first_seen="2025-09-06T07:00:00Z",
            last_seen=at,
        )
        second = self.row(
            "announcements",
            entry=entry,
            wording=title,
            title=title,
            summary="",
            first_seen=at,
            last_seen=at,
            before=first,
            changed="title",
        )
        self.row("events", at=at, kind="announced", outlet=outlet, announcement=second)
        return second

    def done(self) -> Path:
        """Close it; returns the archive's path."""
        self.archive.close()
        return self.archive.path


CHURCH = "https://mpi.example/2025/09/l-eglise-du-village/"
MARKET = "https://courier.example/market"
WIRE = "https://courier.example/wire"


def village(folder: Path) -> Building:
    """Build three articles: one edited, then retitled; one removed; one a copy."""
    builder = Building(folder)
    builder.archive.begin()  # one transaction: else each row waits for the disk
    key = builder.article(CHURCH)
    texts = [
        "L'église du village a été vendue pour 10 000 euros. Le maire se tait.",
        "L'église du village a été vendue pour 12 000 euros. Le maire se tait. "
        "Une enquête est ouverte.",
    ]
    first = builder.version(key, "L’église vendue", texts[0], "2025-09-06T07:00:00Z")
    second = builder.version(key, "L’église vendue", texts[1], "2025-09-06T09:00:00Z")
    third = builder.version(key, "L’église bradée", texts[1], "2025-09-07T09:00:00Z")
    sentences = {
        "added": ["Une enquête est ouverte."],
        "removed": [],
        "changed": [
            [
                "L'église du village a été vendue pour 10 000 euros.",
                "L'église du village a été vendue pour 12 000 euros.",
            ]
        ],
    }
    builder.edit(
        key,
        first,
        second,
        "2025-09-06T09:00:00Z",
        sentences=json.dumps(sentences, ensure_ascii=False),
    )
    fields = json.dumps(
        {"title": ["L’église vendue", "L’église bradée"]}, ensure_ascii=False
    )
    builder.edit(
        key,
        second,
        third,
        "2025-09-07T09:00:00Z",
        "headline",
        fields=fields,
        sentences=json.dumps({"added": [], "removed": [], "changed": []}),
    )
    builder.row(
        "urls",
        address="mpi.example?p=7",
        url="https://mpi.example/?p=7",
        article=key,
        kind="alias",
        first_seen="2025-09-06T07:00:00Z",
        last_seen="2025-09-06T07:00:00Z",
    )
    market = builder.article(MARKET, "courier", "2025-09-06T08:00:00Z", state="removed")
    builder.version(
        market,
        "The market is back",
        "Covid-19 is over, says the U.S. at 10:30.",
        "2025-09-06T08:00:00Z",
        language="en",
    )
    builder.event(
        "suspect", market, "2025-09-07T01:00:00Z", note="answered 404 Not Found"
    )
    builder.event(
        "removed", market, "2025-09-07T08:00:00Z", note="answered 404 Not Found"
    )
    wire = builder.article(WIRE, "courier", "2025-09-08T08:00:00Z", copy_of=key)
    builder.version(wire, "Wire: a church is sold", texts[1], "2025-09-08T08:00:00Z")
    for outcome in ("new", "new", "refused", "waiting"):
        builder.entry("https://mpi.example/feed/", outcome)
    builder.entry(
        "https://courier.example/rss?token=hush",
        "duplicate",
        address="courier.example/wire",
        article=wire,
    )
    builder.entry(
        "https://courier.example/rss?token=hush",
        "gone",
        address="courier.example/never",
        reason="answered 404 Not Found",
    )
    builder.archive.commit()
    return builder


def copy_village(folder: Path) -> Path:
    """A village that is closed, as ``village(folder).done()`` makes it; the archive's path.

    It is built once a process: building costs ten times as much as copying.
    """
    for name, content in _build_village().items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600 if name == "archive.db" else 0o644)
    return folder / "archive.db"


@cache
def _build_village() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        village(Path(folder)).done()
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
