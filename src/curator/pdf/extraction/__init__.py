"""From MuPDF's structures to fragments of lines, and text that is attached to a page but not printed on it."""
