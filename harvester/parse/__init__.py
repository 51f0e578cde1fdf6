"""Bytes in, records out: feeds and article pages. Pure: no clock, no network, no state of the process."""
