"""The review page: what a browser sees of the queue, and the door through which decisions come back."""
