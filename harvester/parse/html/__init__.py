"""Bytes to characters to a tree of elements."""
