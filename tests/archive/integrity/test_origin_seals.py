"""Who received an imported capture is sealed with it; older digests stay as they are."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import origins
from harvester.archive.records.origins import NewOrigin, OriginOfResponse
from harvester.archive.repair.recovered_captures import restore_captures
from harvester.cli import cli
from harvester.ingest.capture_store import CaptureStore
from harvester.model import Capture
from harvester.settings import load_settings

NOW = "2026-12-01T09:00:00Z"
NAME = "CC-NEWS-20260301081500-00001.warc.gz"
ORIGIN = NewOrigin("warc", NAME, "Common Crawl", "ab" * 32, NOW, 1_072_000_000)
URL = "https://lantern.example/2026/03/bridge"
PAGE = Capture(
    URL,
    URL,
    "2026-03-01T08:15:00Z",
    200,
    (("Content-Type", "text/html"),),
    b"<p>The bridge is open.</p>",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An archive with one capture of its own and one that was imported."""
    path = tmp_path / "settings.toml"
    path.write_text('[outlets.lantern]\nfeeds = ["https://lantern.example/rss"]\n')
    settings = load_settings(path)
    with closing(Archive.open(settings.archive, settings.captures)) as archive:
        store = CaptureStore(archive, settings)
        archive.begin()
        origin_id = origins.add_origin(archive.connection, ORIGIN)
        store.add(PAGE, "article", "lantern", None)
        origin = OriginOfResponse(origin_id, NAME, "<urn:uuid:1>")
        late = replace(PAGE, at="2026-03-02T08:15:00Z", body=b"<p>It is shut.</p>")
        store.add(late, "article", "lantern", None, origin=origin)
        store.close()
        proof.seal_all(archive.connection, NOW)
        proof.seal_all(archive.connection, "2026-12-02T00:00:00Z")
        archive.commit()
    return tmp_path


def verify(folder: Path) -> dict[str, Any]:
    options = ["--settings", str(folder / "settings.toml"), "verify", "--json"]
    report: dict[str, Any] = json.loads(CliRunner().invoke(cli, options).stdout)
    return report


def tamper(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute(statement)
        connection.commit()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_canonical_forms_are_those_of_the_document(folder: Path) -> None:
    """Computed here as docs/proof.md says, without our code."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        seals = {
            (kind, row): digest.hex()
            for kind, row, digest in connection.execute(
                "select kind, row, digest from seals"
            )
        }
        columns = (
            "kind, url, reached, at, status, type, sha256, bytes, truncated, record"
        )
        rows = connection.execute(f"select {columns} from captures order by id")
        own, imported = (["capture", *row] for row in rows.fetchall())
    origin = json.dumps(
        ["origin", "warc", sha256(NAME), "Common Crawl", "ab" * 32, 1_072_000_000, NOW],
        separators=(",", ":"),
    )
    assert seals["origin", 1] == sha256(origin)
    assert seals["capture", 1] == sha256(json.dumps(own, separators=(",", ":")))
    imported.append(sha256(origin))
    assert seals["capture", 2] == sha256(json.dumps(imported, separators=(",", ":")))
    report = verify(folder)
    assert report["ok"], report
    assert (report["checked"]["origins"], report["checked"]["captures"]) == (1, 2)


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("update origins set receiver = 'us'", {"origins", "captures"}),
        ("update origins set name = 'x.warc.gz'", {"origins", "captures"}),
        ("update captures set origin = null", {"captures"}),
        ("update captures set origin = 1 where id = 1", {"captures"}),
        ("update captures set origin = 9 where id = 2", {"captures"}),
        ("delete from origins", {"origins", "captures"}),
    ],
)
def test_who_received_it_is_not_changed_unseen(
    folder: Path, statement: str, tables: set[str]
) -> None:
    tamper(folder, statement)
    assert {fault["where"] for fault in verify(folder)["broken"]} == tables


def test_a_name_is_taken_out_and_all_digests_stay(folder: Path) -> None:
    name = proof.redact_name(NAME)
    assert NAME not in name
    assert proof.redact_name(name) == name
    tamper(folder, f"update origins set name = '{name}'")
    assert verify(folder)["ok"]


def test_a_lost_capture_is_restored_with_its_origin(folder: Path) -> None:
    """Its record names the file it is from, and its digest says which."""
    tamper(folder, "delete from captures where id = 2")
    other = f"insert into origins values (7, 'warc', '{NAME}', '', 'cd', 1, '{NOW}')"
    tamper(folder, other)
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        restored = restore_captures(connection, folder / "captures", False)
        assert (restored.count, restored.lost) == (1, ())
        rows = connection.execute("select id, origin from captures order by id")
        assert rows.fetchall() == [(1, None), (2, 1)]
        connection.commit()
    tamper(folder, "delete from origins where id = 7")
    assert verify(folder)["ok"]


def test_an_import_stays_one_where_its_origin_is_lost(folder: Path) -> None:
    tamper(folder, "delete from origins")
    options = ["--settings", str(folder / "settings.toml"), "doctor", "--fix"]
    result = CliRunner().invoke(cli, options)
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        rows = connection.execute(
            "select c.id, o.name from captures c left join origins o on o.id = c.origin"
        )
        assert rows.fetchall() == [(1, None), (2, "lost, its number was 1")], (
            result.output
        )
