"""`backstop demo`: everything at once, on a simulated company."""
