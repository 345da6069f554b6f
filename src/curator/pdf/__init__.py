"""PDF in: from a file that a stranger made to pages of clean text, sections and sentences.

The parser runs in child processes of its own (`worker`), so importing this package loads no PDF library.
"""
