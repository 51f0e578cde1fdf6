-- Alerts: what rang, written together with what it is about, and where it is sent.

create table alert_events (
    id integer primary key,            -- order in which they rang
    key text not null unique,          -- first 32 hexadecimal digits of sha256(alert, kind, article or outlet, its wordings, time): equal for one event
    alert text not null,               -- name of the alert, as in settings.toml
    kind text not null,                -- new, edit, headline, removed, returned, silence, missed, volume
    at text not null,                  -- when what it is about was seen
    outlet text not null,              -- '': of no outlet
    article text references articles(key) on update cascade, -- null: it is about a feed or an outlet
    before integer references versions(id), -- wording before an edit; null: it is no edit
    version integer references versions(id), -- wording that it is about
    feed text,                         -- of an event of a feed
    note text not null default ''      -- of the event, in words
);
create index alert_events_article on alert_events(article) where article is not null;
create index alert_events_before on alert_events(before) where before is not null;
create index alert_events_version on alert_events(version) where version is not null;

create table deliveries (
    id text primary key,               -- first 32 hexadecimal digits of sha256(alert_events.key, target): receivers tell by it what they have
    event integer not null references alert_events(id),
    target text not null,              -- as shown to people: logins, tokens and arguments as ***
    address text not null,             -- first 16 hexadecimal digits of sha256(target as in settings.toml)
    state text not null,               -- waiting, delivered, given up, muted, dropped (alert or target is no longer in the settings)
    due text,                          -- when it is to be sent; null: it is not any more
    attempts integer not null default 0, -- that failed
    at text,                           -- when it came to its state; null: it waits
    error text not null default '',    -- of the last attempt that failed, in words
    digest text not null default ''    -- id of the digest that it is part of; '': sent by itself, or not yet
) without rowid;
create index deliveries_due on deliveries(due) where due is not null;
create index deliveries_event on deliveries(event);
