-- Counts that are kept as they change, so that what people ask for most does not grow with the archive.
-- Triggers keep them, in the transaction of the rows that they count; `harvest verify` counts anew and compares.

create table counts (
    outlet text not null,              -- '': of no outlet
    what text not null,                -- articles (by state), versions, checks, duplicates; kinds, access: of current versions; edits (by kind), classes: of edits that did not go back, silent: the unacknowledged of these (by class); events, captures, bytes (by kind); crawls, visits
    value text not null default '',    -- the state, kind, access or class; '' where there is none
    number integer not null,           -- how many; 0 where there are none any more
    primary key (what, outlet, value)
) without rowid;

create table entry_counts (
    feed text not null,                -- feeds.url
    outcome text not null,
    reason text not null,              -- '' for new, changed, unchanged and duplicate
    entries integer not null,
    primary key (feed, outcome, reason)
) without rowid;

insert into counts select outlet, 'articles', state, count(*) from articles group by outlet, state;
insert into counts select outlet, 'versions', '', sum(versions) from articles group by outlet;
insert into counts select outlet, 'checks', '', sum(looks) from articles group by outlet;
insert into counts select outlet, 'duplicates', '', count(*) from articles where copy_of is not null group by outlet;
-- Of versions each row is read: in the order in which they lie in the file.
create temp table current_versions as
select a.outlet, v.kind, v.access, count(*) as number
from versions v cross join articles a on a.key = v.article and a.version = v.number group by a.outlet, v.kind, v.access;
insert into counts select outlet, 'kinds', kind, sum(number) from temp.current_versions group by outlet, kind;
insert into counts select outlet, 'access', access, sum(number) from temp.current_versions group by outlet, access;
drop table temp.current_versions;
insert into counts
select a.outlet, 'edits', c.kind, count(*) from changes c join articles a on a.key = c.article
where c.kind <> 'fields' group by a.outlet, c.kind;
insert into counts
select a.outlet, 'classes', c.class, count(*) from changes c join articles a on a.key = c.article
where c.kind <> 'fields' and c.back = 0 group by a.outlet, c.class;
insert into counts
select a.outlet, 'silent', c.class, sum(c.silent) from changes c join articles a on a.key = c.article
where c.kind <> 'fields' and c.back = 0 and c.silent = 1 group by a.outlet, c.class;
insert into counts select outlet, 'events', kind, count(*) from events group by outlet, kind;
insert into counts select outlet, 'captures', kind, count(*) from captures group by outlet, kind;
insert into counts select outlet, 'bytes', kind, sum(bytes) from captures group by outlet, kind;
insert into counts select '', 'crawls', '', count(*) from crawls;
insert into counts select '', 'visits', '', coalesce(sum(visits), 0) from crawls;
insert into entry_counts
select feed, outcome, case when outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else reason end, count(*)
from entries group by 1, 2, 3;

-- What lists are read by: the newest of an outlet, the newest events of one, problems of its entries.
create index articles_of_outlet on articles(outlet);
create index articles_first_seen on articles(outlet, first_seen);
create index events_outlet on events(outlet, kind);
create index events_feed on events(id) where feed is not null;
create index events_at on events(at);
create index captures_page_times on captures(outlet, at) where page <> '';
create index changes_at on changes(at);
create index changes_class on changes(class, silent);
create index versions_first_seen on versions(first_seen);
create index crawls_started on crawls(started);
create index hosts_not_before on hosts(not_before) where not_before is not null;
create index entries_problems on entries(feed, outcome, reason, last_seen)
where outcome in ('failed', 'blocked', 'refused', 'empty', 'waiting') and reason <> 'not visited yet';

