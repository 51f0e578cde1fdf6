"""Dates and times as pages and feeds state them."""
