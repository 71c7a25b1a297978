"""Every number the pages, the alerts, the exports and the analysts' views show, defined once."""
