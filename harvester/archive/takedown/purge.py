"""What there is to take out of the archive when one article is to go: its rows, its captures, and whatever else carries its words.

Changes nothing. Not for: doing it (``takeout``), nor asking whether it is meant.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from harvester.archive.integrity import warc_check
from harvester.archive.records import captures
from harvester.archive.takedown import article_rows, redact_body
from harvester.archive.takedown.blocklist import blocklist_digest
from harvester.entities import unescape
from harvester.errors import ArchiveError

SENTENCE_BOUNDARY = re.compile(r"(?<=[.!?…。！？])\s+|\n")
MAX_SAMPLE_CAPTURES = 12  # captures by which it is known what an outlet says anyway
MIN_SENTENCE_CHARACTERS = (
    30  # characters of a sentence that is looked for word for word
)
_CHARSET_PATTERN = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(slots=True)
class PurgePlan:
    """What there is to take out."""

    article: (
        Mapping[str, Any] | sqlite3.Row
    )  # key ("": of one that came again) and outlet
    terms: redact_body.RedactionTerms
    own_captures: set[int] = field(default_factory=set)  # captures of its pages
    other_captures: dict[int, redact_body.RedactionTerms] = field(
        default_factory=dict
    )  # other captures with its words → what is to be blanked there
    unreferenced_records: list[tuple[str, int, int]] = field(
        default_factory=list
    )  # file, offset, length: records that no row points at
    entry_keys: list[str] = field(default_factory=list)  # keys
    blocklist_digests: list[str] = field(default_factory=list)  # see the table barred
    sentences: list[str] = field(default_factory=list)
    copy_keys: list[str] = field(
        default_factory=list
    )  # keys of other articles with the same text
    version_ids: list[int] = field(default_factory=list)
    since: str = ""  # no capture before then carries it
    teasers: list[str] = field(
        default_factory=list
    )  # its headlines, and the lines of its summaries

    def without_teasers(self, text: str) -> str:
        """A text of another article without lines that are only a headline or summary of this one."""
        known = {_normalise_line(line) for line in self.teasers}
        return "\n".join(
            line for line in text.split("\n") if _normalise_line(line) not in known
        )


def _normalise_line(line: str) -> str:
    return " ".join(re.findall(r"\w+", line.casefold()))


def plan_purge(
    connection: sqlite3.Connection,
    folder: Path | None,
    key: str,
    progress: Callable[[int, int], None],
) -> PurgePlan:
    """Find all that is to be taken out. ``progress`` is told of how many captures were looked at."""
    article = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    urls = [
        row["url"]
        for row in connection.execute(
            "select url from urls where article = ? and kind <> 'shared'", [key]
        )
    ]
    held = connection.execute(
        "select address from urls where article = ? and kind <> 'shared'", [key]
    ).fetchall()
    urls += [article["url"], article["reached"]]
    addresses = [row["address"] for row in held]
    entries = connection.execute(
        "select * from entries where article = ?1 or (address <> '' and address in (select value from json_each(?2)))",
        [key, json.dumps(addresses)],
    ).fetchall()
    urls += [row["url"] for row in entries if row["url"]]
    addresses += [row["address"] for row in entries if row["address"]]
    versions = connection.execute(
        "select * from versions where article = ? order by number", [key]
    ).fetchall()
    titles = [row["title"] for row in (*versions, *entries)]
    texts = [text for row in versions for text in (row["text"], row["description"])]
    texts += [
        text
        for row in entries
        for text in (
            row["summary"],
            strip_markup(json.loads(row["extra"]).get("content", "")),
        )
    ]
    plan = PurgePlan(
        article,
        redact_body.RedactionTerms.from_article(titles, texts, [*urls, *addresses]),
    )
    plan.entry_keys, plan.version_ids = (
        [row["key"] for row in entries],
        [row["id"] for row in versions],
    )
    plan.blocklist_digests = _blocklist_digests(article, addresses, entries, versions)
    plan.sentences = _sample_sentences([*titles, *texts])
    summaries = [row["description"] for row in versions] + [
        row["summary"] for row in entries
    ]
    lines = [line for text in (*titles, *summaries) for line in text.split("\n")]
    plan.teasers = sorted(
        {line for line in lines if len(line.split()) >= redact_body.MIN_TITLE_WORDS}
    )
    plan.copy_keys = _list_copies(connection, key)
    plan.own_captures = list_article_captures(connection, article, urls)
    plan.since = day_before(
        min(row["first_seen"] for row in (article, *entries, *versions))
    )
    plan.terms = exclude_outlet_words(connection, folder, plan)
    plan.teasers = [
        line for line in plan.teasers if redact_body.contains_run(plan.terms, line)
    ]
    find_other_captures(connection, folder, plan, progress)
    return plan


def exclude_outlet_words(
    connection: sqlite3.Connection, folder: Path | None, plan: PurgePlan
) -> redact_body.RedactionTerms:
    """Without what the outlet says anyway: boxes, footers and usual headlines that were read with the article are not its own.

    They stand in feeds and pages from before the article was there; where there are none, in two that do not link to it.
    """
    key, outlet = plan.article["key"], plan.article["outlet"]
    titles = connection.execute(
        "select v.title from versions v join articles a on a.key = v.article where a.outlet = ? and a.key <> ?",
        [outlet, key],
    )
    known = plan.terms.excluding(row["title"] for row in titles)
    before = _sample_texts(connection, folder, plan, "at < ?2")
    if before:
        return known.excluding(before)
    return (
        known.excluding(
            _sample_texts(connection, folder, plan, "at >= ?2 and kind = 'article'"), 2
        )
        if known.addresses
        else known
    )


def _sample_texts(
    connection: sqlite3.Connection, folder: Path | None, plan: PurgePlan, condition: str
) -> list[str]:
    """The words of some captures of the outlet that do not name the article's addresses, the newest ones."""
    rows = connection.execute(
        f"""select id, type from captures where outlet = ?1 and kind in ('article', 'feed') and status = 200 and {condition}
        order by at desc limit ?3""",
        [plan.article["outlet"], plan.since, 4 * MAX_SAMPLE_CAPTURES],
    ).fetchall()
    found: list[str] = []
    for row in rows:
        if row["id"] not in plan.own_captures and len(found) < MAX_SAMPLE_CAPTURES:
            with suppress(ArchiveError):
                text = redact_body.decode_body(
                    captures.get_body(connection, folder, row["id"]),
                    parse_charset(row["type"]),
                )[0]
                if plan.terms.redact_addresses(text) == text:
                    found.append(strip_markup(text))
    return found


