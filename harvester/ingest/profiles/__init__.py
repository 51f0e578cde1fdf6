"""Profiles of outlets: when they are learned, from which pages, and what follows."""
