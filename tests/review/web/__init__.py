"""The review page, in a real browser and over HTTP."""
