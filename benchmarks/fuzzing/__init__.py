"""Parts of ``benchmarks/fuzz.py`` and of its short run in the tests.

seeds       small inputs of each kind
mutations   changes of seeds: bytes, structure, encodings, grammars
attacks     inputs as large as the limits allow, each with one kind of trouble
kinds       which function reads each kind, and checks of its result
child       a process that tries cases; bounded in memory, replaced when it dies
shrinking   the smallest part of a case that still fails
sockets     raw bytes from a server on loopback to the real downloader
"""
