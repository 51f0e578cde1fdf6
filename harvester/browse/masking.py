"""Mask logins and keys of feed URLs as ``***`` in the results of every query.

Feeds are fetched at their URLs, so the archive, which only its owner can read, contains
them whole. Masked are values that are a URL, and the known secrets wherever they occur.
"""

from __future__ import annotations

import re
import sqlite3
import time
from urllib.parse import parse_qsl, unquote, urlsplit

from harvester.archive.queries import report
from harvester.identity.urls import SECRET_PARAMETER, mask_secrets

REPLACEMENT = "***"
MIN_SECRET_CHARS = 4  # shorter ones occur in ordinary words, so only URLs are masked
REFRESH_SECONDS = 5.0
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{0,20}:)?//\S+\s*", re.IGNORECASE)


def find_secrets(url: str) -> set[str]:
    """The secrets in a URL, as written and decoded."""
    if mask_secrets(url) == url:
        return set()
    try:
        parts = urlsplit(url)
    except ValueError:
        return set()
    login = parts.netloc.rpartition("@")[0]
    secrets = {login, *login.split(":")[1:]}
    for pairs in (parts.query, parts.fragment):
        for pair in re.split("[&;]", pairs):
            name, _, value = pair.partition("=")
            if SECRET_PARAMETER.search(name):
                secrets |= {value, *(decoded for _, decoded in parse_qsl(pair))}
    secrets |= {unquote(secret) for secret in secrets}
    return {secret for secret in secrets if len(secret) >= MIN_SECRET_CHARS}


class SecretMasker:
    """Masks the secrets of one archive's feeds; reads them again now and then."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._refreshed_at = -REFRESH_SECONDS
        self._refreshing = False
        self._pattern: re.Pattern[str] | None = None
        self.refresh()  # before a time limit applies

    def refresh(self) -> None:
        """Read the secrets again if they may be outdated."""
        if self._refreshing or time.monotonic() - self._refreshed_at < REFRESH_SECONDS:
            return
        self._refreshing = True
        try:
            secrets: set[str] = set()
            for url in report.list_feed_urls_with_secrets(self._connection):
                secrets |= find_secrets(url)
            longest_first = sorted(secrets, key=lambda text: (-len(text), text))
            self._pattern = (
                re.compile("|".join(map(re.escape, longest_first)))
                if longest_first
                else None
            )
            self._refreshed_at = time.monotonic()
        except sqlite3.Error:
            pass  # interrupted: the known ones stay
        finally:
            self._refreshing = False

    def mask_value(self, value: str) -> str:
        """The value with its secrets masked."""
        if self._pattern is not None:
            value = self._pattern.sub(REPLACEMENT, value)
        if "//" in value and len(value) < 100_000 and _ADDRESS.fullmatch(value):
            return mask_secrets(value)
        return value
