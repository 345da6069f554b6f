-- What a person says to a machine that runs by itself.

create table record.retries (       -- what failed for this paper until now is to be tried again, however often it failed
    paper varchar, reviewer varchar, added timestamp);
