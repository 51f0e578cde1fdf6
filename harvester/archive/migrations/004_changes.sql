-- What a change is: its class, its size, and whether the outlet said so. The rules of each: docs/changes.md.

alter table changes add column class text not null default ''; -- correction, substantive, headline, typo, date line, cosmetic; '': not judged yet, by the next crawl
alter table changes add column size integer not null default 0; -- words touched
alter table changes add column admitted text not null default ''; -- by which the outlet admitted it: modified (its date), note (of correction), line ("updated at"); '': by nothing
alter table changes add column silent integer; -- 1: not admitted; null: not judged yet
create index changes_unjudged on changes(id) where class = '';
update events set kind = 'back' where kind in ('edited', 'headline') and change in (select id from changes where back = 1);

drop view edits;
create view edits as
select c.id, c.at, c.kind, c.class, c.size, c.silent, c.admitted, a.outlet, c.article, a.url, v.title, b.number as before,
       v.number as after, c.fields, c.sentences, c.back
from changes c join articles a on a.key = c.article
join versions b on b.id = c.before join versions v on v.id = c.after
where c.kind <> 'fields';

-- How each outlet edits, a row an outlet and class; `edits` without those that only went back to an earlier wording.
create view edit_stats as
select a.outlet, c.class, count(*) as edits, count(distinct c.article) as articles, coalesce(sum(c.silent), 0) as silent,
       round(avg(c.silent), 3) as silent_share, sum(c.size) as words
from changes c join articles a on a.key = c.article
where c.kind <> 'fields' and c.back = 0
group by a.outlet, c.class;
