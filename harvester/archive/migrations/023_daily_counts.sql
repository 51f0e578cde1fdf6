-- Counts by outlet and day, and versions by day: what pages about an outlet and trends show does not grow with the archive.
-- Triggers keep them, as they keep `counts`; `harvest verify` counts anew and compares.

create table daily_counts (
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

create table version_days (
    day text primary key,                      -- UTC day on which versions were first seen
    versions integer not null,                 -- how many
    first integer not null,                    -- no versions.id of them is less
    last integer not null                      -- or greater: a word's versions of a day are a range in the full-text index
) without rowid;

insert into daily_counts (outlet, day, articles)
select outlet, substr(first_seen, 1, 10), count(*) from articles group by 1, 2;
insert into daily_counts (outlet, day, agency_copies)
select a.outlet, substr(a.first_seen, 1, 10), count(*) from clusters m cross join articles a on a.key = m.article
where m.agency <> '' group by 1, 2
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
-- Rows of changes are read once, in the order in which they lie.
create temp table counted_changes as
select article, at, back, class, silent from changes where kind <> 'fields';
insert into daily_counts (outlet, day, edits, silent, corrections)
select a.outlet, substr(c.at, 1, 10), count(*), sum(c.silent is 1), sum(c.class = 'correction')
from temp.counted_changes c cross join articles a on a.key = c.article where c.back = 0 group by 1, 2
    on conflict (outlet, day) do update set edits = edits + excluded.edits, silent = silent + excluded.silent,
        corrections = corrections + excluded.corrections;
insert into daily_counts (outlet, day, edited_15m, edited_1h, edited_6h, edited_1d, edited_7d, edited_later)
select f.outlet, f.day, sum(f.s <= 900), sum(f.s > 900 and f.s <= 3600), sum(f.s > 3600 and f.s <= 21600),
       sum(f.s > 21600 and f.s <= 86400), sum(f.s > 86400 and f.s <= 604800), sum(f.s > 604800)
from (
    select a.outlet, substr(a.first_seen, 1, 10) as day, coalesce(strftime('%s', e.at) - strftime('%s', a.first_seen), 0) as s
    from (select article, min(at) as at from temp.counted_changes group by article) e
    cross join articles a on a.key = e.article) f
where true group by 1, 2
    on conflict (outlet, day) do update set edited_15m = edited_15m + excluded.edited_15m,
        edited_1h = edited_1h + excluded.edited_1h, edited_6h = edited_6h + excluded.edited_6h,
        edited_1d = edited_1d + excluded.edited_1d, edited_7d = edited_7d + excluded.edited_7d,
        edited_later = edited_later + excluded.edited_later;
drop table temp.counted_changes;
insert into daily_counts (outlet, day, removed, returned)
select outlet, substr(at, 1, 10), sum(kind = 'removed'), sum(kind = 'returned') from events
where kind in ('removed', 'returned') group by 1, 2
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
insert into version_days
select substr(first_seen, 1, 10), count(*), min(id), max(id) from versions group by 1;

-- Articles, with what is known of their edits and copies. Where an outlet is renamed, its counts are (below): what was counted
-- of the old name is then counted of the new one.
create trigger articles_counted_by_day after insert on articles begin
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
create trigger articles_uncounted_by_day after delete on articles begin
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
create trigger articles_recounted_by_day after update of key, outlet, first_seen on articles
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
create trigger outlets_counted_by_day after update of key on outlets when old.key <> new.key begin
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
create trigger clusters_counted_by_day after insert on clusters when new.agency <> '' begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), 1 from articles where key = new.article
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;
create trigger clusters_uncounted_by_day after delete on clusters when old.agency <> '' begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), -1 from articles where key = old.article
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;
create trigger clusters_recounted_by_day after update of article, agency on clusters
when old.article <> new.article or (old.agency <> '') <> (new.agency <> '') begin
    insert into daily_counts (outlet, day, agency_copies)
    select outlet, substr(first_seen, 1, 10), -1 from articles where key = old.article and old.agency <> ''
    union all select outlet, substr(first_seen, 1, 10), 1 from articles where key = new.article and new.agency <> ''
    on conflict (outlet, day) do update set agency_copies = agency_copies + excluded.agency_copies;
end;

-- Edits; and the first of each article, which another may take the place of. One that follows an earlier one is none.
create trigger changes_counted_by_day after insert on changes when new.kind <> 'fields' begin
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
create trigger changes_uncounted_by_day after delete on changes when old.kind <> 'fields' begin
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
create trigger changes_recounted_by_day after update of article, at, kind, back, class, silent on changes
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
-- Of both articles what was the first before, and what is now.
create trigger changes_moved_by_day after update of article, at, kind on changes
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

create trigger events_counted_by_day after insert on events when new.kind in ('removed', 'returned') begin
    insert into daily_counts (outlet, day, removed, returned)
    values (new.outlet, substr(new.at, 1, 10), new.kind = 'removed', new.kind = 'returned')
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;
create trigger events_uncounted_by_day after delete on events when old.kind in ('removed', 'returned') begin
    insert into daily_counts (outlet, day, removed, returned)
    values (old.outlet, substr(old.at, 1, 10), -(old.kind = 'removed'), -(old.kind = 'returned'))
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;
create trigger events_recounted_by_day after update of kind, at, outlet on events
when (old.kind in ('removed', 'returned') or new.kind in ('removed', 'returned'))
and (old.kind <> new.kind or old.at <> new.at or old.outlet <> new.outlet) begin
    insert into daily_counts (outlet, day, removed, returned)
    values (iif(exists (select 1 from outlets where key = old.outlet), old.outlet, new.outlet), substr(old.at, 1, 10),
            -(old.kind = 'removed'), -(old.kind = 'returned')),
           (new.outlet, substr(new.at, 1, 10), new.kind = 'removed', new.kind = 'returned')
    on conflict (outlet, day) do update set removed = removed + excluded.removed,
        returned = returned + excluded.returned;
end;

-- The range of a day is not narrowed where its first or last version goes: it holds all the same.
create trigger versions_counted_by_day after insert on versions begin
    insert into version_days values (substr(new.first_seen, 1, 10), 1, new.id, new.id)
    on conflict (day) do update set versions = versions + 1, first = min(first, excluded.first), last = max(last, excluded.last);
end;
create trigger versions_uncounted_by_day after delete on versions begin
    update version_days set versions = versions - 1 where day = substr(old.first_seen, 1, 10);
    delete from version_days where day = substr(old.first_seen, 1, 10) and versions < 1;
end;
create trigger versions_recounted_by_day after update of first_seen on versions
when substr(old.first_seen, 1, 10) <> substr(new.first_seen, 1, 10) begin
    update version_days set versions = versions - 1 where day = substr(old.first_seen, 1, 10);
    delete from version_days where day = substr(old.first_seen, 1, 10) and versions < 1;
    insert into version_days values (substr(new.first_seen, 1, 10), 1, new.id, new.id)
    on conflict (day) do update set versions = versions + 1, first = min(first, excluded.first), last = max(last, excluded.last);
end;
