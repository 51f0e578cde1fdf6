"""Inputs that nobody meant, and what must hold of all of them: what ``benchmarks/fuzz.py`` and its short run in the tests are made of.

seeds       small inputs of each kind, written for this
mutations   what is done to them: bytes, structure, encodings, grammars
attacks     whole inputs as large as the limits let in, each of one kind of trouble
kinds       what reads each kind, and what must hold of the result
child       a process that tries cases one by one, bounded in memory; it is replaced when it dies
shrinking   the smallest part of a case that still fails
sockets     raw bytes from a server on loopback to the real downloader
"""
