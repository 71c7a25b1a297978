"""A week's pack: one HTML file that holds a week's scorecard, charts, notes and definitions, and prints well."""
