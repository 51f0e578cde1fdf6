-- Who sent a response, what the outlet reserves (recorded, not obeyed), and requests.

alter table captures add column ip text not null default ''; -- IP address that sent it; '' through a proxy, or an older program received it
alter table captures add column reserved text not null default ''; -- what the outlet reserved for it when it was fetched, and where it says so: noarchive, text and data mining …; recorded, not obeyed
alter table captures add column request integer;           -- length of the WARC record of its request, directly behind its own; null: none

alter table hosts add column tdmrep text;                  -- /.well-known/tdmrep.json as last received, if it states rules; null: not asked for yet; '': there is none
alter table hosts add column tdmrep_status integer;        -- 0: no answer
alter table hosts add column tdmrep_at text;               -- when last asked for
alter table hosts add column reserved text not null default ''; -- what robots.txt and tdmrep.json reserve, in words; recorded, not obeyed
