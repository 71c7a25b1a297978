-- What a full-time agent of a site costs, part by part, and the prices that follow.
create or replace view in_house_figures as
select
    site, from_date,
    (
        select min(l.from_date) from private.in_house_figure l
        where l.site = f.site and l.from_date > f.from_date
    ) as until_date,
    kind, figure, amount, currency
from private.in_house_figure f;
comment on view in_house_figures is 'What a full-time agent of an in-house site costs in a year, part by part, the hours of a year, and the prices of an hour that follow; from a day on.';
