-- What a person says to a machine that runs by itself.

create table record.retries (       -- what failed for this paper until now is to be tried again, however often it failed
    paper varchar, reviewer varchar, added timestamp);

create table record.mailings (      -- how many papers of one announcement arXiv's index holds, of some categories or of all
    announced timestamp, scope varchar, papers integer, run varchar, added timestamp);
