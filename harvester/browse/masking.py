"""Logins and keys in feeds' addresses: shown as ``***`` in every answer of every query, whoever asks it.

A feed is asked at its address, so the archive (a file of its owner's alone) holds it whole. What leaves a query is masked: values that
are an address, and what is known as a secret wherever it stands. Not for: our own pages, which mask by themselves too.
"""

from __future__ import annotations

import re
import sqlite3
import time
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.identity.urls import SECRET, mask

HIDDEN = "***"
SHORTEST = 4  # characters: what is shorter stands in too many words to be looked for outside of addresses
FRESH = 5.0  # seconds for which what is known is not asked again
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{0,20}:)?//\S+\s*", re.IGNORECASE)


def of(url: str) -> set[str]:
    """The secrets in an address, as written and decoded."""
    if mask(url) == url:
        return set()
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    login = parts.netloc.rpartition("@")[0]
    found = {login, *login.split(":")[1:]}
    for pairs in (parts.query, parts.fragment):
        for pair in re.split("[&;]", pairs):
            name, _, value = pair.partition("=")
            if SECRET.search(name):
                found |= {value, *(one for _, one in parse_qsl(pair))}
    found |= {unquote(one) for one in found}
    return {one for one in found if len(one) >= SHORTEST}


class Secrets:
    """Those of the feeds of one archive, asked anew now and then."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._at = -FRESH
        self._asking = False
        self._known: re.Pattern[str] | None = None
        self.refresh()  # before any limit of time counts

    def refresh(self) -> None:
        """Look whether there are others now."""
        if self._asking or time.monotonic() - self._at < FRESH:
            return
        self._asking = True
        try:
            known: set[str] = set()
            cursor = self._connection.cursor()
            cursor.row_factory = None
            for (url,) in cursor.execute(
                "select url from main.feeds where url like '%@%' or url like '%=%'"
            ):
                known |= of(url)
            longest = sorted(known, key=lambda one: (-len(one), one))
            self._known = (
                re.compile("|".join(map(re.escape, longest))) if longest else None
            )
            self._at = time.monotonic()
        except sqlite3.Error:
            pass  # interrupted: what was known stays known
        finally:
            self._asking = False

    def hidden(self, value: str) -> str:
        """The value without what is secret in it."""
        if self._known is not None:
            value = self._known.sub(HIDDEN, value)
        if "//" in value and len(value) < 100_000 and _ADDRESS.fullmatch(value):
            return mask(value)
        return value
