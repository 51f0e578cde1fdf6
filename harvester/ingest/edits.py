"""Edits of stored articles: whether the wording changed, what differs, what kind it is.

Does not decide which version an article has now (``checks``); the rules are in
``identity`` (``change``, ``significant_lines``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive import stored_json
from harvester.archive.records import articles, changes
from harvester.archive.records.articles import (
    ArticleRow,
    NewChange,
    NewEvent,
    VersionRow,
)
from harvester.archive.records.changes import UnclassifiedChange
from harvester.identity import (
    change,
    diff,
    significant_lines,
    urls,
    version_decision,
    wording,
)
from harvester.model import Extract

# Maximum number of changes of an older program to classify when a crawl begins.
MAX_BACKFILLED_CHANGES = 500


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to be added, its classification, and its event, if any.

    None has a change of fields only, or one between two versions that alternate.
    """

    new_change: NewChange
    classification: change.Classification
    event: NewEvent | None = None


# ---- what is compared


def text_of_version(stored: VersionRow) -> significant_lines.ExtractedText:
    """A stored version in the form in which texts are compared."""
    return significant_lines.ExtractedText(
        stored.title,
        stored.text,
        frozenset(stored_json.parse_texts(stored.inserts)),
        frozenset(stored_json.parse_texts(stored.left_out)),
    )


def text_of_extract(extract: Extract) -> significant_lines.ExtractedText:
    """An extract in the form in which texts are compared."""
    return significant_lines.ExtractedText(
        extract.title,
        extract.text,
        frozenset(extract.inserts),
        frozenset(extract.left_out),
    )


def comparable_versions(
    versions: Sequence[VersionRow], extract: Extract, wording_digest: str
) -> list[version_decision.StoredVersion]:
    """The versions as they are compared with an extract of that wording.

    A version without significant differences counts as having the same wording.
    """
    comparable = []
    current_text = text_of_extract(extract)
    for stored in versions:
        is_same = stored.wording == wording_digest or significant_lines.is_same_wording(
            text_of_version(stored), current_text
        )
        comparable.append(
            version_decision.StoredVersion(
                stored.id,
                wording_digest if is_same else stored.wording,
                stored.title,
                "feed" if stored.source == "feed" else "page",
            )
        )
    return comparable


def has_same_text(stored: VersionRow, extract: Extract) -> bool:
    """Whether both texts are the same, whatever the titles are."""
    return significant_lines.is_same_text(
        text_of_version(stored), text_of_extract(extract)
    )


# ---- what differs


def describe_edit(
    connection: sqlite3.Connection,
    article: ArticleRow,
    current: VersionRow,
    extract: Extract,
    decision: version_decision.VersionDecision,
    version_id: int,
    now: str,
    is_alternation: bool = False,
) -> Edit:
    """The edit from the current version to an extract, and which fields it changes.

    ``is_alternation``: both versions alternate, which was told already.
    """
    fields: dict[str, Any] = dict(
        version_decision.changed_fields(
            _last_stated_fields(connection, article.key, current),
            _extract_fields(extract),
        )
    )
    title_key = wording.headline_key
    if title_key(current.title) != title_key(extract.title):
        fields = {"title": [current.title, extract.title], **fields}
    if links := _link_changes(current, extract):
        fields["links"] = links
    before, after = significant_lines.significant_lines(
        text_of_version(current), text_of_extract(extract)
    )
    edit = make_edit(
        NewChange(
            article.key,
            now,
            decision.kind,
            current.id,
            version_id,
            fields,
            sentence_changes(before, after),
            back=decision.version_id is not None,
        ),
        article.outlet,
        change.VersionText(
            current.title,
            before,
            current.published,
            current.modified,
            current.kind == "live",
        ),
        change.VersionText(
            extract.title,
            after,
            extract.published,
            extract.modified,
            extract.kind == "live",
        ),
    )
    return replace(edit, event=None) if is_alternation else edit


def make_edit(
    new_change: NewChange,
    outlet: str,
    before: change.VersionText,
    after: change.VersionText,
) -> Edit:
    """A change between two versions, classified, with its event."""
    event = NewEvent(
        "back" if new_change.back else new_change.kind,
        outlet,
        new_change.at,
        changes.RETURNED_NOTE if new_change.back else "",
        article=new_change.article,
    )
    return Edit(new_change, change.classify_change(before, after), event)


