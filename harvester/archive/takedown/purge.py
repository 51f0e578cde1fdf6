"""Find what must be removed from the archive to purge an article.

Its rows, its captures, and whatever else carries its words. Changes nothing; see
``execute``.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from harvester.archive import stored_json
from harvester.archive.integrity import warc_check
from harvester.archive.records import captures, warc_records
from harvester.archive.records.article_captures import list_article_captures
from harvester.archive.takedown import article_rows, redact_body
from harvester.archive.takedown.blocklist import blocklist_digest
from harvester.archive.takedown.redact_body import RedactionTerms
from harvester.entities import unescape
from harvester.errors import ArchiveError

SENTENCE_BOUNDARY = re.compile(r"(?<=[.!?…。！？])\s+|\n")
MAX_SAMPLE_CAPTURES = (
    12  # read to learn which words are the outlet's, not the article's
)
MIN_SENTENCE_CHARACTERS = 30  # of a sentence that is searched for verbatim
_CHARSET_PATTERN = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_FILE_ENDS_SQL = """
select file, max(offset + length + coalesce(request, 0)) as ending
from captures where file is not null group by file
"""

Progress = Callable[[int, int], None]  # captures searched so far, of how many


@dataclass(slots=True)
class PurgePlan:
    """What to remove, and what to redact."""

    # ``key`` ("" for an article that reappeared) and ``outlet``.
    article: Mapping[str, Any] | sqlite3.Row
    terms: RedactionTerms
    own_captures: set[int] = field(default_factory=set)  # of its pages
    # Other captures with its words, and what to redact there.
    other_captures: dict[int, RedactionTerms] = field(default_factory=dict)
    # Records that no row points to: file, offset, length.
    unreferenced_records: list[tuple[str, int, int]] = field(default_factory=list)
    entry_keys: list[str] = field(default_factory=list)
    blocklist_digests: list[str] = field(default_factory=list)  # for the table barred
    sentences: list[str] = field(default_factory=list)
    copy_keys: list[str] = field(default_factory=list)  # articles with the same text
    version_ids: list[int] = field(default_factory=list)
    since: str = ""  # no earlier capture carries its words
    # Its headlines, and the lines of its summaries.
    teasers: list[str] = field(default_factory=list)

    def without_teasers(self, text: str) -> str:
        """Return another article's text without lines that only tease this one."""
        teasers = {_normalise_line(line) for line in self.teasers}
        return "\n".join(
            line for line in text.split("\n") if _normalise_line(line) not in teasers
        )


def _normalise_line(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))


@dataclass(frozen=True, slots=True)
class _PurgedArticle:
    """What the archive's tables hold of the article."""

    row: sqlite3.Row
    versions: list[sqlite3.Row]
    entries: list[sqlite3.Row]
    announcements: list[sqlite3.Row]  # what feeds said of it before
    urls: list[str]
    addresses: list[str]

    @property
    def titles(self) -> list[str]:
        rows = (*self.versions, *self.entries, *self.announcements)
        return [row["title"] for row in rows]

    @property
    def summaries(self) -> list[str]:
        return [row["description"] for row in self.versions] + [
            row["summary"] for row in (*self.entries, *self.announcements)
        ]

    @property
    def texts(self) -> list[str]:
        texts = []
        for row in self.versions:
            texts += [row["text"], row["description"]]
        for row in self.entries:
            content = stored_json.parse_object(row["extra"]).get("content", "")
            texts += [row["summary"], strip_markup(str(content))]
        return texts + [row["summary"] for row in self.announcements]


def plan_purge(
    connection: sqlite3.Connection, folder: Path | None, key: str, progress: Progress
) -> PurgePlan:
    """Find everything that a purge of the article removes or redacts."""
    article = _get_article(connection, key)
    titles, texts = article.titles, article.texts
    plan = PurgePlan(
        article.row,
        RedactionTerms.from_article(titles, texts, [*article.urls, *article.addresses]),
    )
    plan.entry_keys = [row["key"] for row in article.entries]
    plan.version_ids = [row["id"] for row in article.versions]
    plan.blocklist_digests = _blocklist_digests(article)
    plan.sentences = _sample_sentences([*titles, *texts])
    plan.copy_keys = _list_copies(connection, key)
    plan.own_captures = list_article_captures(
        connection, article.row, article.urls, with_feeds=False
    )
    rows = (article.row, *article.entries, *article.versions)
    plan.since = day_before(min(row["first_seen"] for row in rows))
    plan.terms = exclude_outlet_words(connection, folder, plan)
    teasers = {
        line
        for text in (*titles, *article.summaries)
        for line in text.split("\n")
        if len(line.split()) >= redact_body.MIN_TITLE_WORDS
    }
    plan.teasers = [
        line for line in sorted(teasers) if redact_body.contains_run(plan.terms, line)
    ]
    find_other_captures(connection, folder, plan, progress)
    return plan


