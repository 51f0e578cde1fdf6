"""The workspace of an import: its index of foreign records, and how far it has come."""
