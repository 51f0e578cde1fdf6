"""A newspaper with a past that a web archive has captured, and we have not."""

from __future__ import annotations

import http.client
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harvester.archive.records.warc_records import build_response, build_warcinfo
from harvester.importing.wayback.addresses import ArchiveAddress, parse_address
from harvester.importing.wayback.cdx import read_timestamp
from harvester.importing.wayback.run import (
    Source,
    WaybackOptions,
    WaybackResult,
    default_scopes,
    import_wayback,
)
from harvester.importing.wayback.web_archive import WebArchive as Asked
from harvester.model import Capture
from harvester.newsroom import Article, Newsroom, Outlet, WebArchive
from harvester.newsroom.response_body import join_parts
from harvester.settings import Settings, parse_settings
from tests.support.kept_newsroom import KeptNewsroom

NOW = "2026-01-15T12:00:00Z"
OPENING = (
    "The council of Ashby has decided that the old bridge over the river is closed."
)
MIDDLE = [
    "Engineers found cracks in both of its pillars during a routine survey last week.",
    "Traffic is led over the bypass in the north, which takes ten minutes longer.",
    "Shopkeepers in the old town fear that they will lose customers before the holidays.",
    "The mayor said that the decision was not an easy one, but that safety comes first.",
]
VERSIONS = [
    [
        OPENING,
        *MIDDLE,
        f"The repairs will cost {cost} million pounds, the council said.",
    ]
    for cost in ("two", "three", "five", "nine")
]


@dataclass
class Past:
    """An archive with versions 3 and 4 of an article; a web archive with 1, 2 and 3."""

    folder: Path
    room: Newsroom = field(default_factory=Newsroom)
    outlet: Outlet = field(init=False)
    web: WebArchive = field(init=False)
    bridge: Article = field(init=False)
    removed: Article = field(init=False)
    settings: Settings = field(init=False)
    waited: list[float] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    first_seen: str = ""

    def __post_init__(self) -> None:
        self.outlet = self.room.add_outlet("courier", "wordpress", language="en")
        self.web = self.room.add_web_archive()
        self.bridge = self.outlet.publish(
            "Old bridge of Ashby is closed", VERSIONS[0], author="Ann Lee"
        )
        self.removed = self.outlet.publish(
            "Mayor of Ashby accused of lying to the council",
            [*reversed(MIDDLE), "His deputy has asked for an inquiry into the matter."],
        )
        self.capture_all()
        self.room.advance(days=2)
        self.outlet.edit(self.bridge, VERSIONS[1])
        self.capture_all()
        self.room.advance(days=1)
        self.outlet.withdraw(self.removed)
        self.capture_all()
        self.room.advance(days=2)
        self.outlet.edit(self.bridge, VERSIONS[2])
        self.capture_all()
        text = self.room.settings_toml(
            self.folder, every="1 hour", revisit=["1 hour"] * 9
        )
        (self.folder / "settings.toml").write_text(text)
        self.settings = parse_settings(text, self.folder / "settings.toml")

    def capture_all(self) -> None:
        """Let the web archive capture every article as it is now."""
        for article in self.outlet.articles:
            self.web.capture(self.outlet.absolute_url(article.path))

    def harvest(self) -> None:
        """Keep versions 3 and 4 in an archive of ours."""
        self.room.advance(days=1)
        kept = KeptNewsroom(
            self.room, self.folder, (self.folder / "settings.toml").read_text()
        )
        kept.visit()
        self.first_seen = self.rows("select first_seen from articles")[0]["first_seen"]
        self.room.advance(days=1)
        self.outlet.edit(self.bridge, VERSIONS[3])
        kept.visit()
        kept.room.advance(hours=2)
        kept.visit()
        kept.keeper.close()

    @property
    def address(self) -> ArchiveAddress:
        """Where the web archive is."""
        return parse_address(self.web.address, self.web.list_address)

    def fetch(self, url: str) -> Capture:
        """A response of the web archive, by a client without manners."""
        self.fetched.append(url)
        parts = urlsplit(url)
        with closing(
            http.client.HTTPConnection(parts.netloc, timeout=20)
        ) as connection:
            connection.request("GET", f"{parts.path}?{parts.query}".rstrip("?"))
            response = connection.getresponse()
            truncated, body = False, b""
            try:
                body = response.read()
            except http.client.IncompleteRead as error:
                truncated, body = True, error.partial
            pairs = tuple(response.getheaders())
        retry = dict(pairs).get("Retry-After", "")
        at = f"2026-01-15T12:00:{int(retry):02}Z" if retry else None
        return Capture(
            url,
            url,
            NOW,
            response.status,
            pairs,
            body,
            truncated=truncated,
            retry_at=at,
        )

    def asked(self, fetch: Any = None) -> Asked:
        """The web archive as an import asks it; nothing really waits."""
        return Asked(fetch or self.fetch, lambda: 1768478400.0, self.waited.append)

    def run(
        self, source: Source | None = None, fetch: Any = None, **options: Any
    ) -> WaybackResult:
        """Import from the web archive."""
        scopes = default_scopes(self.settings.outlets["courier"])
        return import_wayback(
            self.settings,
            WaybackOptions("courier", options.pop("scopes", scopes), **options),
            source or Source(archive=self.address),
            self.asked(fetch),
            NOW,
            lambda stage, done, total: None,
        )

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of our archive."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def versions(self) -> list[str]:
        """What the versions of the bridge's article say that it costs."""
        rows = self.rows(
            "select text from versions join articles a on a.key = article "
            "where a.url like '%bridge%' order by number"
        )
        return [row["text"].rpartition("cost ")[2].partition(" ")[0] for row in rows]

    def write_warc(self, path: Path) -> list[tuple[int, int]]:
        """The captures as a WARC file; returns (offset, length) of each."""
        places = []
        with path.open("wb") as file:
            file.write(build_warcinfo(path.name, NOW, "Ashby Library crawler 2"))
            for capture in self.web.captures:
                response = capture.response
                record = build_response(
                    capture.url,
                    read_timestamp(capture.timestamp),
                    response.status,
                    [("Content-Type", response.content_type), *response.headers],
                    join_parts(response.parts),
                    False,
                )
                places.append((file.tell(), len(record)))
                file.write(record)
        return places

    def close(self) -> None:
        """End the newspaper."""
        self.room.close()
