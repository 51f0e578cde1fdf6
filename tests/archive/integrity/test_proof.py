"""The chain of days, and ``harvest verify``: every changed byte is located."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive import schema
from harvester.archive.integrity import proof
from harvester.cli import cli
from tests.support.warc_archive import Paper, day, page, three_days

FaultDicts = list[dict[str, Any]]


def verify(folder: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        cli, ["--settings", str(folder / "settings.toml"), "verify", "--json", *options]
    )
    report: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if report["ok"] else 1), result.output
    return report


def list_faults(folder: Path) -> FaultDicts:
    faults: FaultDicts = verify(folder)["broken"]
    return faults


def tamper(folder: Path, *statements: str) -> None:
    """Change the archive behind its back; foreign keys are not enforced."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    three_days(tmp_path).close()
    return tmp_path


def test_an_unchanged_archive(folder: Path) -> None:
    report = verify(folder)
    assert report["ok"], report
    assert report["broken"] == []
    counts = {"days": 2, "captures": 5, "versions": 5, "open": 4}
    counts |= {"records": 5, "files": 1}
    assert {name: report["checked"][name] for name in counts} == counts
    assert verify(folder, "--known", report["head"]["digest"])["ok"]
    assert verify(folder, "--known", "0" * 64)["broken"][0]["where"] == "days"


def test_the_canonical_forms_are_those_of_the_document(folder: Path) -> None:
    """Computed here as docs/proof.md says, without our code."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.row_factory = sqlite3.Row
        previous_digest = "0" * 64
        last = {"capture": 0, "version": 0}
        for day_row in connection.execute(
            "select * from days order by number"
        ).fetchall():
            lines = ""
            for seal in connection.execute(
                "select * from seals where number = ? order by id", [day_row["number"]]
            ):
                assert seal["row"] > last[seal["kind"]]
                last[seal["kind"]] = seal["row"]
                row = connection.execute(
                    f"select * from {seal['kind']}s where id = ?", [seal["row"]]
                ).fetchone()
                if seal["kind"] == "capture":
                    names = "kind url reached at status type sha256 bytes truncated record".split()
                    values = ["capture", *(row[name] for name in names)]
                else:
                    text_digest = hashlib.sha256(
                        f"{row['title']}\n{row['text']}".encode()
                    ).hexdigest()
                    values = [
                        "version",
                        row["article"],
                        row["sha256"],
                        row["first_seen"],
                        text_digest,
                    ]
                digest = hashlib.sha256(
                    json.dumps(values, separators=(",", ":")).encode()
                ).hexdigest()
                assert digest == seal["digest"].hex()
                lines += f"{seal['kind']} {digest}\n"
            assert hashlib.sha256(lines.encode()).hexdigest() == day_row["rows"]
            text = "harvester day 1\n" + "".join(
                f"{name} {day_row[name]}\n"
                for name in (
                    "number",
                    "day",
                    "closed",
                    "captures",
                    "versions",
                    "others",
                    "rows",
                    "before",
                )
            )
            assert day_row["before"] == previous_digest
            assert hashlib.sha256(text.encode()).hexdigest() == day_row["digest"]
            previous_digest = day_row["digest"]
        days = [
            tuple(row)
            for row in connection.execute(
                "select day, captures, versions from days order by number"
            )
        ]
    assert days == [("2025-09-01", 1, 1), ("2025-09-02", 2, 2)]


@pytest.mark.parametrize(
    ("statement", "where", "message"),
    [
        ("update versions set text = 'Anyone may cross.' where id = 2", "versions", "since they were sealed"),
        ("update versions set title = title || ' ' where id = 5", "versions", "since they were sealed"),
        ("update versions set first_seen = '2025-09-08T00:00:00Z' where id = 1", "versions", "first seen"),
        ("delete from captures where id = 3", "captures", "missing"),
        ("update captures set url = 'https://courier.example/other' where id = 2", "captures", "not the one"),
        ("update captures set at = '2025-09-01T10:00:01Z' where id = 1", "captures", "not the one"),
        ("delete from days where number = 1", "days", "missing"),
        ("update days set day = '2025-08-31' where number = 1", "days", "own digest"),
        ("update seals set digest = zeroblob(32) where id = 2", "days", "list"),
        ("update seals set said = zeroblob(32) where id = 2", "versions", "not the one"),
        ("delete from seals where id = 3", "days", "list"),
        ("delete from seals where kind = 'version' and row = 4; ", "versions", "between"),
    ],
)  # fmt: skip
def test_a_change_behind_its_back_is_located(
    folder: Path, statement: str, where: str, message: str
) -> None:
    tamper(folder, statement)
    faults = [
        fault
        for fault in list_faults(folder)
        if fault["where"] == where and message in fault["what"]
    ]
    number = re.search(r"\b(?:id|number|row) = (\d+)", statement)
    assert faults, list_faults(folder)
    if where != "days" and number and "seals set" not in statement:
        assert faults[0]["row"] == int(number[1])
        assert "day" in faults[0] or "article" in faults[0] or message == "between"


def test_rows_that_were_swapped(folder: Path) -> None:
    for table in ("captures", "versions"):
        tamper(
            folder,
            f"update {table} set id = -1 where id = 2",
            f"update {table} set id = 2 where id = 3",
            f"update {table} set id = 3 where id = -1",
        )
        rows = {
            fault["row"]
            for fault in list_faults(folder)
            if fault["where"] == table and "not the one" in fault["what"]
        }
        assert {2, 3} <= rows


def test_a_row_that_is_inserted_later(folder: Path) -> None:
    """With an id among the old ones, as somebody would who forges an early capture."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("update captures set id = 100 where id = 5")
        connection.execute(
            "update seals set row = 100 where kind = 'capture' and row = 5"
        )
        names = "outlet, kind, url, reached, at, status, sha256, bytes"
        connection.execute(
            f"insert into captures (id, {names}) select 50, {names} from captures where id = 1"
        )
        connection.commit()
    assert ("captures", 50) in {
        (fault["where"], fault.get("row"))
        for fault in list_faults(folder)
        if "between" in fault["what"]
    }


