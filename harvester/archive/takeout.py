"""Taking one article out: its words from every table, from the full-text index, the WARC files and the free pages.

What stays is a tombstone without content, the digests of the chain, and digests of its addresses that keep it from coming back.
Feeds and pages of the same outlet that carried its words are kept with these words blanked out. ``carry_out`` does it, ``finish``
makes it last, and can be called again at any time. Not for: finding what there is to do (``purge``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.archive import Archive, barred, blank, captures, proof, records, removal, rewrite, traces, translated
from harvester.archive.purge import Plan, charset
from harvester.archive.rewrite import Change, Rewritten
from harvester.archive.traces import Names
from harvester.errors import NoRoom


@dataclass(slots=True)
class Becomes:
    """What a capture with the words becomes: it is told the body, and says what is written."""

    known: blank.Known
    charset: str
    sha256: str = ""
    length: int = 0

    def __call__(self, block: bytes) -> bytes:
        """The record as it is to be; b"": it goes."""
        try:
            body = self.body(records.payload(block))
        except ValueError:
            body = None
        return captures.written_anew(block, body) if body is not None else b""

    def body(self, body: bytes) -> bytes | None:
        """The body with the words blanked; None where that cannot be done."""
        found = blank.blanked(self.known, body, self.charset)
        if found is not None:
            self.sha256, self.length = hashlib.sha256(found).hexdigest(), len(found)
        return found


def _gone(block: bytes) -> bytes:
    return b""


def carry_out(archive: Archive, plan: Plan, why: str, now: str, names: Names) -> dict[str, int]:
    """Take it out: files first, then, in one transaction, all rows. Returns what was removed → how many. ``finish`` comes next.

    ``names``: as ``identity.wording.names``, for other articles' texts that lose a line."""
    connection = archive.connection
    becoming = {
        row["id"]: Becomes(plan.carrying[row["id"]], charset(row["type"])) for row in _rows(connection, plan.carrying)
    }
    archive.begin()
    proof.seal_all(connection, now)
    archive.commit()
    files = _files(archive, plan, becoming, now)
    archive.begin()
    connection.execute("pragma secure_delete = on")
    counts = _take_rows(connection, plan, becoming, files, why, now, names)
    rewrite.strike(connection, [one.name for one in files if _pointed_at(connection, one.name)])
    rewrite.note(connection, ["", *(one.old for one in files)], now)
    archive.commit()
    return counts


def _rows(connection: sqlite3.Connection, ids: Iterable[int]) -> list[sqlite3.Row]:
    return connection.execute(
        "select * from captures where id in (select value from json_each(?)) order by id", [json.dumps(list(ids))]
    ).fetchall()


def _files(archive: Archive, plan: Plan, becoming: dict[int, Becomes], now: str) -> list[Rewritten]:
    """Write the files anew that hold any of it. Until rows point at them, they are what must not be there."""
    if archive.captures is None:
        return []
    changes: dict[str, list[tuple[int, int, Change]]] = {}
    for row in _rows(archive.connection, [*plan.own, *plan.carrying]):
        if row["file"] and (archive.captures / row["file"]).exists():
            change = becoming.get(row["id"], _gone)
            changes.setdefault(row["file"], []).append((row["offset"], row["length"], change))
    for file, offset, length in plan.loose:
        changes.setdefault(file, []).append((offset, length, _gone))
    names = {old: rewrite.new_name(archive.captures, old) for old in changes}
    archive.begin()
    rewrite.note(archive.connection, list(names.values()), now)
    archive.commit()
    return [
        rewrite.write(archive.captures, old, names[old], found, _known_end(archive.connection, old))
        for old, found in sorted(changes.items())
    ]


def _pointed_at(connection: sqlite3.Connection, file: str) -> bool:
    """Whether any capture is in a file; one that says only of itself need not be kept."""
    return connection.execute("select 1 from captures where file = ? limit 1", [file]).fetchone() is not None


