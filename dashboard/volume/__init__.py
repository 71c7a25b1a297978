"""The Volume page: how much came in, when, because of what, and what is still open."""
