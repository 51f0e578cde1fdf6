"""Origins of imported captures: added once, counted, and named in the WARC records."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from harvester.archive.connection import Archive
from harvester.archive.records import origins
from harvester.archive.records.origins import NewOrigin, Origin, OriginOfResponse
from harvester.ingest.capture_store import CaptureStore
from harvester.ingest.keeper import Keeper
from harvester.model import Capture, Redirect, Visit
from harvester.settings import parse_settings

SETTINGS = parse_settings(
    '[outlets.lantern]\nfeeds = ["https://lantern.example/rss"]\n',
    Path("settings.toml"),
)
CRAWL = NewOrigin(
    "warc",
    "CC-NEWS-20260301081500-00001.warc.gz",
    "Common Crawl",
    "ab" * 32,
    "2026-12-01T09:00:00Z",
    1_072_000_000,
)
URL = "https://lantern.example/2026/03/bridge"
PAGE = Capture(
    URL,
    URL,
    "2026-03-01T08:15:00Z",
    200,
    (("Content-Type", "text/html"),),
    b"<p>The bridge is open.</p>",
)


def open_archive(folder: Path) -> Archive:
    return Archive.open(folder / "archive.db", folder / "captures")


def origin_headers(folder: Path) -> list[tuple[str | None, str | None]]:
    headers = []
    for path in sorted((folder / "captures").iterdir()):
        with path.open("rb") as file:
            headers += [
                (
                    record.rec_headers.get_header("Harvester-Origin"),
                    record.rec_headers.get_header("Harvester-Origin-Record"),
                )
                for record in ArchiveIterator(file)
                if record.rec_type in ("response", "revisit")
            ]
    return headers


def test_an_origin_is_added_once(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        connection = archive.connection
        archive.begin()
        first = origins.add_origin(connection, CRAWL)
        later = replace(CRAWL, at="2027-01-01T00:00:00Z", receiver="somebody")
        assert origins.add_origin(connection, later) == first
        other = origins.add_origin(connection, replace(CRAWL, sha256="cd" * 32))
        archive.commit()
        assert other != first
        assert origins.get_origin(connection, first) == Origin(
            first,
            CRAWL.kind,
            CRAWL.name,
            CRAWL.receiver,
            CRAWL.sha256,
            CRAWL.at,
            CRAWL.bytes,
        )
        assert origins.get_origin(connection, 99) is None


def test_a_capture_says_where_it_is_from(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        store = CaptureStore(archive, SETTINGS)
        archive.begin()
        origin_id = origins.add_origin(archive.connection, CRAWL)
        empty_id = origins.add_origin(archive.connection, replace(CRAWL, sha256=""))
        origin = OriginOfResponse(origin_id, CRAWL.name, "<urn:uuid:1>")
        store.add(PAGE, "article", "lantern", None)
        store.add(PAGE, "article", "lantern", None, origin=origin)
        late = replace(PAGE, at="2026-03-02T00:00:00Z", body=b"<p>It is shut.</p>")
        store.add(late, "article", "lantern", None, origin=origin)
        store.close()
        archive.commit()
        counts = origins.list_origins(archive.connection)
    assert [(c.origin.id, c.captures, c.first_at, c.last_at) for c in counts] == [
        (origin_id, 2, PAGE.at, late.at),
        (empty_id, 0, None, None),
    ]
    assert origin_headers(tmp_path) == [
        (None, None),
        (CRAWL.name, "<urn:uuid:1>"),
        (CRAWL.name, "<urn:uuid:1>"),
    ]


def test_hostile_names_stay_in_their_header(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        store = CaptureStore(archive, SETTINGS)
        archive.begin()
        hostile = "a\r\nWARC-Type: request\r\n\r\n\x00é中" + "x" * 100_000
        origin_id = origins.add_origin(archive.connection, replace(CRAWL, name=hostile))
        origin = OriginOfResponse(origin_id, hostile, hostile)
        store.add(PAGE, "article", "lantern", None, origin=origin)
        store.close()
        archive.commit()
    [(name, record_id)] = origin_headers(tmp_path)
    assert name == record_id
    assert name is not None
    assert name.startswith("a WARC-Type: request é中xxx")
    assert len(name) <= 300


def test_the_keeper_stores_a_response_with_its_origin(tmp_path: Path) -> None:
    feed = "https://lantern.example/rss"
    visit = Visit("feed", feed, feed, "lantern", "lantern.example")
    capture = replace(
        PAGE,
        url="https://lantern.example/rss",
        redirects=(Redirect("https://lantern.example/rss", 301, URL),),
    )
    with closing(Keeper(open_archive(tmp_path), SETTINGS)) as keeper:
        keeper.sync_settings(PAGE.at)
        keeper.begin_crawl(PAGE.at)
        keeper.archive.begin()
        origin_id = origins.add_origin(keeper.connection, CRAWL)
        keeper.origin = OriginOfResponse(origin_id, CRAWL.name, "<b>", ("<a>",))
        keeper.receive(visit, capture, PAGE.at)
        keeper.origin = None
        keeper.receive(visit, replace(capture, body=b"other"), PAGE.at)
        keeper.flush()
        rows = keeper.connection.execute(
            "select kind, origin from captures order by id"
        ).fetchall()
    assert [tuple(row) for row in rows] == [
        ("redirect", origin_id),
        ("feed", origin_id),
        ("redirect", None),
        ("feed", None),
    ]
    assert origin_headers(tmp_path) == [
        (CRAWL.name, "<a>"),
        (CRAWL.name, "<b>"),
        (None, None),
        (None, None),
    ]
