"""Taking one article out: its words from every table, from the full-text index, the WARC files and the free pages.

What stays is a tombstone without content, the digests of the chain, and digests of its addresses that keep it from coming back.
Feeds and pages of the same outlet that carried its words are kept with these words blanked out. ``carry_out`` does it, ``finish``
makes it last, and can be called again at any time. Not for: finding what there is to do (``purge``).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter

from harvester.archive.connection import Archive, translated
from harvester.archive.integrity import proof
from harvester.archive.takedown import (
    article_rows,
    blocklist,
    purge,
    redact_body,
    redact_captures,
    traces,
    warc_rewrite,
)
from harvester.archive.takedown.purge import Plan, charset
from harvester.archive.takedown.traces import Names
from harvester.archive.takedown.warc_rewrite import Change, Rewritten
from harvester.errors import NoRoom


def carry_out(
    archive: Archive, plan: Plan, why: str, now: str, names: Names
) -> dict[str, int]:
    """Take it out: files first, then, in one transaction, all rows. Returns what was removed → how many. ``finish`` comes next.

    ``names``: as ``identity.wording.names``, for other articles' texts that lose a line."""
    connection = archive.connection
    becoming = {
        row["id"]: redact_captures.Becomes(
            plan.carrying[row["id"]], charset(row["type"])
        )
        for row in redact_captures.rows_of(connection, plan.carrying)
    }
    archive.begin()
    proof.seal_all(connection, now)
    archive.commit()
    files = redact_captures.write_anew(archive, plan, becoming, now)
    archive.begin()
    connection.execute("pragma secure_delete = on")
    counts = _take_rows(connection, plan, becoming, files, why, now, names)
    warc_rewrite.strike(
        connection,
        [one.name for one in files if redact_captures.pointed_at(connection, one.name)],
    )
    whole = (
        [""] if plan.article["key"] else []
    )  # the archive's own file is to be written anew as well
    warc_rewrite.note(connection, [*whole, *(one.old for one in files)], now)
    archive.commit()
    return counts


def again(archive: Archive, plan: Plan, why: str, now: str, names: Names) -> None:
    """Blank the words of an article that came again at another address, in what was kept before that could be known."""
    plan.known = purge.own_words(archive.connection, archive.captures, plan)
    plan.teasers = [
        line for line in plan.teasers if redact_body.holds(plan.known, line)
    ]
    purge.carrying(archive.connection, archive.captures, plan, lambda done, total: None)
    if plan.carrying or plan.loose:
        carry_out(archive, plan, why, now, names)
        archive.connection.execute("pragma wal_checkpoint(truncate)")


def _take_rows(
    connection: sqlite3.Connection,
    plan: Plan,
    becoming: dict[int, redact_captures.Becomes],
    files: list[Rewritten],
    why: str,
    now: str,
    names: Names,
) -> dict[str, int]:
    """All rows, in one transaction."""
    key = plan.article["key"]
    changed = redact_captures.bodies_here(connection, becoming)
    for one in files:
        changed |= redact_captures.point_at(connection, one)
    counts: Counter[str] = Counter()
    counts["captures"] = len(plan.own)
    counts["captures blanked"] = sum(
        1 for capture in plan.carrying if changed.get(capture, "")
    )
    counts["captures emptied"] = len(plan.carrying) - counts["captures blanked"]
    counts["loose records"] = len(plan.loose)
    counts["entries"] = len(plan.entries)
    touched = sorted({*plan.own, *plan.carrying})
    _blank_captures(connection, plan)
    redact_captures.change_captures(connection, plan, becoming, changed)
    _blank_entries(connection, plan.entries, now)
    counts["traces"] = traces.remove(connection, plan, names, now)
    if key:
        counts.update(article_rows.delete(connection, key))
    removed = {name: count for name, count in sorted(counts.items()) if count}
    tombstone = {
        "article": key, "kind": "purge" if key else "again", "outlet": plan.article["outlet"], "at": now, "why": why, "removed": json.dumps(removed),
    }  # fmt: skip
    number = proof.entomb(
        connection, tombstone, {"capture": touched, "version": plan.versions}
    )
    proof.reseal(connection, touched, now)
    connection.executemany(
        "insert or ignore into barred (digest, tombstone) values (?, ?)",
        [(one, number) for one in plan.digests],
    )
    return removed


