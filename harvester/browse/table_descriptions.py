"""The tables and views of an archive, described for people who look into them.

What stands here is shown on Datasette's pages and in docs/reference/tables.md.
"""

from __future__ import annotations

from typing import Any

OF_ARCHIVE = "What news outlets published, with every edit. Times are UTC."

TABLES: dict[str, dict[str, Any]] = {
    "outlets": {
        "description": "News organisations, as in the settings.",
        "size": 50,
        "label_column": "name",
        "columns": {
            "volume": "JSON: articles by hour of the week (UTC), and whether few or many come",
        },
    },
    "feeds": {
        "size": 40,
        "description": "Feeds of the outlets, and the last outcome of each.",
        "label_column": "title",
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
    "backfills": {
        "description": "What outlets published earlier: found by other lists than their feeds.",
        "sort_desc": "id",
        "columns": {
            "state": "running, stopped (by a person), finished",
            "since": "What was published earlier is left out",
            "new": "Entries that were new to the archive",
            "known": "Entries that it had, or that another source had listed",
            "outside": "Published at another time, or no articles by their addresses",
            "requests": "That were sent to list entries",
        },
    },
    "backfill_requests": {
        "description": "The requests that list what outlets published earlier.",
        "sort_desc": "id",
        "columns": {
            "source": "feed, WordPress REST, archived feed, paged feed, WordPress feed, sitemap",
            "state": "waiting, read, failed, dropped (another source made it needless)",
            "reason": "Why it brought no more",
        },
    },
    "origins": {
        "description": "Where captures are from that others received, and who did.",
        "sort_desc": "id",
        "label_column": "name",
        "columns": {
            "kind": "warc (a WARC file), wayback (captures of a web archive)",
            "receiver": "Who received them, as stated there",
            "sha256": "Of the file as it was imported",
            "at": "When it was imported",
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
        "size": 15,
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
    "urls": {"size": 50, "description": "Every URL at which an article was seen."},
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
        "sort_desc": "id",
        "size": 20,
    },
    "sightings": {
        "size": 50,
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
        "size": 50,
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
        "size": 50,
        "description": "Crawls, with their counts.",
        "sort_desc": "id",
    },
    "days": {
        "size": 50,
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
        "size": 50,
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
        "sort_desc": "id",
        "size": 10,
    },
    "labels": {
        "description": "Labels that a person gave to blocks of pages: article or not."
    },
    "reading_health": {
        "description": "One row per page at its first visit: which fields were found.",
        "sort_desc": "capture",
        "size": 20,
    },
    "latest": {
        "description": "Every article with its current version, in no certain order.",
        "size": 15,
    },
    "edits": {
        "description": "Every edit: removed and added words, with its class (docs/changes.md).",
        "sort_desc": "id",
        "size": 20,
    },
    "edit_stats": {
        "description": "Edits of each outlet by class, and the unacknowledged share."
    },
    "removals": {
        "size": 40,
        "description": "Articles not found, removed or returned, with the evidence.",
        "sort_desc": "id",
    },
    "looks": {
        "size": 50,
        "description": "Every check of an archived article, and its result.",
        "sort_desc": "id",
    },
    "counts": {"description": "Totals of each outlet, kept as they change."},
    "daily_counts": {
        "size": 50,
        "description": "Articles, edits, removals of each outlet by day, kept as they change.",
        "sort_desc": "day",
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
        "size": 50,
        "description": "How many entries of each feed had an outcome, and why.",
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
        "description": "What alerts rang on. Without words: they are read when it is sent.",
        "sort_desc": "id",
    },
    "deliveries": {
        "description": "Where an alert is sent, and what came of it.",
        "sort_desc": "id",
    },
    "feed_health": {
        "size": 50,
        "description": "The last outcome of each feed, its reason, and since when.",
        "sort_desc": "failures",
    },
    "outlet_stats": {"description": "Counts for each outlet."},
}
