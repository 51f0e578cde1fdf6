-- What a page is and may be read by whom; what was learned of an outlet, and what a person said of its pages.

alter table versions add column kind text not null default 'article'; -- article, live, gallery, index, stub
alter table versions add column access text not null default 'unknown'; -- free, metered, paywalled, unknown
alter table captures add column page text not null default ''; -- what the page turned out to be: article … wall, login, error; empty: nothing was read of it
alter table captures add column text text not null default ''; -- its text, where no version carries it: wall, login, error
alter table captures add column first integer references captures(id); -- of the article's first page, where this is another of its pages
create index captures_first on captures(first) where first is not null;

create table profiles (
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

create table labels (
    id integer primary key,
    article text not null references articles(key),
    capture integer not null references captures(id), -- of its page, as a person saw it
    place integer not null,            -- of the block in the page, from 0
    mark text not null,                -- 16 hexadecimal digits of blake2b(the block's words, 8 bytes): it must still say the same
    wanted integer not null,           -- 1: article, 0: not
    at text not null,
    unique (capture, place)
);
create index labels_article on labels(article);

create index captures_pages on captures(outlet, id) where page <> '';
create index versions_capture on versions(capture);

-- A row a page at its first visit (and whatever stood in an article's place later): what was found on it, not in the feed.
create view reading_health as
select c.id as capture, c.outlet, c.at, c.page as kind, v.article,
       coalesce(v.title <> '' and coalesce(json_extract(v.sources, '$.title'), '') <> 'feed', 0) as title,
       coalesce(v.authors <> '[]' and coalesce(json_extract(v.sources, '$.authors'), '') <> 'feed', 0) as author,
       coalesce(v.published is not null and coalesce(json_extract(v.sources, '$.published'), '') <> 'feed', 0) as published,
       coalesce(v.text <> '' and coalesce(json_extract(v.sources, '$.text'), '') <> 'feed', 0) as text,
       coalesce(v.words, 0) as words
from captures c left join versions v on v.capture = c.id
where c.page <> '' and (v.id is not null or c.page in ('wall', 'login', 'error', 'empty'));

drop view latest;
create view latest as
select a.key as article, a.outlet, a.url, v.title, v.authors, v.published, v.language, v.kind, v.access, a.state,
       a.first_seen, a.last_seen, a.versions, v.number as version, v.words, v.text
from articles a join versions v on v.article = a.key and v.number = a.version;
