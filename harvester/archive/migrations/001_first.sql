create table outlets (
    key text primary key,              -- as in settings.toml: [a-z0-9_-]+
    name text not null,
    home text not null default '',
    language text not null default '',
    active integer not null default 1, -- 0: gone from the settings; kept, searchable, no longer visited
    first_seen text not null
);

create table feeds (
    url text primary key,
    outlet text not null references outlets(key) on update cascade,
    section text not null default '',
    site text not null default '',     -- registered domain: the budget that it draws on
    active integer not null default 1,
    kind text not null default '',     -- rss, atom, rdf: as last read
    title text not null default '',
    first_seen text not null,
    etag text not null default '',     -- validators of the last answer that was read
    last_modified text not null default '',
    sha256 text not null default '',   -- of the last body that was read
    polled text,                       -- when last asked
    due text,                          -- when to ask again; null: never
    read_at text,                      -- when last read, or answered 304
    new_at text,                       -- when it last announced something new
    failures integer not null default 0, -- in a row
    outcome text not null default 'waiting',
    reason text not null default 'not visited yet',
    since text not null                -- since when outcome and reason are what they are
);
create index feeds_outlet on feeds(outlet);
create index feeds_due on feeds(due) where active;

create table articles (
    id integer primary key,            -- order in which they were first held
    key text not null unique,          -- first 16 hexadecimal digits of sha256(first canonical address without scheme); fixed for ever
    url text not null,                 -- the canonical address, as far as known today
    reached text not null,             -- where its text was last read: the address that is asked again
    outlet text not null references outlets(key) on update cascade,
    state text not null default 'live',-- live, suspect, removed, returned
    first_seen text not null,
    last_seen text not null,           -- when it last stood there
    looked text not null,              -- when it was last asked for
    due text,                          -- when to look again; null: no more looks
    prompted integer not null default 0, -- 1: the feed changed, so this look uses up no entry of `revisit`
    looks integer not null default 0,  -- entries of `revisit` used up
    attempts integer not null default 0, -- failed tries in a row
    misses integer not null default 0, -- looks in a row, far enough apart, at which it was gone
    missed text,                       -- when the last of them was
    outcome text not null,             -- of the last look
    reason text not null default '',
    version integer not null default 1,-- number of the current wording
    versions integer not null default 1,
    etag text not null default '',
    last_modified text not null default '',
    sha256 text not null default '',   -- of the last body that was read
    capture integer references captures(id), -- the last body that was read
    reading integer references readings(id), -- how it was read
    copy_of text,                      -- key of the article first held with exactly this text
    site text not null default ''      -- registered domain: the budget that it draws on
);
create index articles_outlet on articles(outlet);
create index articles_due on articles(due);

create table entries (
    id integer primary key,            -- order in which they were first seen
    key text not null unique,          -- first 16 hexadecimal digits of sha256(feed, name): name is guid, else address, else title and date
    feed text not null references feeds(url),
    guid text not null default '',
    url text not null default '',      -- as announced
    address text not null default '',  -- normalised, without scheme; '' where it is not followed
    title text not null default '',
    summary text not null default '',
    published text,
    updated text,
    first_seen text not null,
    last_seen text not null,
    outcome text not null default 'waiting',
    reason text not null default '',
    article text references articles(key),
    due text,                          -- when its page is to be fetched; null: settled
    attempts integer not null default 0,
    extra text not null default '{}',  -- JSON: authors, tags, content (full text as HTML) as announced
    site text not null default ''      -- registered domain: the budget that it draws on
);
create index entries_feed on entries(feed, url);
create index entries_address on entries(address);
create index entries_due on entries(due) where due is not null;
create index entries_article on entries(article);
create index entries_outcome on entries(outcome);

create table urls (
    address text primary key,          -- normalised, without scheme
    url text not null,                 -- as first seen
    article text not null references articles(key),
    kind text not null,                -- canonical, entry, redirect, alias
    first_seen text not null,
    last_seen text not null
);
create index urls_article on urls(article);

create table captures (
    id integer primary key,
    crawl integer references crawls(id),
    outlet text not null default '',
    kind text not null,                -- feed, article, redirect, robots
    url text not null,                 -- asked
    reached text not null,             -- after redirects
    at text not null,
    status integer not null,
    type text not null default '',     -- Content-Type as stated
    sha256 text not null,              -- of the decoded body
    bytes integer not null,
    truncated integer not null default 0,
    robots text not null default '',   -- noarchive and the like, as stated; recorded, not obeyed
    file text,                         -- WARC file, relative to the captures folder; null: none kept
    offset integer,
    length integer,                    -- of the compressed record
    body blob                          -- zlib; only where no WARC files are kept: the newest of an article still looked at
);
create index captures_url on captures(url);
create index captures_body on captures(url) where body is not null;

