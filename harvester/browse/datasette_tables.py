"""Datasette's own pages, made readable: what the tables are, cells that lead to articles, queries worth having.

Not for: our own pages (``pages``). What a cell shows is escaped here or by Datasette.
"""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from harvester.browse import article_view, safe_html, served_archive, side_by_side
from harvester.browse.hooks import hookimpl

ARTICLE_COLUMNS = {"article", "copy_of", "copy", "original", "cluster"}
LIST_COLUMNS = {"authors", "sections", "tags"}
OBJECT_COLUMNS = {"fields", "sources", "counts", "extract", "extra"}
MAX_SENTENCES = 10  # sentences in one cell
MAX_CELL_CHARS = 600  # characters of one value in a cell

TABLE_METADATA: dict[str, dict[str, Any]] = {
    "outlets": {
        "description": "News organisations, as the settings describe them.",
        "size": 50,
    },
    "feeds": {
        "description": "Where outlets announce articles, and what happened there last."
    },
    "articles": {
        "description": "One row an article: the thing at one canonical address and all its others. Its words are in versions.",
        "sort_desc": "id",
        "size": 50,
        "columns": {
            "key": "Names the article for ever",
            "state": "live, suspect (not found once), removed, returned",
            "copy_of": "The article first held with exactly this text",
        },
    },
    "versions": {
        "description": "One row a wording of an article (title and text). The full-text index covers all of them.",
        "sort_desc": "id",
        "size": 20,
        "label_column": "title",
        "columns": {
            "sha256": "The wording's lasting name",
            "sources": "Which field comes from where",
            "published_local": "As the page states it, with its offset",
        },
    },
    "entries": {
        "description": "What feeds announced; each ends in exactly one outcome, with its reason.",
        "sort_desc": "id",
        "size": 50,
    },
    "urls": {"description": "Every address at which an article was seen."},
    "captures": {
        "description": "Every response as received: in which WARC file it stands, and at which offset.",
        "sort_desc": "id",
        "size": 50,
    },
    "readings": {
        "description": "What was read from a capture, by which extractor, with which rules.",
        "size": 20,
    },
    "sightings": {
        "description": "From when to when a wording stood there.",
        "sort_desc": "id",
    },
    "changes": {
        "description": "What differs between two neighbouring wordings. Of which kind that is: docs/changes.md.",
        "sort_desc": "id",
        "size": 20,
        "columns": {
            "class": "correction, substantive, headline, typo, date line, cosmetic; empty: not judged yet",
            "size": "Words touched",
            "admitted": "modified (its date moved), note (of correction), line (updated at); empty: silent",
            "back": "1: an earlier wording came back",
        },
    },
    "events": {
        "description": "Things worth telling: edits, removals, returns, feeds that fail.",
        "sort_desc": "id",
    },
    "hosts": {
        "description": "robots.txt and politeness, one row an origin.",
        "size": 20,
    },
    "crawls": {
        "description": "Runs over what was due, with their counts.",
        "sort_desc": "id",
    },
    "days": {
        "description": "The chain: what a day added, and the digest that depends on it and on all days before. See docs/proof.md.",
        "sort_desc": "number",
        "columns": {
            "digest": "Of the last day: the head of the chain; note it elsewhere",
            "before": "Digest of the day before",
        },
    },
    "seals": {
        "description": "A digest for every row of captures and versions, in the order of the chain.",
        "sort_desc": "id",
        "size": 20,
    },
    "tombstones": {
        "description": "What was taken out, when and why, without its words.",
        "sort_desc": "id",
    },
    "barred": {
        "description": "Digests by which a purged article is known if it comes again.",
        "size": 20,
    },
    "chains": {"description": "Heads of the chains of archives that were merged in."},
    "copies": {
        "description": "Pairs of articles with the same report: of the two, the one seen later, and the one seen first. See docs/copies.md.",
        "columns": {
            "share": "Part of the article's words that stand in the original",
            "shared": "Part of the original's words that stand in the article",
        },
    },
    "clusters": {
        "description": "Articles that pairs join; the cluster is named by the one seen first."
    },
    "reprints": {
        "description": "A row a cluster: who had the report first, and who has it now.",
        "size": 20,
    },
    "joins": {
        "description": "Articles that became part of another: which, when, why; harvest split undoes it.",
        "sort_desc": "id",
    },
    "aliases": {
        "description": "Keys of articles that became part of another: commands take them still."
    },
    "apart": {"description": "Pairs of articles that a person said are not one."},
    "profiles": {"description": "What was learned of each outlet's pages.", "size": 10},
    "labels": {"description": "What a person said of blocks of pages: article or not."},
    "reading_health": {
        "description": "A row a page at its first visit: what was found on it.",
        "size": 20,
    },
    "latest": {"description": "Every article in its current wording.", "size": 20},
    "edits": {
        "description": "Every edit: what went and what came. Of which kind each is: docs/changes.md.",
        "size": 20,
    },
    "edit_stats": {
        "description": "How each outlet edits: by class, and how many without saying so."
    },
    "removals": {
        "description": "Articles that were not found, were removed, or came back: since when, and what was seen.",
        "sort_desc": "id",
    },
    "looks": {
        "description": "Every further look at an article that is held, and what it saw.",
        "sort_desc": "id",
    },
    "rhythms": {
        "description": "What was learned of each outlet's edits, as counts that fade."
    },
    "watches": {"description": "Articles that a person wants looked at more often."},
    "feed_health": {
        "description": "How each feed does: the last outcome, its reason, and since when."
    },
    "outlet_stats": {"description": "Counts of what is held, an outlet a row."},
}

