-- Which articles carry the same words: an index of sampled shingles, and what was found by it.

create table shingles (
    id integer primary key,            -- level and bucket, see harvester/archive/shingles.py
    postings blob not null             -- 8 bytes each, ascending: 38 bits of a shingle's name, 26 of versions.id
);

create table samples (
    version integer primary key references versions(id) on delete cascade,
    size integer not null,             -- shingles in its sample
    name text not null                 -- how it was sampled
);

-- Versions that are not in the index yet, or not as they read today. The crawl takes them in, some at a time.
create table unsampled (
    version integer primary key references versions(id) on delete cascade
);
insert into unsampled select id from versions;

-- A row a pair of articles that are the same report, with those of their versions that show it best.
create table copies (
    article text not null references articles(key) on update cascade on delete cascade, -- of the two, the one seen later
    original text not null references articles(key) on update cascade on delete cascade, -- the one seen first
    share real not null,               -- part of the article's words that stand in the original, 0 to 1
    shared real not null,              -- part of the original's words that stand in the article
    version integer not null references versions(id) on delete cascade, -- of the article
    original_version integer not null references versions(id) on delete cascade,
    primary key (article, original)
) without rowid;
create index copies_original on copies(original);
create index copies_version on copies(version);
create index copies_original_version on copies(original_version);

-- Articles that copies join, directly or by others, each under the one of them seen first.
create table clusters (
    article text primary key references articles(key) on update cascade on delete cascade,
    cluster text not null references articles(key) on update cascade, -- the article seen first
    agency text not null default ''    -- that the article names: AFP, Reuters …
) without rowid;
create index clusters_cluster on clusters(cluster);

create trigger versions_unsampled after insert on versions begin
    insert or ignore into unsampled values (new.id);
end;
create trigger versions_read_again after update of text on versions when old.text <> new.text begin
    insert or ignore into unsampled values (new.id);
end;
create trigger versions_moved after update of article on versions when old.article <> new.article begin
    delete from copies where version = new.id or original_version = new.id;
    insert or ignore into unsampled values (new.id);
end;
create trigger articles_leave_clusters before delete on articles begin
    delete from clusters where article = old.key;
    update clusters set cluster = (select c.article from clusters c join articles a on a.key = c.article
                                   where c.cluster = old.key order by a.first_seen, a.id limit 1)
    where cluster = old.key;
end;

-- A row a cluster: who had it first, and who has it now.
create view reprints as
select c.cluster, f.outlet as first_outlet, f.url as first_url, f.first_seen, count(*) as articles,
       count(distinct a.outlet) as outlets, group_concat(distinct a.outlet) as who,
       coalesce((select m.agency from clusters m where m.cluster = c.cluster and m.agency <> ''
                 group by m.agency order by count(*) desc, m.agency limit 1), '') as agency
from clusters c join articles a on a.key = c.article join articles f on f.key = c.cluster
group by c.cluster having count(*) > 1;
