"""Quote checking: whether a passage stands in a paper, where, and with which differences."""
