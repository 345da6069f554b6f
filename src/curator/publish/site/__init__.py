"""Templates and pages of the static site, which opens from any file system: list, frames, topics, search, feed."""
