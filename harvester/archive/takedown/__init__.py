"""Purge an article: find what to remove, remove or redact it, and keep it out."""
