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

MAX_BACKFILLED_CHANGES = (
    500  # changes of an older program that are judged when a crawl begins
)


def reading_of_version(row: sqlite3.Row) -> significant_lines.ExtractedText:
    """A version as it is compared."""
    inserts, left_out = (
        json.loads(row[name] or "[]") for name in ("inserts", "left_out")
    )
    return significant_lines.ExtractedText(
        row["title"], row["text"], frozenset(inserts), frozenset(left_out)
    )


def reading_of_extract(extract: Extract) -> significant_lines.ExtractedText:
    """What a page says, as it is compared."""
    return significant_lines.ExtractedText(
        extract.title,
        extract.text,
        frozenset(extract.inserts),
        frozenset(extract.left_out),
    )


def comparable_versions(
    rows: Sequence[sqlite3.Row], extract: Extract, wording_digest: str
) -> list[version.StoredVersion]:
    """The versions as held. ``name`` is the wording of the extract; those that differ from it in nothing that counts have it too."""
    found = []
    now = reading_of_extract(extract)
    for row in rows:
        equal = row["wording"] == wording_digest or significant_lines.is_same_wording(
            reading_of_version(row), now
        )
        found.append(
            version.StoredVersion(
                row["id"],
                wording_digest if equal else row["wording"],
                row["title"],
                row["source"] or "page",
            )
        )
    return found


def has_same_text(row: sqlite3.Row, extract: Extract) -> bool:
    """Whether the words of the text are the same, whatever the title is."""
    return significant_lines.is_same_text(
        reading_of_version(row), reading_of_extract(extract)
    )


def record_edit(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    current: sqlite3.Row,
    extract: Extract,
    decision: version.VersionDecision,
    version_id: int,
    now: str,
) -> None:
    """Record an edit from the ``current`` version to that of ``row``, and an event of it. ``extract``: as the outlet states it."""
    key = article["key"]
    fields: dict[str, Any] = dict(
        version.changed_fields(
            _last_stated_fields(connection, key, current), _extract_fields(extract)
        )
    )
    if wording.comparison_key(current["title"]) != wording.comparison_key(
        extract.title
    ):
        fields = {"title": [current["title"], extract.title], **fields}
    if links := _link_changes(current, extract):
        fields["links"] = links
    before, after = significant_lines.significant_lines(
        reading_of_version(current), reading_of_extract(extract)
    )
    back = decision.version_id is not None
    number = articles.add_change(
        connection,
        key,
        decision.kind,
        current["id"],
        version_id,
        fields,
        sentence_changes(before, after),
        back,
        now,
    )
    judged = change.classify_change(
        change.VersionText(
            current["title"], before, current["published"], current["modified"]
        ),
        change.VersionText(extract.title, after, extract.published, extract.modified),
    )
    changes.update_classification(
        connection, number, judged.change_class, judged.size, judged.acknowledgement
    )
    kind = "back" if back else decision.kind
    note = "an earlier wording came back" if back else ""
    articles.add_event(
        connection,
        kind,
        article["outlet"],
        now,
        note,
        article_key=key,
        change_id=number,
    )


def sentence_changes(before: str, after: str) -> dict[str, list[Any]]:
    """What differs, as it is recorded."""
    found = diff.diff_sentences(before, after)
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [list(pair) for pair in found.changed],
        "moved": list(found.moved),
    }


def record_field_changes(
    connection: sqlite3.Connection,
    key: str,
    current: sqlite3.Row,
    stated: Extract,
    extract: Extract,
    now: str,
) -> None:
    """Fields that changed while the words did not: a change, and no version. ``stated``: as the outlet has them now,
    ``extract``: as they are kept."""
    fields = version.changed_fields(
        _last_stated_fields(connection, key, current), _extract_fields(stated)
    )
    if not fields:
        return
    row = current["id"]
    number = articles.add_change(
        connection, key, "fields", row, row, fields, {}, False, now
    )
    judged = _judge_field_changes(fields, current["modified"], stated.modified)
    changes.update_classification(
        connection, number, judged.change_class, judged.size, judged.acknowledgement
    )
    articles.update_version_fields(connection, row, extract)


def backfill_judgements(
    connection: sqlite3.Connection, limit: int = MAX_BACKFILLED_CHANGES
) -> int:
    """Judge changes that an older program wrote, newest first; how many."""
    rows = changes.list_unclassified_changes(connection, limit)
    for row in rows:
        judged = judge_recorded_change(row)
        changes.update_classification(
            connection,
            row["id"],
            judged.change_class,
            judged.size,
            judged.acknowledgement,
        )
    return len(rows)


def judge_recorded_change(row: sqlite3.Row) -> change.Classification:
    """The judgement of a change that was recorded without one (as ``archive.changes.unjudged`` has it)."""
    fields = json.loads(row["fields"])
    if row["kind"] == "fields":
        before, after = fields.get("modified") or (None, None)
        return _judge_field_changes(fields, before, after)
    modified = fields.get("modified") or [row["old_modified"], row["modified"]]
    return change.classify_change(
        change.VersionText(
            row["old_title"], row["old_text"], row["old_published"], modified[0]
        ),
        change.VersionText(row["title"], row["text"], row["published"], modified[1]),
    )


def _judge_field_changes(
    fields: Mapping[str, Any], before: str | None, after: str | None
) -> change.Classification:
    return change.classify_change(
        change.VersionText("", "", None, before),
        change.VersionText("", "", None, after),
        fields,
    )


def _extract_fields(extract: Extract) -> dict[str, Any]:
    return {name: getattr(extract, name) for name in version.COMPARED_FIELDS}


def _last_stated_fields(
    connection: sqlite3.Connection, key: str, current: sqlite3.Row
) -> dict[str, Any]:
    """The fields as the outlet last stated them: the publication date kept is the first."""
    last = articles.get_last_field_value(connection, key, "published")
    fields = articles.parse_version_fields(current)
    return {**fields, "published": last or fields["published"]}


def _link_changes(current: sqlite3.Row, extract: Extract) -> list[list[str]]:
    """Addresses that the text links to no more, and those that it links to now; empty where they are the same."""
    from harvester.identity.urls import normalise_url

    if current["links"] is None or current["source"] != "page":
        return []
    skipped = {*json.loads(current["inserts"] or "[]"), *extract.inserts}
    before = {
        normalise_url(one["url"])
        for one in json.loads(current["links"])
        if one["text"] not in skipped
    }
    after = {normalise_url(one.url) for one in extract.links if one.text not in skipped}
    gone, come = sorted(before - after), sorted(after - before)
    return [gone, come] if gone or come else []
