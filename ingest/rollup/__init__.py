"""Sums by day, kept up beside what is committed: derived here, never by a commit, and always derivable again."""
