-- Articles that turned out to be one, and how to part them again.

alter table urls add column stood integer not null default 0; -- 1: the article's page was received at this address; 0: it, or a redirect, only names it
alter table urls add column tail text not null default ''; -- path and parameters that all forms of one page share, at any host: see harvester/identity/forms.py; '' while not worked out yet
alter table urls add column story text not null default ''; -- the outlet's own number of the article in the address
create index urls_tail on urls(tail) where tail <> '';
create index urls_story on urls(story) where story <> '';
create index urls_bare on urls(address) where tail = '';
update urls set stood = 1 where kind in ('entry', 'reached') or url in (select reached from articles a where a.key = urls.article);

create table aliases (
    key text primary key,              -- an article's key before it turned out to be another: commands take it still
    article text not null references articles(key),
    at text not null
);
create index aliases_article on aliases(article);

create table joins (
    id integer primary key,
    article text not null references articles(key), -- that the other became part of
    joined text not null,              -- key of the other
    at text not null,
    why text not null,                 -- in words
    before text not null default '{}', -- JSON: what the other was: article, urls, versions, sightings; `harvest split` parts by it
    undone text,                       -- when a person parted them again
    unique (article, joined, at)
);
create index joins_article on joins(article);

create index articles_copy_of on articles(copy_of) where copy_of is not null;

create table apart (
    one text not null,                 -- keys of two articles that a person said are not one; one < other
    other text not null,
    at text not null,
    primary key (one, other)
) without rowid;

-- The full-text index need not be written when only the times of a version change.
drop trigger versions_au;
create trigger versions_au after update of title, authors, text on versions begin
    insert into versions_fts (versions_fts, rowid, title, authors, text) values ('delete', old.rowid, old.title, old.authors, old.text);
    insert into versions_fts (rowid, title, authors, text) values (new.rowid, new.title, new.authors, new.text);
end;
