"""arXiv in: from a topic's query to papers, and a first screening of their abstracts."""
