"""Proof that the archive is unchanged: the chain of days, verification, evidence."""
