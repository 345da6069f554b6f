"""One module for each group of pages; what they answer with is in `templates/`."""
