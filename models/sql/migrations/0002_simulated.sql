-- How many of the accepted events of a batch and site a simulator made.
alter table private.batch_site add column simulated bigint default 0;
alter table private.batch_site alter column simulated set not null;
