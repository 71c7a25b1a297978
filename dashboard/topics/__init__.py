"""The Topics page: what people ask about, where, how well it goes, and what drove a change."""
