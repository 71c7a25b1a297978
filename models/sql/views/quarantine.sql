-- One row per message that could not be used.
create or replace view quarantine as
select
    kafka_topic || '[' || kafka_partition || ']@' || kafka_offset as location,
    site, code, reason, received_at, octet_length(message) as bytes,
    kafka_topic, kafka_topic_id, kafka_partition, kafka_offset, batch
from private.refused;
comment on view quarantine is 'One row per message that could not be used, with the reason. The bytes stay in the store but are not served.';