def _known_end(connection: sqlite3.Connection, file: str) -> int:
    row = connection.execute("select max(offset + length) from captures where file = ?", [file]).fetchone()
    return int(row[0] or 0)


def _take_rows(
    connection: sqlite3.Connection,
    plan: Plan,
    becoming: dict[int, Becomes],
    files: list[Rewritten],
    why: str,
    now: str,
    names: Names,
) -> dict[str, int]:
    """All rows, in one transaction."""
    key = plan.article["key"]
    changed = _bodies_here(connection, becoming)
    for one in files:
        changed |= _point_at(connection, one)
    counts: Counter[str] = Counter()
    counts["captures"] = len(plan.own)
    counts["captures blanked"] = sum(1 for capture in plan.carrying if changed.get(capture, ""))
    counts["captures emptied"] = len(plan.carrying) - counts["captures blanked"]
    counts["loose records"] = len(plan.loose)
    counts["entries"] = len(plan.entries)
    touched = sorted({*plan.own, *plan.carrying})
    _blank_captures(connection, plan)
    _change_captures(connection, plan, becoming, changed)
    _blank_entries(connection, plan.entries, now)
    counts["traces"] = traces.remove(connection, plan, names, now)
    counts.update(removal.delete(connection, key))
    removed = {name: count for name, count in sorted(counts.items()) if count}
    tombstone = {
        "article": key, "kind": "purge", "outlet": plan.article["outlet"], "at": now, "why": why, "removed": json.dumps(removed),
    }  # fmt: skip
    number = proof.entomb(connection, tombstone, {"capture": touched, "version": plan.versions})
    proof.reseal(connection, touched, now)
    connection.executemany(
        "insert or ignore into barred (digest, tombstone) values (?, ?)", [(one, number) for one in plan.digests]
    )
    return removed


def _point_at(connection: sqlite3.Connection, one: Rewritten) -> dict[int, str]:
    """Rows of captures in a file written anew. Capture → digest of its record, "" where there is none any more."""
    moved, lengths = one.moved(), {offset: became for offset, _, became in one.edits}
    found: dict[int, str] = {}
    rows = connection.execute("select id, offset, length from captures where file = ?", [one.old]).fetchall()
    for row in rows:
        length = lengths.get(row["offset"], row["length"])
        file = (one.name, moved(row["offset"]), length) if length else (None, None, None)
        connection.execute("update captures set file = ?, offset = ?, length = ? where id = ?", [*file, row["id"]])
        if row["offset"] in lengths:
            found[row["id"]] = one.digests[row["offset"]] if length else ""
    return found


def _bodies_here(connection: sqlite3.Connection, becoming: dict[int, Becomes]) -> dict[int, str]:
    """Bodies that are kept in the archive itself."""
    found: dict[int, str] = {}
    for row in _rows(connection, becoming):
        if row["body"] is None:
            continue
        body = becoming[row["id"]].body(zlib.decompress(row["body"]))
        kept = zlib.compress(body, captures.LEVEL) if body is not None else None
        connection.execute("update captures set body = ? where id = ?", [kept, row["id"]])
        found[row["id"]] = "here" if kept else ""
    return found


def _blank_captures(connection: sqlite3.Connection, plan: Plan) -> None:
    """What the article's own captures leave: that there was an answer, and when."""
    connection.executemany(f"{rewrite.EMPTY} where id = ?", [(capture,) for capture in sorted(plan.own)])


def _change_captures(
    connection: sqlite3.Connection, plan: Plan, becoming: dict[int, Becomes], changed: dict[int, str]
) -> None:
    """Captures that carried its words, as they are without. Where the words could not be blanked, the whole body went."""
    for row in _rows(connection, becoming):
        known, record = becoming[row["id"]], changed.get(row["id"], "")
        text = row["text"] if not blank.holds(plan.known, row["text"]) else ""
        if record:
            digests = (known.sha256, known.length, record if row["file"] else "")
            connection.execute(
                "update captures set sha256 = ?, bytes = ?, record = ?, text = ? where id = ?",
                [*digests, text, row["id"]],
            )
        else:
            connection.execute(
                """update captures set file = null, offset = null, length = null, record = '', body = null, text = ?
                where id = ?""",
                [text, row["id"]],
            )


