"""Dates, times of day and time zones, as feeds and pages write them."""
