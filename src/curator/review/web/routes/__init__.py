"""The routes of the review page, one module for each group of pages; their templates are in `templates/`."""
