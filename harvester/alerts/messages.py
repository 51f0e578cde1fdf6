"""What is sent: a JSON object, and the same in words. Pure.

An outlet's words stand in the body alone: the subject is made of our own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from harvester.settings.types import Alert

WHAT = {
    "new": "new article",
    "edit": "edited",
    "headline": "headline changed",
    "removed": "removed",
    "returned": "online again",
    "silence": "silent",
    "missed": "entries may be missed",
    "volume": "unusual number of articles",
    "test": "test",
}
MAX_DIGEST_EVENTS = 200  # of one digest; more make another
ID_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery, or a digest of several. ``id``: equal at each attempt."""

    id: str
    alert: str
    subject: str
    text: str
    record: Mapping[str, Any]

    def to_json(self) -> bytes:
        """One line of JSON in UTF-8."""
        text = json.dumps(self.record, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def build_message(id: str, alert: Alert, record: Mapping[str, Any]) -> Message:
    """The message of one event, from what the archive says of it."""
    text = render(alert.template, record)
    what = WHAT[record["on"]]
    return Message(
        id,
        alert.name,
        f"harvest: {alert.name}: {what}",
        text,
        {"id": id, **record, "query": alert.query, "text": text},
    )


def build_digest(
    id: str, alert: Alert, records: Sequence[tuple[str, Mapping[str, Any]]]
) -> Message:
    """The message of several events, each with the id of its delivery."""
    lines = [render(alert.template, record) for _, record in records]
    count = len(records)
    noun = "event" if count == 1 else "events"
    head = f"{alert.name}: {count} {noun}, {alert.when} digest"
    events = [
        {"id": delivery_id, **record, "text": line}
        for (delivery_id, record), line in zip(records, lines, strict=True)
    ]
    text = "\n\n".join((head, *lines))
    record = {
        "id": id,
        "alert": alert.name,
        "on": "digest",
        "digest": alert.when,
        "query": alert.query,
        "count": count,
        "since": min(record["at"] for _, record in records),
        "until": max(record["at"] for _, record in records),
        "events": events,
        "text": text,
    }
    subject = f"harvest: {alert.name}: {count} {noun}"
    return Message(id, alert.name, subject, text, record)


def digest_id(delivery_ids: Sequence[str]) -> str:
    """The id of a digest, made of those of its deliveries."""
    return hashlib.sha256("\0".join(delivery_ids).encode()).hexdigest()[:ID_DIGITS]


def build_test_message(id: str, alert: Alert, now: str) -> Message:
    """What ``harvest alerts test`` sends: no article's words."""
    record = {
        "alert": alert.name,
        "on": "test",
        "at": now,
        "outlet": "",
        "note": "a test of this alert: its target works",
    }
    return build_message(id, alert, record)


def render(template: str, record: Mapping[str, Any]) -> str:
    """The line of an event in words; an unknown or missing word is left empty."""
    article = record.get("article") or {}
    change = record.get("change") or {}
    changed = change.get("changed", ())
    values = {
        "alert": record["alert"],
        "what": WHAT[record["on"]],
        "on": record["on"],
        "at": record["at"],
        "outlet": record["outlet"] or "this machine",
        "title": article.get("title") or record.get("note", ""),
        "old_title": change.get("old_title", ""),
        "url": article.get("url") or record.get("feed", ""),
        "key": article.get("key", ""),
        "added": _join([*change.get("added", ()), *(pair[1] for pair in changed)]),
        "removed": _join([*change.get("removed", ()), *(pair[0] for pair in changed)]),
        "note": record.get("note", ""),
    }
    return Template(template).safe_substitute(values).strip()


def _join(sentences: Sequence[str]) -> str:
    return " … ".join(sentences)
