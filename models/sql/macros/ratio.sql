-- A ratio of sums; no data, not zero, when the denominator is empty.
create or replace macro ratio(numerator, denominator) as
    case when denominator > 0 then numerator::double / denominator end;
create or replace macro service_level(answered_in_target, answered, abandoned) as
    ratio(answered_in_target, answered + abandoned);
