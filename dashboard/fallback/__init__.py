"""The Fallback page: whether a provider's work should come home, can, from when, at what price, which part first."""
