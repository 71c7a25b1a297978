"""What really happened, counted and written beside the events."""
