-- When to look again, and the evidence of each look at what is gone.

-- Every further look at an article that is held, and what it saw. Two rows are the same look where article, at and outcome agree.
create table looks (
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
create index looks_article on looks(article);
create index looks_capture on looks(capture) where capture is not null;

-- What was learned of an outlet's edits, as counts that fade: see harvester/schedule/rhythm.py.
create table rhythms (
    outlet text not null references outlets(key) on update cascade,
    part text not null,                -- an age ("5 h": from then on), "after an edit", "announced", "words", "date", "articles"
    tried real not null,               -- edits that are usual where it was looked; for signs: looks after them; for announced: edits; articles
    found real not null,               -- edits found there; for announced: of which there was a sign
    primary key (outlet, part)
) without rowid;

-- Articles that a person wants looked at more often.
create table watches (
    article text primary key references articles(key),
    since text not null,
    until text not null
);

alter table articles add column born text;  -- from when its age is counted: its publication, or when it was first seen
alter table articles add column sign text not null default ''; -- what its feed changed since the last look: words, date
alter table feeds add column listed text;   -- when its entries were last read: those last seen then stand in it
drop index articles_outlet;
create index articles_outlet on articles(outlet, looked);

drop view removals;
create view removals as
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
where e.kind in ('suspect', 'removed', 'returned');

-- What older archives tell: the looks of which there was an event …
insert into looks (article, at, outcome, status, saw, missed, note)
select article, at, iif(kind = 'returned', 'unchanged', 'gone'),
       case when kind = 'returned' then 200 when note like 'answered 404%' then 404 when note like 'answered 410%' then 410 else 200 end,
       case when kind = 'returned' then '' when note like 'answered 404%' then '404' when note like 'answered 410%' then '410'
            when note like '%front page%' then 'front page' when note like '%another article%' then 'another article' else '' end,
       kind <> 'returned', note
from events where kind in ('suspect', 'removed', 'returned') and article is not null order by id;

-- … and edits against what is usual, up to the age at which each article was last looked at.
insert into rhythms (outlet, part, tried, found)
select outlet, 'articles', count(*),
       (select count(*) from changes c join articles b on b.key = c.article where b.outlet = articles.outlet and c.kind <> 'fields')
from articles group by outlet;
with bands (part, begins, ends, usual) as (values
    ('0 h', 0.0, 0.5, 0.0285), ('0.5 h', 0.5, 1.0, 0.0333), ('1 h', 1.0, 2.0, 0.0571), ('2 h', 2.0, 5.0, 0.1189),
    ('5 h', 5.0, 10.0, 0.0856), ('10 h', 10.0, 24.0, 0.0903), ('24 h', 24.0, 72.0, 0.0285), ('72 h', 72.0, 168.0, 0.0119),
    ('168 h', 168.0, 720.0, 0.0143), ('720 h', 720.0, 2160.0, 0.0071)),
seen (outlet, age) as (
    select outlet, round((julianday(looked) - julianday(first_seen)) * 24, 3) from articles where looked > first_seen),
edits (outlet, age) as (
    select a.outlet, round((julianday(c.at) - julianday(a.first_seen)) * 24, 3) from changes c join articles a on a.key = c.article
    where c.kind <> 'fields')
insert into rhythms (outlet, part, tried, found)
select s.outlet, b.part, sum(b.usual * (min(s.age, b.ends) - b.begins) / (b.ends - b.begins)),
       (select count(*) from edits e where e.outlet = s.outlet and e.age > b.begins and e.age <= b.ends)
from bands b join seen s on s.age > b.begins group by s.outlet, b.part;
