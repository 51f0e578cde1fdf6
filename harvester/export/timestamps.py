"""A time stamp by an authority as RFC 3161 has it: that these bytes were there at that time. Asks over the network, once.

Needs the extra ``proof``. Not for: deciding which authority is to be trusted; that is for who checks it.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from harvester.errors import HarvesterError

MAX_RESPONSE_BYTES = 1_000_000  # bytes of an answer
TIMEOUT_SECONDS = 30.0  # seconds
GRANTED_STATUSES = (0, 1)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An authority's answer, and the time that it states."""

    response: bytes  # TimeStampResp, DER
    stamped_at: str


def request_timestamp(data: bytes, url: str) -> Timestamp:
    """Have the SHA-256 of ``data`` stamped. Raises HarvesterError where there is no stamp to be had."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise HarvesterError(
            f"{url} is no http or https address",
            "name the address of a time stamp authority",
        )
    # Some authorities put several certificates into a stamp in an order that the library refuses: then one without is asked for.
    found = _request_once(data, url, True) or _request_once(data, url, False)
    if found is None:
        raise HarvesterError(f"{url} answered something that is no time stamp")
    return found


def _request_once(data: bytes, url: str, with_certificates: bool) -> Timestamp | None:
    """One question; None where the answer cannot be read."""
    try:
        from rfc3161_client import (
            HashAlgorithm,
            TimestampRequestBuilder,
            decode_timestamp_response,
        )
    except ImportError as error:
        hint = "pip install 'harvester[proof]'"
        raise HarvesterError(
            "time stamps need a library that is not installed", hint
        ) from error
    builder = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
    )
    asked = builder.cert_request(cert_request=with_certificates).build()
    answer = _post(url, asked.as_bytes())
    try:
        found = decode_timestamp_response(answer)
        if found.status not in GRANTED_STATUSES:
            why = "; ".join(found.status_string) or f"status {found.status}"
            raise HarvesterError(f"{url} gave no time stamp: {why}")
        info = found.tst_info
    except ValueError:
        return None
    if (
        info.message_imprint.message != hashlib.sha256(data).digest()
        or info.nonce != asked.nonce
    ):
        raise HarvesterError(f"{url} stamped something else than it was asked to")
    return Timestamp(answer, info.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _post(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(
        url, body, {"Content-Type": "application/timestamp-query"}
    )  # noqa: S310 (checked)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            found: bytes = answer.read(MAX_RESPONSE_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise HarvesterError(f"{url} cannot be asked: {reason}") from error
    if len(found) > MAX_RESPONSE_BYTES:
        raise HarvesterError(f"{url} answered something that is no time stamp")
    return found