def test_a_rebuilt_chain_does_not_contain_a_head_noted_before(folder: Path) -> None:
    noted = verify(folder)["head"]["digest"]
    with closing(
        sqlite3.connect(folder / "archive.db", isolation_level=None)
    ) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute(
            "update captures set at = '2025-09-01T09:00:00Z' where id = 1"
        )
        connection.execute("update seals set number = null")
        connection.execute("delete from days")
        connection.execute("delete from seals")
        proof.seal_rows(connection, day(3, "12:00:00"))
    assert verify(folder)["ok"]
    assert not verify(folder, "--known", noted)["ok"]


def test_every_changed_byte_of_a_warc_file_is_located(folder: Path) -> None:
    (path,) = (folder / "captures").glob("*.warc.gz")
    whole = path.read_bytes()
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        records = connection.execute(
            "select id, offset, length from captures order by offset"
        ).fetchall()
    chance = random.Random(7)
    positions = [
        *range(12),
        *(row[1] + offset for row in records for offset in (0, 3, 8, 9, 11)),
        *chance.sample(range(len(whole)), 25),
    ]
    for position in positions:
        changed = bytearray(whole)
        changed[position] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        faults = list_faults(folder)
        inside = [row for row in records if row[1] <= position < row[1] + row[2]]
        if not inside and position < 10 and not faults:
            # The gzip header of the record about the file itself: nobody reads the
            # time and the system in it.
            continue
        assert faults, position
        assert faults[0]["file"] == path.name
        if inside:
            assert (faults[0]["row"], faults[0]["offset"]) == inside[0][:2]
        else:
            assert faults[0]["offset"] <= position


@pytest.mark.parametrize("cut", [1, 200, 1500])
def test_a_file_that_is_cut_short_or_missing(folder: Path, cut: int) -> None:
    (path,) = (folder / "captures").glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-cut])
    first = list_faults(folder)[0]
    assert first["file"] == path.name
    assert "cut short" in first["what"]
    path.unlink()
    assert "cannot be read" in list_faults(folder)[0]["what"]


