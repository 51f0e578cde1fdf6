-- The newest removals are found from the last event back, not by sorting all there ever were.

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
where +e.kind in ('suspect', 'removed', 'returned');
