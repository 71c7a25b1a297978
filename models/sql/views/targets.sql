-- One row per metric that has a target.
create or replace view targets as
select metric, target from private.target;
comment on view targets is 'One row per metric that has a target; shares are given as 0 to 1.';
