-- What is unusual of an outlet, since when; feeds found in place of dead ones; rate limits that grow.

alter table outlets add column volume text not null default '{}';         -- JSON: articles by hour of the week, and whether there are unusually few or many, see harvester/schedule/volume.py; {}: nothing learned yet
alter table events add column since text;                                 -- when what it tells began; null: at `at`
alter table feeds add column searched text;                               -- when the site of this dead feed was last searched for another; null: never
alter table feeds add column proposal text not null default '{}';         -- JSON: the feed found there, with url, kind, entries, known (of them, articles of the outlet), at; {}: none
alter table hosts add column limited_seconds real not null default 0;     -- how long the last rate limit was for which the server stated no time; 0: none