def test_a_version_read_again_is_unchanged(folder: Path) -> None:
    """A later reading may replace the text, but no other text may."""
    from harvester.identity.wording import wording_digest

    name = wording_digest("The bridge", "Nobody may cross.")
    tamper(
        folder,
        f"""update versions set title = 'The bridge', text = 'Nobody may cross.', wording = '{name}' where id = 1""",
        f"""insert into readings (article, version, capture, source, extractor, wording, at)
        select article, version, capture, source, extractor, '{name}', at from readings where version = 1""",
    )
    assert verify(folder)["ok"]
    tamper(folder, "update versions set text = 'Nobody may pass.' where id = 1")
    assert [fault["row"] for fault in list_faults(folder)] == [1]


def test_a_text_changed_on_the_day_it_was_stored(tmp_path: Path) -> None:
    paper = three_days(tmp_path)
    text = "The ferry goes at nine.\nIt is full."
    capture = paper.capture(
        "https://courier.example/ferry", page("The ferry", text), day(3, "12:00:00")
    )
    key = paper.article("https://courier.example/ferry", day(3, "12:00:00"))
    paper.version(key, "The ferry", text, capture, day(3, "12:00:00"))
    paper.close()
    assert verify(tmp_path)["ok"]
    tamper(tmp_path, "update versions set text = 'The ferry goes at ten.' where id = 6")
    assert [fault["row"] for fault in list_faults(tmp_path)] == [6]


@pytest.mark.parametrize(
    ("times", "days"),
    [
        ([day(1), day(1), day(2), day(4)], [("2025-09-01", 2), ("2025-09-02", 1)]),
        ([day(2), day(1), day(2), day(4)], [("2025-09-02", 3)]),  # one came late
        (["2031-01-01T00:00:00Z", day(2), day(3), day(4)], [("2031-01-01", 4)]),  # the clock was wrong
    ],
)  # fmt: skip
def test_days_follow_the_order_of_rows(
    tmp_path: Path, times: list[str], days: list[tuple[str, int]]
) -> None:
    """All sealed at once, as in the archive of an older program."""
    paper = Paper(tmp_path)
    for at in times:
        paper.capture("https://courier.example/a", b"<p>Words.</p>", at)
    for _ in range(6):
        proof.seal_rows(paper.connection, day(4), limit=1)
    closed_days = [
        tuple(row)
        for row in paper.connection.execute(
            "select day, captures from days order by number"
        )
    ]
    assert closed_days == days
    proof.seal_rows(paper.connection, day(5))
    assert (
        paper.connection.execute(
            "select count(*) from seals where number is null"
        ).fetchone()[0]
        == 0
    )
    paper.archive.close()
    paper.warc.close()


def test_merged_rows_belong_to_the_day_of_the_merge(tmp_path: Path) -> None:
    paper = three_days(tmp_path)
    for at in (day(1), "2024-01-01T00:00:00Z", day(2)):
        paper.capture("https://courier.example/a", b"<p>Words.</p>", at)
    proof.seal_all(paper.connection, day(6), as_of=day(6))
    proof.seal_rows(paper.connection, day(7))
    closed_days = [
        tuple(row)
        for row in paper.connection.execute(
            "select day, captures from days order by number"
        )
    ]
    assert closed_days == [
        ("2025-09-01", 1),
        ("2025-09-02", 2),
        ("2025-09-03", 2),
        ("2025-09-06", 3),
    ]
    paper.close()
    assert verify(tmp_path)["ok"]


