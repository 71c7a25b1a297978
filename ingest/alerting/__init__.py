"""Alerts while ingest runs: rules held against the live figures, episodes kept, notifications sent.

`look` asks for the figures, `evaluator` holds the rules against them, `records` keeps states and events, `outbox` says
what is to be sent and what came of it, `message` words it, `webhook` and `mail` send it, `could_take` says what the
company's own sites could take over, `alerting` runs all of that in threads beside ingest.
"""