create table readings (
    id integer primary key,
    article text not null references articles(key),
    version integer not null references versions(id),
    capture integer references captures(id),
    source text not null,              -- page, feed
    extractor text not null,
    rules text not null default '',
    profile text not null default '',
    wording text not null,             -- sha256 of the wording as this reading gives it
    extract text not null default '{}',-- JSON: everything but title and text
    at text not null
);
create index readings_article on readings(article);
create index readings_version on readings(version);

create table versions (
    id integer primary key,            -- order; the full-text index goes by it
    article text not null references articles(key),
    number integer not null,           -- 1, 2, 3 … within the article
    sha256 text not null,              -- of the wording as first read: its lasting name
    wording text not null,             -- of the wording as read today
    text_sha256 text not null,         -- of the normalised text without title and byline; '' where there is no text
    title text not null,
    authors text not null default '[]',
    text text not null,
    words integer not null,
    published text,
    published_local text,
    modified text,
    modified_local text,
    language text not null default '',
    sections text not null default '[]',
    tags text not null default '[]',
    image text not null default '',
    description text not null default '',
    sources text not null default '{}',-- JSON: field → where it is from
    first_seen text not null,
    last_seen text not null,
    capture integer references captures(id),
    unique (article, number),
    unique (article, sha256)
);
create index versions_text on versions(text_sha256) where text_sha256 <> '';
create index versions_wording on versions(article, wording);

create table sightings (
    id integer primary key,
    article text not null references articles(key),
    version integer not null references versions(id),
    since text not null,               -- when this wording was first seen standing there
    until text not null                -- when last
);
create index sightings_article on sightings(article);
create index sightings_version on sightings(version);

create table changes (
    id integer primary key,
    article text not null references articles(key),
    at text not null,                  -- when it was seen
    kind text not null,                -- edited, headline (the title alone), fields (no new wording)
    before integer not null references versions(id),
    after integer not null references versions(id), -- equal to before where kind is fields
    fields text not null default '{}', -- JSON: field → [before, after]
    sentences text not null default '{}', -- JSON: added, removed, changed ([before, after])
    back integer not null default 0    -- 1: an earlier wording came back
);
create index changes_article on changes(article);

create table events (
    id integer primary key,
    at text not null,
    kind text not null,                -- edited, headline, removed, returned, suspect, items missed, entries cut, feed failing, feed recovered …
    outlet text not null,
    article text references articles(key),
    feed text,
    change integer references changes(id),
    note text not null default ''      -- in words
);
create index events_article on events(article);
create index events_kind on events(kind);

create table hosts (
    origin text primary key,           -- scheme://host:port
    site text not null,                -- registered domain, or host:port of an address
    robots text,                       -- robots.txt as last received, at most 500 KiB
    robots_status integer,             -- 0: no answer
    robots_at text,                    -- when last asked for
    robots_read_at text,               -- when `robots` was received
    not_before text,                   -- Retry-After or back-off: nothing of this site is asked before
    reason text not null default '',
    failures integer not null default 0
);
create index hosts_site on hosts(site);

create table crawls (
    id integer primary key,
    started text not null,
    ended text,
    program text not null default '',  -- name and version
    visits integer not null default 0,
    captures integer not null default 0,
    counts text not null default '{}'  -- JSON: outcome → count
);

create view latest as
select a.key as article, a.outlet, a.url, v.title, v.authors, v.published, v.language, a.state,
       a.first_seen, a.last_seen, a.versions, v.number as version, v.words, v.text
from articles a join versions v on v.article = a.key and v.number = a.version;

create view edits as
select c.id, c.at, c.kind, a.outlet, c.article, a.url, v.title, b.number as before, v.number as after,
       c.fields, c.sentences, c.back
from changes c join articles a on a.key = c.article
join versions b on b.id = c.before join versions v on v.id = c.after
where c.kind <> 'fields';

create view removals as
select e.id, e.at, e.kind, e.outlet, e.article, a.url, v.title, a.state, e.note
from events e join articles a on a.key = e.article
join versions v on v.article = a.key and v.number = a.version
where e.kind in ('suspect', 'removed', 'returned');

create view feed_health as
select f.outlet, f.url as feed, f.outcome, f.reason, f.since, f.polled, f.read_at, f.new_at, f.failures, f.due,
       (select count(*) from entries e where e.feed = f.url) as entries
from feeds f where f.active;

create view outlet_stats as
select o.key as outlet, o.name, o.active,
       (select count(*) from articles a where a.outlet = o.key) as articles,
       (select count(*) from versions v join articles a on a.key = v.article where a.outlet = o.key) as versions,
       (select count(*) from changes c join articles a on a.key = c.article
        where a.outlet = o.key and c.kind <> 'fields') as edits,
       (select count(*) from articles a where a.outlet = o.key and a.state = 'removed') as removed,
       (select max(a.first_seen) from articles a where a.outlet = o.key) as newest
from outlets o;