def day_before(time: str) -> str:
    """What was received then may have been kept a while later."""
    return (date.fromisoformat(time[:10]) - timedelta(days=1)).isoformat()


def strip_markup(content: object) -> str:
    """The words of a feed's full text."""
    return unescape(re.sub(r"<[^<>]{1,4000}>", " ", str(content)))


def _sample_sentences(texts: Iterable[str]) -> list[str]:
    """Some sentences, of all over the article, to be looked for word for word."""
    found = [
        one.strip()
        for text in texts
        for one in SENTENCE_BOUNDARY.split(text)
        if len(one.strip()) >= MIN_SENTENCE_CHARACTERS
    ]
    found = list(dict.fromkeys(found))
    return found[:: max(1, len(found) // article_rows.MAX_SENTENCES)][
        : article_rows.MAX_SENTENCES
    ]


def _blocklist_digests(
    article: sqlite3.Row,
    addresses: list[str],
    entries: list[sqlite3.Row],
    versions: list[sqlite3.Row],
) -> list[str]:
    found = [blocklist_digest("address", one) for one in addresses]
    found += [
        blocklist_digest("guid", row["feed"], row["guid"])
        for row in entries
        if row["guid"]
    ]
    found += [
        blocklist_digest("text", article["outlet"], row["text_sha256"])
        for row in versions
        if row["text_sha256"]
    ]
    return sorted(set(found))


def _list_copies(connection: sqlite3.Connection, key: str) -> list[str]:
    rows = connection.execute(
        """select distinct o.article from versions v join versions o on o.text_sha256 = v.text_sha256
        where v.article = ?1 and v.text_sha256 <> '' and o.article <> ?1 order by 1""",
        [key],
    )
    return [row["article"] for row in rows]


def list_article_captures(
    connection: sqlite3.Connection, article: sqlite3.Row, urls: list[str]
) -> set[int]:
    """The captures of its pages: those that it was read from, their further pages, and all answers at its addresses."""
    rows = connection.execute(
        """with read (id) as (
            select capture from versions where article = ?1 union select capture from readings where article = ?1
            union select capture from labels where article = ?1 union select capture from articles where key = ?1)
        select id from captures where id in (select id from read) or first in (select id from read)
        or (kind in ('article', 'redirect') and outlet = ?2 and (url in (select value from json_each(?3))
            or reached in (select value from json_each(?3))))""",
        [
            article["key"],
            article["outlet"],
            json.dumps([*urls, *map(_other_scheme, urls)]),
        ],
    )
    return {row["id"] for row in rows}


def _other_scheme(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"


# ---- looking through captures


def find_other_captures(
    connection: sqlite3.Connection,
    folder: Path | None,
    plan: PurgePlan,
    progress: Callable[[int, int], None],
) -> None:
    """Other captures of the outlet since then that carry its words, and records that no row points at, into the plan."""
    rows = connection.execute(
        "select id, url, reached, type, file, offset, length from captures where outlet = ? and at >= ? order by file, offset",
        [plan.article["outlet"], plan.since],
    ).fetchall()
    for done, row in enumerate(rows, 1):
        progress(done, len(rows))
        if row["id"] in plan.own_captures:
            continue
        try:
            body = captures.get_body(connection, folder, row["id"])
        except ArchiveError:
            continue  # what cannot be read is for `verify` to tell
        known = _find_terms_in_capture(connection, plan, row, body)
        if known is not None:
            plan.other_captures[row["id"]] = known
    if folder is not None and folder.is_dir():
        near = {row["file"] for row in rows}
        ends = {
            row["file"]: row["ending"] for row in connection.execute(_FILE_ENDS_SQL)
        }
        for path in sorted(folder.glob("*.warc.gz")):
            begin = 0 if path.name in near else ends.get(path.name, 0)
            plan.unreferenced_records += [
                (path.name, *place)
                for place in _find_unreferenced_records(
                    connection, path, plan.terms, begin
                )
            ]


def _find_terms_in_capture(
    connection: sqlite3.Connection, plan: PurgePlan, row: sqlite3.Row, body: bytes
) -> redact_body.RedactionTerms | None:
    """What is to be blanked in a capture: not what is another article's own words too."""
    if not redact_body.may_contain(plan.terms, body):
        return None
    others = connection.execute(
        """select v.title, v.text from versions v where v.article <> ?1 and v.article in (
            select article from versions where capture = ?2 union select key from articles where capture = ?2
            union select article from urls where url in (?3, ?4) and kind <> 'shared')""",
        [plan.article["key"], row["id"], row["url"], row["reached"]],
    ).fetchall()
    texts = [
        text
        for one in others
        for text in (one["title"], plan.without_teasers(one["text"]))
    ]
    known = plan.terms.excluding(texts) if texts else plan.terms
    return (
        known
        if redact_body.body_contains(known, body, parse_charset(row["type"]))
        else None
    )


def parse_charset(content_type: str) -> str:
    """The charset that a Content-Type names; "" where it names none."""
    match = _CHARSET_PATTERN.search(content_type)
    return match[1] if match else ""


_FILE_ENDS_SQL = "select file, max(offset + length) as ending from captures where file is not null group by file"


def _find_unreferenced_records(
    connection: sqlite3.Connection,
    path: Path,
    terms: redact_body.RedactionTerms,
    start: int,
) -> Iterator[tuple[int, int]]:
    """Leavings of crawls that were killed, from ``begin`` on."""
    ends = start
    with path.open("rb") as file:
        size = file.seek(0, 2)
        rows = connection.execute(
            "select offset, length from captures where file = ? and offset >= ? order by offset",
            [path.name, start],
        )
        for offset, length in [
            *((row["offset"], row["length"]) for row in rows),
            (size, 0),
        ]:
            try:
                for place, extent in warc_check.iter_members(file, ends, offset):
                    file.seek(place)
                    if _record_contains(terms, file.read(extent)):
                        yield place, extent
            except ValueError:
                pass  # a torn tail: it is left out when the file is written anew
            ends = max(ends, offset + length)


def _record_contains(terms: redact_body.RedactionTerms, record_block: bytes) -> bool:
    try:
        body = warc_check.read_payload(record_block)
    except ValueError:
        return False
    return redact_body.may_contain(terms, body) and redact_body.body_contains(
        terms, body
    )
