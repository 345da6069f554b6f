-- What failed and has not succeeded since, by step and kind of failure.
select stage, code, count(*) as papers, count(retry_at) as tried_again, any_value(paper) as for_example,
       any_value(message) as message
from failures where open group by stage, code order by papers desc;
