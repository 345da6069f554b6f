-- An acceptance says whether the open question and the scope are published with the frame, and in which words.

alter table record.decisions add column question varchar;           -- the final words, where they are agreed to
alter table record.decisions add column question_agreed boolean;    -- empty: not decided; earlier versions published the draft's
alter table record.decisions add column scope varchar;
alter table record.decisions add column scope_agreed boolean;

alter table record.edits add column question varchar;               -- empty: not touched
alter table record.edits add column question_agreed boolean;
alter table record.edits add column scope varchar;
alter table record.edits add column scope_agreed boolean;

alter table record.supports add column text varchar;                -- the words that were judged; empty: the draft's
