"""From MuPDF's structures to fragments of text: spans, annotations, optional content, word spacing."""
