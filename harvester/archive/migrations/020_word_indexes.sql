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

-- Which words are forms of one another, by the language of the articles that have them. Derived from versions.
create table word_forms (
    language text not null,            -- of the versions, without region: fr
    stem text not null,                -- what the forms share, by the Snowball stemmer of that language; without diacritics
    word text not null,                -- lower case, without diacritics
    primary key (language, stem, word)
) without rowid;

-- Versions whose words are not in word_forms yet. The crawl takes them in, some at a time.
create table unstemmed (
    version integer primary key references versions(id) on delete cascade
);
insert into unstemmed select id from versions;
create trigger versions_unstemmed after insert on versions begin
    insert or ignore into unstemmed values (new.id);
end;
create trigger versions_stemmed_again after update of title, text, language on versions
when old.title <> new.title or old.text <> new.text or old.language <> new.language begin
    insert or ignore into unstemmed values (new.id);
end;

-- The rules by which a derived table was made; with others it is made anew.
create table derivations (
    name text primary key,             -- of the table: word_forms
    rules text not null                -- stemmer and version: 'PyStemmer 3.1.0, 1'
) without rowid;

-- Versions in languages written without spaces between words, or in an unknown one: their texts are searched for such words.
create index versions_unspaced on versions(id) where substr(language, 1, 2) in ('', 'zh', 'yu', 'ja', 'th', 'lo', 'my', 'km');
