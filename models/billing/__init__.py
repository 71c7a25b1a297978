"""What is owed by contract, what in-house work costs, and why a bill differs."""
