"""Alerts: when a figure opens one, when it clears, and why it does not flap. Pure: no clock, no store, no message sent.

`rule` is what a manager configures; `state` is what is remembered of one figure between two looks at it, and what
is told when it changes; `machine` is the one step from state and observation to state and transitions; `chances` says
how often a rule would cry wolf. Nothing is imported here.
"""
