"""Questions that people and pages ask of the archive. They only read."""
