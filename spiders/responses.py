"""Scrapy's responses and failures as captures, with reasons for people. Pure.

What a response means for an article is decided in ``harvester.ingest``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers, Response

from harvester.archive.records.content_encodings import format_size
from harvester.archive.records.warc_records import without_headers
from harvester.identity.urls import retry_after_scope
from harvester.model import Capture, Outcome, Redirect, Visit
from spiders.address_guard import refusal_reason
from spiders.network import error_causes
from spiders.request_context import get_context

UNDECODED_FLAG = "undecoded: "  # with the reason; of a response
# Headers of a request that hold no secret, in lower case.
OPEN_HEADERS = frozenset(
    "accept accept-encoding accept-language if-modified-since if-none-match"
    " user-agent".split()
)
REASON_ONLY_HTTP = "only http and https URLs are fetched"
_TLS_ALERT = re.compile(
    r"certificate [a-z ]+|[a-z0-9 ]*(?:alert|protocol|handshake)[a-z0-9 ]*"
)
_NOT_HTTP_ERRORS = ("ParseError", "BadResponseVersion", "BadHeaders")
_CONNECT_ERRORS = (
    *("ConnectError", "NoRouteError", "TCPTimedOutError"),
    *("UnknownHostError", "BindError"),
)
_LOST_ERRORS = ("ConnectionLost", "ConnectionDone", "ConnectionAborted", "_DataLoss")


class NotFetchedError(IgnoreRequest):
    """A request was not sent, or its response is not wanted."""

    def __init__(
        self, outcome: Outcome, reason: str, retry_at: str | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.retry_at = retry_at


class RedirectError(NotFetchedError):
    """A redirect cannot be followed."""

    def __init__(self, reason: str) -> None:
        super().__init__(Outcome.FAILED, reason)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL: "https://example.org"."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def rate_limit_scope(url: str) -> tuple[str, str]:
    """The (origin, site) that a Retry-After in a response from this URL applies to."""
    return origin_of(url), retry_after_scope(url)


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Headers in the order received, one pair a value."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in dict(headers.items()).items()
        for value in (values if isinstance(values, list) else [values])
    )


def hop_from_response(
    response: Response, request: Request, refresh_url: str = ""
) -> Redirect:
    """The record of a redirect that is followed; ``refresh_url``: not by its status."""
    headers = header_pairs(response.headers)
    location = refresh_url or next(
        (value for name, value in headers if name.lower() == "location"), ""
    )
    with suppress(ValueError):
        location = urljoin(response.url, location)
    return Redirect(
        response.url,
        response.status,
        location,
        headers,
        response.body,
        ip=peer_address(response, request),
        request_headers=sent_headers(request),
    )


def peer_address(response: Response, request: Request) -> str:
    """The IP address that sent a response; "" if a proxy did, or it is not known."""
    if response.ip_address is None or "proxy" in request.meta:
        return ""
    return str(response.ip_address)


def sent_headers(request: Request) -> tuple[tuple[str, str], ...]:
    """The headers of a request, without those that may hold a secret.

    Only what is known to hold none is taken, and nothing that the outlet's settings add;
    a header that is added names the others.
    """
    pairs = header_pairs(request.headers)
    names = {name.lower() for name, _ in pairs}
    open_names = OPEN_HEADERS - get_context(request).own_header_names
    return without_headers(pairs, names - open_names)


def capture_from_response(
    response: Response, request: Request, url: str, at: str
) -> Capture:
    """What was received for ``url``; ``request`` is the last one sent for it."""
    context = get_context(request)
    undecoded = undecoded_reason(response)
    return Capture(
        url=url,
        reached=response.url if context.redirects else url,
        at=at,
        status=response.status,
        headers=header_pairs(response.headers),
        body=response.body,
        redirects=context.redirects,
        truncated="dataloss" in response.flags,
        outcome=Outcome.FAILED if undecoded else None,
        error=undecoded,
        retry_at=context.retry_at,
        limited_seconds=context.limited_seconds,
        ip=peer_address(response, request),
        request_headers=sent_headers(request),
    )


def undecoded_reason(response: Response) -> str:
    """Why a body could not be decompressed and is as it was received; "" if it is not."""
    reasons = (
        flag.removeprefix(UNDECODED_FLAG)
        for flag in response.flags
        if flag.startswith(UNDECODED_FLAG)
    )
    return next(reasons, "")


def capture_from_failure(
    error: BaseException, request: Request, visit: Visit, at: str, refused_address: str
) -> Capture:
    """Why there is no response, see ``explain_failure``."""
    outcome, reason, retry_at = explain_failure(error, request, refused_address)
    redirects = get_context(request).redirects
    return Capture(
        url=visit.url,
        reached=request.url if redirects else visit.url,
        at=at,
        status=0,
        redirects=redirects,
        outcome=outcome,
        error=reason,
        retry_at=retry_at,
    )


def explain_failure(
    error: BaseException, request: Request, refused_address: str
) -> tuple[Outcome, str, str | None]:
    """Outcome, reason for people, and when to try again.

    ``refused_address``: the private address that was not connected to, "" if that is
    not why the host did not resolve.
    """
    if isinstance(error, NotFetchedError):
        return error.outcome, error.reason, error.retry_at
    if isinstance(error, CannotResolveHostError):
        if refused_address:
            return Outcome.REFUSED, refusal_reason(refused_address), None
        return Outcome.FAILED, "the host name does not resolve", None
    if isinstance(error, UnsupportedURLSchemeError):
        return Outcome.REFUSED, REASON_ONLY_HTTP, None
    return Outcome.FAILED, _failure_reason(error, request), None


def _failure_reason(error: BaseException, request: Request) -> str:
    if isinstance(error, DownloadConnectionRefusedError):
        return "connection refused"
    if isinstance(error, DownloadTimeoutError):
        seconds = request.meta.get("download_timeout", 0)
        unit = "second" if seconds == 1 else "seconds"
        return f"no complete response within {seconds:g} {unit}"
    if isinstance(error, DownloadCancelledError):
        max_bytes = int(request.meta.get("download_maxsize", 0))
        return f"larger than {format_size(max_bytes)}"
    return _connection_failure_reason(error)


def _connection_failure_reason(error: BaseException) -> str:
    """A reason by the most telling cause that Twisted names."""
    causes = error_causes(error)
    for cause in causes:
        if _is_tls_error(cause):
            match = _TLS_ALERT.search(str(cause))
            return f"TLS: {match[0].strip() if match else 'the handshake failed'}"
    for cause in causes:
        if type(cause).__name__ in _NOT_HTTP_ERRORS:
            return "the response is not HTTP"
        if type(cause).__name__ == "HeaderTooLongError":
            return str(cause)
    for cause in causes:
        if type(cause).__name__ in _CONNECT_ERRORS:
            detail = str(cause).partition(": ")[2].rstrip(".").lower()[:100]
            return f"no connection: {detail}"
    for cause in causes:
        if type(cause).__name__ in _LOST_ERRORS:
            return "the connection was lost"
    detail = str(causes[-1]).partition("\n")[0][:100]
    return f"no response: {type(causes[-1]).__name__}{': ' if detail else ''}{detail}"


def _is_tls_error(error: BaseException) -> bool:
    return (
        "certificate" in str(error)
        or "SSL" in type(error).__module__
        or type(error).__name__ in ("CertificateError", "VerificationError")
    )