def test_versions_removed_by_a_join(tmp_path: Path) -> None:
    paper = three_days(tmp_path)
    paper.connection.execute("delete from readings where version = 4")
    paper.connection.execute("delete from sightings where version = 4")
    proof.add_join_tombstone(
        paper.connection, [4], "its article became one with another", day(3)
    )
    paper.connection.execute("delete from versions where id = 4")
    paper.connection.execute("update articles set version = 0 where id = 4")
    paper.close()
    report = verify(tmp_path)
    assert [
        fault["what"]
        for fault in report["broken"]
        if "has no current version" not in fault["what"]
    ] == []
    assert report["checked"]["gone"] == 1
    tamper(tmp_path, "delete from tombstones")
    assert {fault["where"] for fault in list_faults(tmp_path)} >= {
        "versions",
        "tombstones",
    }


def test_a_capture_that_a_program_without_digests_of_records_wrote(
    tmp_path: Path,
) -> None:
    paper = three_days(tmp_path)
    paper.connection.execute("delete from seals")
    paper.connection.execute("delete from days")
    paper.connection.execute("update captures set record = ''")
    proof.seal_rows(paper.connection, day(9))
    paper.close()
    assert verify(tmp_path)["ok"]


def test_an_archive_of_an_older_program(tmp_path: Path) -> None:
    """The error says what to do; once written to, all its rows are sealed by day."""
    paper = three_days(tmp_path)
    for table in ("seals", "days", "barred", "tombstones", "leftovers", "chains"):
        paper.connection.execute(f"drop table {table}")
    paper.connection.execute("alter table captures drop column record")
    paper.connection.execute("pragma user_version = 5")
    paper.close()
    for command in (
        ("verify",),
        ("evidence", "https://courier.example/bridge-1", "-o", "x.zip"),
    ):
        result = CliRunner().invoke(
            cli, ["--settings", str(tmp_path / "settings.toml"), *command]
        )
        assert "older harvester" in str(result.exception)
    with closing(
        sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    ) as connection:
        connection.row_factory = sqlite3.Row
        script = (
            Path(schema.__file__).parent / "migrations" / "006_proof.sql"
        ).read_text()
        connection.executescript(script)
        connection.execute(f"pragma user_version = {schema.SCHEMA_VERSION}")
        proof.seal_rows(connection, day(9))
        days = connection.execute(
            "select day, captures, versions from days order by number"
        ).fetchall()
        assert [tuple(row) for row in days] == [
            ("2025-09-01", 1, 1),
            ("2025-09-02", 2, 2),
            ("2025-09-03", 2, 2),
        ]
    assert verify(tmp_path)["ok"]


def test_damage_anywhere_is_reported_without_a_traceback(folder: Path) -> None:
    """A changed byte of the archive's file; what SQLite cannot read ends the check."""
    path = folder / "archive.db"
    tamper(folder, "pragma wal_checkpoint(truncate)")
    whole, chance, seen = path.read_bytes(), random.Random(5), 0
    positions = chance.sample(range(100, len(whole)), 40)
    for position in positions:
        changed = bytearray(whole)
        changed[position] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        result = CliRunner().invoke(
            cli, ["--settings", str(folder / "settings.toml"), "verify", "--json"]
        )
        assert result.exception is None or type(result.exception).__name__ in (
            "SystemExit",
            "ArchiveError",
            "NotAnArchive",
        ), (
            position,
            result.exception,
        )
        seen += result.exit_code != 0
    path.write_bytes(whole)
    assert verify(folder)["ok"]


@pytest.mark.parametrize(
    "statement",
    [
        "update seals set digest = 'no digest' where id = 2",
        "update seals set said = 'nothing' where kind = 'version'",
        "update seals set kind = 'nonsense' where id = 1",
        "update days set closed = 'é\ud83d' where number = 1".encode(
            "utf-8", "replace"
        ).decode(),
        "update captures set offset = 'somewhere' where id = 2",
        "update captures set offset = -5, length = null where id = 2",
        "update captures set file = 'no' || char(0) || 'where' where id = 2",
        "update captures set length = 99999999 where id = 2",
        "update versions set title = cast(x'ff00fe' as text) where id = 1",
        "update captures set offset = 0 where id = 3",
    ],
)
def test_invalid_values_in_the_tables(folder: Path, statement: str) -> None:
    tamper(folder, statement)
    assert list_faults(folder)
