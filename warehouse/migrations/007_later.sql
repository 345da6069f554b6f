-- Questions to a model that wait for their answers, and papers that arXiv announced and did not hand out.

create table record.batches (       -- questions put to a provider's Batch API together; `batch` is our own name of it
    batch varchar, endpoint varchar, model varchar, run varchar, added timestamp);

create table record.batch_questions (
    batch varchar, request varchar, purpose varchar, prompt varchar, prompt_sha256 varchar, messages json,
    paper varchar, version integer, set_aside double);      -- the most that its answer may cost

create table record.batch_states (  -- what became of one; the latest row counts, none: it may not have been sent
    batch varchar, provider varchar, state varchar, message varchar, run varchar, added timestamp);

alter table record.calls add column batch varchar;          -- answered in a batch, whose questions hold the messages
alter table record.run_topics add column got integer;       -- how many papers arXiv handed out of those it announced
alter table record.run_topics add column unread varchar[];  -- ids of entries that could not be read
