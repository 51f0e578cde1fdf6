-- Feeds that say when a page was changed: whether that is true, and how far WordPress's REST interface was read.

alter table feeds add column progress text not null default ''; -- WordPress: JSON of the next request, and up to when changes were read; '': not read yet
alter table feeds add column dated_looks integer not null default 0; -- looks that only a later date of change in this feed prompted
alter table feeds add column dated_edits integer not null default 0; -- those of them that found a new version
alter table articles add column dated_by text not null default ''; -- feed whose later date of change alone prompts the next look
create index articles_dated on articles(dated_by) where dated_by <> '';
