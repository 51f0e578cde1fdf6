"""Faults of a machine: failing writes, power cuts, a clock that is set, kills.

``shim.c`` intercepts the calls between a program and its files, ``cuts`` computes what a power cut
leaves, ``kills`` kills processes.
"""
