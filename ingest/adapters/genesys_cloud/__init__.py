"""Genesys Cloud: analytics conversation details."""
