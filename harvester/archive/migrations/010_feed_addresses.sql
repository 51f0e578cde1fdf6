-- Feeds that move, and feeds behind redirects: where each is asked, and which URL its validators belong to.
-- And when a whole body was received last: some servers answer 304 for ever.

alter table feeds add column answered_by text not null default ''; -- URL, after redirects, that sent what was read last, with the validators; '': its own
alter table feeds add column moved_to text not null default '';    -- URL that it permanently redirects to, or names as its new one
alter table feeds add column moved_polls integer not null default 0; -- polls in a row that said so
alter table feeds add column moved_since text;                     -- when the first of them was
alter table feeds add column asked text not null default '';       -- URL that is asked in its place, as it moved for good; '': its own
alter table feeds add column gone_polls integer not null default 0; -- polls in a row answered 410 Gone
alter table feeds add column wished_seconds real not null default 0; -- between two polls, as server and feed ask for; 0: neither does
alter table feeds add column wished text not null default '';      -- in which words: max-age=3600, ttl 60
alter table feeds add column full_at text;                         -- when a whole body was last received; null: before this was noted
alter table articles add column full_at text;                      -- the same of its page
