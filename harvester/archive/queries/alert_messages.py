"""What alerts tell, read from the archive when it is sent: it is not stored twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from harvester.archive import stored_json
from harvester.identity.urls import mask_secrets

MAX_SENTENCES = 20  # of each kind of an edit; the rest is counted
MAX_SENTENCE_CHARACTERS = 1_000
MAX_NOTE_CHARACTERS = 2_000

_SELECT_SQL = """
    select e.id, e.alert, e.kind, e.at, e.outlet, e.article, e.feed, e.note,
        a.url, a.state, v.title, v.authors, v.published, a.first_seen, v.language,
        v.number, v.sha256, b.title as old_title, b.number as old_number,
        b.sha256 as old_sha256, c.class, c.silent, c.admitted, c.size, c.sentences"""


def load_records(
    connection: sqlite3.Connection, event_ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """What rang, as JSON has it: by the ids of ``alert_events``, in their order."""
    rows = connection.execute(
        f"""
        {_SELECT_SQL}
        from alert_events e
        left join articles a on a.key = e.article
        left join versions v on v.id = e.version
        left join versions b on b.id = e.before
        left join changes c on c.id = (
            select max(id) from changes
            where article = e.article and before = e.before and after = e.version
            and at = e.at and kind <> 'fields')
        where e.id in (select value from json_each(?))
        order by e.id""",
        [json.dumps(list(event_ids))],
    )
    return {row["id"]: _to_record(row) for row in rows}


def load_article(
    connection: sqlite3.Connection, key: str, version: int, alert: str
) -> dict[str, Any]:
    """An article as if it were new now, to show what an alert would tell."""
    row = connection.execute(
        f"""
        {_SELECT_SQL}
        from (
            select 0 as id, :alert as alert, 'new' as kind, a.first_seen as at, a.outlet,
                a.key as article, null as feed, '' as note
            from articles a
            where a.key = :key) e
        join articles a on a.key = e.article
        join versions v on v.article = a.key and v.number = :version
        left join versions b on 0
        left join changes c on 0""",
        {"alert": alert, "key": key, "version": version},
    ).fetchone()
    return _to_record(row)


def _to_record(row: sqlite3.Row) -> dict[str, Any]:
    record: dict[str, Any] = {
        "alert": row["alert"],
        "on": row["kind"],
        "at": row["at"],
        "outlet": row["outlet"],
    }
    if row["feed"]:
        record["feed"] = mask_secrets(row["feed"])
    if row["note"]:
        record["note"] = mask_secrets(row["note"])[:MAX_NOTE_CHARACTERS]
    if row["article"] is not None and row["sha256"] is not None:
        record["article"] = {
            "key": row["article"],
            "url": mask_secrets(row["url"]),
            "state": row["state"],
            "title": _cut(row["title"]),
            "authors": stored_json.parse_texts(row["authors"])[:MAX_SENTENCES],
            "published": row["published"],
            "first_seen": row["first_seen"],
            "language": row["language"],
            "version": row["number"],
            "sha256": row["sha256"],
        }
    if row["old_sha256"] is not None:
        record["change"] = _to_change(row)
    return record


def _to_change(row: sqlite3.Row) -> dict[str, Any]:
    sentences: Mapping[str, Any] = stored_json.parse_object(row["sentences"] or "{}")
    change: dict[str, Any] = {
        "class": row["class"] or "",
        "silent": None if row["silent"] is None else bool(row["silent"]),
        "admitted": row["admitted"] or "",
        "size": row["size"] or 0,
        "before": row["old_number"],
        "after": row["number"],
        "old_sha256": row["old_sha256"],
        "old_title": _cut(row["old_title"]),
    }
    left_out = 0
    for name in ("added", "removed", "changed"):
        values = sentences.get(name)
        values = values if isinstance(values, list) else []
        change[name] = [_cut(value) for value in values[:MAX_SENTENCES]]
        left_out += max(0, len(values) - MAX_SENTENCES)
    if left_out:
        change["left_out"] = left_out
    return change


def _cut(value: Any) -> Any:
    """A sentence, or a pair of them, of bounded length."""
    if isinstance(value, list):
        return [_cut(part) for part in value[:2]]
    text = str(value)
    is_long = len(text) > MAX_SENTENCE_CHARACTERS
    return f"{text[: MAX_SENTENCE_CHARACTERS - 1]}…" if is_long else text
