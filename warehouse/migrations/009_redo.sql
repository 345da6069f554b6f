-- An undo can be taken back in turn (in record.decisions: action `redo`, whose `undoes` names the undo), and an import is
-- undone and redone with the topics, questions, to-dos and old changes that it wrote.

create table record.entry_steps (   -- an import wrote entries, an undo took them off the list, a redo put them back;
    step varchar, number integer,   -- numbered together with record.decisions
    action varchar, undoes varchar, batch varchar, reviewer varchar, request varchar, added timestamp);

create table record.entry_batches ( -- what put an entry on the list; none: a person or a frame, for good
    entry varchar, batch varchar, added timestamp);

alter table record.imports add column batch varchar;    -- of its decisions and its entry step; empty: an earlier version's
