-- One row per contact: the partial folds given, merged. Every column is a minimum, a maximum or a set, so neither
-- order nor repeats can change the result. Sets are sorted lists, so that equal sets are equal rows.
select
    site,
    contact_id,
    min(first_at) as first_at,
    max(last_at) as last_at,
    min(started) as started,
    min(offered) as offered,
    min(answered) as answered,
    min(abandoned) as abandoned,
    min(left_queue) as left_queue,
    min(left_menu) as left_menu,
    max(completed) as completed,
    max(wrapped_up) as wrapped_up,
    max(classified) as classified,
    min(excluded) as excluded,
    list_sort(list_distinct(flatten(list(holds) filter (holds is not null)))) as holds,
    list_sort(list_distinct(flatten(list(transfers) filter (transfers is not null)))) as transfers,
    min(first_customer_message_at) as first_customer_message_at,
    min(first_agent_message_at) as first_agent_message_at,
    max(last_message_at) as last_message_at
from parts_to_merge
group by site, contact_id
