"""Messages in, events and what they say of contacts out: no broker and no store."""
