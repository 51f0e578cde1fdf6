"""POST a message to a URL: no redirects, no proxy, bounded in time and size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import harvester
from harvester.alerts.messages import Message

DEADLINE_SECONDS = 15.0  # for the whole exchange
CONNECT_SECONDS = 10.0
MAX_RESPONSE_BYTES = 65_536  # the rest is not read
MAX_RETRY_AFTER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Response:
    """The status of a response, or why there is none."""

    status: int = 0
    error: str = ""
    retry_after: float = 0.0


def build_headers(message: Message, secret: str) -> dict[str, str]:
    """The headers of a message: its id, and its signature where there is a secret."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"harvester/{harvester.__version__}",
        "Idempotency-Key": message.id,
        "X-Harvest-Id": message.id,
        "X-Harvest-Alert": message.alert,
        "Connection": "close",
    }
    if secret:
        headers["X-Harvest-Signature"] = sign(secret, message.to_json())
    return headers


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of a body, as webhooks carry it."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    deadline: float = DEADLINE_SECONDS,
) -> Response:
    """Send one request. Its errors name no part of the URL: it may hold a login."""
    parts = urlsplit(url)
    headers = dict(headers)
    if parts.username or parts.password:
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    timeout = min(CONNECT_SECONDS, deadline)
    connection: http.client.HTTPConnection
    if parts.scheme.lower() == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=timeout, context=context
        )
    else:
        connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=timeout
        )
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    is_late = threading.Event()
    watchdog = threading.Timer(deadline, _break_off, [connection, is_late])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read(MAX_RESPONSE_BYTES)
        return Response(response.status, "", _read_retry_after(response))
    except ssl.SSLError as error:
        return Response(error=f"TLS: {error.reason or 'failed'}")
    except (http.client.HTTPException, OSError, ValueError) as error:
        if is_late.is_set() or isinstance(error, TimeoutError):
            return Response(error=f"no response within {deadline:g} seconds")
        return Response(error=_describe(error))
    finally:
        watchdog.cancel()
        connection.close()


def _break_off(
    connection: http.client.HTTPConnection, is_late: threading.Event
) -> None:
    """End an exchange at its deadline, from another thread."""
    is_late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _describe(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, socket.gaierror):
        return "its host name cannot be resolved"
    if isinstance(error, OSError) and error.strerror:
        return f"the connection failed: {error.strerror}"
    return "the response is not HTTP"


def _read_retry_after(response: http.client.HTTPResponse) -> float:
    value = (response.getheader("Retry-After") or "").strip()
    seconds = float(value) if value.isascii() and value.isdigit() else 0.0
    return min(seconds, MAX_RETRY_AFTER_SECONDS)
