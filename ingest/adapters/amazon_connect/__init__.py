"""Amazon Connect: contact events, contact records, the agent event stream."""
