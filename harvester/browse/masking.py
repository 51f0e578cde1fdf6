"""Logins and keys in feeds' addresses: shown as ``***`` in every answer of every query, whoever asks it.

A feed is asked at its address, so the archive (a file of its owner's alone) holds it whole. What leaves a query is masked: values that
are an address, and what is known as a secret wherever it stands. Not for: our own pages, which mask by themselves too.
"""

from __future__ import annotations

import re
import sqlite3
import time
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.archive.queries import report
from harvester.identity.urls import SECRET_PARAMETER, mask_secrets

REPLACEMENT = "***"
MIN_SECRET_CHARS = 4  # characters: what is shorter stands in too many words to be looked for outside of addresses
REFRESH_SECONDS = 5.0  # seconds for which what is known is not asked again
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{0,20}:)?//\S+\s*", re.IGNORECASE)


def find_secrets(url: str) -> set[str]:
    """The secrets in an address, as written and decoded."""
    if mask_secrets(url) == url:
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
            if SECRET_PARAMETER.search(name):
                found |= {value, *(one for _, one in parse_qsl(pair))}
    found |= {unquote(one) for one in found}
    return {one for one in found if len(one) >= MIN_SECRET_CHARS}


class SecretMasker:
    """Those of the feeds of one archive, asked anew now and then."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._refreshed_at = -REFRESH_SECONDS
        self._refreshing = False
        self._pattern: re.Pattern[str] | None = None
        self.refresh()  # before any limit of time counts

    def refresh(self) -> None:
        """Look whether there are others now."""
        if self._refreshing or time.monotonic() - self._refreshed_at < REFRESH_SECONDS:
            return
        self._refreshing = True
        try:
            known: set[str] = set()
            for url in report.list_feed_urls_with_secrets(self._connection):
                known |= find_secrets(url)
            longest = sorted(known, key=lambda one: (-len(one), one))
            self._pattern = (
                re.compile("|".join(map(re.escape, longest))) if longest else None
            )
            self._refreshed_at = time.monotonic()
        except sqlite3.Error:
            pass  # interrupted: what was known stays known
        finally:
            self._refreshing = False

    def mask_value(self, value: str) -> str:
        """The value without what is secret in it."""
        if self._pattern is not None:
            value = self._pattern.sub(REPLACEMENT, value)
        if "//" in value and len(value) < 100_000 and _ADDRESS.fullmatch(value):
            return mask_secrets(value)
        return value
