-- greatest(0, x) would turn "unknown" into zero, because it passes over NULL.
create or replace macro not_negative(x) as
    case when x < 0 then 0 else x end;
create or replace macro elapsed_s(from_at, to_at) as
    not_negative(epoch(to_at - from_at));
