-- Changes are listed by the time at which they were seen: the order of ids is another one where archives were merged.

create index events_kind_at on events(kind, at);
create index events_outlet_kind_at on events(outlet, kind, at);
create index changes_class_at on changes(class, silent, at);
