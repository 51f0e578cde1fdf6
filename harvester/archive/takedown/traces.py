"""Remove what other articles of the outlet carry of a purged one.

Its headline or summary as a line of their text, links to it, and mentions in changes,
events and readings. Copies keep their text; it is their own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from harvester.archive import stored_json
from harvester.archive.takedown.purge import PurgePlan

# Takes title, text and authors, returns the digests of wording and text.
WordingAndTextDigester = Callable[[str, str, Sequence[str]], tuple[str, str]]

REDACTION_MARK = "█"
MIN_HEADLINE_CHARACTERS = 20  # of a headline that is redacted wherever it occurs
REDACTED_COLUMNS = (
    ("changes", "fields"),
    ("changes", "sentences"),
    ("events", "note"),
    ("alert_events", "note"),
    ("readings", "extract"),
)


def remove_traces(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> int:
    """Remove all traces; return how many rows had one."""
    return (
        _remove_links(connection, plan)
        + _remove_teaser_lines(connection, plan, digest_wording, now)
        + _redact_columns(connection, plan)
    )


def _remove_links(connection: sqlite3.Connection, plan: PurgePlan) -> int:
    """Remove links to the article, whose text is its headline, from other readings."""
    count = 0
    for path in plan.terms.addresses:
        rows = connection.execute(
            """
            select id, extract from readings
            where article <> ? and instr(extract, ?) > 0
            """,
            [plan.article["key"], path],
        ).fetchall()
        for row in rows:
            extract = stored_json.parse_object(row["extract"])
            links = extract.get("links")
            if not isinstance(links, list):  # it is damaged: nothing of it is kept
                extract, links, kept_links = {}, [row["extract"]], []
            else:
                kept_links = [
                    link
                    for link in links
                    if plan.terms.redact_addresses(_link_url(link)) == _link_url(link)
                ]
            if len(kept_links) < len(links):
                extract["links"] = kept_links
                connection.execute(
                    "update readings set extract = ? where id = ?",
                    [json.dumps(extract, ensure_ascii=False), row["id"]],
                )
                count += 1
    return count


def _link_url(link: object) -> str:
    return str(link.get("url", "") if isinstance(link, dict) else link)


def _remove_teaser_lines(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> int:
    """Remove lines from other articles' texts that are only its headline or summary.

    The version is then shown without them, as a new reading.
    """
    changed_ids: set[int] = set()
    for line in plan.teasers:
        rows = connection.execute(
            """
            select v.* from versions v join articles a on a.key = v.article
            where a.outlet = ? and v.article <> ? and instr(v.text, ?) > 0
            """,
            [plan.article["outlet"], plan.article["key"], line],
        ).fetchall()
        for row in rows:
            text = plan.without_teasers(row["text"])
            if text and text != row["text"]:
                _update_shown_version(connection, row, text, digest_wording, now)
                changed_ids.add(row["id"])
    return len(changed_ids)


def _update_shown_version(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    text: str,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> None:
    wording, text_digest = digest_wording(
        row["title"], text, tuple(stored_json.parse_texts(row["authors"]))
    )
    connection.execute(
        """
        update versions set text = ?, words = ?, wording = ?, text_sha256 = ?
        where id = ?
        """,
        [text, len(text.split()), wording, text_digest, row["id"]],
    )
    connection.execute(
        """
        insert into readings (
            article, version, capture, source, extractor, rules, profile, wording,
            extract, at
        )
        select
            article, version, capture, source, extractor, rules, profile, ?, extract, ?
        from readings
        where id = (
            select max(id) from readings
            where version = ? and source <> 'feed-compared'
        )
        """,
        [wording, now, row["id"]],
    )
    connection.execute(
        """
        update articles set reading = (select max(id) from readings where version = :version_id)
        where key = :article and version = :number
        """,
        {"version_id": row["id"], "article": row["article"], "number": row["number"]},
    )


def _redact_columns(connection: sqlite3.Connection, plan: PurgePlan) -> int:
    """Redact its headlines and addresses in what is recorded about other articles."""
    count = 0
    headlines = [line for line in plan.teasers if len(line) >= MIN_HEADLINE_CHARACTERS]
    for phrase in (*headlines, *plan.terms.addresses):
        json_phrase = json.dumps(phrase, ensure_ascii=False)[1:-1]
        for table, column in REDACTED_COLUMNS:
            rows = connection.execute(
                f"""
                select id, {column} as value from {table}
                where instr({column}, ?) > 0
                """,
                [json_phrase],
            ).fetchall()
            for row in rows:
                value = (
                    row["value"].replace(json_phrase, REDACTION_MARK)
                    if phrase in headlines
                    else plan.terms.redact_addresses(row["value"], REDACTION_MARK)
                )
                count += value != row["value"]
                connection.execute(
                    f"update {table} set {column} = ? where id = ?", [value, row["id"]]
                )
    return count
