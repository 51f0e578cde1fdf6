"""When something is due: pure arithmetic on times.

The archive stores the times, and callers pass in the current one.
"""
