-- Decisions by day and reviewer.
select added::date as day, reviewer, count(*) as decisions, count(*) filter (where action = 'accept') as accepted,
       count(*) filter (where action = 'reject') as rejected, count(*) filter (where undone) as undone
from decisions where action not in ('undo', 'redo') group by all order by day desc, reviewer;
