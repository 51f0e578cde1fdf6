-- What feeds said of their entries before they said it otherwise. The first change of an entry's title or summary keeps both
-- wordings, each further one the new wording; a wording that returns has its row already.

create table announcements (
    id integer primary key,            -- order in which they were kept
    entry text not null references entries(key),
    wording text not null,             -- first 16 hexadecimal digits of sha256(title and summary, normalised)
    title text not null,               -- as its feed stated it
    summary text not null,
    first_seen text not null,          -- when the feed was first seen with this wording
    last_seen text not null,           -- when it was last, as known when another one replaced it
    before integer references announcements(id), -- the wording that it replaced when first seen; null: none, it is the entry's first
    changed text not null default '',  -- what differs from that one: title, summary or 'title summary'; '' for the first
    unique (entry, wording)
);
create index announcements_before on announcements(before) where before is not null;

alter table entries add column unkept integer not null default 0; -- changed wordings that were not kept, as announcements has the most of this entry
alter table events add column announcement integer references announcements(id); -- of kind announced: the new wording
create index events_announcement on events(announcement) where announcement is not null;

-- Full-text indexes: of what feeds changed, and of entries whose page was visited, or is not, and is no article. The words of
-- other entries are searched in their articles.
create virtual table announcements_fts using fts5(title, summary, content='announcements', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
create trigger announcements_fts_insert after insert on announcements begin
    insert into announcements_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;
create trigger announcements_fts_delete after delete on announcements begin
    insert into announcements_fts (announcements_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
end;
create trigger announcements_fts_update after update of title, summary on announcements
when old.title <> new.title or old.summary <> new.summary begin
    insert into announcements_fts (announcements_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
    insert into announcements_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;

create view entries_without_article as
select id, key, feed, url, address, title, summary, published, first_seen, last_seen, outcome, reason
from entries
where article is null and reason <> 'not visited yet' and title || summary <> '';

create virtual table entries_fts using fts5(title, summary, content='entries_without_article', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
insert into entries_fts (entries_fts) values ('rebuild');
create trigger entries_fts_insert after insert on entries
when new.article is null and new.reason <> 'not visited yet' and new.title || new.summary <> '' begin
    insert into entries_fts (rowid, title, summary) values (new.id, new.title, new.summary);
end;
create trigger entries_fts_delete after delete on entries
when old.article is null and old.reason <> 'not visited yet' and old.title || old.summary <> '' begin
    insert into entries_fts (entries_fts, rowid, title, summary) values ('delete', old.id, old.title, old.summary);
end;
-- One trigger, as of two the second might run first.
create trigger entries_fts_update after update of title, summary, article, reason on entries
when old.title <> new.title or old.summary <> new.summary
or (old.article is null and old.reason <> 'not visited yet') <> (new.article is null and new.reason <> 'not visited yet') begin
    insert into entries_fts (entries_fts, rowid, title, summary)
    select 'delete', old.id, old.title, old.summary
    where old.article is null and old.reason <> 'not visited yet' and old.title || old.summary <> '';
    insert into entries_fts (rowid, title, summary)
    select new.id, new.title, new.summary
    where new.article is null and new.reason <> 'not visited yet' and new.title || new.summary <> '';
end;
