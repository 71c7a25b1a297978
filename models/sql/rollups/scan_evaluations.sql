-- Sums of the quality evaluations of contacts that arrived in [from_at, to_at).
create or replace macro scan_evaluations(from_at, to_at) as table
with evaluated as (
    select date, band, e.*
    from evaluated_within(from_at, to_at) e
    join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
),
-- A contact counts once for each side, however many forms were filled in.
by_contact as (
    select
        date, site, queue, channel, language, topic, band, contact_id, evaluator,
        count(*) as evaluations,
        sum(round(score * 1000)::bigint) as milli_points,
        sum(round(max_score * 1000)::bigint) as milli_max,
        bool_or(len(critical_errors) > 0) as critical,
        bool_or(list_contains(critical_errors, 'customer')) as critical_customer,
        bool_or(list_contains(critical_errors, 'business')) as critical_business,
        bool_or(list_contains(critical_errors, 'compliance')) as critical_compliance
    from evaluated
    group by all
),
sums as (
    select
        date, site, queue, channel, language, topic, band,
        sum(evaluations) filter (evaluator = 'provider')::bigint as qa_provider_evaluations,
        sum(milli_points) filter (evaluator = 'provider')::bigint as qa_provider_milli_points,
        sum(milli_max) filter (evaluator = 'provider')::bigint as qa_provider_milli_max,
        count(*) filter (evaluator = 'provider')::bigint as qa_provider_contacts,
        count(*) filter (evaluator = 'provider' and critical)::bigint as qa_provider_critical,
        sum(evaluations) filter (evaluator = 'client')::bigint as qa_client_evaluations,
        sum(milli_points) filter (evaluator = 'client')::bigint as qa_client_milli_points,
        sum(milli_max) filter (evaluator = 'client')::bigint as qa_client_milli_max,
        count(*) filter (evaluator = 'client')::bigint as qa_client_contacts,
        count(*) filter (evaluator = 'client' and critical)::bigint as qa_client_critical,
        count(*) filter (evaluator = 'client' and critical_customer)::bigint as qa_client_critical_customer,
        count(*) filter (evaluator = 'client' and critical_business)::bigint as qa_client_critical_business,
        count(*) filter (evaluator = 'client' and critical_compliance)::bigint as qa_client_critical_compliance
    from by_contact
    group by all
),
-- Contacts both sides scored to compare themselves: by calibration, provider less client, in points of a hundred.
both_sides as (
    select
        date, site, queue, channel, language, topic, band, contact_id, calibration_id,
        avg(100 * share_of_points) filter (evaluator = 'provider')
        - avg(100 * share_of_points) filter (evaluator = 'client') as gap,
        bool_or(len(critical_errors) > 0) filter (evaluator = 'provider')
        = bool_or(len(critical_errors) > 0) filter (evaluator = 'client') as agreed
    from evaluated
    where calibration_id is not null
    group by all
),
calibrated as (
    select
        date, site, queue, channel, language, topic, band,
        count(*)::bigint as calibrations,
        sum(round(gap * 1000)::bigint)::bigint as calibration_gap_milli,
        sum(round(gap * gap * 1000)::bigint)::bigint as calibration_gap2_milli,
        count(*) filter (agreed)::bigint as calibrations_agreed
    from both_sides
    where gap is not null
    group by all
)
from sums
union all by name
from calibrated;
