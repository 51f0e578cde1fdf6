"""Responses and failures of Scrapy as captures, with reasons in words. Pure but for ``clock``'s time handed in.

Not for: deciding what an answer means for an article (``harvester.ingest``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    UnsupportedURLSchemeError,
)

from harvester.model import Capture, Outcome, Redirect

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Headers, Response

    from harvester.model import Visit


class NotFetchedError(IgnoreRequest):
    """A request that was not sent, or whose answer is not wanted."""

    def __init__(
        self, outcome: Outcome, reason: str, retry_at: str | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.retry_at = retry_at


def format_size(count: int) -> str:
    """Bytes in words."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} bytes"


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Headers in the order received, one pair a value."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in dict(headers.items()).items()
        for value in (values if isinstance(values, list) else [values])
    )


def hop_from_response(response: Response) -> Redirect:
    """A redirect that is followed."""
    headers = header_pairs(response.headers)
    location = next(
        (value for name, value in headers if name.lower() == "location"), ""
    )
    return Redirect(response.url, response.status, location, headers, response.body)


def capture_from_response(
    response: Response, request: Request, url: str, at: str
) -> Capture:
    """What was received for ``url``; ``request`` is the last one sent for it."""
    hops: tuple[Redirect, ...] = tuple(request.meta.get("hops", ()))
    return Capture(
        url=url,
        reached=response.url if hops else url,
        at=at,
        status=response.status,
        headers=header_pairs(response.headers),
        body=response.body,
        redirects=hops,
        truncated="dataloss" in response.flags,
        retry_at=request.meta.get("retry_at"),
    )


def capture_from_failure(
    error: BaseException, request: Request, visit: Visit, at: str, refused_address: str
) -> Capture:
    """Why there is no answer. ``refused``: the address that was not connected to, "" if that is not the reason."""
    outcome, reason, retry_at = explain_failure(error, request, refused_address)
    hops: tuple[Redirect, ...] = tuple(request.meta.get("hops", ()))
    reached = request.url if hops else visit.url
    return Capture(
        visit.url,
        reached,
        at,
        0,
        redirects=hops,
        outcome=outcome,
        error=reason,
        retry_at=retry_at,
    )


def explain_failure(
    error: BaseException, request: Request, refused_address: str
) -> tuple[Outcome, str, str | None]:
    """Outcome, reason in words, and when to ask again."""
    if isinstance(error, NotFetchedError):
        return error.outcome, error.reason, error.retry_at
    if isinstance(error, CannotResolveHostError):
        if refused_address:
            from spiders.address_guard import refusal_reason

            return Outcome.REFUSED, refusal_reason(refused_address), None
        return Outcome.FAILED, "the name of the host does not resolve", None
    if isinstance(error, UnsupportedURLSchemeError):
        return Outcome.REFUSED, "only http and https addresses are asked", None
    return Outcome.FAILED, _failure_reason(error, request), None


def _failure_reason(error: BaseException, request: Request) -> str:
    if isinstance(error, DownloadConnectionRefusedError):
        return "connection refused"
    if isinstance(error, DownloadTimeoutError):
        return f"no whole answer within {request.meta.get('download_timeout', 0):g} seconds"
    if isinstance(error, DownloadCancelledError):
        return (
            f"larger than {format_size(int(request.meta.get('download_maxsize', 0)))}"
        )
    return _connection_failure_reason(error)


def _connection_failure_reason(error: BaseException) -> str:
    """The innermost cause that Twisted names."""
    causes: list[BaseException] = [error]
    seen: list[BaseException] = []
    while causes and len(seen) < 20:
        one = causes.pop()
        seen.append(one)
        causes.extend(cause for cause in (one.__cause__,) if cause)
        causes.extend(failure.value for failure in getattr(one, "reasons", None) or ())
    for one in seen:
        kind, text = type(one).__name__, str(one)
        if (
            "certificate" in text
            or "SSL" in type(one).__module__
            or kind in ("CertificateError", "VerificationError")
        ):
            found = re.search(
                r"certificate [a-z ]+|[a-z0-9 ]*(?:alert|protocol|handshake)[a-z0-9 ]*",
                text,
            )
            return f"TLS: {found[0].strip() if found else 'the handshake failed'}"
    for one in seen:
        if type(one).__name__ in (
            "ParseError",
            "BadResponseVersion",
            "BadHeaders",
            "HeaderTooLongError",
        ):
            return (
                "the answer is not HTTP"
                if type(one).__name__ != "HeaderTooLongError"
                else str(one)
            )
    for one in seen:
        if type(one).__name__ in (
            "ConnectError",
            "NoRouteError",
            "TCPTimedOutError",
            "UnknownHostError",
            "BindError",
        ):
            return (
                "no connection: "
                + str(one).partition(": ")[2].rstrip(".").lower()[:100]
            )
    for one in seen:
        if type(one).__name__ in (
            "ConnectionLost",
            "ConnectionDone",
            "ConnectionAborted",
            "_DataLoss",
        ):
            return "the connection broke off"
    said = str(seen[-1]).partition("\n")[0][:100]
    return f"no answer: {type(seen[-1]).__name__}{': ' if said else ''}{said}"
