-- Bodies that are stored once: a response with the same body as an earlier one of its URL has a WARC revisit record, which
-- refers to it. And bodies that were removed to save space.

alter table captures add column body_of integer references captures(id); -- capture whose record holds the body, the same byte for byte; its own is a revisit record; null: its own holds it
alter table captures add column thinned text;                      -- when its record was removed to save space (`[upkeep] thin_after`): sha256, bytes and record say what it was; null: it was not
create index captures_body_of on captures(body_of) where body_of is not null;
create index captures_reached on captures(reached) where reached <> url;
create index captures_thinned on captures(thinned) where thinned is not null;
