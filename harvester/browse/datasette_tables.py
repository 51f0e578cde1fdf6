"""Datasette's own pages: descriptions of tables, readable cells.

What a cell shows is escaped here or by Datasette.
"""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from harvester.browse import article_view, safe_html, served_archive
from harvester.browse.hooks import hookimpl
from harvester.render import side_by_side

ARTICLE_COLUMNS = {"article", "copy_of", "copy", "original", "cluster"}
LIST_COLUMNS = {"authors", "sections", "tags"}
OBJECT_COLUMNS = {"fields", "sources", "counts", "extract", "extra"}
MAX_SENTENCES = 10  # in one cell
MAX_CELL_CHARS = 600  # of one value in a cell

TABLE_METADATA: dict[str, dict[str, Any]] = {
    "outlets": {
        "description": "News organisations, as in the settings.",
        "size": 50,
        "columns": {
            "volume": "JSON: articles by hour of the week (UTC), and whether few or many come",
        },
    },
    "feeds": {
        "description": "Feeds of the outlets, and the last outcome of each.",
        "columns": {
            "rhythm": "JSON: what its polls brought, by hour of the week (UTC), and lately",
            "searched": "When its site was last searched for another feed, as it is dead",
            "proposal": "JSON: the feed that was found there",
        },
    },
    "gaps": {
        "description": "Times in which a feed may have dropped entries, and what filled them.",
        "sort_desc": "id",
        "columns": {
            "state": "open (being filled), filled, partly (back to back_to), unfilled",
            "entries": "That were found in another source",
            "reason": "What filled it, or why nothing did",
        },
    },
    "articles": {
        "description": "One row per article: a canonical URL and others. Its text is in versions.",
        "sort_desc": "id",
        "size": 50,
        "columns": {
            "key": "Permanent key of the article",
            "state": "live, suspect (not found once), removed, returned",
            "copy_of": "The article first archived with exactly this text",
        },
    },
    "versions": {
        "description": "Versions of articles (title and text), all in the full-text index.",
        "sort_desc": "id",
        "size": 20,
        "label_column": "title",
        "columns": {
            "sha256": "Lasting name of the version",
            "sources": "Source of each field",
            "published_local": "As the page states it, with its UTC offset",
        },
    },
    "entries": {
        "description": "Entries that feeds announced, each with one outcome and its reason.",
        "sort_desc": "id",
        "size": 50,
        "columns": {
            "unkept": "Changed wordings that were not kept: announcements has the most of it",
        },
    },
    "announcements": {
        "description": "Titles and summaries that feeds changed, earlier and current ones.",
        "sort_desc": "id",
        "size": 50,
        "columns": {
            "before": "The wording that it replaced; empty: the entry's first",
            "changed": "What differs from that one: title, summary",
            "last_seen": "As known when another one replaced it",
        },
    },
    "entries_without_article": {
        "description": "Entries whose page never became an article, and why.",
        "sort_desc": "id",
        "size": 50,
    },
    "edit_words": {
        "description": "The words that each change brought and took away.",
        "sort_desc": "id",
        "size": 50,
    },
    "urls": {"description": "Every URL at which an article was seen."},
    "captures": {
        "description": "Every response as received: WARC file and offset.",
        "sort_desc": "id",
        "size": 50,
        "columns": {
            "kind": "feed, article, redirect, robots (robots.txt), tdmrep (tdmrep.json)",
            "ip": "Address that sent it; empty: through a proxy, or not recorded then",
            "reserved": "What the outlet reserved for it, in words; recorded, not obeyed",
            "request": "Length of its request's record, directly behind its own; null: none",
            "body_of": "The capture whose record holds the body, where it is the same",
            "thinned": "When its record was removed to save space",
        },
    },
    "readings": {
        "description": "What was extracted from a capture, by which extractor and rules.",
        "size": 20,
    },
    "sightings": {
        "description": "From when to when a version was online.",
        "sort_desc": "id",
    },
    "changes": {
        "description": "Differences between neighbouring versions, with their class.",
        "sort_desc": "id",
        "size": 20,
        "columns": {
            "class": "correction, substantive, headline, typo, date line, cosmetic, or not yet",
            "size": "Words changed",
            "admitted": "modified (date), note (of correction), line (updated at); empty: silent",
            "back": "1: an earlier version returned",
        },
    },
    "events": {
        "description": "Events: edits, removals, returns, failing feeds, what feeds changed.",
        "sort_desc": "id",
        "columns": {
            "announcement": "Of the kind announced: the new wording",
            "since": "When what it tells began; empty: at that time",
        },
    },
    "hosts": {
        "description": "robots.txt, tdmrep.json and rate limits, one row per origin.",
        "size": 20,
        "columns": {
            "tdmrep": "/.well-known/tdmrep.json as last received, if it states rules",
            "tdmrep_status": "Of the last response; 0: none",
            "tdmrep_at": "When it was last asked for",
            "reserved": "What both files reserve, in words; recorded, not obeyed",
            "limited_seconds": "How long the last rate limit was, if the server stated no time",
        },
    },
    "crawls": {
        "description": "Crawls, with their counts.",
        "sort_desc": "id",
    },
    "days": {
        "description": "The chain of days: each digest depends on all days before (docs/proof.md).",
        "sort_desc": "number",
        "columns": {
            "digest": "The last day's is the head of the chain: note it elsewhere",
            "before": "Digest of the previous day",
        },
    },
    "seals": {
        "description": "A digest of every row of captures and versions, in the order of the chain.",
        "sort_desc": "id",
        "size": 20,
    },
    "tombstones": {
        "description": "What was purged, when and why, without its text.",
        "sort_desc": "id",
    },
    "barred": {
        "description": "Blocklist: digests that identify a purged article if it reappears.",
        "size": 20,
    },
    "chains": {"description": "Chain heads of archives that were merged in."},
    "copies": {
        "description": "Near-duplicates: the article seen later and the one seen first.",
        "columns": {
            "share": "Share of the article's words that are in the original",
            "shared": "Share of the original's words that are in the article",
        },
    },
    "clusters": {
        "description": "Clusters of near-duplicates, named by the article seen first."
    },
    "reprints": {
        "description": "One row per cluster: the first publisher, and who else published it.",
        "size": 20,
    },
    "joins": {
        "description": "Articles joined with another: which, when, why; `harvest split` undoes it.",
        "sort_desc": "id",
    },
    "aliases": {"description": "Keys of joined articles; commands still accept them."},
    "apart": {
        "description": "Pairs of articles that a person split; they are not joined again."
    },
    "profiles": {
        "description": "Profiles: what was learned of each outlet's pages.",
        "size": 10,
    },
    "labels": {
        "description": "Labels that a person gave to blocks of pages: article or not."
    },
    "reading_health": {
        "description": "One row per page at its first visit: which fields were found.",
        "size": 20,
    },
    "latest": {"description": "Every article with its current version.", "size": 20},
    "edits": {
        "description": "Every edit: removed and added words, with its class (docs/changes.md).",
        "size": 20,
    },
    "edit_stats": {
        "description": "Edits of each outlet by class, and the unacknowledged share."
    },
    "removals": {
        "description": "Articles not found, removed or returned, with the evidence.",
        "sort_desc": "id",
    },
    "looks": {
        "description": "Every check of an archived article, and its result.",
        "sort_desc": "id",
    },
    "counts": {"description": "Totals of each outlet, kept as they change."},
    "daily_counts": {
        "description": "Articles, edits, removals of each outlet by day, kept as they change.",
        "columns": {
            "articles": "First seen on that day",
            "agency_copies": "Of them, near-duplicates of others that name an agency",
            "edited_15m": "Of them, first edited at most 15 minutes later; and so on",
            "edits": "Seen on that day, those that did not go back to an earlier version",
            "silent": "Of the edits, unacknowledged",
        },
    },
    "version_days": {
        "description": "Versions by day: how many, and the range of their ids.",
        "sort_desc": "day",
    },
    "entry_counts": {
        "description": "How many entries of each feed had an outcome, and why."
    },
    "samples": {
        "description": "How many shingles of each version are in the index of these.",
        "hidden": True,
    },
    "shingles": {
        "description": "Index of sampled shingles, by which near-duplicates are found.",
        "hidden": True,
    },
    "unsampled": {
        "description": "Versions that the index of shingles still awaits.",
        "hidden": True,
    },
    "word_forms": {
        "description": "Which words are forms of one another, by language.",
        "hidden": True,
    },
    "unstemmed": {
        "description": "Versions whose words are not in word_forms yet.",
        "hidden": True,
    },
    "derivations": {
        "description": "By which rules derived tables were made.",
        "hidden": True,
    },
    "leftovers": {
        "description": "What a purge still has to remove from the disk.",
        "hidden": True,
    },
    "_sqlite_migrations": {
        "description": "Migrations of the schema, and when each was applied.",
        "hidden": True,
    },
    "rhythms": {
        "description": "Edit rates learned for each outlet, as decaying counts."
    },
    "watches": {"description": "Watched articles: checked more often."},
    "alert_events": {
        "description": "What alerts rang on. Without words: they are read when it is sent."
    },
    "deliveries": {"description": "Where it is sent, and what came of it."},
    "feed_health": {
        "description": "The last outcome of each feed, its reason, and since when."
    },
    "outlet_stats": {"description": "Counts for each outlet."},
}


