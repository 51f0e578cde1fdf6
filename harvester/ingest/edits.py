"""What changed of an article that is held: whether its words did at all, what differs, and what kind of change that is.

Not for: which version an article goes over to (``looks``), nor for the rules (``identity.change``, ``identity.counting``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from harvester.archive.records import articles, changes
from harvester.identity import change, diff, significant_lines, version, wording
from harvester.model import Extract

EARLIER_MOST = 500  # changes of an older program that are judged when a crawl begins


def reading(row: sqlite3.Row) -> significant_lines.Reading:
    """A version as it is compared."""
    inserts, left_out = (
        json.loads(row[name] or "[]") for name in ("inserts", "left_out")
    )
    return significant_lines.Reading(
        row["title"], row["text"], frozenset(inserts), frozenset(left_out)
    )


def reading_of(extract: Extract) -> significant_lines.Reading:
    """What a page says, as it is compared."""
    return significant_lines.Reading(
        extract.title,
        extract.text,
        frozenset(extract.inserts),
        frozenset(extract.left_out),
    )


def held(
    rows: Sequence[sqlite3.Row], extract: Extract, name: str
) -> list[version.Held]:
    """The versions as held. ``name`` is the wording of the extract; those that differ from it in nothing that counts have it too."""
    found = []
    now = reading_of(extract)
    for row in rows:
        equal = row["wording"] == name or significant_lines.same(reading(row), now)
        found.append(
            version.Held(
                row["id"],
                name if equal else row["wording"],
                row["title"],
                row["source"] or "page",
            )
        )
    return found


def text_equal(row: sqlite3.Row, extract: Extract) -> bool:
    """Whether the words of the text are the same, whatever the title is."""
    return significant_lines.same_text(reading(row), reading_of(extract))


def tell(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    current: sqlite3.Row,
    extract: Extract,
    decided: version.Decision,
    row: int,
    now: str,
) -> None:
    """Record an edit from the ``current`` version to that of ``row``, and an event of it. ``extract``: as the outlet states it."""
    key = article["key"]
    fields: dict[str, Any] = dict(
        version.fields_changed(
            _stated_before(connection, key, current), _fields(extract)
        )
    )
    if wording.key(current["title"]) != wording.key(extract.title):
        fields = {"title": [current["title"], extract.title], **fields}
    if links := _links(current, extract):
        fields["links"] = links
    before, after = significant_lines.counting(reading(current), reading_of(extract))
    back = decided.to is not None
    number = articles.add_change(
        connection,
        key,
        decided.kind,
        current["id"],
        row,
        fields,
        sentences(before, after),
        back,
        now,
    )
    judged = change.judge(
        change.Text(
            current["title"], before, current["published"], current["modified"]
        ),
        change.Text(extract.title, after, extract.published, extract.modified),
    )
    changes.set_judgement(connection, number, judged.kind, judged.size, judged.admitted)
    kind = "back" if back else decided.kind
    note = "an earlier wording came back" if back else ""
    articles.add_event(
        connection, kind, article["outlet"], now, note, article=key, change=number
    )


def sentences(before: str, after: str) -> dict[str, list[Any]]:
    """What differs, as it is recorded."""
    found = diff.difference(before, after)
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [list(pair) for pair in found.changed],
        "moved": list(found.moved),
    }


def tell_fields(
    connection: sqlite3.Connection,
    key: str,
    current: sqlite3.Row,
    stated: Extract,
    extract: Extract,
    now: str,
) -> None:
    """Fields that changed while the words did not: a change, and no version. ``stated``: as the outlet has them now,
    ``extract``: as they are kept."""
    fields = version.fields_changed(
        _stated_before(connection, key, current), _fields(stated)
    )
    if not fields:
        return
    row = current["id"]
    number = articles.add_change(
        connection, key, "fields", row, row, fields, {}, False, now
    )
    judged = _judged_fields(fields, current["modified"], stated.modified)
    changes.set_judgement(connection, number, judged.kind, judged.size, judged.admitted)
    articles.update_fields(connection, row, extract)


def judge_earlier(connection: sqlite3.Connection, most: int = EARLIER_MOST) -> int:
    """Judge changes that an older program wrote, newest first; how many."""
    rows = changes.unjudged(connection, most)
    for row in rows:
        judged = judged_row(row)
        changes.set_judgement(
            connection, row["id"], judged.kind, judged.size, judged.admitted
        )
    return len(rows)


def judged_row(row: sqlite3.Row) -> change.Judgement:
    """The judgement of a change that was recorded without one (as ``archive.changes.unjudged`` has it)."""
    fields = json.loads(row["fields"])
    if row["kind"] == "fields":
        before, after = fields.get("modified") or (None, None)
        return _judged_fields(fields, before, after)
    modified = fields.get("modified") or [row["old_modified"], row["modified"]]
    return change.judge(
        change.Text(
            row["old_title"], row["old_text"], row["old_published"], modified[0]
        ),
        change.Text(row["title"], row["text"], row["published"], modified[1]),
    )


def _judged_fields(
    fields: Mapping[str, Any], before: str | None, after: str | None
) -> change.Judgement:
    return change.judge(
        change.Text("", "", None, before), change.Text("", "", None, after), fields
    )


def _fields(extract: Extract) -> dict[str, Any]:
    return {name: getattr(extract, name) for name in version.FIELDS}


def _stated_before(
    connection: sqlite3.Connection, key: str, current: sqlite3.Row
) -> dict[str, Any]:
    """The fields as the outlet last stated them: the publication date kept is the first."""
    last = articles.last_change(connection, key, "published")
    fields = articles.fields(current)
    return {**fields, "published": last or fields["published"]}


def _links(current: sqlite3.Row, extract: Extract) -> list[list[str]]:
    """Addresses that the text links to no more, and those that it links to now; empty where they are the same."""
    from harvester.identity.urls import normalise

    if current["links"] is None or current["source"] != "page":
        return []
    skipped = {*json.loads(current["inserts"] or "[]"), *extract.inserts}
    before = {
        normalise(one["url"])
        for one in json.loads(current["links"])
        if one["text"] not in skipped
    }
    after = {normalise(one.url) for one in extract.links if one.text not in skipped}
    gone, come = sorted(before - after), sorted(after - before)
    return [gone, come] if gone or come else []
