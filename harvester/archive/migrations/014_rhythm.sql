-- When a feed is polled is learned from what its polls brought.

alter table feeds add column rhythm text not null default '{}';    -- JSON: new entries by hour of the week from Monday (UTC), lately, and at most, see harvester/schedule/poll_rhythm.py; {}: nothing learned yet
