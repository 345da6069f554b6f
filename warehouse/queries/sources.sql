-- Papers by the number of frames that they support, through their own candidates or through merged ones.
select c.paper, any_value(c.title) as title, count(distinct f.frame) as frames,
       array_to_string(list_sort(list(distinct f.frame)), ', ') as ids
from frames f join candidates c on c.candidate = f.candidate or (c.status = 'merged' and c.merged_into = f.candidate)
where c.holds group by c.paper order by frames desc, c.paper;
