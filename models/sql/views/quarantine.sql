-- One row per message that could not be used.
create or replace view quarantine as
with settled as (
    select kafka_topic_id, kafka_partition, kafka_offset, max(settled_at) as settled_at, arg_max(how, batch) as how
    from private.refused_settled
    group by kafka_topic_id, kafka_partition, kafka_offset
    having arg_max(how, batch) <> 'reopened'
)
select
    kafka_topic || '[' || kafka_partition || ']@' || kafka_offset as location,
    site, code, reason, received_at, octet_length(message) as bytes,
    kafka_topic, kafka_topic_id, kafka_partition, kafka_offset, batch,
    settled_at,
    how as settled_how,
    -- Without NUL, that of text in two bytes a character leaves digits and letters apart.
    coalesce(
        masked(replace(try(decode(message)), chr(0), '')),
        'not UTF-8: ' || masked(replace(message::varchar, '\x00', ''))
    ) as message_shown
from private.refused
left join settled using (kafka_topic_id, kafka_partition, kafka_offset);
comment on view quarantine is 'One row per message that could not be used, with the reason. The bytes stay in the store but are not served.';
comment on column quarantine.location is 'Where it stands in Kafka: topic[partition]@offset. What backstop quarantine show and replay take.';
comment on column quarantine.settled_at is 'When it was last replayed or dismissed, UTC; empty while nobody has dealt with it.';
comment on column quarantine.settled_how is 'replayed or dismissed; of several times the last.';
comment on column quarantine.message_shown is 'Its first 2,000 characters, with whatever may name a customer hidden.';
