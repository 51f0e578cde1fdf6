-- Gaps: times in which entries of a feed may have come and gone unseen, and what filled them.

create table gaps (
    id integer primary key,            -- order in which they were found
    feed text not null references feeds(url), -- whose entries may have been missed
    since text not null,               -- the last poll before it that was read
    until text not null,               -- date of the oldest new entry of the next one, else that poll
    found text not null,               -- when it was found: that poll
    state text not null default 'open',-- open: being filled; filled: all was seen; partly: back to `back_to`; unfilled
    back_to text,                      -- time back to which the missed entries are known; null: not at all
    source text not null default '',   -- what filled it: archived feed, paged feed, WordPress feed, WordPress REST, sitemap, feed
    entries integer not null default 0,-- that were found: new to the archive
    requests integer not null default 0, -- that were sent
    reason text not null default '',   -- in words: what filled it, or why nothing did
    progress text not null default '{}', -- JSON: what is asked after `url`, and what was, see harvester/ingest/gap_requests.py
    url text not null default '',      -- what is asked next; '': nothing more
    site text not null default '',     -- its registered domain: the budget that it draws on
    due text                           -- when; null: never
);
create index gaps_feed on gaps(feed, until);
create index gaps_due on gaps(due) where due is not null;

alter table feeds add column watched_since text; -- when it was first read; null: not yet
update feeds set watched_since = first_seen where read_at is not null;

insert into gaps (feed, since, until, found, state, reason)
select feed,
    iif(instr(note, ' since ')
            and substr(note, instr(note, ' since ') + 7, 20) glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z'
            and substr(note, instr(note, ' since ') + 7, 20) < at,
        substr(note, instr(note, ' since ') + 7, 20), at),
    at, at, 'unfilled', 'found before gaps were filled'
from events
where kind = 'items missed' and feed in (select url from feeds);
