"""The text of an article: blocks, their features, the model, the outlet's profile."""
