"""Characters and sentences: clean-up, look-alike letters, sentence ends, text quality."""
