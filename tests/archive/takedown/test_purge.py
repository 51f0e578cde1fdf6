"""What a purge removes and what it leaves, even if killed at any step.

The archives are written row by row, without a crawl.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import captures, warc_records
from harvester.archive.records.captures import WarcFiles
from harvester.archive.regular_files import read_record
from harvester.archive.takedown import article_rows, execute, purge, warc_rewrite
from harvester.cli import cli
from harvester.identity.wording import wording_and_text_digests, wording_digest
from tests.support.warc_archive import FEED, Paper, day, page

TITLE = "Councillor Brightwater leaves the harbour board"
TEXT = (
    "Councillor Hortensia Brightwater left the harbour board on Tuesday after nineteen "
    "years of quiet service there.\n"
    "She thanked the pilots, the lock keepers and the woman who mends the nets behind "
    "the old customs house."
)
COPY = "https://courier.example/copied"
URL = "https://courier.example/news/brightwater-leaves"
MARKS = (
    "Brightwater",
    "harbour board on Tuesday",
    "mends the nets",
    "brightwater-leaves",
    "brightwater_leaves",
    "pilot who sold",
    "gulls on the quay",
)
# What its feed said of it before.
EARLIER_TITLE = "The pilot who sold the lighthouse lamps at night"
EARLIER_SUMMARY = "Nobody on the board had counted the gulls on the quay since Easter."


def feed(*items: str) -> bytes:
    return (
        f"<rss><channel><title>Courier</title>{''.join(items)}</channel></rss>".encode()
    )


def item(title: str, url: str, words: str) -> str:
    return (
        f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid>"
        f"<description>{words}</description></item>"
    )


def build(folder: Path, rotate: int = 1_000_000) -> Paper:
    """Write an archive with the article in two versions, and what mentions it.

    Feeds, another article with its headline in a box, and an unreferenced record; of
    each, a second response with the same body.
    """
    paper = Paper(folder, rotate)
    purged_item = item(TITLE, URL, TEXT.split("\n")[0])
    other_item = item(
        "The ferry is late",
        "https://courier.example/ferry",
        "The ferry was late again on Monday.",
    )
    paper.capture(FEED, feed(purged_item, other_item), day(1), "feed")
    paper.capture_again(FEED, feed(purged_item, other_item), day(1, "11:00:00"), "feed")
    capture = paper.capture(URL, page(TITLE, TEXT), day(1))
    key = paper.article(URL, day(1))
    paper.version(key, TITLE, TEXT, capture, day(1))
    paper.row(
        "entries",
        key="e1",
        feed=FEED,
        guid=URL,
        url=URL,
        address=URL.partition("://")[2],
        title=TITLE,
        summary=TEXT[:60],
        first_seen=day(1),
        last_seen=day(2),
        outcome="new",
        article=key,
        extra=json.dumps({"content": f"<p>{TEXT}</p>"}),
    )
    earlier_item = item(EARLIER_TITLE, URL, EARLIER_SUMMARY)
    paper.capture(FEED, feed(earlier_item, other_item), day(1), "feed")
    announce(paper)
    # A leftover of a killed crawl.
    paper.warc.add_response(
        URL, day(1), 200, (("Content-Type", "text/html"),), page(TITLE, TEXT)
    )
    text = (
        "The ferry was late again on Monday, for the third time in a month.\n"
        "The crew blames the tide."
    )
    ferry = page("The ferry is late", text).replace(
        b"</body>", f"<aside><a href='{URL}'>{TITLE}</a></aside></body>".encode()
    )
    seen = paper.capture("https://courier.example/ferry", ferry, day(1))
    paper.version(
        paper.article("https://courier.example/ferry", day(1)),
        "The ferry is late",
        text,
        seen,
        day(1),
    )
    paper.capture_again("https://courier.example/ferry", ferry, day(1, "11:00:00"))
    paper.capture_again(URL, page(TITLE, TEXT), day(1, "11:00:00"))
    proof.seal_rows(paper.connection, day(1))
    later = f"{TEXT}\nHer successor is to be chosen by lot."
    capture = paper.capture(URL, page(TITLE, later), day(2))
    second = paper.version(key, TITLE, later, capture, day(2))
    paper.row(
        "changes",
        article=key,
        at=day(2),
        kind="edited",
        before=1,
        after=second,
        sentences=json.dumps({"added": [later]}),
    )
    paper.row(
        "events", at=day(2), kind="edited", outlet="courier", article=key, note=TITLE
    )
    paper.row("looks", article=key, at=day(2), outcome="changed", capture=capture)
    proof.seal_rows(paper.connection, day(2))
    paper.warc.flush()
    return paper


def announce(paper: Paper) -> None:
    """Have the feed change title and summary of the entry."""
    wordings = (
        (EARLIER_TITLE, EARLIER_SUMMARY, ""),
        (TITLE, TEXT[:60], "title summary"),
    )
    row_id = None
    for title, summary, changed in wordings:
        row_id = paper.row(
            "announcements",
            entry="e1",
            wording=title,
            title=title,
            summary=summary,
            first_seen=day(1),
            last_seen=day(1),
            before=row_id,
            changed=changed,
        )
    paper.row(
        "events", at=day(1), kind="announced", outlet="courier", announcement=row_id
    )


def residue(folder: Path) -> dict[str, list[str]]:
    """Map each file to the marks that its bytes contain, unpacked or not."""
    marks_by_file = {}
    for path in folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            text = raw
            for start in range(len(raw)):
                if raw[start : start + 3] == b"\x1f\x8b\x08":
                    with suppress(zlib.error):
                        decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
                        text += decompressor.decompress(raw[start:])
            marks = [mark for mark in MARKS if mark.lower().encode() in text.lower()]
            if marks:
                marks_by_file[path.name] = marks
    return marks_by_file


def run(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(
        cli,
        ["--settings", str(folder / "settings.toml"), *arguments, "--json"],
        catch_exceptions=True,
    )
    assert done.exit_code == code, (done.output, done.exception)
    return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else {}


def purge_article(folder: Path) -> dict[str, Any]:
    return run(folder, "purge", URL, "--why", "a promise", "--yes")


def assert_sound(folder: Path) -> None:
    report = run(folder, "verify")
    assert report["ok"], report


def test_what_goes_and_what_stays(tmp_path: Path) -> None:
    build(tmp_path).close()
    assert set(residue(tmp_path)) >= {"archive.db"}
    report = purge_article(tmp_path)
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)
    for name in (URL, report["article"], report["article"][:8]):
        done = CliRunner().invoke(
            cli, ["--settings", str(tmp_path / "settings.toml"), "show", name]
        )
        assert "was purged on" in str(done.exception)
    removed = report["removed"]
    wanted = {
        "versions": 2,
        "captures": 3,
        "captures blanked": 5,
        "loose records": 1,
        "entries": 1,
        "announcements": 2,
        "articles": 1,
        "looks": 1,
    }
    assert {name: removed[name] for name in wanted} == wanted
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        (kept,) = connection.execute("select title, text from versions").fetchall()
        assert kept["text"].startswith("The ferry was late again on Monday, for")
        row = connection.execute("select * from tombstones").fetchone()
        assert (row["why"], row["kind"], json.loads(row["removed"])) == (
            "a promise",
            "purge",
            removed,
        )
        (entry,) = connection.execute("select outcome from entries").fetchall()
        assert entry["outcome"] == "refused"
        emptied = connection.execute(
            "select kind, url, sha256 from captures where kind = 'purged'"
        ).fetchall()
        assert [tuple(row) for row in emptied] == [("purged", "", "")] * 3
        assert not connection.execute(
            "select 1 from versions_fts where versions_fts match 'brightwater'"
        ).fetchall()
        for table in ("announcements", "announcements_fts", "entries_fts"):
            assert not connection.execute(f"select 1 from {table}").fetchall()
        assert not connection.execute(
            "select 1 from events where kind = 'announced'"
        ).fetchall()
        feeds = connection.execute("select reached from captures where kind = 'feed'")
        assert {row["reached"] for row in feeds} == {FEED}


def test_the_name_of_an_imported_file_does_not_name_the_article(
    tmp_path: Path,
) -> None:
    """An export of the article, imported: the file is called as its address is."""
    paper = build(tmp_path)
    names = ("Brightwater_Leaves.warc.gz", "CC-NEWS-20260301.warc.gz")
    headers = [warc_records.origin_headers(name, "<urn:uuid:7>") for name in names]
    first, second = (
        paper.row("origins", kind="warc", name=name, sha256="ab" * 32, at=day(2))
        for name in names
    )
    mooring = "https://courier.example/mooring"
    body = page("The mooring is full", "Nine boats had to turn back on Sunday night.")
    boxed = body.replace(b"</body>", f"<a href='{URL}'>{TITLE}</a></body>".encode())
    for content, at in ((body, day(2)), (boxed, day(2, "11:00:00"))):
        paper.capture(mooring, content, at, warc_headers=headers[0], origin=first)
    paper.capture(URL, page(TITLE, TEXT), day(2), warc_headers=headers[0], origin=first)
    paper.capture(mooring, body, day(3), warc_headers=headers[1], origin=second)
    proof.seal_all(paper.connection, day(3))
    paper.close()
    assert_sound(tmp_path)
    report = purge_article(tmp_path)
    assert report["removed"]["origins"] == 1
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)
    with closing(Archive.open(tmp_path / "archive.db")) as archive:
        rows = archive.connection.execute(
            f"select {_RECORD} from captures where origin is not null and file is not null"
        ).fetchall()
        named = [row["name"] for row in archive.connection.execute(_NAMES)]
    assert named == [proof.redact_name(names[0]), names[1]]
    told = []
    for row in rows:
        block = read_record(tmp_path / "captures", *row)
        record, _ = warc_records.read_record(block)
        told.append(record.rec_headers.get_header("Harvester-Origin"))
        assert record.rec_headers.get_header("Harvester-Origin-Record")
    assert sorted(told) == [names[1], *["taken out on purpose"] * 2]


_RECORD, _NAMES = "file, offset, length", "select name from origins order by id"


def test_feeds_and_other_pages_keep_all_else(tmp_path: Path) -> None:
    from harvester.archive.records.captures import get_response

    build(tmp_path).close()
    purge_article(tmp_path)
    archive = Archive.open(tmp_path / "archive.db", tmp_path / "captures")
    rows = archive.connection.execute(
        "select id, kind from captures where kind <> 'purged' order by id"
    ).fetchall()
    bodies = {
        row["kind"]: get_response(
            archive.connection, archive.captures_folder, row["id"]
        )
        for row in rows
    }
    archive.close()
    text = bodies["feed"][0].decode()
    assert (
        item(
            "The ferry is late",
            "https://courier.example/ferry",
            "The ferry was late again on Monday.",
        )
        in text
    )
    assert text.count("<item>") == 2
    assert b"<p>The crew blames the tide.</p>" in bodies["article"][0]
    headers = dict(bodies["article"][1])
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Length"] == str(len(bodies["article"][0]))


@pytest.mark.parametrize("rotate", [1, 600, 1_000_000])
def test_over_many_files(tmp_path: Path, rotate: int) -> None:
    build(tmp_path, rotate).close()
    purge_article(tmp_path)
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)
    archive = Archive.open(tmp_path / "archive.db", tmp_path / "captures")
    warc = WarcFiles(tmp_path / "captures", "test/1")
    last = archive.connection.execute(
        """
        select file, offset + length from captures
        where file is not null order by id desc limit 1
        """
    ).fetchone()
    warc.resume(*last)  # as the next crawl does
    warc.add_response("https://courier.example/next", day(3), 200, (), b"Next.")
    warc.close()
    archive.close()
    assert_sound(tmp_path)


def test_the_chain_goes_on_over_it(tmp_path: Path) -> None:
    build(tmp_path).close()
    noted = run(tmp_path, "verify")["head"]["digest"]
    purge_article(tmp_path)
    archive = Archive.open(tmp_path / "archive.db")
    archive.begin()
    proof.seal_rows(archive.connection, "2099-01-01T00:00:00Z")
    archive.commit()
    archive.close()
    report = run(tmp_path, "verify", "--known", noted)
    assert report["ok"]
    assert report["checked"]["tombstones"] == 1
    assert report["checked"]["gone"] == 10
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.execute("update tombstones set why = 'no reason'")
        connection.commit()
    assert run(tmp_path, "verify", code=1)["broken"][0]["where"] == "tombstones"


def test_a_copy_keeps_its_own_words(tmp_path: Path) -> None:
    paper = build(tmp_path)
    capture = paper.capture(COPY, page("From another hand", TEXT), day(2))
    paper.version(
        paper.article(COPY, day(2)), "From another hand", TEXT, capture, day(2)
    )
    paper.connection.execute(
        "update versions set text_sha256 = 'same' where text like 'Councillor%'"
    )
    paper.close()
    report = purge_article(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        (key,) = connection.execute(
            "select key from articles where url = ?", [COPY]
        ).fetchone()
        (text,) = connection.execute(
            "select text from versions where article = ?", [key]
        ).fetchone()
    assert text == TEXT
    assert report["copies"] == [key]
    assert report["left"]
    assert_sound(tmp_path)
    warc_files = {name for name in residue(tmp_path) if name.endswith(".gz")}
    assert len(warc_files) == 1  # the copy's own page


def test_bodies_kept_in_the_archive_itself(tmp_path: Path) -> None:
    paper = build(tmp_path)
    for row in paper.connection.execute("select id from captures").fetchall():
        body = captures.get_body(
            paper.connection, paper.archive.captures_folder, row["id"]
        )
        paper.connection.execute(
            "update captures set record = '', body = ? where id = ?",
            [zlib.compress(body), row["id"]],
        )
    paper.connection.execute(
        "update captures set file = null, offset = null, length = null, body_of = null"
    )
    paper.connection.execute("delete from seals")
    paper.connection.execute("delete from days")
    paper.close()
    for path in (tmp_path / "captures").iterdir():
        path.unlink()
    (tmp_path / "captures").rmdir()
    settings = (
        (tmp_path / "settings.toml")
        .read_text()
        .replace('path = "archive.db"', 'path = "archive.db"\ncaptures = ""')
    )
    (tmp_path / "settings.toml").write_text(settings)
    purge_article(tmp_path)
    assert residue(tmp_path) == {}
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        bodies = [
            zlib.decompress(row[0])
            for row in connection.execute(
                "select body from captures where body is not null"
            )
        ]
    assert len(bodies) == 5
    assert not any(mark.encode() in body for body in bodies for mark in MARKS)


class KilledError(Exception):
    """Stands for a kill."""


# Where a purge may be killed: module and function.
STEPS = {
    "write": (warc_rewrite, "write_file"),
    "note": (warc_rewrite, "add_leftovers"),
    "strike": (warc_rewrite, "delete_leftovers"),
    "seal": (proof, "seal_all"),
    "delete": (article_rows, "delete_article"),
    "tombstone": (proof, "add_tombstone"),
    "clear": (warc_rewrite, "delete_leftover_files"),
    "vacuum": (execute, "_vacuum_archive"),
}


@pytest.mark.parametrize("step", STEPS)
def test_ended_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The article is as it was, or gone; a second call finishes, without leftovers."""
    build(tmp_path, 600).close()
    archive = Archive.open(tmp_path / "archive.db", tmp_path / "captures")
    plan = purge.plan_purge(
        archive.connection,
        archive.captures_folder,
        _key(archive),
        lambda done, total: None,
    )

    def kill(*arguments: object, **more: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        replacement: Any = kill
        if step == "write":  # killed at the second of several files
            writes = [warc_rewrite.write_file, kill]
            replacement = lambda *arguments: writes.pop(0)(*arguments)  # noqa: E731
        patch.setattr(*STEPS[step], replacement)
        with pytest.raises(KilledError):
            execute.execute_purge(
                archive, plan, "why", day(3), wording_and_text_digests
            )
            execute.finish_purge(archive, day(3))
    archive.close()
    assert_sound(tmp_path)
    gone = step in ("clear", "vacuum")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        assert (
            bool(
                connection.execute(
                    "select 1 from articles where url = ?", [URL]
                ).fetchone()
            )
            != gone
        )
    if gone:
        assert run(tmp_path, "purge", "--finish")["to_do"] == []
    else:
        purge_article(tmp_path)
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        named = {
            row[0]
            for row in connection.execute(
                "select distinct file from captures where file is not null"
            )
        }
        assert connection.execute("select count(*) from leftovers").fetchone()[0] == 0
    assert {
        path.name for path in (tmp_path / "captures").iterdir() if "-r" in path.name
    } <= named


def _key(archive: Archive) -> str:
    return str(
        archive.connection.execute(
            "select key from articles where url = ?", [URL]
        ).fetchone()[0]
    )


def test_a_reader_that_keeps_the_old_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.archive.connection.BUSY_TIMEOUT_SECONDS", 0.1)
    build(tmp_path).close()
    with closing(
        sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    ) as connection:
        connection.execute("begin")
        connection.execute("select count(*) from versions").fetchone()
        report = run(tmp_path, "purge", URL, "--why", "a promise", "--yes", code=1)
        assert "another program is reading" in report["to_do"][0]
        assert residue(tmp_path)
    assert run(tmp_path, "purge", "--finish")["to_do"] == []
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)


