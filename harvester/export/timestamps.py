"""Request a timestamp (RFC 3161): an authority's proof that data existed at a time.

Sends one or two requests over the network. Needs the extra ``proof``. Does not judge
which authority can be trusted; that is up to those who verify the timestamp.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from harvester import install_hint
from harvester.errors import HarvesterError

MAX_RESPONSE_BYTES = 1_000_000
TIMEOUT_SECONDS = 30.0
GRANTED_STATUSES = (0, 1)  # granted, granted with modifications


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An authority's response, and the time that it states."""

    response: bytes  # TimeStampResp, DER
    stamped_at: str


def request_timestamp(data: bytes, url: str) -> Timestamp:
    """Have the SHA-256 of ``data`` timestamped.

    Raises HarvesterError if the authority does not grant a valid timestamp.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise HarvesterError(
            f"{url} is not an http or https URL",
            "pass the URL of a timestamp authority",
        )
    # Some authorities order their certificates in a way that the library refuses.
    timestamp = _request_once(data, url, True) or _request_once(data, url, False)
    if timestamp is None:
        raise HarvesterError(f"the response of {url} is not a timestamp")
    return timestamp


def _request_once(data: bytes, url: str, with_certificates: bool) -> Timestamp | None:
    """Send one request; None if the response cannot be parsed."""
    try:
        from rfc3161_client import (
            HashAlgorithm,
            TimestampRequestBuilder,
            decode_timestamp_response,
        )
    except ImportError as error:
        raise HarvesterError(
            "timestamps need a library that is not installed",
            install_hint("proof"),
        ) from error
    builder = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
    )
    request = builder.cert_request(cert_request=with_certificates).build()
    content = _post(url, request.as_bytes())
    try:
        response = decode_timestamp_response(content)
        if response.status not in GRANTED_STATUSES:
            reason = "; ".join(response.status_string) or f"status {response.status}"
            raise HarvesterError(f"{url} refused the timestamp: {reason}")
        info = response.tst_info
    except ValueError:
        return None
    if (
        info.message_imprint.message != hashlib.sha256(data).digest()
        or info.nonce != request.nonce
    ):
        raise HarvesterError(f"the timestamp of {url} is for other data")
    return Timestamp(content, info.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 (checked)
    try:
        opened = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
        with opened as response:
            content: bytes = response.read(MAX_RESPONSE_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise HarvesterError(f"cannot reach {url}: {reason}") from error
    if len(content) > MAX_RESPONSE_BYTES:
        raise HarvesterError(f"the response of {url} is not a timestamp")
    return content
