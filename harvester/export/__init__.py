"""What leaves the archive as files that can be read without this program. Not for: the archive's own tables (``archive``)."""
