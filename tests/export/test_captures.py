"""WARC, WACZ and an archive of some articles: other programs and `verify` read them."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvester.archive.connection import open_reader
from harvester.archive.merging import subset
from harvester.archive.queries import article_export, export_captures
from harvester.errors import HarvesterError
from harvester.export import articles
from harvester.export.formats import choose_format
from tests.support.harvest_command import Harvest
from tests.support.warc_archive import SETTINGS, Paper, day, page, three_days

URL = "https://courier.example/bridge-1"
WACZ_MISSING = "the extra wacz is not installed"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Four articles; the first was received again elsewhere, as a revisit record."""
    paper = three_days(tmp_path)
    key = _key(paper, 1)
    body = page("The 1. bridge is closed", "Nobody may cross bridge 1 today. " * 9)
    elsewhere = "https://courier.example/elsewhere"
    paper.capture(elsewhere, body, day(4))
    again = paper.capture_again(elsewhere, body, day(4, "11:00:00"))
    paper.row("urls", address="courier.example/elsewhere", url=elsewhere, article=key,
              kind="alias", first_seen=day(4), last_seen=day(4))  # fmt: skip
    paper.row("looks", article=key, at=day(4), outcome="changed", capture=again)
    paper.close()
    return tmp_path / "archive.db"


def _key(paper: Paper, number: int) -> str:
    row = paper.connection.execute(
        "select key from articles where id = ?", [number]
    ).fetchone()
    return str(row[0])


def write(
    archive: Path, target: Path, ids: list[int] | None = None, **options: Any
) -> articles.ExportSummary:
    export = articles.Export(target, choose_format(target), **options)
    source = articles.Source(archive, archive.with_name("captures"))
    with closing(open_reader(archive)) as connection:
        chosen = article_export.list_article_ids(connection, None, "")
        if ids is not None:
            chosen = type(chosen)("q", ids)
        return articles.write_articles(
            connection, source, export, chosen, lambda *_: None
        )


def read_records(path: Path) -> list[tuple[str, str, bytes]]:
    with path.open("rb") as file:
        return [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI") or "",
                record.content_stream().read(),
            )
            for record in ArchiveIterator(file)
        ]


