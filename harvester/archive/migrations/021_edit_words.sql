-- Full-text index of the words that edits brought or took away.

create view edit_words as
select c.id,
       (select coalesce(group_concat(value, char(10)), '') from (
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.title') where key = 1
            union all
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.authors[1]')
            union all
            select value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.added')
            union all
            select n.value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.changed') p,
                json_each(iif(p.type = 'array', p.value, '[]')) n
            where n.key = 1)) as added,
       (select coalesce(group_concat(value, char(10)), '') from (
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.title') where key = 0
            union all
            select value from json_each(iif(json_valid(c.fields), c.fields, '{}'), '$.authors[0]')
            union all
            select value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.removed')
            union all
            select n.value from json_each(iif(json_valid(c.sentences), c.sentences, '{}'), '$.changed') p,
                json_each(iif(p.type = 'array', p.value, '[]')) n
            where n.key = 0)) as removed
from changes c;

-- Without content of its own: FTS5 cannot read a view that uses json_each.
create virtual table edit_words_fts using fts5(added, removed, content='', tokenize='unicode61 remove_diacritics 2');
insert into edit_words_fts (rowid, added, removed) select id, added, removed from edit_words;
create trigger edit_words_fts_insert after insert on changes begin
    insert into edit_words_fts (rowid, added, removed) select id, added, removed from edit_words where id = new.id;
end;
-- The view still has the old words before the row changes.
create trigger edit_words_fts_delete before delete on changes begin
    insert into edit_words_fts (edit_words_fts, rowid, added, removed) select 'delete', id, added, removed from edit_words where id = old.id;
end;
create trigger edit_words_fts_before_update before update of fields, sentences on changes
when old.fields <> new.fields or old.sentences <> new.sentences begin
    insert into edit_words_fts (edit_words_fts, rowid, added, removed) select 'delete', id, added, removed from edit_words where id = old.id;
end;
create trigger edit_words_fts_update after update of fields, sentences on changes
when old.fields <> new.fields or old.sentences <> new.sentences begin
    insert into edit_words_fts (rowid, added, removed) select id, added, removed from edit_words where id = new.id;
end;
