"""Taking an article out for good: what there is of it, its words blanked or removed everywhere, and what keeps it out."""
