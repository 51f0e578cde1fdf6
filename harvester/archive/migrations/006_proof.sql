-- Proof that what is held was held then, and takedown that leaves no words. The canonical forms: docs/proof.md.

alter table captures add column record text not null default ''; -- sha256 of the compressed WARC record as written; '' where none is kept, or an older program wrote it

-- A link of the chain a day: sealed once and never changed. A day has several numbers where the clock was set back.
create table days (
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

-- A digest a row, in the order of the chain. It outlives the row: then `gone` names the tombstone.
create table seals (
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
create index seals_day on seals(number);

-- What was taken out, without its words. Keeps an article from coming back.
create table tombstones (
    id integer primary key,
    article text not null,             -- its key, which is a digest of its first address
    kind text not null,                -- purge: a person took it out; again: it came again at another address; join: its row became one with another's
    outlet text not null default '',
    at text not null,
    why text not null,
    removed text not null default '{}' -- JSON: what was removed → how many
);
create index tombstones_outlet on tombstones(outlet);
create index tombstones_article on tombstones(article);

-- By what a purged article would be known if it came again: sha256 of 'address ' and the address, normalised, without scheme; of
-- 'guid ', a feed's address, a space and the guid; of 'text ', the outlet's key, a space and versions.text_sha256.
create table barred (
    digest text primary key,
    tombstone integer not null references tombstones(id)
) without rowid;

-- What must not lie on the disk any more, until it is gone: a file of the captures folder, a record in one, or free pages.
create table leftovers (
    file text not null,                -- '': the archive itself
    offset integer not null default -1, -- of a record; -1: the whole file
    length integer not null default 0,
    at text not null,
    primary key (file, offset)
) without rowid;

-- Heads of the chains of other archives, as they were when these were merged in.
create table chains (
    id integer primary key,
    head text not null unique,         -- digest of the last day
    first text not null,               -- digest of the first day
    days integer not null,
    at text not null
);
