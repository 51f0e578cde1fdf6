"""Articles as files: every format reads back, an interrupted export goes on, nothing is half there."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from array import array
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import article_export
from harvester.archive.queries.article_columns import list_columns
from harvester.archive.queries.search import search
from harvester.errors import ArchiveError, HarvesterError
from harvester.export import articles, datapackage, folder
from harvester.export.articles import Export, ExportSummary
from harvester.export.formats import choose_format
from harvester.query import parse_query
from harvester.schedule.times import parse_time
from tests.archive.test_regular_files import make_special
from tests.support import ROOT, small_archive

NOW = "2025-09-10T00:00:00Z"
CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)
HOSTILE = '=cmd|"/c calc"!A1\t\x1b[31m\u202ereverse, "quoted"\nsecond line'


def write(
    archive: Path, target: Path, query: str = "", **options: Any
) -> tuple[ExportSummary, list[tuple[int, int]]]:
    """Export; returns the summary and the progress reported."""
    name = options.pop("format_name", "")
    export = Export(target, choose_format(target, name), **options)
    progress: list[tuple[int, int]] = []
    with closing(open_reader(archive)) as connection:
        tree = parse_query(query, parse_time(NOW)) if query else None
        ids = article_export.list_article_ids(connection, tree, NOW)
        summary = articles.write_articles(
            connection,
            None,
            export,
            ids,
            lambda done, total: progress.append((done, total)),
        )
    return summary, progress


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return small_archive.copy_village(tmp_path)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """An archive with a text that is meant to do harm."""
    building = small_archive.Building(tmp_path)
    key = building.article("https://mpi.example/%2e%2e/evil")
    building.version(key, HOSTILE.replace("\n", " "), HOSTILE)
    return building.done()


def test_json_lines_have_what_is_promised(archive: Path, tmp_path: Path) -> None:
    summary, progress = write(
        archive, tmp_path / "all.jsonl", changes=True, copies=True
    )
    rows = read_lines(tmp_path / "all.jsonl")
    assert (summary.articles, progress[-1]) == (3, (3, 3))
    assert [row["key"] for row in rows] == [CHURCH, MARKET, WIRE]
    church = rows[0]
    needed = (
        "key url outlet title authors published first_seen language version sha256 text"
    )
    assert set(needed.split()) <= set(church)
    assert church["text"].startswith("L'église du village a été vendue pour 12 000")
    assert (church["version"], church["versions"], church["latest"]) == (3, 3, True)
    assert church["authors"] == ["Jeanne Dupré"]
    first, second = church["changes"]
    assert first["added"] == ["Une enquête est ouverte."]
    assert [len(pair) for pair in first["rewritten"]] == [2]
    assert second["fields"]["title"] == ["L’église vendue", "L’église bradée"]
    assert (second["kind"], second["from_version"], second["to_version"]) == (
        "headline",
        2,
        3,
    )
    (copy,) = church["copies"]
    assert (copy["key"], copy["earlier"], copy["share"]) == (WIRE, False, 1.0)
    assert rows[2]["copies"][0]["earlier"] is True
    assert rows[1]["state"] == "removed"


def test_texts_of_all_versions_or_none(archive: Path, tmp_path: Path) -> None:
    write(archive, tmp_path / "all.jsonl", "key:" + CHURCH, texts="all", changes=True)
    rows = read_lines(tmp_path / "all.jsonl")
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert [row["latest"] for row in rows] == [False, False, True]
    assert "10 000" in rows[0]["text"] and "12 000" in rows[1]["text"]
    assert [len(row["changes"]) for row in rows] == [0, 1, 1]
    write(archive, tmp_path / "none.jsonl", texts="none")
    assert all("text" not in row for row in read_lines(tmp_path / "none.jsonl"))


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("église", {CHURCH, WIRE}),
        ("église -wire", {CHURCH}),
        ('"10 000"', {CHURCH}),  # in an earlier version only
        ("is:removed", {MARKET}),
        ("outlet:courier", {MARKET, WIRE}),
        ("published:2025-09-08", {WIRE}),
        ('added:"une enquête"', {CHURCH}),
        ("removed:10 NOT is:removed", {CHURCH}),
        ("église OR market", {CHURCH, MARKET, WIRE}),
    ],
)
def test_an_article_is_chosen_by_any_of_its_versions(
    archive: Path, query: str, keys: set[str]
) -> None:
    with closing(open_reader(archive)) as connection:
        tree = parse_query(query, parse_time(NOW))
        ids = article_export.list_article_ids(connection, tree, NOW)
        groups = article_export.list_articles(connection, ids, "none")
        assert {one.key for _, group in groups for one in group} == keys
        hits = search(connection, tree, NOW)  # finds the same
        assert {hit.article for hit in hits} == keys


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_tables_are_safe_in_spreadsheets(
    hostile: Path, tmp_path: Path, name: str, delimiter: str
) -> None:
    write(hostile, tmp_path / f"x.{name}", changes=True)
    text = (tmp_path / f"x.{name}").read_bytes().decode("utf-8")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    assert row["title"].startswith("'=cmd|") and row["text"].startswith("'=cmd|")
    assert row["text"].endswith('reverse, "quoted"\nsecond line')
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text.replace("\t", ""))
    assert row["authors"] == "Jeanne Dupré" and row["latest"] == "true"
    assert json.loads(row["changes"]) == []


def test_half_a_surrogate_pair_is_written_so_that_it_reads_back() -> None:
    from harvester.export.tables import make_encoder

    columns = list_columns("latest", False, False)
    line = make_encoder("jsonl", columns)([_article(text="a \ud83d b")])
    assert json.loads(line)["text"] == "a \ud83d b"
    assert b"?" not in line


def _article(**values: Any) -> article_export.Article:
    article = article_export.Article(
        key="0123456789abcdef",
        url="https://mpi.example/",
        outlet="mpi",
        title="Title",
        authors=(),
        published=None,
        modified=None,
        first_seen="2025-09-06T07:00:00Z",
        last_seen="2025-09-06T07:00:00Z",
        language="fr",
        version=1,
        versions=1,
        latest=True,
        sha256="0" * 64,
        words=3,
        state="online",
        kind="article",
        access="free",
        sections=(),
        tags=(),
        image="",
        description="",
        text="",
    )
    return replace(article, **values)


def test_a_package_says_what_the_columns_mean(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    summary, _ = write(archive, target, copies=True)
    assert summary.described_by == f"{target}.datapackage.json"
    package = json.loads(Path(summary.described_by).read_text())
    (resource,) = package["resources"]
    with target.open(newline="") as file:
        header = next(csv.reader(file))
    assert [field["name"] for field in resource["schema"]["fields"]] == header
    assert all(field["description"] for field in resource["schema"]["fields"])
    digest, size = datapackage.digest_file(target)
    assert (resource["hash"], resource["bytes"]) == (f"sha256:{digest}", size)
    assert resource["path"] == "all.csv"
    assert set(resource["schema"]["primaryKey"]) <= set(header)


def test_columns_are_fields_of_the_row() -> None:
    names = {column.name for column in list_columns("all", True, True)}
    assert names == set(article_export.Article.__slots__)


@pytest.mark.parametrize("name", ["jsonl", "csv", "tsv", "markdown", "text", "parquet"])
def test_the_same_archive_gives_the_same_bytes(
    archive: Path, tmp_path: Path, name: str
) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    for number in (1, 2):
        options = {"format_name": name, "texts": "all", "changes": True, "copies": True}
        write(archive, tmp_path / str(number) / "out", **options)
    first, second = (_contents(tmp_path / str(number)) for number in (1, 2))
    assert first == second and first


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_parquet_reads_back(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    import pyarrow.parquet

    write(archive, tmp_path / "x.parquet", changes=True, copies=True)
    table = pyarrow.parquet.read_table(tmp_path / "x.parquet")
    church = table.to_pylist()[0]
    assert church["key"] == CHURCH and church["authors"] == ["Jeanne Dupré"]
    assert church["first_seen"].isoformat() == "2025-09-07T09:00:00+00:00"
    assert church["changes"][0]["added"] == ["Une enquête est ouverte."]
    assert church["copies"][0]["key"] == WIRE
    meaning = table.schema.field("sha256").metadata[b"description"]
    assert b"Lasting name" in meaning


def test_without_pyarrow_it_says_what_to_install(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(HarvesterError) as error:
        write(archive, tmp_path / "x.parquet")
    assert "[parquet]" in error.value.hint
    assert not list(tmp_path.glob("x.parquet*"))


def test_an_interrupted_parquet_file_leaves_nothing(
    archive: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "x.parquet"
    export = Export(target, choose_format(target))
    with closing(open_reader(archive)) as connection:
        ids = article_export.list_article_ids(connection, None, NOW)
        with pytest.raises(KeyboardInterrupt):
            articles.write_articles(
                connection, articles.Source(archive, None), export, ids, interrupt
            )
    assert not list(tmp_path.glob("x.parquet*"))
    assert capfd.readouterr().err == ""


# ---- folders


def test_a_folder_of_markdown(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "village"
    write(archive, target, format_name="markdown", texts="all")
    rows = list(csv.DictReader((target / "articles.csv").open(newline="")))
    assert [row["file"] for row in rows][:3] == [
        f"mpi/2025-09-06-l-eglise-vendue-{CHURCH}-v1.md",
        f"mpi/2025-09-06-l-eglise-vendue-{CHURCH}-v2.md",
        f"mpi/2025-09-07-l-eglise-bradee-{CHURCH}.md",
    ]
    assert {row["file"] for row in rows} | {"articles.csv", "datapackage.json"} == set(
        _contents(target)
    )
    text = (target / rows[0]["file"]).read_text()
    assert text.startswith(f'---\nkey: "{CHURCH}"\n')
    assert "\n# L’église vendue\n\nL'église du village a été vendue pour 10" in text


def test_markdown_shows_text_as_it_is(hostile: Path, tmp_path: Path) -> None:
    marks = "<script>alert(1)</script> *not bold* [link](javascript:x) `code` &lt;"
    escaped = folder._escape(marks)
    assert not re.search(r"(?<!\\)[<>*\[\]`&]", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped) == marks
    write(hostile, tmp_path / "out", format_name="markdown")
    (path,) = (tmp_path / "out").rglob("*.md")
    assert "\n\\=cmd\\|" in path.read_text()


@pytest.mark.parametrize(
    "values",
    [
        {"outlet": "../../etc", "key": "../passwd", "title": "..\\..\\x", "version": 1},
        {"title": "/" * 300, "first_seen": "../../x"},
        {"title": "東京の朝" * 100},
        {"outlet": "..", "title": ".", "published": "\x00"},
        {"versions": 2, "latest": False},
    ],
)
def test_file_names_stay_in_the_folder(values: dict[str, Any]) -> None:
    name = folder.make_file_name(_article(**values), ".md")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*/[a-z0-9-]+\.md", name)
    assert len(name) < 150


def test_a_folder_with_files_of_somebody_else_is_not_replaced(
    archive: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    write(archive, target, format_name="text")
    with pytest.raises(HarvesterError, match="not empty"):
        write(archive, target, format_name="text")
    write(archive, target, "is:removed", format_name="text", overwrite=True)
    assert len(list(target.rglob("*.txt"))) == 1
    (target / "notes.txt").write_text("mine")
    before = _contents(target)
    with pytest.raises(HarvesterError, match=r"no export wrote, such as notes\.txt"):
        write(archive, target, format_name="text", overwrite=True)
    assert _contents(target) == before
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(HarvesterError, match="not a folder"):
        write(archive, link, format_name="text", overwrite=True)


# ---- what must not be overwritten, and what was interrupted


def test_an_existing_file_needs_overwrite(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.jsonl"
    target.write_text("mine")
    with pytest.raises(HarvesterError, match="exists"):
        write(archive, target)
    assert target.read_text() == "mine"
    write(archive, target, overwrite=True)
    assert len(read_lines(target)) == 3


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_a_special_file_is_refused(archive: Path, tmp_path: Path, kind: str) -> None:
    special = make_special(tmp_path, kind)
    with pytest.raises(ArchiveError, match="not a file"):
        write(archive, special, format_name="jsonl", overwrite=True)
    target = tmp_path / "y.jsonl"
    special.rename(tmp_path / "y.jsonl.part")
    with pytest.raises(ArchiveError, match="not a file"):
        write(archive, target)


def test_two_programs_do_not_write_one_file(archive: Path, tmp_path: Path) -> None:
    from harvester.export.part_file import PartFile

    target = tmp_path / "x.jsonl"
    with PartFile(target, "other"), pytest.raises(HarvesterError, match="another"):
        write(archive, target)


KILLED = """
import os, signal, sys
from contextlib import closing
from pathlib import Path
from harvester.archive.connection import open_reader
from harvester.archive.queries import article_export
from harvester.export import articles
from harvester.export.formats import choose_format

