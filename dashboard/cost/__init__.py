"""The Cost page: what a contact costs at every provider and in-house, what a month is expected to cost, and why."""
