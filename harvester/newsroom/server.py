"""HTTP/1.1 for all outlets: one event loop in one thread, one listening socket each.

An event loop rather than a thread per connection: a thousand outlets, slow bodies and
hanging connections cost nothing, and all of it ends at once when it is closed.
Responses are sent in one piece, without waiting for acknowledgements (TCP_NODELAY).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

from harvester.newsroom.faults import (
    CONNECTION_FAULTS,
    UNANSWERED_KINDS,
    Fault,
    apply_fault,
)
from harvester.newsroom.outlet_state import LoggedRequest, OutletState
from harvester.newsroom.response_body import (
    MIN_COMPRESSED_BYTES,
    BodyPart,
    Response,
    gzip_parts,
    join_parts,
    make_etag,
)
from harvester.newsroom.routing import find_response

MAX_HEAD_BYTES = 65_536
DISCONNECT_ERRORS = (ConnectionError, asyncio.IncompleteReadError, TimeoutError)
HeaderLines = tuple[tuple[str, str], ...]


class _Request(NamedTuple):
    received_at: float  # monotonic
    method: str
    target: str  # path and query
    headers: dict[str, str]  # names in lower case
    keep_alive: bool


class Server:
    """Listens until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="newsroom", daemon=True
        )
        self._thread.start()

    def listen(self, outlet: OutletState, lock: threading.RLock, port: int) -> int:
        """Serve an outlet at a port (0: any that is free); returns the port."""

        async def handle(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await _handle_connection(outlet, lock, reader, writer)

        async def start() -> int:
            server = await asyncio.start_server(
                handle, outlet.host, port, limit=MAX_HEAD_BYTES, backlog=512
            )
            self._servers.append(server)
            return int(server.sockets[0].getsockname()[1])

        return asyncio.run_coroutine_threadsafe(start(), self._loop).result(10)

    def close(self) -> None:
        """Stop listening and drop all connections, however they hang."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._shut_down(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _shut_down(self) -> None:
        for server in self._servers:
            server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        # Aborted transports close their sockets in the next iterations of the loop.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def _handle_connection(
    outlet: OutletState,
    lock: threading.RLock,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    try:
        while (request := await _read_request(reader)) is not None:
            if not await _respond(outlet, lock, request, reader, writer):
                if writer.can_write_eof() and not writer.is_closing():
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
                break
    except DISCONNECT_ERRORS:
        pass  # the client is gone
    finally:
        writer.transport.abort()


async def _read_request(reader: asyncio.StreamReader) -> _Request | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        return None
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    if target.startswith("http://"):  # as sent to a proxy
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    keep_alive = (
        version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    )
    return _Request(time.monotonic(), method, target or "/", headers, keep_alive)


async def _respond(
    outlet: OutletState,
    lock: threading.RLock,
    request: _Request,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    """Respond to one request; False: the connection cannot be used again."""
    with lock:
        fault = outlet.take_fault(request.target)
        response = _response_for(outlet, request, writer)
        seconds = outlet.latency_seconds
        if request.target.startswith("/robots.txt"):
            seconds += outlet.robots_delay_seconds
    if fault is not None:
        response = apply_fault(fault, response)
    if seconds:
        await asyncio.sleep(seconds)
    body, extra_headers = _negotiate_body(outlet, request, response)
    if body is None:
        response = Response(304, "", (), response.headers, response.last_modified)
    _log_request(outlet, request, response, fault)
    if fault is not None and fault.kind == "hang":
        while await reader.read(MAX_HEAD_BYTES):  # until the client gives up
            pass
        return False
    if fault is not None and fault.kind in CONNECTION_FAULTS:
        await _send_fault(fault, response, writer)
        return False
    keep_alive = request.keep_alive and request.method in ("GET", "HEAD")
    if not keep_alive:
        extra_headers = (*extra_headers, ("Connection", "close"))
    head = _build_head(response, extra_headers)
    writer.write(head if body is None or request.method == "HEAD" else head + body)
    await writer.drain()
    return keep_alive


def _response_for(
    outlet: OutletState, request: _Request, writer: asyncio.StreamWriter
) -> Response:
    response = (
        find_response(outlet, request.target)
        if request.method in ("GET", "HEAD")
        else _method_not_allowed()
    )
    if (
        outlet.former_ports
        and writer.get_extra_info("sockname")[1] in outlet.former_ports
    ):
        url = outlet.absolute_url(request.target)
        return Response(301, "text/html", (), (("Location", url),))
    return response


def _log_request(
    outlet: OutletState, request: _Request, response: Response, fault: Fault | None
) -> None:
    unanswered = fault is not None and fault.kind in UNANSWERED_KINDS
    outlet.requests.append(
        LoggedRequest(
            received_at=request.received_at,
            path=request.target,
            headers=request.headers,
            status=0 if unanswered else response.status,
            method=request.method,
            fault_kind=fault.kind if fault is not None else "",
        )
    )


async def _send_fault(
    fault: Fault, response: Response, writer: asyncio.StreamWriter
) -> None:
    def build_head(head: Response, extra_headers: Sequence[tuple[str, str]]) -> bytes:
        return _build_head(head, (*extra_headers, ("Connection", "close")))

    await CONNECTION_FAULTS[fault.kind](fault, response, build_head, writer)


def _negotiate_body(
    outlet: OutletState, request: _Request, response: Response
) -> tuple[bytes | None, HeaderLines]:
    """The body for this client, and the headers that depend on it.

    The body is None where the client has it already (304).
    """
    headers: HeaderLines = ()
    if (
        response.last_modified is not None
        and outlet.sends_validators
        and response.status == 200
    ):
        etag = make_etag(response.parts)
        modified = format_datetime(response.last_modified.astimezone(UTC), usegmt=True)
        headers = (("ETag", etag), ("Last-Modified", modified))
        if _is_not_modified(request.headers, etag, response.last_modified):
            return None, headers
    length = sum(len(part.raw) for part in response.parts)
    if (
        "gzip" in request.headers.get("accept-encoding", "")
        and length > MIN_COMPRESSED_BYTES
    ):
        body = gzip_parts(response.parts)
        headers = (*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    else:
        body = join_parts(response.parts)
    return body, (*headers, ("Content-Length", str(len(body))))


def _is_not_modified(
    headers: Mapping[str, str], etag: str, last_modified: datetime
) -> bool:
    if none_match := headers.get("if-none-match"):
        return none_match.strip() == "*" or etag.removeprefix("W/") in (
            value.strip().removeprefix("W/") for value in none_match.split(",")
        )
    if since := headers.get("if-modified-since"):
        with suppress(ValueError, TypeError):
            return last_modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    return False


def _method_not_allowed() -> Response:
    return Response(
        405,
        "text/plain",
        (BodyPart(b"Method not allowed\n"),),
        (("Allow", "GET, HEAD"),),
    )


def _build_head(response: Response, extra_headers: Sequence[tuple[str, str]]) -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Odd"
    headers = [
        ("Date", format_datetime(datetime.now(UTC), usegmt=True)),
        ("Server", "newsroom"),
        *([("Content-Type", response.content_type)] if response.content_type else []),
        *response.headers,
        *extra_headers,
    ]
    # A line end inside a value would start another header; faults may pass anything
    # else, also what is not ASCII.
    lines = (
        f"{name}: {value}".replace("\r", " ").replace("\n", " ")
        for name, value in headers
    )
    head = "\r\n".join((f"HTTP/1.1 {response.status} {phrase}", *lines))
    return f"{head}\r\n\r\n".encode("utf-8", "surrogateescape")
