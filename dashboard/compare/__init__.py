"""Sites and providers against each other: this week, over the weeks, and like for like."""
