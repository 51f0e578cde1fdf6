"""Processes that read pages: a worker process, and the pool."""
