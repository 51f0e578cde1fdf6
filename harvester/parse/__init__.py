"""Reads feeds and article pages: bytes in, records out, and nothing else."""
