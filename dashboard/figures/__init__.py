"""How figures of the catalogue are shown, explained and taken away."""
