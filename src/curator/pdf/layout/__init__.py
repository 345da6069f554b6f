"""From fragments to blocks in reading order: columns, paragraphs, furniture, sections."""