def _get_article(connection: sqlite3.Connection, key: str) -> _PurgedArticle:
    row = connection.execute("select * from articles where key = ?", [key]).fetchone()
    url_rows = connection.execute(
        "select url, address from urls where article = ? and kind <> 'shared'", [key]
    ).fetchall()
    addresses = [url_row["address"] for url_row in url_rows]
    entries = connection.execute(
        """
        select * from entries
        where article = :key or (
            address <> '' and address in (select value from json_each(:addresses))
        )
        """,
        {"key": key, "addresses": json.dumps(addresses)},
    ).fetchall()
    announcements = connection.execute(
        """
        select title, summary from announcements
        where entry in (select value from json_each(?))
        """,
        [json.dumps([entry["key"] for entry in entries])],
    ).fetchall()
    versions = connection.execute(
        "select * from versions where article = ? order by number", [key]
    ).fetchall()
    return _PurgedArticle(
        row,
        versions,
        entries,
        announcements,
        urls=[
            *(url_row["url"] for url_row in url_rows),
            row["url"],
            row["reached"],
            *(entry["url"] for entry in entries if entry["url"]),
        ],
        addresses=[
            *addresses,
            *(entry["address"] for entry in entries if entry["address"]),
        ],
    )


def exclude_outlet_words(
    connection: sqlite3.Connection, folder: Path | None, plan: PurgePlan
) -> RedactionTerms:
    """Return the plan's terms without the words that the outlet publishes anyway.

    Boxes, footers and common headlines that were read with the article are not its own.
    They appear in feeds and pages from before it was published; if there are none, in
    two that do not link to it.
    """
    key, outlet = plan.article["key"], plan.article["outlet"]
    titles = connection.execute(
        """
        select v.title from versions v join articles a on a.key = v.article
        where a.outlet = ? and a.key <> ?
        """,
        [outlet, key],
    )
    terms = plan.terms.excluding(row["title"] for row in titles)
    earlier_texts = _sample_texts(connection, folder, plan, "at < :since")
    if earlier_texts:
        return terms.excluding(earlier_texts)
    if not terms.addresses:
        return terms
    later_texts = _sample_texts(
        connection, folder, plan, "at >= :since and kind = 'article'"
    )
    return terms.excluding(later_texts, min_texts=2)


def _sample_texts(
    connection: sqlite3.Connection, folder: Path | None, plan: PurgePlan, condition: str
) -> list[str]:
    """Return texts of the outlet's latest captures that do not link to the article."""
    rows = connection.execute(
        f"""
        select id, type from captures
        where outlet = :outlet and kind in ('article', 'feed') and status = 200
            and {condition}
        order by at desc limit :limit
        """,
        {
            "outlet": plan.article["outlet"],
            "since": plan.since,
            "limit": 4 * MAX_SAMPLE_CAPTURES,
        },
    ).fetchall()
    texts: list[str] = []
    for row in rows:
        if len(texts) == MAX_SAMPLE_CAPTURES:
            break
        if row["id"] in plan.own_captures:
            continue
        try:
            body = captures.get_body(connection, folder, row["id"])
        except ArchiveError:
            continue
        text, _ = redact_body.decode_body(body, parse_charset(row["type"]))
        if plan.terms.redact_addresses(text) == text:
            texts.append(strip_markup(text))
    return texts


def day_before(time: str) -> str:
    """Return the date before a time: captures are stored a while after receipt."""
    return (date.fromisoformat(time[:10]) - timedelta(days=1)).isoformat()


def strip_markup(content: object) -> str:
    """Return the words of an HTML text, such as the full text in a feed."""
    return unescape(re.sub(r"<[^<>]{1,4000}>", " ", str(content)))


