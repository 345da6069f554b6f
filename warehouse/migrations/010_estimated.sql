-- What calls cost where nobody said so: booked at the most that they may have used, and marked.

alter table record.calls add column estimated boolean;      -- tokens and cost, or half of them, are the most it may have used;
                                                            -- empty in rows of earlier versions, which booked that as nothing

create table record.call_starts (   -- written before a call is sent; one without a row in record.calls is under way or was killed
    call varchar, request varchar, purpose varchar, paper varchar, version integer, prompt varchar, prompt_sha256 varchar,
    model varchar, most_in integer, most_out integer, set_aside double, run varchar, added timestamp);

alter table record.batch_questions add column most_in integer;      -- tokens that its answer may use at most
alter table record.batch_questions add column most_out integer;
