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
alter table record.supports add column scope varchar;               -- the scope that they were judged with, which may be none
                                                                    -- (''); empty: the draft's

-- An undo can be taken back in turn (in record.decisions: action `redo`, whose `undoes` names the undo), and an import is
-- undone and redone with the topics, questions, to-dos and old changes that it wrote.

create table record.entry_steps (   -- an import wrote entries, an undo took them off the list, a redo put them back;
    step varchar, number integer,   -- numbered together with record.decisions
    action varchar, undoes varchar, batch varchar, reviewer varchar, request varchar, added timestamp);

create table record.entry_batches ( -- who put an entry on the list with which import, and in which words; a batch of no
    entry varchar, batch varchar, kind varchar, text varchar, author varchar,   -- import is for good. None: its own row says
    added timestamp);               -- it all; without an author there, frames raise it

alter table record.imports add column batch varchar;    -- of its decisions and its entry step; empty: an earlier version's

-- What calls cost where nobody said so: booked at the most that they may have used, and marked.

alter table record.calls add column estimated boolean;      -- tokens and cost, or half of them, are the most it may have used;
                                                            -- empty in rows of earlier versions, which booked that as nothing

create table record.call_starts (   -- written before a call is sent; one without a row in record.calls is under way or was killed
    call varchar, request varchar, purpose varchar, paper varchar, version integer, prompt varchar, prompt_sha256 varchar,
    model varchar, most_in integer, most_out integer, set_aside double, run varchar, added timestamp);

alter table record.batch_questions add column most_in integer;      -- tokens that its answer may use at most
alter table record.batch_questions add column most_out integer;
