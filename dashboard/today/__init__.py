"""Today against the plan: contacts expected and come, agents required and there, by quarter-hour."""
