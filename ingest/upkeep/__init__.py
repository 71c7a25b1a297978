"""Looking after a store: quarantine, retention, rebuilding, and how a command reaches the ingest that has it open."""
