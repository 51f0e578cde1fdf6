"""Read-only questions that commands and pages put to the archive."""
