"""Import a list that was kept by hand.

`markdown_blocks` turns Markdown, HTML or pasted text into blocks; `parser`, with `headings` and `source_links`, finds
frames and other entries in them; `plan` decides which of them are new; `importer` writes them.
"""
