"""The list out: its Markdown, written into a person's file without touching what is theirs, and its exports."""
