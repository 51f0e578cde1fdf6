-- Origins: where captures are from that others received, or this program elsewhere.

create table origins (
    id integer primary key,                 -- order in which they were imported
    kind text not null,                     -- warc (a WARC file), wayback (captures of a web archive)
    name text not null,                     -- the file's name without its folder; the web archive's address
    receiver text not null default '',      -- who received them, as stated: operator, publisher or software of its warcinfo record; the web archive's host
    sha256 text not null default '',        -- of the file as it was imported; '': fetched capture by capture
    bytes integer not null default 0,       -- of the file
    at text not null,                       -- when it was imported
    unique (kind, name, sha256)
);

alter table captures add column origin integer references origins(id); -- where it was imported from; null: received by this archive
create index captures_origin on captures(origin) where origin is not null;
