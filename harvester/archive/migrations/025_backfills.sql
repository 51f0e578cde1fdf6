-- Backfills: what outlets published earlier, listed by other sources than their feeds, and fetched now.

create table backfills (
    id integer primary key,            -- order in which they were begun
    outlet text not null references outlets(key) on update cascade,
    since text not null,               -- what was published earlier is left out
    until text not null,               -- what was published later is left to the feeds: when it was begun
    state text not null default 'running', -- running; stopped: by a person; finished: all is listed, and all entries have their outcome
    listed integer not null default 0, -- entries that its sources listed: new, known and outside
    new integer not null default 0,    -- of them, new to the archive
    known integer not null default 0,  -- of them, in the archive already; also those that another source had listed
    outside integer not null default 0,-- of them, published at another time, or no articles by their addresses
    requests integer not null default 0, -- that were sent to list them
    expected integer,                  -- entries of that time, as a source states; null: none does
    reason text not null default '',   -- in words: what its sources reached, and why not further
    started text not null,
    ended text                         -- when it was finished; null: not yet
);
create index backfills_outlet on backfills(outlet);

create table backfill_requests (
    id integer primary key,            -- order in which they were planned
    backfill integer not null references backfills(id),
    step integer not null,             -- position of its source: those of lower steps are sent first
    source text not null,              -- feed, WordPress REST, archived feed, paged feed, WordPress feed, sitemap
    feed text not null references feeds(url), -- of which the entries are stored as
    url text not null,
    site text not null,                -- its registered domain: the budget that it draws on
    changed text not null default '',  -- of a sitemap: when it was changed, as its index states
    progress text not null default '{}', -- JSON: what is known of the source, see harvester/ingest/backfill_requests.py
    state text not null default 'waiting', -- waiting, read, failed, dropped: another source made it needless
    listed integer not null default 0, -- entries of the response
    new integer not null default 0,    -- of them, new to the archive
    tries integer not null default 0,  -- that failed
    reason text not null default '',   -- in words
    due text,                          -- when it is sent; null: not any more
    unique (backfill, url)
);
create index backfill_requests_waiting on backfill_requests(backfill, step, changed desc, id) where state = 'waiting';
create index backfill_requests_feed on backfill_requests(feed);

alter table entries add column backfill integer references backfills(id); -- that found it; null: its feed announced it

-- Many entries of a backfill wait at a time: they are apart from what feeds announce.
drop index entries_due;
create index entries_due on entries(due) where due is not null and backfill is null;
create index entries_backfill on entries(backfill) where backfill is not null;
create index entries_backfill_waiting on entries(backfill, coalesce(published, updated, '')) where backfill is not null and due is not null;
