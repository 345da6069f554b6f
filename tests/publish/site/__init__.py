"""The static site, opened from the file system in a real browser."""
