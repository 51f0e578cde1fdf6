"""Processes that read pages: one of them, and the pool."""