-- Articles. Each trigger counts one column: first the key, then the version, both with the outlet from before; where the outlet
-- changes, all that is counted moves. So they are right together, in whatever order they run.
create trigger articles_counted after insert on articles begin
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
create trigger articles_uncounted after delete on articles begin
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
create trigger articles_state_counted after update of state on articles when old.state <> new.state begin
    insert into counts values (old.outlet, 'articles', old.state, -1), (old.outlet, 'articles', new.state, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger articles_versions_counted after update of versions on articles when old.versions <> new.versions begin
    insert into counts values (old.outlet, 'versions', '', new.versions - old.versions)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger articles_checks_counted after update of looks on articles when old.looks <> new.looks begin
    insert into counts values (old.outlet, 'checks', '', new.looks - old.looks)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger articles_duplicates_counted after update of copy_of on articles
when (old.copy_of is null) <> (new.copy_of is null) begin
    insert into counts values (old.outlet, 'duplicates', '', (new.copy_of is not null) - (old.copy_of is not null))
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger articles_key_counted after update of key on articles when old.key <> new.key begin
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
create trigger articles_version_counted after update of version on articles when old.version <> new.version begin
    insert into counts
    select old.outlet, 'kinds', kind, iif(number = new.version, 1, -1) from versions
    where article = new.key and number in (old.version, new.version)
    union all select old.outlet, 'access', access, iif(number = new.version, 1, -1) from versions
    where article = new.key and number in (old.version, new.version)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
-- Where an outlet is renamed, its counts are (below).
create trigger articles_outlet_counted after update of outlet on articles
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
create trigger outlets_counted after update of key on outlets when old.key <> new.key begin
    insert into counts select new.key, what, value, number from counts where outlet = old.key
    on conflict (outlet, what, value) do update set number = number + excluded.number;
    delete from counts where outlet = old.key;
end;

-- Kind and access of the current version of each article.
create trigger versions_counted after insert on versions begin
    insert into counts
    select outlet, 'kinds', new.kind, 1 from articles where key = new.article and version = new.number
    union all select outlet, 'access', new.access, 1 from articles where key = new.article and version = new.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger versions_uncounted after delete on versions begin
    insert into counts
    select outlet, 'kinds', old.kind, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'access', old.access, -1 from articles where key = old.article and version = old.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger versions_recounted after update of article, number, kind, access on versions
when old.article <> new.article or old.number <> new.number or old.kind <> new.kind or old.access <> new.access begin
    insert into counts
    select outlet, 'kinds', old.kind, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'access', old.access, -1 from articles where key = old.article and version = old.number
    union all select outlet, 'kinds', new.kind, 1 from articles where key = new.article and version = new.number
    union all select outlet, 'access', new.access, 1 from articles where key = new.article and version = new.number
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

create trigger changes_counted after insert on changes when new.kind <> 'fields' begin
    insert into counts
    select outlet, 'edits', new.kind, 1 from articles where key = new.article
    union all select outlet, 'classes', new.class, 1 from articles where key = new.article and new.back = 0
    union all select outlet, 'silent', new.class, 1 from articles where key = new.article and new.back = 0 and new.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger changes_uncounted after delete on changes when old.kind <> 'fields' begin
    insert into counts
    select outlet, 'edits', old.kind, -1 from articles where key = old.article
    union all select outlet, 'classes', old.class, -1 from articles where key = old.article and old.back = 0
    union all select outlet, 'silent', old.class, -1 from articles where key = old.article and old.back = 0 and old.silent = 1
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger changes_recounted after update of article, kind, back, class, silent on changes
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

create trigger events_counted after insert on events begin
    insert into counts values (new.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger events_uncounted after delete on events begin
    insert into counts values (old.outlet, 'events', old.kind, -1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger events_kind_counted after update of kind on events when old.kind <> new.kind begin
    insert into counts values (old.outlet, 'events', old.kind, -1), (old.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger events_outlet_counted after update of outlet on events
when old.outlet <> new.outlet and exists (select 1 from outlets where key = old.outlet) begin
    insert into counts values (old.outlet, 'events', new.kind, -1), (new.outlet, 'events', new.kind, 1)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

create trigger captures_counted after insert on captures begin
    insert into counts values (new.outlet, 'captures', new.kind, 1), (new.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger captures_uncounted after delete on captures begin
    insert into counts values (old.outlet, 'captures', old.kind, -1), (old.outlet, 'bytes', old.kind, -old.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger captures_kind_counted after update of kind, bytes on captures
when old.kind <> new.kind or old.bytes <> new.bytes begin
    insert into counts
    values (old.outlet, 'captures', old.kind, -1), (old.outlet, 'bytes', old.kind, -old.bytes),
           (old.outlet, 'captures', new.kind, 1), (old.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger captures_outlet_counted after update of outlet on captures
when old.outlet <> new.outlet and exists (select 1 from outlets where key = old.outlet) begin
    insert into counts
    values (old.outlet, 'captures', new.kind, -1), (old.outlet, 'bytes', new.kind, -new.bytes),
           (new.outlet, 'captures', new.kind, 1), (new.outlet, 'bytes', new.kind, new.bytes)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

create trigger crawls_counted after insert on crawls begin
    insert into counts values ('', 'crawls', '', 1), ('', 'visits', '', new.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger crawls_uncounted after delete on crawls begin
    insert into counts values ('', 'crawls', '', -1), ('', 'visits', '', -old.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;
create trigger crawls_visits_counted after update of visits on crawls when old.visits <> new.visits begin
    insert into counts values ('', 'visits', '', new.visits - old.visits)
    on conflict (outlet, what, value) do update set number = number + excluded.number;
end;

-- Reasons may name what a person has purged since: a count of none is deleted.
create trigger entries_counted after insert on entries begin
    insert into entry_counts
    values (new.feed, new.outcome, case when new.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else new.reason end, 1)
    on conflict (feed, outcome, reason) do update set entries = entries + 1;
end;
create trigger entries_uncounted after delete on entries begin
    update entry_counts set entries = entries - 1
    where feed = old.feed and outcome = old.outcome
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
    delete from entry_counts
    where feed = old.feed and outcome = old.outcome and entries < 1
    and reason = case when old.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else old.reason end;
end;
create trigger entries_recounted after update of feed, outcome, reason on entries
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

drop view outlet_stats;
create view outlet_stats as
select o.key as outlet, o.name, o.active,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'articles') as articles,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'versions') as versions,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'edits') as edits,
       (select coalesce(sum(c.number), 0) from counts c where c.outlet = o.key and c.what = 'articles' and c.value = 'removed') as removed,
       (select max(a.first_seen) from articles a where a.outlet = o.key) as newest
from outlets o;

drop view feed_health;
create view feed_health as
select f.outlet, f.url as feed, f.outcome, f.reason, f.since, f.polled, f.read_at, f.new_at, f.failures, f.due,
       (select coalesce(sum(c.entries), 0) from entry_counts c where c.feed = f.url) as entries
from feeds f where f.active;
