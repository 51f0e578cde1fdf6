"""When something is due: pure arithmetic on times.

The archive remembers what is due; a tick only asks. Does not ask what time it is.
"""
