"""Records compared: equal URLs and wordings, edits, near-duplicates. Pure."""
