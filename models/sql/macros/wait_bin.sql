-- Bins of a histogram of waits: 0 below a second, then each a tenth wider than the one before.
create or replace macro wait_bin(wait_ms) as
    case when wait_ms is null then null when wait_ms < 1000 then 0 else 1 + floor(ln(wait_ms / 1000.0) / ln(1.1))::integer end;
-- The wait in seconds at which a bin ends.
create or replace macro wait_bin_end_s(bin) as pow(1.1, bin);
