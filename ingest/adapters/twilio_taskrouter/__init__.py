"""Twilio TaskRouter: its events."""
