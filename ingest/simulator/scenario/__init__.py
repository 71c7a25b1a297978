"""What a scenario may say, and the reading of its file."""
