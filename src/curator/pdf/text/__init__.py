"""Text: cleaning characters, look-alike letters, hyphens, sentence boundaries, garbled text."""
