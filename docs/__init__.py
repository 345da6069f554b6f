"""The documentation: Markdown pages, and the module that writes those of the reference."""
