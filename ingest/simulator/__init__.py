"""A simulated contact centre: plays whole sites, event by event, with the truth about them written beside."""
