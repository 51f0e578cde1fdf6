-- Lists of what was published when, without words; and of what is no longer online.

create index versions_shown on versions(min(coalesce(published, first_seen), first_seen)); -- when published, as far as stated, but not after it was seen
create index articles_state on articles(state) where state <> 'live';