def _sample_sentences(texts: Iterable[str]) -> list[str]:
    """Return some sentences from all over the article, to be searched for verbatim."""
    sentences = [
        sentence.strip()
        for text in texts
        for sentence in SENTENCE_BOUNDARY.split(text)
        if len(sentence.strip()) >= MIN_SENTENCE_CHARACTERS
    ]
    sentences = list(dict.fromkeys(sentences))
    step = max(1, len(sentences) // article_rows.MAX_SENTENCES)
    return sentences[::step][: article_rows.MAX_SENTENCES]


def _blocklist_digests(article: _PurgedArticle) -> list[str]:
    outlet = article.row["outlet"]
    digests = {blocklist_digest("address", address) for address in article.addresses}
    digests |= {
        blocklist_digest("guid", row["feed"], row["guid"])
        for row in article.entries
        if row["guid"]
    }
    digests |= {
        blocklist_digest("text", outlet, row["text_sha256"])
        for row in article.versions
        if row["text_sha256"]
    }
    return sorted(digests)


def _list_copies(connection: sqlite3.Connection, key: str) -> list[str]:
    rows = connection.execute(
        """
        select distinct o.article
        from versions v join versions o on o.text_sha256 = v.text_sha256
        where v.article = :key and v.text_sha256 <> '' and o.article <> :key
        order by 1
        """,
        {"key": key},
    )
    return [row["article"] for row in rows]


# ---- searching captures


def find_other_captures(
    connection: sqlite3.Connection,
    folder: Path | None,
    plan: PurgePlan,
    progress: Progress,
) -> None:
    """Add to the plan what else of the outlet carries its words.

    Other captures since then, and records that no row points to.
    """
    rows = connection.execute(
        """
        select id, url, reached, type, file, offset, length, body_of from captures
        where outlet = ? and at >= ? order by file, offset
        """,
        [plan.article["outlet"], plan.since],
    ).fetchall()
    clean_bodies: set[int] = set()  # captures whose body has none of the words
    for count, row in enumerate(rows, 1):
        progress(count, len(rows))
        if row["id"] in plan.own_captures or row["body_of"] in clean_bodies:
            continue
        try:
            body = captures.get_body(connection, folder, row["id"])
        except ArchiveError:
            continue  # `verify` reports captures that cannot be read
        if not redact_body.may_contain(plan.terms, body):
            clean_bodies.add(row["id"])
            continue
        terms = _find_terms_in_capture(connection, plan, row, body)
        if terms is not None:
            plan.other_captures[row["id"]] = terms
    if folder is None or not folder.is_dir():
        return
    searched_files = {row["file"] for row in rows}
    file_ends = {
        row["file"]: row["ending"] for row in connection.execute(_FILE_ENDS_SQL)
    }
    for path in sorted(filter(Path.is_file, folder.glob("*.warc.gz"))):
        # In files of other times and outlets, only the tail may be a leftover.
        start = 0 if path.name in searched_files else file_ends.get(path.name, 0)
        plan.unreferenced_records += [
            (path.name, offset, length)
            for offset, length in _find_unreferenced_records(
                connection, path, plan.terms, start
            )
        ]


def _find_terms_in_capture(
    connection: sqlite3.Connection, plan: PurgePlan, row: sqlite3.Row, body: bytes
) -> RedactionTerms | None:
    """Return what to redact in a capture: not what other articles say as well."""
    others = connection.execute(
        """
        select v.title, v.text from versions v
        where v.article <> :article and v.article in (
            select article from versions where capture = :capture
            union select key from articles where capture = :capture
            union select article from urls where url in (:url, :reached) and kind <> 'shared'
        )
        """,
        {
            "article": plan.article["key"],
            "capture": row["id"],
            "url": row["url"],
            "reached": row["reached"],
        },
    ).fetchall()
    terms = plan.terms
    if others:
        terms = terms.excluding(
            text
            for other in others
            for text in (other["title"], plan.without_teasers(other["text"]))
        )
    charset = parse_charset(row["type"])
    return terms if redact_body.body_contains(terms, body, charset) else None


def parse_charset(content_type: str) -> str:
    """Return the charset that a Content-Type names; "" if it names none."""
    match = _CHARSET_PATTERN.search(content_type)
    return match[1] if match else ""


def _find_unreferenced_records(
    connection: sqlite3.Connection, path: Path, terms: RedactionTerms, start: int
) -> Iterator[tuple[int, int]]:
    """Yield offset and length of records with the words that no row points to.

    They are leftovers of killed crawls.
    """
    rows = connection.execute(
        """
        select offset, length + coalesce(request, 0) as length from captures
        where file = ? and offset >= ? order by offset
        """,
        [path.name, start],
    ).fetchall()
    gap_start = start
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        referenced = [(row["offset"], row["length"]) for row in rows]
        for gap_end, referenced_length in [*referenced, (size, 0)]:
            try:
                for offset, length in warc_check.iter_members(file, gap_start, gap_end):
                    file.seek(offset)
                    if _record_contains(terms, file.read(length)):
                        yield offset, length
            except ValueError:
                pass  # an incomplete record is left out when the file is rewritten
            gap_start = max(gap_start, gap_end + referenced_length)


def _record_contains(terms: RedactionTerms, record_block: bytes) -> bool:
    try:
        record, body = warc_records.read_record(record_block)
    except ValueError:
        return False
    if record.rec_type == "request":
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        return terms.redact_addresses(url) != url
    return redact_body.may_contain(terms, body) and redact_body.body_contains(
        terms, body
    )
