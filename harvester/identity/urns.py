"""Addresses of articles that stand in a feed alone. Pure.

An entry with a text and no link of its own (none, or one to the front page or to the
feed itself) is an article of its own. Nothing can be fetched for it, so its address is
a URN: ``urn:harvester:`` and the key of its entry, 16 hexadecimal digits of the SHA-256
of the feed's URL and the entry's id, or without an id of its title and text. This form
is a public interface.
"""

from __future__ import annotations

import re

_PREFIX = "urn:harvester:"
_URN = re.compile(r"urn:harvester:[0-9a-f]{16}")


def entry_urn(entry_key: str) -> str:
    """The address of the article that the entry with this key is."""
    return f"{_PREFIX}{entry_key}"


def is_urn(url: str) -> bool:
    """Whether an address is one of these: it is never fetched, nor linked to."""
    return _URN.fullmatch(url) is not None
