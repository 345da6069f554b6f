-- Papers that carry most frames.
select paper, any_value(title) as title, count(*) as frames, array_to_string(list(frame order by number), ', ') as ids
from frames group by paper order by frames desc, paper;
