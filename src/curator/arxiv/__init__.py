"""Access to arXiv: rate limit, client, search, feeds, downloads, calendar, mailings."""
