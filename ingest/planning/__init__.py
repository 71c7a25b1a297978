"""Today against the plan: forecasts of contacts by quarter-hour, the agents they take, and who is there.

From what is counted to what is kept: `counts` reads contacts by quarter-hour from the sums by day, `presence` reads
who was ready or at work, `staffing` tells how many that should be; `writing` appends all of it as one version, `plans`
is a run from reading to writing, `thinning` takes away what is old and many. `planning` is the thread that has them
made while ingest runs.

The formulas are those of `models.forecast` (`site_history` makes the forecasts of a site's day) and `models.staffing`.
"""
