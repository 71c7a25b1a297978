"""Bringing bought work home: what it costs and when that pays."""