def test_a_headline_read_with_anothers_words(tmp_path: Path) -> None:
    paper = build(tmp_path)
    text = f"The market was full.\n{TITLE}\nThe cheese was gone by noon."
    capture = paper.capture(
        "https://courier.example/market", page("The market", text), day(2)
    )
    key = paper.article("https://courier.example/market", day(2))
    paper.version(key, "The market", text, capture, day(2))
    proof.seal_rows(paper.connection, day(2))
    paper.close()
    purge_article(tmp_path)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        (shown, name) = connection.execute(
            "select text, wording from versions where article = ?", [key]
        ).fetchone()
        assert shown == "The market was full.\nThe cheese was gone by noon."
        assert name == wording_digest("The market", shown)
        assert connection.execute("select count(*) from changes").fetchone()[0] == 0
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)


def test_what_is_said_of_a_wrong_call(tmp_path: Path) -> None:
    build(tmp_path).close()
    for arguments, code in (
        ((), 2),
        ((URL,), 2),
        ((URL, "--why", " "), 2),
        (("nothing-here.example/x", "--dry-run"), 1),
    ):
        done = CliRunner().invoke(
            cli, ["--settings", str(tmp_path / "settings.toml"), "purge", *arguments]
        )
        assert getattr(done.exception, "exit_code", done.exit_code) == code, arguments
    assert run(tmp_path, "purge", "--list") == []
    before = residue(tmp_path)
    planned = run(tmp_path, "purge", URL, "--dry-run")
    assert planned["removed"]["captures blanked"] == 5
    assert residue(tmp_path) == before