archive, target, name, after = sys.argv[1:]
article_export.GROUP_ARTICLES, articles.COMMIT_GROUPS = 3, 2
export = articles.Export(Path(target), choose_format(Path(target), name), changes=True)

def progress(done, total):
    if done >= int(after):
        os.kill(os.getpid(), signal.SIGKILL)

with closing(open_reader(Path(archive))) as connection:
    ids = article_export.list_article_ids(connection, None, "2025-09-10T00:00:00Z")
    summary = articles.write_articles(connection, articles.Source(Path(archive), None), export, ids, progress)
    print(summary.continued)
"""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    building = small_archive.Building(tmp_path)
    for number in range(40):
        key = building.article(f"https://mpi.example/{number}")
        building.version(key, f"Title {number}", f"Words of number {number}.")
    return building.done()


def run(archive: Path, target: Path, name: str, after: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(archive), str(target), name, str(after)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize("name", ["jsonl", "csv", "markdown"])
def test_a_killed_export_goes_on_with_the_same_bytes(
    many: Path, tmp_path: Path, name: str
) -> None:
    whole, target = tmp_path / "whole", tmp_path / "target"
    assert run(many, whole, name, 1_000)[0] == 0
    continued = []
    for after in (1, 8, 20, 39):
        code, _ = run(many, target, name, after)
        assert code == -signal.SIGKILL
        assert not target.exists()
    code, printed = run(many, target, name, 1_000)
    continued.append(int(printed))
    assert code == 0 and continued == [36]  # the last commit before article 39
    if whole.is_dir():
        assert _contents(whole) == _contents(target)
    else:
        assert whole.read_bytes() == target.read_bytes()
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


def test_another_archive_or_query_begins_anew(many: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    run(many, target, "jsonl", 20)
    state = json.loads((tmp_path / "target.part.json").read_text())
    assert state["cursor"] and state["bytes"]
    builder = small_archive.Archive.open(many)
    builder.connection.execute("update articles set state = 'removed' where id = 1")
    builder.connection.execute(
        "insert into events (at, kind, outlet) values ('2025', 'removed', 'mpi')"
    )
    builder.close()
    code, printed = run(many, target, "jsonl", 1_000)
    assert (code, printed) == (0, "0")
    assert read_lines(target)[0]["state"] == "removed"


def test_a_damaged_part_is_begun_anew(many: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    run(many, target, "jsonl", 20)
    state = tmp_path / "target.part.json"
    for damage in ("", "[]", "{", state.read_text().replace('"bytes": ', '"bytes": 9')):
        state.write_text(damage)
        assert run(many, target, "jsonl", 20)[0] == -signal.SIGKILL
        state.write_text(damage)
    assert run(many, target, "jsonl", 1_000) == (0, "0")
    assert len(read_lines(target)) == 40


def test_the_format_by_ending(tmp_path: Path) -> None:
    for name, expected in {
        "a.jsonl": "jsonl",
        "A.CSV": "csv",
        "a.warc.gz": "warc",
        "a.wacz": "wacz",
        "a.db": "sqlite",
        "a.parquet": "parquet",
    }.items():
        assert choose_format(tmp_path / name).name == expected
    assert choose_format(tmp_path).name == "markdown"
    with pytest.raises(HarvesterError, match="unknown format") as error:
        choose_format(tmp_path / "a.docx")
    assert ".jsonl" in error.value.hint


def test_groups_are_read_in_order(many: Path) -> None:
    with closing(open_reader(many)) as connection:
        ids = article_export.list_article_ids(connection, None, NOW)
        assert ids == array("q", range(1, 41))
        groups = list(article_export.list_articles(connection, ids, after_id=38))
        assert [(last, len(group)) for last, group in groups] == [(40, 2)]