def _blank_entries(connection: sqlite3.Connection, keys: list[str], now: str) -> None:
    connection.executemany(
        """update entries set guid = '', url = '', address = '', title = '', summary = '', published = null, updated = null,
        extra = '{}', article = null, due = null, outcome = 'refused', reason = ? where key = ?""",
        [(barred.reason(now), key) for key in keys],
    )


# ---- making it last


def finish(archive: Archive, now: str) -> list[str]:
    """Delete what must not be there, and leave no free page and no log that could hold it. What is still to be done, in words."""
    clear(archive, now)
    if not any(row["file"] == "" for row in rewrite.leftovers(archive.connection)):
        return []
    with translated(archive.path):
        return _made_new(archive)


def pending(connection: sqlite3.Connection) -> bool:
    """Whether there are files, or records in them, that must not be there."""
    return any(row["file"] for row in rewrite.leftovers(connection))


def clear(archive: Archive, now: str) -> None:
    """Delete files that must not be there, and cut out records. Nothing may have the files open for writing."""
    archive.begin()
    rewrite.clear(archive.connection, archive.captures)
    archive.commit()
    _cut(archive, now)


def _cut(archive: Archive, now: str) -> None:
    """Records that no row points at, and that must not be there."""
    if archive.captures is None:
        return
    files: dict[str, list[tuple[int, int, Change]]] = {}
    for row in rewrite.leftovers(archive.connection):
        if row["file"] and row["offset"] >= 0:
            files.setdefault(row["file"], []).append((row["offset"], row["length"], _gone))
    for old, changes in files.items():
        if not (archive.captures / old).exists():
            archive.begin()
            rewrite.strike(archive.connection, [old])
            archive.commit()
            continue
        name = rewrite.new_name(archive.captures, old)
        archive.begin()
        rewrite.note(archive.connection, [name], now)
        archive.commit()
        one = rewrite.write(archive.captures, old, name, changes, _known_end(archive.connection, old))
        archive.begin()
        _point_at(archive.connection, one)
        rewrite.strike(archive.connection, [old, *([name] if _pointed_at(archive.connection, name) else [])])
        rewrite.note(archive.connection, [old], now)
        archive.commit()
        archive.begin()
        rewrite.clear(archive.connection, archive.captures)
        archive.commit()


def _made_new(archive: Archive) -> list[str]:
    """The archive's file written anew: the full-text index in one piece, no free pages, no log."""
    connection, size = archive.connection, archive.path.stat().st_size
    free = shutil.disk_usage(archive.path.parent).free
    if free < 2 * size + 10_000_000:
        words = f"{archive.path} has to be written anew, which takes {2 * size // 10**6 + 10} MB; {free // 10**6} MB are free"
        raise NoRoom(words, "the rows are gone; make room, then `harvest purge --finish`")
    archive.begin()
    for (name,) in connection.execute(
        "select name from sqlite_master where sql like 'create virtual table%using fts5%'"
    ).fetchall():
        connection.execute(f'insert into "{name}" ("{name}") values (\'optimize\')')
    if connection.execute("select 1 from sqlite_master where name = 'sqlite_stat4'").fetchone():
        connection.execute("delete from sqlite_stat4")
    archive.commit()
    connection.execute("pragma temp_store = file")  # not in memory: it is as large as the archive
    connection.execute("vacuum")
    connection.execute("pragma temp_store = memory")
    busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if busy:
        return [
            "another program is reading, and keeps the old pages; end it (`harvest browse`?), then `harvest purge --finish`"
        ]
    archive.begin()
    rewrite.strike(connection, [""])
    archive.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    return []
