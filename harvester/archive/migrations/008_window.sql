-- Where an entry stands in its feed: by it a feed that reaches back to its last reading is told from one that does not.

alter table entries add column place integer; -- counted from 0, when its feed listed it last; null: listed before this was noted

update entries set place = listed.place from (
    select e.id, row_number() over (partition by e.feed order by e.published desc, e.id) - 1 as place
    from entries e join feeds f on f.url = e.feed where e.last_seen >= f.listed
) listed where listed.id = entries.id;
