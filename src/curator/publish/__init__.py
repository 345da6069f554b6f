"""Publish the list in the user's own Markdown file, and export it for other programs.

`snapshot` gathers the list from the warehouse; `markdown` renders it; `managed_regions` writes it between Curator's
markers; `hand_edits` finds what the user changed there. An export format is a module of `curator.publish.formats`,
whose docstring says how to add one. `publisher` joins them.
"""
