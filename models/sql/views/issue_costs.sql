-- What contacts cost, by the issue they belong to and who had its first contact.
create or replace view issue_costs as
select c.month, issue_month, owner_site, site, channel, topic, issues, contacts, amount
from private.issue_cost c
semi join (
    select party, month, max(build) as build from private.costed_month group by all
) n using (party, month, build);
comment on view issue_costs is 'What the contacts of a month cost, by the month in which their issue began (issue_month) and the site that had its first contact (owner_site): repeats are charged to where the issue began. Company''s currency.';