def _blank_captures(connection: sqlite3.Connection, plan: Plan) -> None:
    """What the article's own captures leave: that there was an answer, and when."""
    connection.executemany(
        f"{warc_rewrite.EMPTY} where id = ?",
        [(capture,) for capture in sorted(plan.own)],
    )


def _blank_entries(connection: sqlite3.Connection, keys: list[str], now: str) -> None:
    connection.executemany(
        """update entries set guid = '', url = '', address = '', title = '', summary = '', published = null, updated = null,
        extra = '{}', article = null, due = null, outcome = 'refused', reason = ? where key = ?""",
        [(blocklist.reason(now), key) for key in keys],
    )


# ---- making it last


def finish(archive: Archive, now: str) -> list[str]:
    """Delete what must not be there, and leave no free page and no log that could hold it. What is still to be done, in words."""
    clear(archive, now)
    if not any(row["file"] == "" for row in warc_rewrite.leftovers(archive.connection)):
        return []
    with translated(archive.path):
        return _made_new(archive)


def pending(connection: sqlite3.Connection) -> bool:
    """Whether there are files, or records in them, that must not be there."""
    return any(row["file"] for row in warc_rewrite.leftovers(connection))


def clear(archive: Archive, now: str) -> None:
    """Delete files that must not be there, and cut out records. Nothing may have the files open for writing."""
    archive.begin()
    warc_rewrite.clear(archive.connection, archive.captures)
    archive.commit()
    _cut(archive, now)


def _cut(archive: Archive, now: str) -> None:
    """Records that no row points at, and that must not be there."""
    if archive.captures is None:
        return
    files: dict[str, list[tuple[int, int, Change]]] = {}
    for row in warc_rewrite.leftovers(archive.connection):
        if row["file"] and row["offset"] >= 0:
            files.setdefault(row["file"], []).append(
                (row["offset"], row["length"], redact_captures.gone)
            )
    for old, changes in files.items():
        if not (archive.captures / old).exists():
            archive.begin()
            warc_rewrite.strike(archive.connection, [old])
            archive.commit()
            continue
        name = warc_rewrite.new_name(archive.captures, old)
        archive.begin()
        warc_rewrite.note(archive.connection, [name], now)
        archive.commit()
        one = warc_rewrite.write(
            archive.captures,
            old,
            name,
            changes,
            redact_captures.known_end(archive.connection, old),
        )
        archive.begin()
        redact_captures.point_at(archive.connection, one)
        warc_rewrite.strike(
            archive.connection,
            [
                old,
                *(
                    [name]
                    if redact_captures.pointed_at(archive.connection, name)
                    else []
                ),
            ],
        )
        warc_rewrite.note(archive.connection, [old], now)
        archive.commit()
        archive.begin()
        warc_rewrite.clear(archive.connection, archive.captures)
        archive.commit()


def _made_new(archive: Archive) -> list[str]:
    """The archive's file written anew: the full-text index in one piece, no free pages, no log."""
    connection, size = archive.connection, archive.path.stat().st_size
    free = shutil.disk_usage(archive.path.parent).free
    if free < 2 * size + 10_000_000:
        words = f"{archive.path} has to be written anew, which takes {2 * size // 10**6 + 10} MB; {free // 10**6} MB are free"
        raise NoRoom(
            words, "the rows are gone; make room, then `harvest purge --finish`"
        )
    archive.begin()
    for (name,) in connection.execute(
        "select name from sqlite_master where sql like 'create virtual table%using fts5%'"
    ).fetchall():
        connection.execute(f'insert into "{name}" ("{name}") values (\'optimize\')')
    if connection.execute(
        "select 1 from sqlite_master where name = 'sqlite_stat4'"
    ).fetchone():
        connection.execute("delete from sqlite_stat4")
    archive.commit()
    connection.execute(
        "pragma temp_store = file"
    )  # not in memory: it is as large as the archive
    connection.execute("vacuum")
    connection.execute("pragma temp_store = memory")
    busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if busy:
        return [
            "another program is reading, and keeps the old pages; end it (`harvest browse`?), then `harvest purge --finish`"
        ]
    archive.begin()
    warc_rewrite.strike(connection, [""])
    archive.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    return []
