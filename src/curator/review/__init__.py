"""The review: the queue and the decisions on it. Every decision is a row of its own, and so is every undo."""
