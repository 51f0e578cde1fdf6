"""Finds the text of an article: blocks, features, the model, the outlet's profile."""
