-- How many candidates of each drafter were accepted, reworded and rejected.
select drafter, count(*) as drafted, count(*) filter (where status = 'accepted') as accepted,
       count(*) filter (where status = 'accepted' and text <> draft_text) as reworded,
       count(*) filter (where status = 'rejected') as rejected, count(*) filter (where not holds) as without_evidence,
       round(accepted / nullif(accepted + rejected, 0), 2) as share_accepted
from candidates group by drafter order by drafted desc;
