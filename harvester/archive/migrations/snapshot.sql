-- version 26: the tables that the migrations up to it make.
-- Written by tests/golden/frozen.py --update; do not edit.

CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);

CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");

CREATE TABLE outlets (
    key text primary key,              -- as in settings.toml: [a-z0-9_-]+
    name text not null,
    home text not null default '',
    language text not null default '',
    active integer not null default 1, -- 0: gone from the settings; kept, searchable, no longer visited
    first_seen text not null
, volume text not null default '{}');

CREATE TABLE feeds (
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
, listed text, answered_by text not null default '', moved_to text not null default '', moved_polls integer not null default 0, moved_since text, asked text not null default '', gone_polls integer not null default 0, wished_seconds real not null default 0, wished text not null default '', full_at text, rhythm text not null default '{}', progress text not null default '', dated_looks integer not null default 0, dated_edits integer not null default 0, parent text not null default '', lastmod text not null default '', watched_since text, searched text, proposal text not null default '{}');

CREATE INDEX feeds_outlet on feeds(outlet);

CREATE INDEX feeds_due on feeds(due) where active;

CREATE TABLE articles (
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
, born text, sign text not null default '', full_at text, dated_by text not null default '');

CREATE INDEX articles_due on articles(due);

CREATE TABLE entries (
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
, place integer, unkept integer not null default 0, backfill integer references backfills(id));

CREATE INDEX entries_feed on entries(feed, url);

CREATE INDEX entries_address on entries(address);

CREATE INDEX entries_article on entries(article);

CREATE INDEX entries_outcome on entries(outcome);

CREATE TABLE urls (
    address text primary key,          -- normalised, without scheme
    url text not null,                 -- as first seen
    article text not null references articles(key),
    kind text not null,                -- canonical, entry, redirect, alias
    first_seen text not null,
    last_seen text not null
, stood integer not null default 0, tail text not null default '', story text not null default '');

CREATE INDEX urls_article on urls(article);

CREATE TABLE captures (
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
, page text not null default '', text text not null default '', first integer references captures(id), record text not null default '', body_of integer references captures(id), thinned text, ip text not null default '', reserved text not null default '', request integer, origin integer references origins(id));

CREATE INDEX captures_url on captures(url);

CREATE INDEX captures_body on captures(url) where body is not null;