CANNED_QUERIES: dict[str, dict[str, str]] = {
    "words_removed": {
        "title": "Words removed: sentences that edits took out",
        "sql": """select e.at, e.outlet, e.article, e.title, gone.value as removed
from edits e, json_each(e.sentences, '$.removed') gone
order by e.id desc limit 200""",
    },
    "words_added": {
        "title": "Words added: sentences that edits put in",
        "sql": """select e.at, e.outlet, e.article, e.title, new.value as added
from edits e, json_each(e.sentences, '$.added') new
order by e.id desc limit 200""",
    },
    "silent_edits": {
        "title": "Silent edits: other words or another headline, and nothing says so",
        "sql": """select e.at, e.class, e.size, e.outlet, e.article, e.title, e.before, e.after, e.fields, e.sentences
from edits e where e.silent = 1 and e.back = 0 and e.class in ('substantive', 'headline')
order by e.id desc limit 200""",
    },
    "how_outlets_edit": {
        "title": "How outlets edit: by class, and how many without saying so",
        "sql": """select outlet, class, edits, articles, silent, silent_share, words
from edit_stats order by outlet, edits desc limit 500""",
    },
    "headlines": {
        "title": "Headlines that were changed",
        "sql": """select e.at, e.outlet, e.article, json_extract(e.fields, '$.title[0]') as title_before,
  json_extract(e.fields, '$.title[1]') as title_after
from edits e where json_extract(e.fields, '$.title') is not null
order by e.id desc limit 200""",
    },
    "wire_copies": {
        "title": "Wire copies: the same text in several outlets, and who had it first",
        "sql": """select a.first_seen, a.outlet, a.key as copy, f.outlet as first_in, f.key as original,
  f.first_seen as first_seen_there, v.title
from articles a join articles f on f.key = a.copy_of
join versions v on v.article = f.key and v.number = f.version
where a.outlet <> f.outlet order by a.id desc limit 200""",
    },
    "gone": {
        "title": "Removed articles, with the words that stood there last",
        "sql": """select a.last_seen, a.outlet, a.key as article, v.title, v.words, substr(v.text, 1, 300) as beginning
from articles a join versions v on v.article = a.key and v.number = a.version
where a.state = 'removed' order by a.last_seen desc limit 200""",
    },
    "joined": {
        "title": "Articles that turned out to be one, and why",
        "sql": """select j.at, a.outlet, j.article, j.joined, v.title, j.why, j.undone
from joins j join articles a on a.key = j.article join versions v on v.article = a.key and v.number = a.version
order by j.id desc limit 200""",
    },
    "most_edited": {
        "title": "Articles with the most wordings",
        "sql": """select a.versions, a.outlet, a.key as article, v.title, a.first_seen, a.last_seen
from articles a join versions v on v.article = a.key and v.number = a.version
where a.versions > 1 order by a.versions desc, a.id desc limit 200""",
    },
    "not_read": {
        "title": "What could not be had: announced entries by outcome and reason",
        "sql": """select f.outlet, e.outcome, e.reason, count(*) as entries, max(e.last_seen) as last_seen
from entries e join feeds f on f.url = e.feed
where e.outcome in ('empty', 'blocked', 'gone', 'failed', 'refused', 'waiting')
group by f.outlet, e.outcome, e.reason order by entries desc limit 200""",
    },
}


