"""The list as a static site: a front page, a page for each frame and topic, search, a feed; from any file system."""
