"""Export an article as files that can be read without this program."""