def test_what_the_outlet_says_anyway_is_not_the_articles(tmp_path: Path) -> None:
    """A footer and a common headline that were read with it stay elsewhere."""
    foot = (
        "The Courier is printed by the harbour press and may be had at every kiosk of "
        "the town."
    )
    headline = "Letters to the editor"
    paper = Paper(tmp_path)
    older = paper.capture(
        "https://courier.example/older",
        page(headline, f"The well is clean.\n{foot}"),
        day(1),
    )
    paper.version(
        paper.article("https://courier.example/older", day(1)),
        headline,
        f"The well is clean.\n{foot}",
        older,
        day(1),
    )
    text = f"{TEXT}\n{foot}"
    capture = paper.capture(URL, page(headline, text), day(5))
    paper.version(paper.article(URL, day(5)), headline, text, capture, day(5))
    later = page("The mill", f"The mill turns again.\n{foot}")
    last = paper.capture("https://courier.example/mill", later, day(6))
    paper.version(
        paper.article("https://courier.example/mill", day(6)),
        "The mill",
        "The mill turns again.",
        last,
        day(6),
    )
    listing = feed(
        item(headline, "https://courier.example/letters-of-today", "Two letters.")
    )
    paper.capture(FEED, listing, day(6), "feed")
    proof.seal_rows(paper.connection, day(6))
    paper.close()
    report = purge_article(tmp_path)
    assert "captures blanked" not in report["removed"]
    assert "traces" not in report["removed"]
    assert residue(tmp_path) == {}
    assert_sound(tmp_path)