@hookimpl
def get_metadata(
    datasette: Any, database: str | None, table: str | None
) -> dict[str, Any]:
    """What tables and queries are; made anew each time, because Datasette writes into it."""
    found = served_archive.find_archive(datasette)
    if found is None:
        return {}
    tables = {
        name: {**said, "columns": dict(said.get("columns", {}))}
        for name, said in TABLE_METADATA.items()
    }
    about = "What news outlets published, as they published it, and as they changed it. Times are UTC."
    return {"databases": {found.name: {"description": about, "tables": tables}}}


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """Questions that people ask of an archive of news."""
    found = served_archive.find_archive(datasette)
    return (
        {name: dict(query) for name, query in CANNED_QUERIES.items()}
        if found and found.name == database
        else {}
    )


@hookimpl
def render_cell(
    value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """A cell of the archive for people; None leaves it to Datasette."""
    found = served_archive.find_archive(datasette)
    if found is None or found.name != database:
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
    """Feeds are named by their address, which may carry a secret: then no link."""
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
    """A list as names, a record as lines of name and value."""
    found = _parse_json(text)
    if isinstance(found, list):
        return Markup(" · ").join(_truncate(str(one)) for one in found) or Markup(
            "&nbsp;"
        )
    if not isinstance(found, dict):
        return None
    lines = []
    for name, value in found.items():
        if isinstance(value, list) and len(value) == 2 and name not in LIST_COLUMNS:
            shown = Markup("{} → {}").format(
                *(_truncate(article_view.format_value(one)) for one in value)
            )
        else:
            shown = escape(_truncate(article_view.format_value(value)))
        lines.append(Markup("<strong>{}</strong>: {}").format(name, shown))
    return Markup("<br>").join(lines) or Markup("&nbsp;")


def _render_sentences(text: str) -> Markup | None:
    """Removed struck out, added underlined."""
    found = _parse_json(text)
    if not isinstance(found, dict):
        return None
    lines: list[list[side_by_side.Run]] = [
        [("-", _truncate(str(one)))] for one in found.get("removed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("+", _truncate(str(one)))] for one in found.get("added", [])[:MAX_SENTENCES]
    ]
    lines += [
        side_by_side.clip_runs(
            side_by_side.compare_words(str(pair[0])[:2_000], str(pair[1])[:2_000]),
            max_chars=MAX_CELL_CHARS,
        )
        for pair in found.get("changed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("=", f"moved: {_truncate(str(one))}")]
        for one in found.get("moved", [])[:MAX_SENTENCES]
    ]
    return Markup("<br>").join(safe_html.render_runs(line) for line in lines) or Markup(
        "&nbsp;"
    )