@hookimpl
def get_metadata(
    datasette: Any, database: str | None, table: str | None
) -> dict[str, Any]:
    """Descriptions of tables and columns; a copy, as Datasette writes into it."""
    archive = served_archive.find_archive(datasette)
    if archive is None:
        return {}
    tables = {
        name: {**metadata, "columns": dict(metadata.get("columns", {}))}
        for name, metadata in TABLE_METADATA.items()
    }
    description = "What news outlets published, with every edit. Times are UTC."
    return {"databases": {archive.name: {"description": description, "tables": tables}}}


@hookimpl
def render_cell(
    value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """A readable cell of the archive; None leaves it to Datasette."""
    archive = served_archive.find_archive(datasette)
    if archive is None or archive.name != database:
        return None
    if isinstance(value, dict):  # a foreign key with the label of its row
        return _render_foreign_key(value)
    if isinstance(value, bytes):
        return Markup("{:,} bytes, compressed").format(len(value))
    if not isinstance(value, str) or not value:
        return None
    if _is_article_key(value, column, table):
        return Markup('<a href="{}">{}</a>').format(
            datasette.urls.path(f"/-/article/{value}"), value
        )
    if (
        table in ("outlets", "outlet_stats")
        and column in ("key", "outlet")
        and re.fullmatch(r"[a-z0-9_-]+", value)
    ):
        return Markup('<a href="{}">{}</a>').format(
            datasette.urls.path(f"/-/outlet/{value}"), value
        )
    if re.fullmatch(r"[a-z]+://\S+", value, re.IGNORECASE):
        return safe_html.render_link(value)
    if column == "sentences":
        return _render_sentences(value)
    if column in LIST_COLUMNS or column in OBJECT_COLUMNS:
        return _render_json(value)
    return None


def _is_article_key(value: str, column: str, table: str | None) -> bool:
    return (
        column in ARTICLE_COLUMNS or (column, table) == ("key", "articles")
    ) and bool(re.fullmatch(r"[0-9a-f]{16}", value))


def _render_foreign_key(value: dict[str, Any]) -> Markup | None:
    """Feeds are named by their URL; if that may contain a secret, it is not linked."""
    name = str(value.get("value"))
    if "://" not in name or safe_html.safe_href(name) == name:
        return None
    return Markup("{} ({})").format(
        value.get("label") or "", safe_html.display_address(name)
    )


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_CELL_CHARS else f"{text[:MAX_CELL_CHARS]}…"


def _render_json(text: str) -> Markup | None:
    """A list as names, an object as lines of name and value."""
    parsed = _parse_json(text)
    if isinstance(parsed, list):
        return Markup(" · ").join(_truncate(str(item)) for item in parsed) or Markup(
            "&nbsp;"
        )
    if not isinstance(parsed, dict):
        return None
    lines = []
    for name, value in parsed.items():
        if isinstance(value, list) and len(value) == 2 and name not in LIST_COLUMNS:
            shown = Markup("{} → {}").format(
                *(_truncate(article_view.format_value(item)) for item in value)
            )
        else:
            shown = escape(_truncate(article_view.format_value(value)))
        lines.append(Markup("<strong>{}</strong>: {}").format(name, shown))
    return Markup("<br>").join(lines) or Markup("&nbsp;")


def _render_sentences(text: str) -> Markup | None:
    """Removed sentences struck out, added ones underlined."""
    parsed = _parse_json(text)
    if not isinstance(parsed, dict):
        return None
    lines: list[list[side_by_side.Run]] = [
        [("-", _truncate(str(item)))]
        for item in parsed.get("removed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("+", _truncate(str(item)))]
        for item in parsed.get("added", [])[:MAX_SENTENCES]
    ]
    lines += [
        side_by_side.clip_runs(
            side_by_side.compare_words(str(pair[0])[:2_000], str(pair[1])[:2_000]),
            max_chars=MAX_CELL_CHARS,
        )
        for pair in parsed.get("changed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("=", f"moved: {_truncate(str(item))}")]
        for item in parsed.get("moved", [])[:MAX_SENTENCES]
    ]
    return Markup("<br>").join(safe_html.render_runs(line) for line in lines) or Markup(
        "&nbsp;"
    )
