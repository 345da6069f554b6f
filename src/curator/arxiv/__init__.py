"""All that talks to arXiv or knows its habits: rate limit, client, search, feeds, downloads, calendar, mailings."""