CREATE TABLE readings (
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

CREATE INDEX readings_article on readings(article);

CREATE INDEX readings_version on readings(version);

CREATE TABLE versions (
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
    capture integer references captures(id), kind text not null default 'article', access text not null default 'unknown',
    unique (article, number),
    unique (article, sha256)
);

CREATE INDEX versions_text on versions(text_sha256) where text_sha256 <> '';

CREATE INDEX versions_wording on versions(article, wording);

CREATE TABLE sightings (
    id integer primary key,
    article text not null references articles(key),
    version integer not null references versions(id),
    since text not null,               -- when this wording was first seen standing there
    until text not null                -- when last
);

CREATE INDEX sightings_article on sightings(article);

CREATE INDEX sightings_version on sightings(version);

CREATE TABLE changes (
    id integer primary key,
    article text not null references articles(key),
    at text not null,                  -- when it was seen
    kind text not null,                -- edited, headline (the title alone), fields (no new wording)
    before integer not null references versions(id),
    after integer not null references versions(id), -- equal to before where kind is fields
    fields text not null default '{}', -- JSON: field → [before, after]
    sentences text not null default '{}', -- JSON: added, removed, changed ([before, after])
    back integer not null default 0    -- 1: an earlier wording came back
, class text not null default '', size integer not null default 0, admitted text not null default '', silent integer);

CREATE INDEX changes_article on changes(article);

CREATE TABLE events (
    id integer primary key,
    at text not null,
    kind text not null,                -- edited, headline, removed, returned, suspect, items missed, entries cut, feed failing, feed recovered …
    outlet text not null,
    article text references articles(key),
    feed text,
    change integer references changes(id),
    note text not null default ''      -- in words
, announcement integer references announcements(id), since text);

CREATE INDEX events_article on events(article);

CREATE INDEX events_kind on events(kind);

CREATE TABLE hosts (
    origin text primary key,           -- scheme://host:port
    site text not null,                -- registered domain, or host:port of an address
    robots text,                       -- robots.txt as last received, at most 500 KiB
    robots_status integer,             -- 0: no answer
    robots_at text,                    -- when last asked for
    robots_read_at text,               -- when `robots` was received
    not_before text,                   -- Retry-After or back-off: nothing of this site is asked before
    reason text not null default '',
    failures integer not null default 0
, tdmrep text, tdmrep_status integer, tdmrep_at text, reserved text not null default '', limited_seconds real not null default 0);

CREATE INDEX hosts_site on hosts(site);

CREATE TABLE crawls (
    id integer primary key,
    started text not null,
    ended text,
    program text not null default '',  -- name and version
    visits integer not null default 0,
    captures integer not null default 0,
    counts text not null default '{}'  -- JSON: outcome → count
);

CREATE VIRTUAL TABLE "versions_fts" USING FTS5 (
    "title", "authors", "text",
    tokenize='unicode61 remove_diacritics 2',
    content="versions"
);

CREATE TRIGGER "versions_ai" AFTER INSERT ON "versions" BEGIN
  INSERT INTO "versions_fts" (rowid, "title", "authors", "text") VALUES (new.rowid, new."title", new."authors", new."text");
END;

CREATE TRIGGER "versions_ad" AFTER DELETE ON "versions" BEGIN
  INSERT INTO "versions_fts" ("versions_fts", rowid, "title", "authors", "text") VALUES('delete', old.rowid, old."title", old."authors", old."text");
END;

CREATE INDEX captures_first on captures(first) where first is not null;

CREATE TABLE profiles (
    id integer primary key,
    outlet text not null references outlets(key) on update cascade,
    number integer not null,           -- 1, 2, 3 … within the outlet
    name text not null,                -- first 12 hexadecimal digits of sha256(body): readings.profile
    at text not null,                  -- when it was learned
    extractor text not null,           -- by which it was learned
    pages integer not null,            -- learned from how many
    labelled integer not null,         -- of them, with the true text from feed or person
    body text not null,                -- JSON, see harvester/parse/profile.py
    unique (outlet, number)
);

CREATE TABLE labels (
    id integer primary key,
    article text not null references articles(key),
    capture integer not null references captures(id), -- of its page, as a person saw it
    place integer not null,            -- of the block in the page, from 0
    mark text not null,                -- 16 hexadecimal digits of blake2b(the block's words, 8 bytes): it must still say the same
    wanted integer not null,           -- 1: article, 0: not
    at text not null,
    unique (capture, place)
);

CREATE INDEX labels_article on labels(article);

CREATE INDEX captures_pages on captures(outlet, id) where page <> '';

CREATE INDEX versions_capture on versions(capture);

CREATE VIEW reading_health as
select c.id as capture, c.outlet, c.at, c.page as kind, v.article,
       coalesce(v.title <> '' and coalesce(json_extract(v.sources, '$.title'), '') <> 'feed', 0) as title,
       coalesce(v.authors <> '[]' and coalesce(json_extract(v.sources, '$.authors'), '') <> 'feed', 0) as author,
       coalesce(v.published is not null and coalesce(json_extract(v.sources, '$.published'), '') <> 'feed', 0) as published,
       coalesce(v.text <> '' and coalesce(json_extract(v.sources, '$.text'), '') <> 'feed', 0) as text,
       coalesce(v.words, 0) as words
from captures c left join versions v on v.capture = c.id
where c.page <> '' and (v.id is not null or c.page in ('wall', 'login', 'error', 'empty'));

CREATE VIEW latest as
select a.key as article, a.outlet, a.url, v.title, v.authors, v.published, v.language, v.kind, v.access, a.state,
       a.first_seen, a.last_seen, a.versions, v.number as version, v.words, v.text
from articles a join versions v on v.article = a.key and v.number = a.version;

CREATE TABLE shingles (
    id integer primary key,            -- level and bucket, see harvester/archive/shingles.py
    postings blob not null             -- 8 bytes each, ascending: 38 bits of a shingle's name, 26 of versions.id
);

CREATE TABLE samples (
    version integer primary key references versions(id) on delete cascade,
    size integer not null,             -- shingles in its sample
    name text not null                 -- how it was sampled
);

CREATE TABLE unsampled (
    version integer primary key references versions(id) on delete cascade
);

CREATE TABLE copies (
    article text not null references articles(key) on update cascade on delete cascade, -- of the two, the one seen later
    original text not null references articles(key) on update cascade on delete cascade, -- the one seen first
    share real not null,               -- part of the article's words that stand in the original, 0 to 1
    shared real not null,              -- part of the original's words that stand in the article
    version integer not null references versions(id) on delete cascade, -- of the article
    original_version integer not null references versions(id) on delete cascade,
    primary key (article, original)
) without rowid;

CREATE INDEX copies_original on copies(original);

CREATE INDEX copies_version on copies(version);

CREATE INDEX copies_original_version on copies(original_version);

CREATE TABLE clusters (
    article text primary key references articles(key) on update cascade on delete cascade,
    cluster text not null references articles(key) on update cascade, -- the article seen first
    agency text not null default ''    -- that the article names: AFP, Reuters …
) without rowid;

CREATE INDEX clusters_cluster on clusters(cluster);

CREATE TRIGGER versions_unsampled after insert on versions begin
    insert or ignore into unsampled values (new.id);
end;

CREATE TRIGGER versions_read_again after update of text on versions when old.text <> new.text begin
    insert or ignore into unsampled values (new.id);
end;

CREATE TRIGGER versions_moved after update of article on versions when old.article <> new.article begin
    delete from copies where version = new.id or original_version = new.id;
    insert or ignore into unsampled values (new.id);
end;

CREATE TRIGGER articles_leave_clusters before delete on articles begin
    delete from clusters where article = old.key;
    update clusters set cluster = (select c.article from clusters c join articles a on a.key = c.article
                                   where c.cluster = old.key order by a.first_seen, a.id limit 1)
    where cluster = old.key;
end;

CREATE VIEW reprints as
select c.cluster, f.outlet as first_outlet, f.url as first_url, f.first_seen, count(*) as articles,
       count(distinct a.outlet) as outlets, group_concat(distinct a.outlet) as who,
       coalesce((select m.agency from clusters m where m.cluster = c.cluster and m.agency <> ''
                 group by m.agency order by count(*) desc, m.agency limit 1), '') as agency
from clusters c join articles a on a.key = c.article join articles f on f.key = c.cluster
group by c.cluster having count(*) > 1;

CREATE INDEX changes_unjudged on changes(id) where class = '';

CREATE VIEW edits as
select c.id, c.at, c.kind, c.class, c.size, c.silent, c.admitted, a.outlet, c.article, a.url, v.title, b.number as before,
       v.number as after, c.fields, c.sentences, c.back
from changes c join articles a on a.key = c.article
join versions b on b.id = c.before join versions v on v.id = c.after
where c.kind <> 'fields';

CREATE VIEW edit_stats as
select a.outlet, c.class, count(*) as edits, count(distinct c.article) as articles, coalesce(sum(c.silent), 0) as silent,
       round(avg(c.silent), 3) as silent_share, sum(c.size) as words
from changes c join articles a on a.key = c.article
where c.kind <> 'fields' and c.back = 0
group by a.outlet, c.class;

CREATE TABLE looks (
    id integer primary key,            -- order in which they were made
    article text not null references articles(key),
    at text not null,
    outcome text not null,             -- changed, unchanged, gone, blocked, failed …
    status integer not null default 0, -- of the answer; 0: there was none
    saw text not null default '',      -- in the article's place: 404, 410, soft 404, front page, list, login, another article; paywall, wall, robots, 503 …; '': the article
    missed integer not null default 0, -- 1: evidence that the article is gone
    prompt text not null default '',   -- why it was made: words, date (what its feed changed), watched, suspect, forced; '': it was time
    capture integer references captures(id), -- the answer, where it had a body
    note text not null default ''      -- the same in words
);

CREATE INDEX looks_article on looks(article);

CREATE INDEX looks_capture on looks(capture) where capture is not null;

CREATE TABLE rhythms (
    outlet text not null references outlets(key) on update cascade,
    part text not null,                -- an age ("5 h": from then on), "after an edit", "announced", "words", "date", "articles"
    tried real not null,               -- edits that are usual where it was looked; for signs: looks after them; for announced: edits; articles
    found real not null,               -- edits found there; for announced: of which there was a sign
    primary key (outlet, part)
) without rowid;

CREATE TABLE watches (
    article text primary key references articles(key),
    since text not null,
    until text not null
);

CREATE INDEX articles_outlet on articles(outlet, looked);

CREATE TABLE days (
    number integer primary key,        -- 1, 2, 3 … without a gap
    day text not null,                 -- UTC day on which its rows were added
    captures integer not null,         -- how many of them
    versions integer not null,
    others integer not null,           -- tombstones, and heads of the chains of archives merged in
    rows text not null,                -- sha256 of the list of the digests of its rows
    before text not null,              -- digest of the day before; 64 zeros for the first
    digest text not null,              -- its own: sha256 of its canonical form
    closed text not null               -- when
);

CREATE TABLE seals (
    id integer primary key,            -- order of the chain
    number integer references days(number), -- null: the day is not over
    kind text not null,                -- capture, version, tombstone, chain
    row integer,                       -- its id in captures, versions, tombstones or chains; null: it is gone
    digest blob not null,              -- sha256 of the row's canonical form, 32 bytes
    at text not null,                  -- captures.at, versions.first_seen, tombstones.at, chains.at; or when it was sealed anew, or merged in
    article text,                      -- of a version, as sealed
    said blob,                         -- of a version: sha256 of title, line break, text as sealed
    gone integer references tombstones(id),
    unique (kind, row)
);

CREATE INDEX seals_day on seals(number);

CREATE TABLE tombstones (
    id integer primary key,
    article text not null,             -- its key, which is a digest of its first address
    kind text not null,                -- purge: a person took it out; again: it came again at another address; join: its row became one with another's
    outlet text not null default '',
    at text not null,
    why text not null,
    removed text not null default '{}' -- JSON: what was removed → how many
);

CREATE INDEX tombstones_outlet on tombstones(outlet);

CREATE INDEX tombstones_article on tombstones(article);

CREATE TABLE barred (
    digest text primary key,
    tombstone integer not null references tombstones(id)
) without rowid;

CREATE TABLE leftovers (
    file text not null,                -- '': the archive itself
    offset integer not null default -1, -- of a record; -1: the whole file
    length integer not null default 0,
    at text not null,
    primary key (file, offset)
) without rowid;

CREATE TABLE chains (
    id integer primary key,
    head text not null unique,         -- digest of the last day
    first text not null,               -- digest of the first day
    days integer not null,
    at text not null
);

CREATE INDEX urls_tail on urls(tail) where tail <> '';

CREATE INDEX urls_story on urls(story) where story <> '';

CREATE INDEX urls_bare on urls(address) where tail = '';

CREATE TABLE aliases (
    key text primary key,              -- an article's key before it turned out to be another: commands take it still
    article text not null references articles(key),
    at text not null
);

CREATE INDEX aliases_article on aliases(article);

CREATE TABLE joins (
    id integer primary key,
    article text not null references articles(key), -- that the other became part of
    joined text not null,              -- key of the other
    at text not null,
    why text not null,                 -- in words
    before text not null default '{}', -- JSON: what the other was: article, urls, versions, sightings; `harvest split` parts by it
    undone text,                       -- when a person parted them again
    unique (article, joined, at)
);

CREATE INDEX joins_article on joins(article);

CREATE INDEX articles_copy_of on articles(copy_of) where copy_of is not null;

CREATE TABLE apart (
    one text not null,                 -- keys of two articles that a person said are not one; one < other
    other text not null,
    at text not null,
    primary key (one, other)
) without rowid;

CREATE TRIGGER versions_au after update of title, authors, text on versions begin
    insert into versions_fts (versions_fts, rowid, title, authors, text) values ('delete', old.rowid, old.title, old.authors, old.text);
    insert into versions_fts (rowid, title, authors, text) values (new.rowid, new.title, new.authors, new.text);
end;

CREATE TABLE counts (
    outlet text not null,              -- '': of no outlet
    what text not null,                -- articles (by state), versions, checks, duplicates; kinds, access: of current versions; edits (by kind), classes: of edits that did not go back, silent: the unacknowledged of these (by class); events, captures, bytes (by kind); crawls, visits
    value text not null default '',    -- the state, kind, access or class; '' where there is none
    number integer not null,           -- how many; 0 where there are none any more
    primary key (what, outlet, value)
) without rowid;

CREATE TABLE entry_counts (
    feed text not null,                -- feeds.url
    outcome text not null,
    reason text not null,              -- '' for new, changed, unchanged and duplicate
    entries integer not null,
    primary key (feed, outcome, reason)
) without rowid;

CREATE INDEX articles_of_outlet on articles(outlet);

CREATE INDEX articles_first_seen on articles(outlet, first_seen);

CREATE INDEX events_outlet on events(outlet, kind);

CREATE INDEX events_feed on events(id) where feed is not null;

CREATE INDEX events_at on events(at);

CREATE INDEX captures_page_times on captures(outlet, at) where page <> '';

CREATE INDEX changes_at on changes(at);

CREATE INDEX changes_class on changes(class, silent);

CREATE INDEX versions_first_seen on versions(first_seen);

CREATE INDEX crawls_started on crawls(started);

CREATE INDEX hosts_not_before on hosts(not_before) where not_before is not null;

CREATE INDEX entries_problems on entries(feed, outcome, reason, last_seen)
where outcome in ('failed', 'blocked', 'refused', 'empty', 'waiting') and reason <> 'not visited yet';

CREATE TRIGGER articles_counted after insert on articles begin
    insert into counts
    values (new.outlet, 'articles', new.state, 1), (new.outlet, 'versions', '', new.versions), (new.outlet, 'checks', '', new.looks),
           (new.outlet, 'duplicates', '', new.copy_of is not null)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select new.outlet, 'kinds', kind, 1 from versions where article = new.key and number = new.version
    union all select new.outlet, 'access', access, 1 from versions where article = new.key and number = new.version
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select new.outlet, 'edits', kind, 1 from changes where article = new.key and kind <> 'fields'
    union all select new.outlet, 'classes', class, 1 from changes where article = new.key and kind <> 'fields' and back = 0
    union all select new.outlet, 'silent', class, 1 from changes
    where article = new.key and kind <> 'fields' and back = 0 and silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_uncounted after delete on articles begin
    insert into counts
    values (old.outlet, 'articles', old.state, -1), (old.outlet, 'versions', '', -old.versions), (old.outlet, 'checks', '', -old.looks),
           (old.outlet, 'duplicates', '', -(old.copy_of is not null))
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select old.outlet, 'kinds', kind, -1 from versions where article = old.key and number = old.version
    union all select old.outlet, 'access', access, -1 from versions where article = old.key and number = old.version
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select old.outlet, 'edits', kind, -1 from changes where article = old.key and kind <> 'fields'
    union all select old.outlet, 'classes', class, -1 from changes where article = old.key and kind <> 'fields' and back = 0
    union all select old.outlet, 'silent', class, -1 from changes
    where article = old.key and kind <> 'fields' and back = 0 and silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_state_counted after update of state on articles when old.state <> new.state begin
    insert into counts values (old.outlet, 'articles', old.state, -1), (old.outlet, 'articles', new.state, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_versions_counted after update of versions on articles when old.versions <> new.versions begin
    insert into counts values (old.outlet, 'versions', '', new.versions - old.versions)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_checks_counted after update of looks on articles when old.looks <> new.looks begin
    insert into counts values (old.outlet, 'checks', '', new.looks - old.looks)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_duplicates_counted after update of copy_of on articles
when (old.copy_of is null) <> (new.copy_of is null) begin
    insert into counts values (old.outlet, 'duplicates', '', (new.copy_of is not null) - (old.copy_of is not null))
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_key_counted after update of key on articles when old.key <> new.key begin
    insert into counts
    select old.outlet, 'kinds', kind, iif(article = new.key, 1, -1) from versions
    where article in (old.key, new.key) and number = old.version
    union all select old.outlet, 'access', access, iif(article = new.key, 1, -1) from versions
    where article in (old.key, new.key) and number = old.version
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select old.outlet, 'edits', kind, iif(article = new.key, 1, -1) from changes
    where article in (old.key, new.key) and kind <> 'fields'
    union all select old.outlet, 'classes', class, iif(article = new.key, 1, -1) from changes
    where article in (old.key, new.key) and kind <> 'fields' and back = 0
    union all select old.outlet, 'silent', class, iif(article = new.key, 1, -1) from changes
    where article in (old.key, new.key) and kind <> 'fields' and back = 0 and silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_version_counted after update of version on articles when old.version <> new.version begin
    insert into counts
    select old.outlet, 'kinds', kind, iif(number = new.version, 1, -1) from versions
    where article = new.key and number in (old.version, new.version)
    union all select old.outlet, 'access', access, iif(number = new.version, 1, -1) from versions
    where article = new.key and number in (old.version, new.version)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER articles_outlet_counted after update of outlet on articles
when old.outlet <> new.outlet and exists (select 1 from outlets where key = old.outlet) begin
    insert into counts
    values (old.outlet, 'articles', new.state, -1), (old.outlet, 'versions', '', -new.versions), (old.outlet, 'checks', '', -new.looks),
           (old.outlet, 'duplicates', '', -(new.copy_of is not null)),
           (new.outlet, 'articles', new.state, 1), (new.outlet, 'versions', '', new.versions), (new.outlet, 'checks', '', new.looks),
           (new.outlet, 'duplicates', '', new.copy_of is not null)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select o.outlet, 'kinds', v.kind, o.number
    from versions v join (select old.outlet as outlet, -1 as number union all select new.outlet, 1) o
    where v.article = new.key and v.number = new.version
    union all select o.outlet, 'access', v.access, o.number
    from versions v join (select old.outlet as outlet, -1 as number union all select new.outlet, 1) o
    where v.article = new.key and v.number = new.version
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    insert into counts
    select o.outlet, 'edits', c.kind, o.number
    from changes c join (select old.outlet as outlet, -1 as number union all select new.outlet, 1) o
    where c.article = new.key and c.kind <> 'fields'
    union all select o.outlet, 'classes', c.class, o.number
    from changes c join (select old.outlet as outlet, -1 as number union all select new.outlet, 1) o
    where c.article = new.key and c.kind <> 'fields' and c.back = 0
    union all select o.outlet, 'silent', c.class, o.number
    from changes c join (select old.outlet as outlet, -1 as number union all select new.outlet, 1) o
    where c.article = new.key and c.kind <> 'fields' and c.back = 0 and c.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER outlets_counted after update of key on outlets when old.key <> new.key begin
    insert into counts select new.key, what, value, number from counts where outlet = old.key
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    delete from counts where outlet = old.key;
end;

CREATE TRIGGER versions_counted after insert on versions begin
    insert into counts
    select outlet, 'kinds', new.kind, 1 from articles where key = new.article and version = new.number
    union all select outlet, 'access', new.access, 1 from articles where key = new.article and version = new.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER versions_uncounted after delete on versions begin
    insert into counts
    select outlet, 'kinds', old.kind, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'access', old.access, -1 from articles where key = old.article and version = old.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER versions_recounted after update of article, number, kind, access on versions
when old.article <> new.article or old.number <> new.number or old.kind <> new.kind or old.access <> new.access begin
    insert into counts
    select outlet, 'kinds', old.kind, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'access', old.access, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'kinds', new.kind, 1 from articles where key = new.article and version = new.number
    union all select outlet, 'access', new.access, 1 from articles where key = new.article and version = new.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER changes_counted after insert on changes when new.kind <> 'fields' begin
    insert into counts
    select outlet, 'edits', new.kind, 1 from articles where key = new.article
    union all select outlet, 'classes', new.class, 1 from articles where key = new.article and new.back = 0
    union all select outlet, 'silent', new.class, 1 from articles where key = new.article and new.back = 0 and new.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER changes_uncounted after delete on changes when old.kind <> 'fields' begin
    insert into counts
    select outlet, 'edits', old.kind, -1 from articles where key = old.article
    union all select outlet, 'classes', old.class, -1 from articles where key = old.article and old.back = 0
    union all select outlet, 'silent', old.class, -1 from articles where key = old.article and old.back = 0 and old.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER changes_recounted after update of article, kind, back, class, silent on changes
when old.article <> new.article or old.kind <> new.kind or old.back <> new.back or old.class <> new.class
or old.silent is not new.silent begin
    insert into counts
    select outlet, 'edits', old.kind, -1 from articles where key = old.article and old.kind <> 'fields'
    union all select outlet, 'classes', old.class, -1 from articles where key = old.article and old.kind <> 'fields' and old.back = 0
    union all select outlet, 'silent', old.class, -1 from articles
    where key = old.article and old.kind <> 'fields' and old.back = 0 and old.silent = 1
    union all select outlet, 'edits', new.kind, 1 from articles where key = new.article and new.kind <> 'fields'
    union all select outlet, 'classes', new.class, 1 from articles where key = new.article and new.kind <> 'fields' and new.back = 0
    union all select outlet, 'silent', new.class, 1 from articles
    where key = new.article and new.kind <> 'fields' and new.back = 0 and new.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER events_counted after insert on events begin
    insert into counts values (new.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER events_uncounted after delete on events begin
    insert into counts values (old.outlet, 'events', old.kind, -1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER events_kind_counted after update of kind on events when old.kind <> new.kind begin
    insert into counts values (old.outlet, 'events', old.kind, -1), (old.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER events_outlet_counted after update of outlet on events
when old.outlet <> new.outlet and exists (select 1 from outlets where key = old.outlet) begin
    insert into counts values (old.outlet, 'events', new.kind, -1), (new.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER captures_counted after insert on captures begin
    insert into counts values (new.outlet, 'captures', new.kind, 1), (new.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER captures_uncounted after delete on captures begin
    insert into counts values (old.outlet, 'captures', old.kind, -1), (old.outlet, 'bytes', old.kind, -old.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER captures_kind_counted after update of kind, bytes on captures
when old.kind <> new.kind or old.bytes <> new.bytes begin
    insert into counts
    values (old.outlet, 'captures', old.kind, -1), (old.outlet, 'bytes', old.kind, -old.bytes),
           (old.outlet, 'captures', new.kind, 1), (old.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER captures_outlet_counted after update of outlet on captures
when old.outlet <> new.outlet and exists (select 1 from outlets where key = old.outlet) begin
    insert into counts
    values (old.outlet, 'captures', new.kind, -1), (old.outlet, 'bytes', new.kind, -new.bytes),
           (new.outlet, 'captures', new.kind, 1), (new.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER crawls_counted after insert on crawls begin
    insert into counts values ('', 'crawls', '', 1), ('', 'visits', '', new.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER crawls_uncounted after delete on crawls begin
    insert into counts values ('', 'crawls', '', -1), ('', 'visits', '', -old.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER crawls_visits_counted after update of visits on crawls when old.visits <> new.visits begin
    insert into counts values ('', 'visits', '', new.visits - old.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

CREATE TRIGGER entries_counted after insert on entries begin
    insert into entry_counts
    values (new.feed, new.outcome, case when new.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else new.reason end, 1)
    on conflict (feed, outcome, reason) do update set entries = entries + 1;
end;

CREATE TRIGGER entries_uncounted after delete on entries begin
    update entry_counts set entries = entries - 1
    where feed = old.feed and outcome = old.outcome
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
    delete from entry_counts
    where feed = old.feed and outcome = old.outcome and entries < 1
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
end;

CREATE TRIGGER entries_recounted after update of feed, outcome, reason on entries
when old.feed <> new.feed or old.outcome <> new.outcome
or (old.reason <> new.reason and new.outcome not in ('new', 'changed', 'unchanged', 'duplicate')) begin
    update entry_counts set entries = entries - 1
    where feed = old.feed and outcome = old.outcome
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
    delete from entry_counts
    where feed = old.feed and outcome = old.outcome and entries < 1
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
    insert into entry_counts
    values (new.feed, new.outcome, case when new.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else new.reason end, 1)
    on conflict (feed, outcome, reason) do update set entries = entries + 1;
end;

CREATE VIEW outlet_stats as
select o.key as outlet, o.name, o.active,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'articles') as articles,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'versions') as versions,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'edits') as edits,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'articles' and c.value = 'removed') as removed,
       (select max(a.first_seen) from articles a where a.outlet = o.key) as newest
from outlets o;

CREATE VIEW feed_health as
select f.outlet, f.url as feed, f.outcome, f.reason, f.since, f.polled, f.read_at, f.new_at, f.failures, f.due,
       (select coalesce(sum(c.entries), 0) from entry_counts c where c.feed = f.url) as entries
from feeds f where f.active;

CREATE INDEX captures_body_of on captures(body_of) where body_of is not null;

CREATE INDEX captures_reached on captures(reached) where reached <> url;

CREATE INDEX captures_thinned on captures(thinned) where thinned is not null;

CREATE TABLE announcements (
    id integer primary key,            -- order in which they were kept
    entry text not null references entries(key),
    wording text not null,             -- first 16 hexadecimal digits of sha256(title and summary, normalised)
    title text not null,               -- as its feed stated it
    summary text not null,
    first_seen text not null,          -- when the feed was first seen with this wording
    last_seen text not null,           -- when it was last, as known when another one replaced it
    before integer references announcements(id), -- the wording that it replaced when first seen; null: none, it is the entry's first
    changed text not null default '',  -- what differs from that one: title, summary or 'title summary'; '' for the first
    unique (entry, wording)
);

CREATE INDEX announcements_before on announcements(before) where before is not null;

CREATE INDEX events_announcement on events(announcement) where announcement is not null;

CREATE VIRTUAL TABLE announcements_fts using fts5(title, summary, content='announcements', content_rowid='id', tokenize='unicode61 remove_diacritics 2');

CREATE TRIGGER announcements_fts_insert after insert on announcements begin
    insert into announcements_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;

CREATE TRIGGER announcements_fts_delete after delete on announcements begin
    insert into announcements_fts (announcements_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
end;

CREATE TRIGGER announcements_fts_update after update of title, summary on announcements
when old.title <> new.title or old.summary <> new.summary begin
    insert into announcements_fts (announcements_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
    insert into announcements_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;

CREATE VIEW entries_without_article as
select id, key, feed, url, address, title, summary, published, first_seen, last_seen, outcome, reason
from entries
where article is null and reason <> 'not visited yet' and title || summary <> '';

CREATE VIRTUAL TABLE entries_fts using fts5(title, summary, content='entries_without_article', content_rowid='id', tokenize='unicode61 remove_diacritics 2');

CREATE TRIGGER entries_fts_insert after insert on entries
when new.article is null and new.reason <> 'not visited yet' and new.title || new.summary <> '' begin
    insert into entries_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;

CREATE TRIGGER entries_fts_delete after delete on entries
when old.article is null and old.reason <> 'not visited yet' and old.title || old.summary <> '' begin
    insert into entries_fts (entries_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
end;

CREATE TRIGGER entries_fts_update after update of title, summary, article, reason on entries
when old.title <> new.title or old.summary <> new.summary
or (old.article is null and old.reason <> 'not visited yet') <> (new.article is null and new.reason <> 'not visited yet') begin
    insert into entries_fts (entries_fts, rowid, title, summary)
    select 'delete', old.id, old.title, old.summary
    where old.article is null and old.reason <> 'not visited yet' and old.title || old.summary <> '';
    insert into entries_fts (rowid, title, summary)
    select new.id, new.title, new.summary
    where new.article is null and new.reason <> 'not visited yet' and new.title || new.summary <> '';
end;

CREATE INDEX articles_dated on articles(dated_by) where dated_by <> '';

CREATE INDEX versions_shown on versions(min(coalesce(published, first_seen), first_seen));

CREATE INDEX articles_state on articles(state) where state <> 'live';

CREATE TABLE gaps (
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

CREATE INDEX gaps_feed on gaps(feed, until);

CREATE INDEX gaps_due on gaps(due) where due is not null;

CREATE VIEW edit_words as
select c.id,
       (select coalesce(group_concat(value, char(10)), '') from (
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.title') where key = 1
            union all
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.authors[1]')
            union all
            select value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.added')
            union all
            select n.value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.changed') p,
                json_each(iif(p.type = 'array', p.value, '[]')) n
            where n.key = 1)) as added,
       (select coalesce(group_concat(value, char(10)), '') from (
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.title') where key = 0
            union all
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.authors[0]')
            union all
            select value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.removed')
            union all
            select n.value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.changed') p,
                json_each(iif(p.type = 'array', p.value, '[]')) n
            where n.key = 0)) as removed
from changes c;

CREATE VIRTUAL TABLE edit_words_fts using fts5(added, removed, content='', tokenize='unicode61 remove_diacritics 2');

CREATE TRIGGER edit_words_fts_insert after insert on changes begin
    insert into edit_words_fts (rowid, added, removed) select id, added, removed from edit_words where id = new.id;
end;

CREATE TRIGGER edit_words_fts_delete before delete on changes begin
    insert into edit_words_fts (edit_words_fts, rowid, added, removed) select 'delete', id, added, removed from edit_words where id = old.id;
end;

CREATE TRIGGER edit_words_fts_before_update before update of fields, sentences on changes
when old.fields <> new.fields or old.sentences <> new.sentences begin
    insert into edit_words_fts (edit_words_fts, rowid, added, removed) select 'delete', id, added, removed from edit_words where id = old.id;
end;

CREATE TRIGGER edit_words_fts_update after update of fields, sentences on changes
when old.fields <> new.fields or old.sentences <> new.sentences begin
    insert into edit_words_fts (rowid, added, removed) select id, added, removed from edit_words where id = new.id;
end;

CREATE TABLE word_forms (
    language text not null,            -- of the versions, without region: fr
    stem text not null,                -- what the forms share, by the Snowball stemmer of that language; without diacritics
    word text not null,                -- lower case, without diacritics
    primary key (language, stem, word)
) without rowid;

CREATE TABLE unstemmed (
    version integer primary key references versions(id) on delete cascade
);

CREATE TRIGGER versions_unstemmed after insert on versions begin
    insert or ignore into unstemmed values (new.id);
end;

CREATE TRIGGER versions_stemmed_again after update of title, text, language on versions
when old.title <> new.title or old.text <> new.text or old.language <> new.language begin
    insert or ignore into unstemmed values (new.id);
end;

CREATE TABLE derivations (
    name text primary key,             -- of the table: word_forms
    rules text not null                -- stemmer and version: 'PyStemmer 3.1.0, 1'
) without rowid;

CREATE INDEX versions_unspaced on versions(id) where substr(language, 1, 2) in ('', 'zh', 'yu', 'ja', 'th', 'lo', 'my', 'km');

CREATE INDEX events_kind_at on events(kind, at);

CREATE INDEX events_outlet_kind_at on events(outlet, kind, at);

CREATE INDEX changes_class_at on changes(class, silent, at);

CREATE TABLE alert_events (
    id integer primary key,            -- order in which they rang
    key text not null unique,          -- first 32 hexadecimal digits of sha256(alert, kind, article or outlet, its wordings, time): equal for one event
    alert text not null,               -- name of the alert, as in settings.toml
    kind text not null,                -- new, edit, headline, removed, returned, silence, missed, volume
    at text not null,                  -- when what it is about was seen
    outlet text not null,              -- '': of no outlet
    article text references articles(key) on update cascade, -- null: it is about a feed or an outlet
    before integer references versions(id), -- wording before an edit; null: it is no edit
    version integer references versions(id), -- wording that it is about
    feed text,                         -- of an event of a feed
    note text not null default ''      -- of the event, in words
);

CREATE INDEX alert_events_article on alert_events(article) where article is not null;

CREATE INDEX alert_events_before on alert_events(before) where before is not null;

CREATE INDEX alert_events_version on alert_events(version) where version is not null;

CREATE TABLE deliveries (
    id text primary key,               -- first 32 hexadecimal digits of sha256(alert_events.key, target): receivers tell by it what they have
    event integer not null references alert_events(id),
    target text not null,              -- as shown to people: logins, tokens and arguments as ***
    address text not null,             -- first 16 hexadecimal digits of sha256(target as in settings.toml)
    state text not null,               -- waiting, delivered, given up, muted, dropped (alert or target is no longer in the settings)
    due text,                          -- when it is to be sent; null: it is not any more
    attempts integer not null default 0, -- that failed
    at text,                           -- when it came to its state; null: it waits
    error text not null default '',    -- of the last attempt that failed, in words
    digest text not null default ''    -- id of the digest that it is part of; '': sent by itself, or not yet
) without rowid;

CREATE INDEX deliveries_due on deliveries(due) where due is not null;

CREATE INDEX deliveries_event on deliveries(event);

CREATE TABLE daily_counts (
    outlet text not null,
    day text not null,                         -- UTC
    articles integer not null default 0,       -- first seen on that day
    agency_copies integer not null default 0,  -- of them, near-duplicates of others that name an agency
    edited_15m integer not null default 0,     -- of them, first edited at most 15 minutes after that
    edited_1h integer not null default 0,      -- later than that, at most 1 hour after
    edited_6h integer not null default 0,
    edited_1d integer not null default 0,
    edited_7d integer not null default 0,
    edited_later integer not null default 0,
    edits integer not null default 0,          -- seen on that day, that did not go back to an earlier version
    silent integer not null default 0,         -- of these, unacknowledged
    corrections integer not null default 0,    -- of these, of the class correction
    removed integer not null default 0,        -- articles whose removal was told on that day
    returned integer not null default 0,
    primary key (outlet, day)
) without rowid;

CREATE TABLE version_days (
    day text primary key,                      -- UTC day on which versions were first seen
    versions integer not null,                 -- how many
    first integer not null,                    -- no versions.id of them is less
    last integer not null                      -- or greater: a word's versions of a day are a range in the full-text index
) without rowid;

CREATE TRIGGER articles_counted_by_day after insert on articles begin
    insert into daily_counts (outlet, day, articles, agency_copies)
    values (new.outlet, substr(new.first_seen, 1, 10), 1, exists (select 1 from clusters where article = new.key and agency <> ''))
    on conflict (outlet, day) do update set articles = articles + excluded.articles,
        agency_copies = agency_copies + excluded.agency_copies;
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select new.outlet, substr(c.at, 1, 10), 1 * (c.back = 0), 1 * (c.back = 0 and c.silent is 1), 1 * (c.back = 0 and c.class = 'correction') from changes c where c.article = new.key and c.kind <> 'fields'
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select new.outlet as outlet, new.first_seen as seen, (select min(at) from changes where article = new.key and kind <> 'fields') as at, 1 as n) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER articles_uncounted_by_day after delete on articles begin
    insert into daily_counts (outlet, day, articles, agency_copies)
    values (old.outlet, substr(old.first_seen, 1, 10), -1, -exists (select 1 from clusters where article = old.key and agency <> ''))
    on conflict (outlet, day) do update set articles = articles + excluded.articles,
        agency_copies = agency_copies + excluded.agency_copies;
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select old.outlet, substr(c.at, 1, 10), -1 * (c.back = 0), -1 * (c.back = 0 and c.silent is 1), -1 * (c.back = 0 and c.class = 'correction') from changes c where c.article = old.key and c.kind <> 'fields'
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select old.outlet as outlet, old.first_seen as seen, (select min(at) from changes where article = old.key and kind <> 'fields') as at, -1 as n) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER articles_recounted_by_day after update of key, outlet, first_seen on articles
when old.key <> new.key or old.outlet <> new.outlet or old.first_seen <> new.first_seen begin
    insert into daily_counts (outlet, day, articles, agency_copies)
    values (iif(exists (select 1 from outlets where key = old.outlet), old.outlet, new.outlet), substr(old.first_seen, 1, 10), -1, -exists (select 1 from clusters where article = old.key and agency <> '')),
           (new.outlet, substr(new.first_seen, 1, 10), 1, exists (select 1 from clusters where article = new.key and agency <> ''))
    on conflict (outlet, day) do update set articles = articles + excluded.articles,
        agency_copies = agency_copies + excluded.agency_copies;
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select iif(exists (select 1 from outlets where key = old.outlet), old.outlet, new.outlet), substr(c.at, 1, 10), -1 * (c.back = 0), -1 * (c.back = 0 and c.silent is 1), -1 * (c.back = 0 and c.class = 'correction') from changes c where c.article = old.key and c.kind <> 'fields'
    union all select new.outlet, substr(c.at, 1, 10), 1 * (c.back = 0), 1 * (c.back = 0 and c.silent is 1), 1 * (c.back = 0 and c.class = 'correction') from changes c where c.article = new.key and c.kind <> 'fields'
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select iif(exists (select 1 from outlets where key = old.outlet), old.outlet, new.outlet) as outlet, old.first_seen as seen, (select min(at) from changes where article = old.key and kind <> 'fields') as at, -1 as n
        union all select new.outlet, new.first_seen, (select min(at) from changes where article = new.key and kind <> 'fields'), 1) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER outlets_counted_by_day after update of key on outlets when old.key <> new.key begin
    insert into daily_counts
    select new.key, day, articles, agency_copies, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later,
           edits, silent, corrections, removed, returned
    from daily_counts where outlet = old.key
    on conflict (outlet, day) do update set articles = articles + excluded.articles,
        agency_copies = agency_copies + excluded.agency_copies, edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later, edits = edits + excluded.edits,
        silent = silent + excluded.silent, corrections = corrections + excluded.corrections,
        removed = removed + excluded.removed, returned = returned + excluded.returned;
    delete from daily_counts where outlet = old.key;
end;

CREATE TRIGGER clusters_counted_by_day after insert on clusters when new.agency <> '' begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), 1 from articles where key = new.article
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;

CREATE TRIGGER clusters_uncounted_by_day after delete on clusters when old.agency <> '' begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), -1 from articles where key = old.article
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;

CREATE TRIGGER clusters_recounted_by_day after update of article, agency on clusters
when old.article <> new.article or (old.agency <> '') <> (new.agency <> '') begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), -1 from articles where key = old.article and old.agency <> ''
    union all select outlet, substr(first_seen, 1, 10), 1 from articles where key = new.article and new.agency <> ''
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;

CREATE TRIGGER changes_counted_by_day after insert on changes when new.kind <> 'fields' begin
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select a.outlet, substr(new.at, 1, 10), 1 * (new.kind <> 'fields' and new.back = 0), 1 * (new.kind <> 'fields' and new.back = 0 and new.silent is 1),
           1 * (new.kind <> 'fields' and new.back = 0 and new.class = 'correction') from articles a where a.key = new.article
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select a.outlet, a.first_seen as seen, o.at, o.n
            from articles a
            cross join (
                select new.at as at, 1 as n
                union all select (select min(at) from changes where article = new.article and kind <> 'fields' and id <> new.id), -1) o
            where a.key = new.article
            and not exists (select 1 from changes where article = new.article and kind <> 'fields' and id <> new.id and at <= new.at)) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER changes_uncounted_by_day after delete on changes when old.kind <> 'fields' begin
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select a.outlet, substr(old.at, 1, 10), -1 * (old.kind <> 'fields' and old.back = 0), -1 * (old.kind <> 'fields' and old.back = 0 and old.silent is 1),
           -1 * (old.kind <> 'fields' and old.back = 0 and old.class = 'correction') from articles a where a.key = old.article
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select a.outlet, a.first_seen as seen, o.at, o.n
            from articles a
            cross join (
                select old.at as at, -1 as n
                union all select (select min(at) from changes where article = old.article and kind <> 'fields'), 1) o
            where a.key = old.article
            and not exists (select 1 from changes where article = old.article and kind <> 'fields' and at <= old.at)) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER changes_recounted_by_day after update of article, at, kind, back, class, silent on changes
when old.article <> new.article or old.at <> new.at or old.kind <> new.kind or old.back <> new.back
or old.class <> new.class or old.silent is not new.silent begin
    insert into daily_counts (outlet, day, edits, silent, corrections)
    select a.outlet, substr(old.at, 1, 10), -1 * (old.kind <> 'fields' and old.back = 0), -1 * (old.kind <> 'fields' and old.back = 0 and old.silent is 1),
           -1 * (old.kind <> 'fields' and old.back = 0 and old.class = 'correction') from articles a where a.key = old.article
    union all select a.outlet, substr(new.at, 1, 10), 1 * (new.kind <> 'fields' and new.back = 0), 1 * (new.kind <> 'fields' and new.back = 0 and new.silent is 1),
           1 * (new.kind <> 'fields' and new.back = 0 and new.class = 'correction') from articles a where a.key = new.article
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
end;

CREATE TRIGGER changes_moved_by_day after update of article, at, kind on changes
when old.article <> new.article or old.at <> new.at or (old.kind = 'fields') <> (new.kind = 'fields') begin
    insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
    select f.outlet, f.day, f.n * (f.s <= 900), f.n * (f.s > 900 and f.s <= 3600), f.n * (f.s > 3600 and f.s <= 21600),
           f.n * (f.s > 21600 and f.s <= 86400), f.n * (f.s > 86400 and f.s <= 604800), f.n * (f.s > 604800)
    from (
        select e.outlet, substr(e.seen, 1, 10) as day, e.n, coalesce(strftime('%s', e.at) - strftime('%s', e.seen), 0) as s
        from (select a.outlet, a.first_seen as seen, o.n,
                (select min(b.at) from (
                    select c.at from changes c where c.article = a.key and c.kind <> 'fields' and c.id <> new.id
                    union all select old.at where o.n = -1 and old.article = a.key and old.kind <> 'fields'
                    union all select new.at where o.n = 1 and new.article = a.key and new.kind <> 'fields') b) as at
            from articles a cross join (select -1 as n union all select 1) o
            where a.key in (old.article, new.article)) e
        where e.at is not null) f
    where true
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
end;

CREATE TRIGGER events_counted_by_day after insert on events when new.kind in ('removed', 'returned') begin
    insert into daily_counts (outlet, day, removed, returned)
    values (new.outlet, substr(new.at, 1, 10), new.kind = 'removed', new.kind = 'returned')
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;

CREATE TRIGGER events_uncounted_by_day after delete on events when old.kind in ('removed', 'returned') begin
    insert into daily_counts (outlet, day, removed, returned)
    values (old.outlet, substr(old.at, 1, 10), -(old.kind = 'removed'), -(old.kind = 'returned'))
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;

CREATE TRIGGER events_recounted_by_day after update of kind, at, outlet on events
when (old.kind in ('removed', 'returned') or new.kind in ('removed', 'returned'))
and (old.kind <> new.kind or old.at <> new.at or old.outlet <> new.outlet) begin
    insert into daily_counts (outlet, day, removed, returned)
    values (iif(exists (select 1 from outlets where key = old.outlet), old.outlet, new.outlet), substr(old.at, 1, 10),
            -(old.kind = 'removed'), -(old.kind = 'returned')),
           (new.outlet, substr(new.at, 1, 10), new.kind = 'removed', new.kind = 'returned')
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;

CREATE TRIGGER versions_counted_by_day after insert on versions begin
    insert into version_days values (substr(new.first_seen, 1, 10), 1, new.id, new.id)
    on conflict (day) do update set versions = versions + 1, first = min(first, excluded.first), last = max(last, excluded.last);
end;

CREATE TRIGGER versions_uncounted_by_day after delete on versions begin
    update version_days set versions = versions - 1 where day = substr(old.first_seen, 1, 10);
    delete from version_days where day = substr(old.first_seen, 1, 10) and versions < 1;
end;

CREATE TRIGGER versions_recounted_by_day after update of first_seen on versions
when substr(old.first_seen, 1, 10) <> substr(new.first_seen, 1, 10) begin
    update version_days set versions = versions - 1 where day = substr(old.first_seen, 1, 10);
    delete from version_days where day = substr(old.first_seen, 1, 10) and versions < 1;
    insert into version_days values (substr(new.first_seen, 1, 10), 1, new.id, new.id)
    on conflict (day) do update set versions = versions + 1, first = min(first, excluded.first), last = max(last, excluded.last);
end;

CREATE TABLE origins (
    id integer primary key,                 -- order in which they were imported
    kind text not null,                     -- warc (a WARC file), wayback (captures of a web archive)
    name text not null,                     -- the file's name without its folder; the web archive's address
    receiver text not null default '',      -- who received them, as stated: operator, publisher or software of its warcinfo record; the web archive's host
    sha256 text not null default '',        -- of the file as it was imported; '': fetched capture by capture
    bytes integer not null default 0,       -- of the file
    at text not null,                       -- when it was imported
    unique (kind, name, sha256)
);

CREATE INDEX captures_origin on captures(origin) where origin is not null;

CREATE TABLE backfills (
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

CREATE INDEX backfills_outlet on backfills(outlet);

CREATE TABLE backfill_requests (
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

CREATE INDEX backfill_requests_waiting on backfill_requests(backfill, step, changed desc, id) where state = 'waiting';

CREATE INDEX backfill_requests_feed on backfill_requests(feed);

CREATE INDEX entries_due on entries(due) where due is not null and backfill is null;

CREATE INDEX entries_backfill on entries(backfill) where backfill is not null;

CREATE INDEX entries_backfill_waiting on entries(backfill, coalesce(published, updated, '')) where backfill is not null and due is not null;

CREATE VIEW removals as
select e.id, e.at, e.kind, e.outlet, e.article, a.url, v.title, a.state, e.note,
       coalesce((select max(s.at) from looks s where s.article = e.article and s.outcome in ('changed', 'unchanged') and s.at < e.at),
                a.first_seen) as last_stood,
       (select min(l.at) from looks l where l.article = e.article and l.missed and l.at <= e.at
        and l.at > coalesce((select max(s.at) from looks s where s.article = e.article
                             and s.outcome in ('changed', 'unchanged') and s.at < e.at), '')) as first_miss,
       (select group_concat(l.saw || ' at ' || l.at, '; ') from looks l where l.article = e.article and l.missed and l.at <= e.at
        and l.at > coalesce((select max(s.at) from looks s where s.article = e.article
                             and s.outcome in ('changed', 'unchanged') and s.at < e.at), '')) as evidence
from events e join articles a on a.key = e.article
join versions v on v.article = a.key and v.number = a.version
where +e.kind in ('suspect', 'removed', 'returned');

insert into counts values ('', 'crawls', '', 0);

insert into counts values ('', 'visits', '', 0);

