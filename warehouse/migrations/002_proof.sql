-- How a sentence is set, how a quote differs from the paper and why it does not hold, and whether quotes carry their frame.

alter table record.sentences add column form varchar;   -- empty: prose
alter table record.hidden add column honest boolean;    -- the text layer of a scan, say: no attempt to deceive

alter table record.quotes add column form varchar;
alter table record.quotes add column differences struct(claimed varchar, found varchar)[];
alter table record.quotes add column why varchar;       -- it does not hold

create table record.supports (      -- whether a candidate's quotes carry what it says: advice that blocks nothing
    candidate varchar, verdict varchar, reason varchar, overreach varchar[], checker varchar, call varchar,
    run varchar, added timestamp);
