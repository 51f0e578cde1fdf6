"""Purge articles from backups of the archive, after they were purged from it.

A backup is a copy of the archive as it was, so its captures have the same numbers. What
was redacted in the archive is emptied in the backup; records that were only moved to
another file are looked up where the archive has them now, and these files are copied.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.takedown import execute, purge
from harvester.archive.takedown.traces import WordingAndTextDigester
from harvester.archive.upkeep import backups, known_backups
from harvester.archive.upkeep.known_backups import KnownBackup
from harvester.errors import HarvesterError

# Captures of the backup whose content the archive has no more.
_REDACTED_SQL = """
select c.id from captures c join current.captures m on m.id = c.id
where c.outlet = ? and m.at = c.at and (
    (m.kind = 'purged' and c.kind <> 'purged')
    or (m.url = c.url and (m.sha256 <> c.sha256 or m.record <> c.record)))
"""
# Captures of the backup that keep their body, in another record than before: what held
# it was purged.
_REWRITTEN_SQL = """
select c.id from captures c join current.captures m on m.id = c.id
where m.url = c.url and m.at = c.at and m.sha256 = c.sha256 and m.record <> c.record
    and m.file is not null and c.file is not null
    and (m.body_of is null or m.body_of in (select id from captures))
"""
_RELOCATE_SQL = """
update captures set file = m.file, offset = m.offset, length = m.length,
    request = m.request
from current.captures m
where m.id = captures.id and m.sha256 = captures.sha256 and m.record = captures.record
    and captures.file is not null and m.file is not null
    and (m.file, m.offset) is not (captures.file, captures.offset)
"""


def list_addresses(connection: sqlite3.Connection, article_key: str) -> list[str]:
    """The addresses of an article, by which entries of backups announce it."""
    rows = connection.execute(
        "select address from urls where article = ? and kind <> 'shared'", [article_key]
    )
    return [address for (address,) in rows]


def select_backups(
    known: Sequence[KnownBackup], articles: dict[str, list[str]]
) -> list[KnownBackup]:
    """The backups that have any of the articles (key → addresses)."""
    return [
        backup
        for backup in known
        if backup.is_there
        and any(
            known_backups.holds_article(backup, key, addresses)
            for key, addresses in articles.items()
        )
    ]


def purge_backups(
    archive: Archive,
    known: Sequence[KnownBackup],
    holders: Sequence[KnownBackup],
    reasons: dict[str, str],
    addresses: dict[str, list[str]],
    now: str,
    digest_wording: WordingAndTextDigester,
    report: Callable[[Path], None],
) -> tuple[list[Path], list[str]]:
    """Purge articles (key → reason) from the backups that hold them.

    Of the other ``known`` ones, those that share their WARC files are changed too, as
    these are replaced. ``addresses``: of articles, where they are known. ``report`` is
    called with each backup before it is rewritten. Returns those that were purged, and
    messages about those that could not be.
    """
    purged: list[Path] = []
    to_do: list[str] = []
    folders = {backup.captures for backup in holders if backup.captures is not None}
    for backup in known:
        if backup not in holders and backup.captures not in folders:
            continue
        if not known_backups.is_current_schema(backup):
            to_do.append(
                f"{backup.path} was written by an older program, or cannot be read: "
                "delete it yourself"
            )
            continue
        report(backup.path)
        try:
            messages = _purge_backup(archive, backup, reasons, now, digest_wording)
            messages += [
                f"{backup.path} still announces {key}: delete it yourself"
                for key in reasons
                if known_backups.holds_article(backup, key, addresses.get(key, []))
            ]
        except (HarvesterError, OSError) as error:
            messages = [f"{backup.path}: {error}; delete it yourself"]
        to_do += messages
        if not messages:
            purged.append(backup.path)
    _delete_unused_files(known, folders)
    return purged, to_do


def _purge_backup(
    archive: Archive,
    backup: KnownBackup,
    reasons: dict[str, str],
    now: str,
    digest_wording: WordingAndTextDigester,
) -> list[str]:
    folder = backup.captures or archive.captures_folder
    with closing(Archive.open(backup.path)) as copy:
        connection = copy.connection
        connection.execute("attach ? as current", [str(archive.path)])
        _adopt_rewritten_records(copy, now)
        for key, reason in reasons.items():
            if not connection.execute(
                "select 1 from articles where key = ?", [key]
            ).fetchone():
                continue
            plan = purge.plan_purge(connection, folder, key, lambda done, total: None)
            plan.unreferenced_records.clear()  # their files are replaced as a whole
            for (capture_id,) in connection.execute(
                _REDACTED_SQL, [plan.article["outlet"]]
            ).fetchall():
                if capture_id not in plan.own_captures:
                    plan.other_captures.setdefault(capture_id, plan.terms)
            execute.execute_purge(copy, plan, reason, now, digest_wording)
        copy.begin()
        connection.execute(_RELOCATE_SQL)
        copy.commit()
        connection.execute("detach current")
        messages = execute.finish_purge(copy, now)
    if backup.captures is not None and archive.captures_folder is not None:
        backups.copy_captures(backup.path, archive.captures_folder, backup.captures)
    backups.verify_backup(backup.path)
    return messages


def _adopt_rewritten_records(copy: Archive, now: str) -> None:
    """Point captures of a backup to the records that the archive wrote for them."""
    connection = copy.connection
    capture_ids = [row[0] for row in connection.execute(_REWRITTEN_SQL)]
    if not capture_ids:
        return
    copy.begin()
    proof.seal_all(connection, now)
    connection.executemany(
        """
        update captures
        set (file, offset, length, record, body_of, request) = (
            select file, offset, length, record, body_of, request from current.captures m
            where m.id = captures.id
        )
        where id = ?
        """,
        [(capture_id,) for capture_id in capture_ids],
    )
    tombstone = {
        "article": "",
        "kind": "again",
        "outlet": "",
        "at": now,
        "why": "the record that held their body was purged",
        "removed": json.dumps({"captures rewritten": len(capture_ids)}),
    }
    proof.add_tombstone(connection, tombstone, {"capture": capture_ids})
    proof.reseal_captures(connection, capture_ids, now)
    copy.commit()


def _delete_unused_files(known: Sequence[KnownBackup], folders: Iterable[Path]) -> None:
    """Delete WARC files of backups that no backup points into any more."""
    for folder in folders:
        used = {
            name
            for backup in known
            if backup.captures == folder
            for name in known_backups.list_capture_files(backup)
        }
        for path in folder.glob("*.warc.gz"):
            if path.name not in used and path.is_file():
                path.unlink()
