-- Failures that no success has followed, by step and code. `never_again`: the number that cannot succeed on a retry.
select stage, code, count(*) as papers, count(*) filter (where retry_at is null) as never_again,
       max(attempts) as most_attempts, any_value(paper) as for_example, any_value(message) as message
from failures where open group by stage, code order by papers desc;
