"""What every part of Backstop agrees on: events, settings, the store's SQL. It opens no socket and no file of data."""
