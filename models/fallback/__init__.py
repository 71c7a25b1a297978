"""Bringing bought work home: whether that can be done, from when, which of it, and what it costs.

The arithmetic, in the order of the questions: `pool` and `absorb` (can own people take it over now), `hiring` and
`homecoming` (from when people hired could), `base_peak` (what to keep and what to buy), `which_first` (which topics
with so many people), `business_case` (whether it pays), `exit_watch` (whether it is time), `overload`, `drill` and
`drill_runs` (what if the provider were gone at once).

The answer: `answer` gives all of it for `facts` (measured or agreed) and `assumptions` (said by somebody), by
`case_answer`, `week` and `day_answer`, `when_answer`, `price_answer` (with `slice_bill` and `way_home`) and
`part_answer`.

All pure: no clock, no store.
"""
