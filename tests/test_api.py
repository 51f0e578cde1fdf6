"""``import harvester``: the archive for Python programs."""

from __future__ import annotations

import dataclasses
import inspect
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import harvester
from harvester import api
from tests.support import ROOT, small_archive

GUIDE = (ROOT / "docs" / "guides" / "python.md").read_text("utf-8")
CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return small_archive.copy_village(tmp_path)


@pytest.fixture
def archive(path: Path) -> Iterator[harvester.Archive]:
    with harvester.open(path) as opened:
        yield opened


def test_the_public_names_are_those_of_the_guide() -> None:
    assert set(api.__all__) | {"__version__"} == set(harvester.__all__)
    for name in harvester.__all__:
        assert getattr(harvester, name) is not None
    methods = {
        name
        for name, _ in inspect.getmembers(harvester.Archive, inspect.isfunction)
        if not name.startswith("_") and name != "close"
    }
    assert methods == set(re.findall(r"^\| `(\w+)\(", GUIDE, re.MULTILINE))
    for name in methods:
        assert inspect.getdoc(getattr(harvester.Archive, name))
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        harvester.nothing_of_that_name  # noqa: B018


def test_import_is_cheap() -> None:
    code = (
        "import sys, harvester; before = set(sys.modules); harvester.open;"
        "print(sorted({'sqlite3', 'harvester.api'} & before));"
        "print(sorted({'pandas', 'pyarrow', 'scrapy', 'trafilatura', 'datasette', "
        "'sqlite_utils', 'pydantic', 'cdxj_indexer'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "[]\n[]\n"


def test_search(archive: harvester.Archive) -> None:
    hits = archive.search("église")
    assert [hit.article for hit in hits] == [WIRE, CHURCH]
    assert archive.search("église", outlets=["mpi"])[0].title == "L’église bradée"
    assert [hit.article for hit in archive.search("is:removed", ranked=True)] == [
        MARKET
    ]
    assert archive.search("église", since="2025-09-08")[0].article == WIRE
    with pytest.raises(harvester.QueryError, match="no word"):
        archive.search("")
    with pytest.raises(harvester.QueryError, match="unknown outlet"):
        archive.search("outlet:mip")
    with pytest.raises(harvester.QueryError, match="invalid time"):
        archive.search("église", since="the day before")


@pytest.mark.parametrize("name", [CHURCH, CHURCH[:8], small_archive.CHURCH])
def test_an_article_by_key_or_address(archive: harvester.Archive, name: str) -> None:
    article = archive.article(name)
    assert (article.key, article.version, article.versions) == (CHURCH, 3, 3)
    assert "12 000" in (article.text or "")
    assert [change.kind for change in article.changes] == ["edited", "headline"]
    assert [copy.key for copy in archive.copies(name)] == [WIRE]
    assert "10 000" in (archive.article(name, version=1).text or "")
    assert [one.version for one in archive.versions(name)] == [1, 2, 3]
    with pytest.raises(harvester.NotInArchive, match="no version 4"):
        archive.article(name, version=4)


def test_changes(archive: harvester.Archive) -> None:
    changes = archive.changes()
    assert [change.kind for change in changes][:3] == ["headline", "removed", "edited"]
    assert changes[0].fields["title"] == ["L’église vendue", "L’église bradée"]
    assert changes[2].added == ("Une enquête est ouverte.",)
    assert [change.key for change in archive.changes(kinds=["removed"])] == [MARKET]
    assert archive.changes(outlets=["courier"])[0].note == "answered 404 Not Found"
    assert [one.kind for one in archive.changes(until="2025-09-06")] == ["edited"]


def test_articles_and_export(archive: harvester.Archive, tmp_path: Path) -> None:
    assert [one.key for one in archive.articles()] == [CHURCH, MARKET, WIRE]
    assert archive.count("église") == 2 and archive.count(outlets=["mpi"]) == 1
    summary = archive.export("église", tmp_path / "out.csv", changes=True)
    assert summary.articles == 2 and (tmp_path / "out.csv").is_file()
    with pytest.raises(harvester.HarvesterError, match="exists"):
        archive.export("église", tmp_path / "out.csv")
    with pytest.raises(harvester.NotInArchive):
        archive.export("nothinglikeit", tmp_path / "none.csv")


def test_records_are_frozen(archive: harvester.Archive) -> None:
    article = archive.article(CHURCH)
    for record in (article, article.changes[0], article.copies[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            record.key = "x"


def test_it_only_reads(archive: harvester.Archive, path: Path) -> None:
    import sqlite3

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        archive._connection.execute("delete from articles")
    before = path.read_bytes()
    archive.search("église")
    assert path.read_bytes() == before


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("nothing")
    with pytest.raises(harvester.ArchiveError, match="not an archive"):
        harvester.open(tmp_path / "x.db")
    with pytest.raises(harvester.ArchiveError, match="no archive"):
        harvester.open(tmp_path / "y.db")


def test_a_writer_is_not_blocked_and_is_seen(
    archive: harvester.Archive, path: Path
) -> None:
    assert archive.count("is:removed") == 1
    writer = small_archive.Archive.open(path)
    writer.connection.execute("update articles set state = 'removed'")
    writer.close()
    assert archive.count("is:removed") == 3


def test_one_in_each_thread(path: Path) -> None:
    counts: list[int] = []

    def read() -> None:
        with harvester.open(path) as own:
            counts.append(own.count())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [3, 3, 3, 3]


def test_pandas(archive: harvester.Archive) -> None:
    pytest.importorskip("pandas", reason="the extra pandas is not installed")
    frame = archive.to_pandas(copies=True)
    assert list(frame["key"]) == [CHURCH, MARKET, WIRE]
    assert str(frame["first_seen"].dtype).endswith("UTC]")
    assert frame["words"].sum() > 20
    assert list(archive.to_pandas("nothinglikeit")["key"]) == []


def test_without_pandas_it_says_what_to_install(
    archive: harvester.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(harvester.HarvesterError) as error:
        archive.to_pandas()
    assert "[pandas]" in error.value.hint


def test_the_guide_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its questions, one after the other, in the folder of an archive."""
    monkeypatch.chdir(path.parent)
    examples = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(examples) == 6
    names: dict[str, object] = {}
    for example in examples:
        if "pandas" in example:
            try:
                import pandas  # noqa: F401
            except ImportError:
                continue
        exec(compile(example, "docs/guides/python.md", "exec"), names)
