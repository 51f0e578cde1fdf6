"""From bytes to clean text, absolute URLs and a tree of elements."""
