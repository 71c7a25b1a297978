-- Who answered what within a span: one row per site, queue, language, whether it was a call, and agent of the company's own
-- sites (null: nobody answered, or somebody elsewhere), with the sums that tell how long contacts took and how long
-- customers were ready to wait. {from_at}, {to_at}: literals.
select
    site, queue, language,
    coalesce(channel, 'voice') = 'voice' as calls,
    case when site in (select site from private.site where in_house) then agent_id end as agent_id,
    sum(answered)::bigint as answered,
    sum(handled)::bigint as handled,
    coalesce(sum(handle_ms), 0)::bigint as handle_ms,
    (coalesce(sum(answered_wait_ms), 0) + coalesce(sum(abandoned_wait_ms), 0))::bigint as waited_ms,
    sum(abandoned)::bigint as abandoned
from counts_within({from_at}, {to_at})
where answered = 1 or abandoned = 1
group by all;