def describe_field_changes(
    connection: sqlite3.Connection,
    article_key: str,
    current: VersionRow,
    stated: Extract,
    now: str,
) -> Edit | None:
    """A change of fields only, or None. It makes no new version and no event."""
    fields = version_decision.changed_fields(
        _last_stated_fields(connection, article_key, current), _extract_fields(stated)
    )
    if not fields:
        return None
    return Edit(
        NewChange(article_key, now, "fields", current.id, current.id, fields),
        _classify_field_changes(fields, current.modified, stated.modified),
    )


def sentence_changes(before: str, after: str) -> dict[str, list[Any]]:
    """The sentences that differ between two texts, as a change stores them."""
    difference = diff.diff_sentences(before, after)
    return {
        "added": list(difference.added),
        "removed": list(difference.removed),
        "changed": [list(pair) for pair in difference.changed],
        "moved": list(difference.moved),
    }


def _extract_fields(extract: Extract) -> dict[str, Any]:
    return {name: getattr(extract, name) for name in version_decision.COMPARED_FIELDS}


def _last_stated_fields(
    connection: sqlite3.Connection, article_key: str, current: VersionRow
) -> dict[str, Any]:
    """The fields as last stated: a version keeps the first publication date seen."""
    last = articles.get_last_field_value(connection, article_key, "published")
    fields = articles.parse_version_fields(current)
    return {**fields, "published": last or fields["published"]}


def _link_changes(current: VersionRow, extract: Extract) -> list[list[str]]:
    """URLs no longer linked to, and URLs newly linked to; empty if there are none."""
    if current.links is None or current.source != "page":
        return []
    skipped = {*stored_json.parse_texts(current.inserts), *extract.inserts}
    before = {
        urls.normalise_url(str(link["url"]))
        for link in stored_json.parse_list(current.links)
        if isinstance(link, dict)
        and "url" in link
        and str(link.get("text", "")) not in skipped
    }
    after = {
        urls.normalise_url(link.url)
        for link in extract.links
        if link.text not in skipped
    }
    removed, added = sorted(before - after), sorted(after - before)
    return [removed, added] if removed or added else []


def _classify_field_changes(
    fields: Mapping[str, Any], modified_before: str | None, modified_after: str | None
) -> change.Classification:
    return change.classify_change(
        change.VersionText("", "", None, modified_before),
        change.VersionText("", "", None, modified_after),
        fields,
    )


# ---- writing


def store_edit(connection: sqlite3.Connection, edit: Edit) -> None:
    """Add a change with its classification and its event."""
    change_id = articles.add_change(connection, edit.new_change)
    _store_classification(connection, change_id, edit.classification)
    if edit.event is not None:
        articles.add_event(connection, replace(edit.event, change=change_id))


def _store_classification(
    connection: sqlite3.Connection,
    change_id: int,
    classification: change.Classification,
) -> None:
    changes.update_classification(
        connection,
        change_id,
        classification.change_class,
        classification.size,
        classification.acknowledgement,
    )


# ---- changes recorded by an older program


def backfill_classifications(
    connection: sqlite3.Connection, limit: int = MAX_BACKFILLED_CHANGES
) -> int:
    """Classify changes that an older program wrote, newest first; returns how many."""
    unclassified = changes.list_unclassified_changes(connection, limit)
    for recorded in unclassified:
        _store_classification(connection, recorded.id, _classify_recorded(recorded))
    return len(unclassified)


def _classify_recorded(recorded: UnclassifiedChange) -> change.Classification:
    fields = stored_json.parse_pairs(recorded.fields)
    if recorded.kind == "fields":
        before, after = fields.get("modified") or (None, None)
        return _classify_field_changes(fields, before, after)
    modified_before, modified_after = fields.get("modified") or (
        recorded.old_modified,
        recorded.modified,
    )
    return change.classify_change(
        change.VersionText(
            recorded.old_title,
            recorded.old_text,
            recorded.old_published,
            modified_before,
        ),
        change.VersionText(
            recorded.title, recorded.text, recorded.published, modified_after
        ),
    )
