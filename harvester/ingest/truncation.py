"""Whether a response that ends before its stated length is whole nevertheless.

A server that states a wrong Content-Length sends the same body each time: it is believed
after three tries that all ended early, if all three are equal, or if the document ends
as documents do. Of an article that is stored already the latter is required, as half a
page must not shorten it.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

from harvester.archive.records import captures
from harvester.identity.urls import strip_login
from harvester.model import Capture, Visit

MIN_TRIES = 3
_ENDING = re.compile(
    rb"</(?:html|body|rss|feed|urlset|sitemapindex|(?:\w{1,20}:)?rdf)\s*>"
    rb"(?:\s|<!--.{0,500}?-->|</\w{1,20}\s*>)*\Z",
    re.IGNORECASE | re.DOTALL,
)
MAX_ENDING_LENGTH = 2_000  # bytes
_NOTE = (
    "ends early, by its Content-Length of {} bytes, as the two responses before: "
    "read as whole"
)


def without_wrong_length(
    connection: sqlite3.Connection, visit: Visit, capture: Capture, digest: str
) -> Capture:
    """The capture as whole, with a note, if its stated length is wrong; else as it is.

    It is stored already, as truncated; ``digest``: of its body.
    """
    if not capture.truncated or capture.outcome is not None or not capture.body:
        return capture
    if digest != visit.sha256 and not _is_believed(connection, visit, capture):
        return capture
    stated = capture.header("Content-Length")[:20] or "unknown"
    return replace(capture, truncated=False, note=_NOTE.format(stated))


def _is_believed(
    connection: sqlite3.Connection, visit: Visit, capture: Capture
) -> bool:
    tries = captures.list_last_tries(connection, strip_login(visit.url), MIN_TRIES)
    if len(tries) < MIN_TRIES or not all(truncated for _, truncated in tries):
        return False
    if ends_as_documents_do(capture.body):
        return True
    return visit.kind != "article" and len({digest for digest, _ in tries}) == 1


def ends_as_documents_do(body: bytes) -> bool:
    """Whether the end of a body is that of an HTML page or a feed."""
    return _ENDING.search(body[-MAX_ENDING_LENGTH:]) is not None
