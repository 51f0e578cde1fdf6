"""Merge another archive into this one: match articles, copy rows and WARC records."""
