"""HTTP/1.1 for all outlets: one event loop in one thread, one listening socket an outlet. Not for: what is answered.

An event loop and not a thread a connection: a thousand outlets, slow bodies and hanging connections cost nothing, and all
of it ends at once when it is closed. Answers go out in one piece, without waiting for acknowledgements (TCP_NODELAY).
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
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.response_body import (
    MIN_COMPRESSED_BYTES,
    BodyPart,
    gzip_parts,
    join_parts,
    make_etag,
)
from harvester.newsroom.routing import Response, find_response

MAX_HEAD_BYTES = 65_536
DISCONNECT_ERRORS = (
    ConnectionError,
    asyncio.IncompleteReadError,
    TimeoutError,
)  # the client has gone: nobody to tell


class LoggedRequest(NamedTuple):
    """One request as it was logged; ``status`` 0: nothing that is HTTP was answered."""

    received_at: float  # time.monotonic() at its arrival
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    status: int
    method: str
    fault_kind: str = ""  # the kind of fault that it met


class _Request(NamedTuple):
    received_at: float
    method: str
    target: str
    headers: dict[str, str]
    keep_alive: bool  # the connection may be used again


class Server:
    """Listens until closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="newsroom", daemon=True
        )
        self._thread.start()

    def listen(
        self, outlet: Outlet, lock: threading.RLock, host: str, port: int
    ) -> int:
        """Serve an outlet; returns its port."""

        async def start() -> int:
            async def converse(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter
            ) -> None:
                await _handle_connection(outlet, lock, reader, writer)

            server = await asyncio.start_server(
                converse, host, port, limit=MAX_HEAD_BYTES, backlog=512
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
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(
            0
        )  # aborted transports close their sockets in the next turn
        await asyncio.sleep(0)


async def _handle_connection(
    outlet: Outlet,
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
        pass
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
    if target.startswith("http://"):  # a proxy's way of asking
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    lasting = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return _Request(time.monotonic(), method, target or "/", headers, lasting)


async def _respond(
    outlet: Outlet,
    lock: threading.RLock,
    request: _Request,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    """Answer one request; False: the connection is of no more use."""
    with lock:
        fault = outlet.take_fault(request.target)
        found = (
            find_response(outlet, request.target)
            if request.method in ("GET", "HEAD")
            else _method_not_allowed()
        )
        if (
            outlet.former_ports
            and writer.get_extra_info("sockname")[1] in outlet.former_ports
        ):
            found = Response(
                301,
                "text/html",
                (),
                (("Location", outlet.absolute_url(request.target)),),
            )
        pause = outlet.latency_seconds + (
            outlet.robots_delay_seconds
            if request.target.startswith("/robots.txt")
            else 0.0
        )
    if fault is not None:
        found = apply_fault(fault, found)
    if pause:
        await asyncio.sleep(pause)
    body, further = _negotiate_body(outlet, request, found)
    if body is None:
        found = Response(304, "", (), found.headers, found.last_modified)
    silent = fault is not None and fault.kind in UNANSWERED_KINDS
    outlet.requests.append(
        LoggedRequest(
            request.received_at,
            request.target,
            request.headers,
            0 if silent else found.status,
            request.method,
            fault.kind if fault is not None else "",
        )
    )
    if fault is not None and fault.kind == "hang":
        while await reader.read(MAX_HEAD_BYTES):  # until the client gives up
            pass
        return False
    if fault is not None and fault.kind in CONNECTION_FAULTS:
        await _send_fault(fault, found, writer)
        return False
    lasting = request.keep_alive and request.method in ("GET", "HEAD")
    head = _build_head(
        found, further if lasting else (*further, ("Connection", "close"))
    )
    writer.write(head if body is None or request.method == "HEAD" else head + body)
    await writer.drain()
    return lasting


async def _send_fault(
    fault: Fault, response: Response, writer: asyncio.StreamWriter
) -> None:
    def head(one: Response, further: Sequence[tuple[str, str]]) -> bytes:
        return _build_head(one, (*further, ("Connection", "close")))

    await CONNECTION_FAULTS[fault.kind](fault, response, head, writer)


def _negotiate_body(
    outlet: Outlet, request: _Request, response: Response
) -> tuple[bytes | None, tuple[tuple[str, str], ...]]:
    """The body as this client gets it, with the header lines that depend on it; None: it holds that body already."""
    further: tuple[tuple[str, str], ...] = ()
    if (
        response.last_modified is not None
        and outlet.sends_validators
        and response.status == 200
    ):
        tag = make_etag(response.parts)
        further = (
            ("ETag", tag),
            (
                "Last-Modified",
                format_datetime(response.last_modified.astimezone(UTC), usegmt=True),
            ),
        )
        if _is_not_modified(request.headers, tag, response.last_modified):
            return None, further
    length = sum(len(part.raw) for part in response.parts)
    if (
        "gzip" in request.headers.get("accept-encoding", "")
        and length > MIN_COMPRESSED_BYTES
    ):
        body = gzip_parts(response.parts)
        further = (*further, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    else:
        body = join_parts(response.parts)
    return body, (*further, ("Content-Length", str(len(body))))


def _is_not_modified(
    headers: Mapping[str, str], etag: str, last_modified: datetime
) -> bool:
    if stated := headers.get("if-none-match"):
        return stated.strip() == "*" or etag.removeprefix("W/") in (
            one.strip().removeprefix("W/") for one in stated.split(",")
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
    typed = (("Content-Type", response.content_type),) if response.content_type else ()
    # Line ends inside a value would make two lines of it; faults may pass anything else, also what is not ASCII.
    lines = (
        f"{name}: {value}".replace("\r", " ").replace("\n", " ")
        for name, value in (*typed, *response.headers, *extra_headers)
    )
    text = "\r\n".join(
        (
            f"HTTP/1.1 {response.status} {phrase}",
            f"Date: {_http_date()}",
            "Server: newsroom",
            *lines,
        )
    )
    return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")


def _http_date() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)
