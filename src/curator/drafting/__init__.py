"""Draft candidate frames from a paper's text, with a language model or without."""
