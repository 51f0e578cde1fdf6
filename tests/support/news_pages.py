"""Pages fetched from a running Datasette, and where their links lead."""

from __future__ import annotations

import html
import re

import httpx

from tests.support.datasette_server import Served


def get(served: Served, path: str, status: int = 200) -> str:
    """The page's markup."""
    response = httpx.get(served.address + path)
    assert response.status_code == status, response.text
    return response.text


def list_links(page: str) -> dict[str, str]:
    """What links lead to, by their words; the first of equal words."""
    found: dict[str, str] = {}
    for href, label in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>([^<]*)</a>', page):
        found.setdefault(html.unescape(label), html.unescape(href))
    return found
