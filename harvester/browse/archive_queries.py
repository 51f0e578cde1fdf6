"""Queries that people ask of a news archive, as Datasette offers them.

Each reads the newest rows, or what is counted already, so that it answers within
Datasette's time limit however large the archive is: 50 of them, or as many as ``rows``
says, up to 1,000.
"""

from __future__ import annotations

from typing import Any

from harvester.browse import served_archive
from harvester.browse.hooks import hookimpl

CANNED_QUERIES: dict[str, dict[str, str]] = {
    "words_removed": {
        "title": "Sentences that edits removed",
        "description": "The last sentences that an edit took away. Of the last 5,000 changes.",
        "sql": """select c.at, a.outlet, c.article, v.title, gone.value as removed
from changes c cross join json_each(c.sentences, '$.removed') gone
cross join articles a on a.key = c.article cross join versions v on v.id = c.after
where c.kind <> 'fields' and c.id > (select max(id) - 5000 from changes)
order by c.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "words_added": {
        "title": "Sentences that edits added",
        "description": "The last sentences that an edit brought. Of the last 5,000 changes.",
        "sql": """select c.at, a.outlet, c.article, v.title, new.value as added
from changes c cross join json_each(c.sentences, '$.added') new
cross join articles a on a.key = c.article cross join versions v on v.id = c.after
where c.kind <> 'fields' and c.id > (select max(id) - 5000 from changes)
order by c.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "silent_edits": {
        "title": "Unacknowledged edits of substance or headline",
        "description": "The last edits of substance or headline that the outlet did not mark.",
        "sql": """select e.at, e.class, e.size, e.outlet, e.article, e.title, e.before, e.after,
  e.fields, e.sentences
from edits e where e.silent = 1 and e.back = 0 and e.class in ('substantive', 'headline')
order by e.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "how_outlets_edit": {
        "title": "Edits by outlet and class, and the unacknowledged share",
        "description": "Edits of each class by each outlet, and what share was left unmarked.",
        "sql": """select c.outlet, c.value as class, c.number as edits,
  coalesce(s.number, 0) as silent,
  round(coalesce(s.number, 0) * 1.0 / c.number, 3) as silent_share
from counts c
left join counts s on s.outlet = c.outlet and s.what = 'silent' and s.value = c.value
where c.what = 'classes' and c.number > 0
order by c.outlet, edits desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "headlines": {
        "title": "Changed headlines",
        "description": "The last headlines that changed. Of the last 5,000 changes.",
        "sql": """select e.at, e.outlet, e.article,
  json_extract(e.fields, '$.title[0]') as title_before,
  json_extract(e.fields, '$.title[1]') as title_after
from edits e where e.id > (select max(id) - 5000 from changes)
and json_extract(e.fields, '$.title') is not null
order by e.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "wire_copies": {
        "title": "Copies of a whole text in another outlet, and its first publisher",
        "description": "The last articles whose text another outlet had published before.",
        "sql": """select a.first_seen, a.outlet, a.key as copy, f.outlet as first_in,
  f.key as original, f.first_seen as first_seen_there, v.title
from articles a join articles f on f.key = a.copy_of
join versions v on v.article = f.key and v.number = f.version
where a.outlet <> f.outlet order by a.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "gone": {
        "title": "Removed articles, with their last text",
        "description": "The last articles that their outlet removed and that are still gone.",
        "sql": """select a.last_seen, a.outlet, a.key as article, v.title, v.words,
  substr(v.text, 1, 300) as beginning
from (select distinct article from (
  select article from events where kind = 'removed' order by id desc limit 1000)) gone
join articles a on a.key = gone.article
join versions v on v.article = a.key and v.number = a.version
where a.state = 'removed' order by a.last_seen desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "joined": {
        "title": "Joined articles, and why",
        "description": "The last articles that were joined with another, and by what sign.",
        "sql": """select j.at, a.outlet, j.article, j.joined, v.title, j.why, j.undone
from joins j cross join articles a on a.key = j.article
cross join versions v on v.article = a.key and v.number = a.version
order by j.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "most_edited": {
        "title": "Articles with the most versions, of those edited last",
        "description": "Those with the most versions, of the last 5,000 changes.",
        "sql": """select a.versions, a.outlet, a.key as article, v.title, a.first_seen, a.last_seen
from (select distinct article from (
  select article from changes order by id desc limit 5000)) edited
join articles a on a.key = edited.article
join versions v on v.article = a.key and v.number = a.version
where a.versions > 1 order by a.versions desc, a.id desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
    },
    "not_read": {
        "title": "Entries without an article, by outcome and reason",
        "description": "What feeds announced and the archive does not have, counted by reason.",
        "sql": """select f.outlet, e.outcome, e.reason, count(*) as entries,
  max(e.last_seen) as last_seen
from entries e join feeds f on f.url = e.feed
where e.outcome in ('empty', 'blocked', 'gone', 'failed', 'refused', 'waiting')
group by f.outlet, e.outcome, e.reason order by entries desc
limit iif(cast(:rows as integer) between 1 and 1000, cast(:rows as integer), 50)""",
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