def test_warc_has_the_records_as_they_are(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "first.warc.gz"
    summary = write(archive, target, [1])
    records = read_records(target)
    assert records[0][0] == "warcinfo"
    assert (summary.records, summary.missing) == (len(records) - 1, 0)
    urls = [url for _, url, _ in records[1:]]
    assert set(urls) == {URL, "https://courier.example/elsewhere"}
    revisits = [record for record in records if record[0] == "revisit"]
    assert len(revisits) == 1  # and the record that it refers to
    bodies = [body for kind, _, body in records if kind == "response"]
    assert (
        page("The 1. bridge is closed", "Nobody may cross bridge 1 today. " * 9)
        in bodies
    )
    whole = target.read_bytes()
    with closing(sqlite3.connect(archive)) as connection:
        for file, offset, length in connection.execute(
            "select file, offset, length from captures where url = ?", [URL]
        ):
            source = archive.with_name("captures") / file
            assert source.read_bytes()[offset : offset + length] in whole


def test_a_record_that_is_damaged_is_left_out_and_counted(
    archive: Path, tmp_path: Path
) -> None:
    (file,) = archive.with_name("captures").iterdir()
    content = bytearray(file.read_bytes())
    with closing(sqlite3.connect(archive)) as connection:
        ((offset,),) = connection.execute("select offset from captures where id = 1")
    content[offset + 40] ^= 0xFF
    file.write_bytes(content)
    summary = write(archive, tmp_path / "x.warc.gz", [1])
    assert summary.missing == 1
    assert len(read_records(tmp_path / "x.warc.gz")) == summary.records + 1


def test_without_records_nothing_is_written(archive: Path, tmp_path: Path) -> None:
    shutil.rmtree(archive.with_name("captures"))
    with pytest.raises(HarvesterError, match="no WARC records"):
        write(archive, tmp_path / "x.warc.gz")
    assert not list(tmp_path.glob("x.warc*"))


def test_feeds_are_left_out_as_their_urls_may_have_secrets(
    tmp_path: Path,
) -> None:
    paper = Paper(tmp_path)
    feed = paper.capture(
        "https://courier.example/rss?token=hush", b"<rss/>", day(1), "feed"
    )
    key = paper.article(URL, day(1))
    paper.version(key, "Title", "Text", feed, day(1))
    paper.close()
    with pytest.raises(HarvesterError, match="no WARC records"):
        write(tmp_path / "archive.db", tmp_path / "x.warc.gz")


@pytest.mark.parametrize("ending", [".warc.gz", ".wacz", ".db"])
def test_the_same_articles_give_the_same_bytes(
    archive: Path, tmp_path: Path, ending: str
) -> None:
    if ending == ".wacz":
        pytest.importorskip("cdxj_indexer", reason=WACZ_MISSING)
    digests = []
    for number in (1, 2):
        target = tmp_path / str(number) / f"name{number}{ending}"
        write(archive, target)
        digests.append(hashlib.sha256(target.read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_wacz_names_every_record_and_page(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("cdxj_indexer", reason=WACZ_MISSING)
    target = tmp_path / "all.wacz"
    write(archive, target)
    with zipfile.ZipFile(target) as package:
        assert {entry.compress_type for entry in package.infolist()} == {0}
        lines = package.read("pages/pages.jsonl").decode().splitlines()
        description = json.loads(package.read("datapackage.json"))
        (tmp_path / "data.warc.gz").write_bytes(package.read("archive/data.warc.gz"))
        for resource in description["resources"]:
            content = package.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    header, *pages = map(json.loads, lines)
    assert header["format"] == "json-pages-1.0"
    urls = {url for _, url, _ in read_records(tmp_path / "data.warc.gz")}
    assert pages and {one["url"] for one in pages} <= urls
    assert description["created"] == day(4, "11:00:00")
    assert sorted(path.name for path in tmp_path.glob("all.wacz*")) == ["all.wacz"]


def test_wacz_is_valid_to_its_own_tool(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("cdxj_indexer", reason=WACZ_MISSING)
    pytest.importorskip("wacz", reason="wacz, which checks the file, is not installed")
    write(archive, tmp_path / "all.wacz")
    done = subprocess.run(
        [sys.executable, "-m", "wacz", "validate", "-f", str(tmp_path / "all.wacz")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "the passed WACZ is valid" in done.stdout, done.stdout + done.stderr


# ---- an archive of its own


@pytest.fixture
def copy(archive: Path, tmp_path: Path) -> Harvest:
    """The first article as an archive, and the program beside it."""
    folder = tmp_path / "copy"
    write(archive, folder / "archive.db", [1])
    (folder / "settings.toml").write_text(SETTINGS)
    return Harvest(folder)


def test_an_archive_verifies_and_has_everything_of_its_articles(
    copy: Harvest, archive: Path
) -> None:
    result = copy.json("verify")
    assert result["ok"] and result["checked"]["records"] >= 4
    tables = ("versions", "readings", "urls", "sightings", "looks", "articles")
    with closing(sqlite3.connect(archive)) as ours:
        (key,) = ours.execute("select key from articles where id = 1").fetchone()
        with closing(sqlite3.connect(copy.folder / "archive.db")) as theirs:
            for table in tables:
                column = "key" if table == "articles" else "article"
                sql = f"select * from {table} where {column} = ? order by rowid"
                expected = ours.execute(sql, [key]).fetchall()
                assert (
                    expected
                    and theirs.execute(f"select * from {table}").fetchall() == expected
                )
            head = ours.execute(
                "select digest from days order by number desc"
            ).fetchone()
            assert theirs.execute("select head from chains").fetchone() == head
            assert theirs.execute("pragma foreign_key_check").fetchall() == []
    assert len(copy.json("history", URL)) == 2
    assert copy.json("doctor")  # no wrong counts
    assert [hit["article"] for hit in copy.json("search", "bridge")] == [key]


def test_it_verifies_without_settings_too(copy: Harvest) -> None:
    """Then it is somebody else's archive, whose views SQLite trusts less."""
    (copy.folder / "settings.toml").unlink()
    assert copy.json("verify")["ok"]


def test_such_an_archive_merges_back_without_a_difference(
    copy: Harvest, archive: Path
) -> None:
    home = Harvest(archive.parent)
    summary = home.json("merge", str(copy.folder / "archive.db"), "--dry-run")
    assert summary["added"] in ({}, {"crawls": 0})
    assert (summary["records"], summary["missing"]) == (0, 0)


def test_every_table_is_known() -> None:
    """A table that is added belongs to articles, or it is left out on purpose."""
    from harvester.archive import schema

    with closing(sqlite3.connect(":memory:")) as connection:
        schema.apply_migrations(connection)
        tables = {
            name
            for (name,) in connection.execute(
                """
                select name from pragma_table_list
                where schema = 'main' and type = 'table' and name not like 'sqlite_%'
                    and name not like '_sqlite_%'"""
            )
        }
    assert tables == {*subset.COPIED_TABLES, *subset.EXCLUDED_TABLES}


def test_the_captures_of_another_archive_are_left_alone(
    archive: Path, tmp_path: Path
) -> None:
    with pytest.raises(HarvesterError, match="captures of another archive"):
        write(archive, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    first, second = tmp_path / "both" / "1.db", tmp_path / "both" / "2.db"
    write(archive, first, [1])
    write(archive, second, [2])
    for path in (first, second):
        with closing(open_reader(path)) as connection:
            ids = export_captures.list_capture_ids(
                connection, article_export.list_article_ids(connection, None, "")
            )
            records = export_captures.list_records(
                connection, path.with_name("captures"), ids
            )
            assert all(one.record for one in records)


def test_an_interrupted_copy_leaves_nothing_and_is_made_again(
    archive: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copy" / "x.db"
    (target.parent / "x.db.part").mkdir(parents=True)
    (target.parent / "x.db.part" / "archive.db.draft").write_text("half")
    write(archive, target, [1])
    assert sorted(path.name for path in target.parent.iterdir()) == ["captures", "x.db"]
    strange = target.parent / "y.db.part"
    strange.mkdir()
    (strange / "mine").write_text("mine")
    with pytest.raises(HarvesterError, match="in the way"):
        write(archive, target.with_name("y.db"), [1])
    assert (strange / "mine").read_text() == "mine"
