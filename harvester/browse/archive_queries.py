"""Queries that people ask of a news archive, as Datasette offers them.

Each reads the newest rows, or what is counted already, so that it answers within
Datasette's time limit however large the archive is.
"""

from __future__ import annotations

from typing import Any

from harvester.browse import served_archive
from harvester.browse.hooks import hookimpl

CANNED_QUERIES: dict[str, dict[str, str]] = {
    "words_removed": {
        "title": "Removed words: sentences that edits removed",
        "sql": """select e.at, e.outlet, e.article, e.title, gone.value as removed
from edits e, json_each(e.sentences, '$.removed') gone
where e.id > (select max(id) - 20000 from changes)
order by e.id desc limit 200""",
    },
    "words_added": {
        "title": "Added words: sentences that edits added",
        "sql": """select e.at, e.outlet, e.article, e.title, new.value as added
from edits e, json_each(e.sentences, '$.added') new
where e.id > (select max(id) - 20000 from changes)
order by e.id desc limit 200""",
    },
    "silent_edits": {
        "title": "Silent edits: substantive or headline, unacknowledged",
        "sql": """select e.at, e.class, e.size, e.outlet, e.article, e.title, e.before, e.after,
  e.fields, e.sentences
from edits e where e.silent = 1 and e.back = 0 and e.class in ('substantive', 'headline')
order by e.id desc limit 200""",
    },
    "how_outlets_edit": {
        "title": "Edits by outlet and class, and the unacknowledged share",
        "sql": """select c.outlet, c.value as class, c.number as edits,
  coalesce(s.number, 0) as silent,
  round(coalesce(s.number, 0) * 1.0 / c.number, 3) as silent_share
from counts c
left join counts s on s.outlet = c.outlet and s.what = 'silent' and s.value = c.value
where c.what = 'classes' and c.number > 0
order by c.outlet, edits desc limit 500""",
    },
    "headlines": {
        "title": "Changed headlines",
        "sql": """select e.at, e.outlet, e.article,
  json_extract(e.fields, '$.title[0]') as title_before,
  json_extract(e.fields, '$.title[1]') as title_after
from edits e where e.id > (select max(id) - 20000 from changes)
and json_extract(e.fields, '$.title') is not null
order by e.id desc limit 200""",
    },
    "wire_copies": {
        "title": "Syndicated copies: the same text in several outlets, and the first publisher",
        "sql": """select a.first_seen, a.outlet, a.key as copy, f.outlet as first_in,
  f.key as original, f.first_seen as first_seen_there, v.title
from articles a join articles f on f.key = a.copy_of
join versions v on v.article = f.key and v.number = f.version
where a.outlet <> f.outlet order by a.id desc limit 200""",
    },
    "gone": {
        "title": "Removed articles, with their last text",
        "sql": """select a.last_seen, a.outlet, a.key as article, v.title, v.words,
  substr(v.text, 1, 300) as beginning
from (select distinct article from (
  select article from events where kind = 'removed' order by id desc limit 1000)) gone
join articles a on a.key = gone.article
join versions v on v.article = a.key and v.number = a.version
where a.state = 'removed' order by a.last_seen desc limit 200""",
    },
    "joined": {
        "title": "Joined articles, and why",
        "sql": """select j.at, a.outlet, j.article, j.joined, v.title, j.why, j.undone
from joins j cross join articles a on a.key = j.article
cross join versions v on v.article = a.key and v.number = a.version
order by j.id desc limit 200""",
    },
    "most_edited": {
        "title": "Articles with the most versions, of those edited last",
        "sql": """select a.versions, a.outlet, a.key as article, v.title, a.first_seen, a.last_seen
from (select distinct article from (
  select article from changes order by id desc limit 20000)) edited
join articles a on a.key = edited.article
join versions v on v.article = a.key and v.number = a.version
where a.versions > 1 order by a.versions desc, a.id desc limit 200""",
    },
    "not_read": {
        "title": "Entries without an article: by outcome and reason",
        "sql": """select f.outlet, e.outcome, e.reason, count(*) as entries,
  max(e.last_seen) as last_seen
from entries e join feeds f on f.url = e.feed
where e.outcome in ('empty', 'blocked', 'gone', 'failed', 'refused', 'waiting')
group by f.outlet, e.outcome, e.reason order by entries desc limit 200""",
    },
}


@hookimpl
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """Queries that people ask of a news archive."""
    archive = served_archive.find_archive(datasette)
    return (
        {name: dict(query) for name, query in CANNED_QUERIES.items()}
        if archive and archive.name == database
        else {}
    )
