"""Records in, names out: which addresses are one, which words are equal, what differs. Pure."""
