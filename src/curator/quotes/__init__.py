"""Check quotes: whether a passage is in a paper, where it is, and how it differs from the paper's own words."""
