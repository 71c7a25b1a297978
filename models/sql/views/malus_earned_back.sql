-- One row per provider and month that is over: its malus, and what of it was earned back.
create or replace view malus_earned_back as
select party as provider, month, malus, earned_back, state, by_month from private.earn_back;
comment on view malus_earned_back is 'One row per provider and month that is over: its malus (gross, 0 or more, in the contract''s currency) and what of it later months earned back. state: none, kept, open (the months it depends on are not all over), paid back (by the end of by_month).';
