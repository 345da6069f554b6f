-- The reasons for which candidates were rejected, the most frequent first.
select reason, count(*) as times, max(decided) as latest from candidates where status = 'rejected'
group by reason order by times desc, latest desc;
