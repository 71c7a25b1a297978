"""Forecast of contacts by quarter-hour for one series (a site, or a queue of it): pure, without a store or a page.

From what goes in to what is said: `slots` names the quarter-hours of a local day, `history` checks and holds the
counts; `seasonal` makes the base forecast of a day out of the same weekdays before, `dispersion` measures how far days
and quarter-hours stray, `bands` turns that into low and high; `intraday` draws the rest of a day to what has arrived;
`forecast` is the value all of them give; `days` places instants in days, `silence` finds where nobody counted, and
`site_history` makes the forecasts of a site's day of all that; `scores` says how good it was. Nothing is imported here.
"""
