-- The 100 best-scored papers that failed screening for every topic, with the reason; look here for papers that it misses.
select s.paper, any_value(s.title) as title, max(s.score) as best_score, arg_max(s.topic, s.score) as topic,
       arg_max(s.reason, s.score) as reason
from screenings s group by s.paper having not bool_or(s.relevant) order by best_score desc, s.paper limit 100;
