"""People in: the queue and what is decided about it. Every decision is a row; an undo is another row."""
