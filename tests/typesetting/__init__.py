"""The typesetter that makes the demo's sample papers from their Markdown sources."""
