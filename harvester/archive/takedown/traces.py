"""What other articles of the outlet carry of a purged one: its headline or summary as a line that was read with their text, links
to it, and mentions in what is told of them. Not for: copies, whose words are their own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from harvester.archive.takedown.purge import PurgePlan

WordingAndTextDigester = Callable[
    [str, str, Sequence[str]], tuple[str, str]
]  # title, text, authors → digests of wording and text

REDACTION_MARK = "█"
MIN_HEADLINE_CHARACTERS = (
    20  # characters of a headline that is replaced wherever it stands
)
REDACTED_COLUMNS = (
    ("changes", "fields"),
    ("changes", "sentences"),
    ("events", "note"),
    ("readings", "extract"),
)


def remove_traces(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> int:
    """Take them out. How many rows had one."""
    return (
        _remove_links(connection, plan)
        + _remove_teaser_lines(connection, plan, digest_wording, now)
        + _redact_columns(connection, plan)
    )


def _remove_links(connection: sqlite3.Connection, plan: PurgePlan) -> int:
    """Links to it, whose text is its headline, out of what was read of other pages."""
    found = 0
    for path in plan.terms.addresses:
        rows = connection.execute(
            "select id, extract from readings where article <> ? and instr(extract, ?) > 0",
            [plan.article["key"], path],
        ).fetchall()
        for row in rows:
            extract = json.loads(row["extract"])
            links = [
                one
                for one in extract.get("links", [])
                if plan.terms.redact_addresses(one["url"]) == one["url"]
            ]
            if len(links) < len(extract.get("links", [])):
                kept = json.dumps({**extract, "links": links}, ensure_ascii=False)
                connection.execute(
                    "update readings set extract = ? where id = ?", [kept, row["id"]]
                )
                found += 1
    return found


def _remove_teaser_lines(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> int:
    """A line of another article's text that is only its headline or summary. The version is shown without it, as a new reading."""
    found: set[int] = set()
    for line in plan.teasers:
        rows = connection.execute(
            """select v.* from versions v join articles a on a.key = v.article
            where a.outlet = ? and v.article <> ? and instr(v.text, ?) > 0""",
            [plan.article["outlet"], plan.article["key"], line],
        ).fetchall()
        for row in rows:
            text = plan.without_teasers(row["text"])
            if text and text != row["text"]:
                _update_shown_version(connection, row, text, digest_wording, now)
                found.add(row["id"])
    return len(found)


def _update_shown_version(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    text: str,
    digest_wording: WordingAndTextDigester,
    now: str,
) -> None:
    wording, digest = digest_wording(row["title"], text, json.loads(row["authors"]))
    connection.execute(
        "update versions set text = ?, words = ?, wording = ?, text_sha256 = ? where id = ?",
        [text, len(text.split()), wording, digest, row["id"]],
    )
    connection.execute(
        """insert into readings (article, version, capture, source, extractor, rules, profile, wording, extract, at)
        select article, version, capture, source, extractor, rules, profile, ?, extract, ? from readings
        where id = (select max(id) from readings where version = ? and source <> 'feed-compared')""",
        [wording, now, row["id"]],
    )
    connection.execute(
        """update articles set reading = (select max(id) from readings where version = ?1)
        where key = ?2 and version = ?3""",
        [row["id"], row["article"], row["number"]],
    )


def _redact_columns(connection: sqlite3.Connection, plan: PurgePlan) -> int:
    """Its headlines and addresses in what was told of others."""
    found = 0
    titles = [line for line in plan.teasers if len(line) >= MIN_HEADLINE_CHARACTERS]
    for words in (*titles, *plan.terms.addresses):
        written = json.dumps(words, ensure_ascii=False)[1:-1]
        for table, column in REDACTED_COLUMNS:
            rows = connection.execute(
                f"select id, {column} as told from {table} where instr({column}, ?) > 0",
                [written],
            ).fetchall()
            for row in rows:
                told = (
                    row["told"].replace(written, REDACTION_MARK)
                    if words in titles
                    else plan.terms.redact_addresses(row["told"], REDACTION_MARK)
                )
                found += told != row["told"]
                connection.execute(
                    f"update {table} set {column} = ? where id = ?", [told, row["id"]]
                )
    return found
