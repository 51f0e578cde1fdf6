"""Profiles of outlets: from which pages they are learned and when, and learning them."""
