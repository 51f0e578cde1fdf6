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

from harvester.newsroom.faults import BREAKS, SILENT, Fault, altered
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.response_body import SMALL, Part, etag, gzipped, plain
from harvester.newsroom.routing import Answer, answer

LONGEST_HEAD = 65_536
ENDED = (
    ConnectionError,
    asyncio.IncompleteReadError,
    TimeoutError,
)  # the client has gone: nobody to tell


class Asked(NamedTuple):
    """One request as it was logged; ``status`` 0: nothing that is HTTP was answered."""

    at: float  # time.monotonic() at its arrival
    path: str  # with its query
    headers: Mapping[str, str]  # names in lower case
    status: int
    method: str
    fault: str = ""  # the kind of fault that it met


class _Request(NamedTuple):
    at: float
    method: str
    target: str
    headers: dict[str, str]
    lasting: bool  # the connection may be used again


class Server:
    """Listens until closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._listening: list[asyncio.Server] = []
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
                await _converse(outlet, lock, reader, writer)

            server = await asyncio.start_server(
                converse, host, port, limit=LONGEST_HEAD, backlog=512
            )
            self._listening.append(server)
            return int(server.sockets[0].getsockname()[1])

        return asyncio.run_coroutine_threadsafe(start(), self._loop).result(10)

    def close(self) -> None:
        """Stop listening and drop all connections, however they hang."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        for server in self._listening:
            server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(
            0
        )  # aborted transports close their sockets in the next turn
        await asyncio.sleep(0)


async def _converse(
    outlet: Outlet,
    lock: threading.RLock,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    try:
        while (request := await _request(reader)) is not None:
            if not await _respond(outlet, lock, request, reader, writer):
                if writer.can_write_eof() and not writer.is_closing():
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
                break
    except ENDED:
        pass
    finally:
        writer.transport.abort()


async def _request(reader: asyncio.StreamReader) -> _Request | None:
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
        fault = outlet.met_fault(request.target)
        found = (
            answer(outlet, request.target)
            if request.method in ("GET", "HEAD")
            else _not_allowed()
        )
        if (
            outlet.former_ports
            and writer.get_extra_info("sockname")[1] in outlet.former_ports
        ):
            found = Answer(
                301, "text/html", (), (("Location", outlet.absolute(request.target)),)
            )
        pause = outlet.latency + (
            outlet.robots_delay if request.target.startswith("/robots.txt") else 0.0
        )
    if fault is not None:
        found = altered(fault, found)
    if pause:
        await asyncio.sleep(pause)
    body, further = _negotiated(outlet, request, found)
    if body is None:
        found = Answer(304, "", (), found.headers, found.modified)
    silent = fault is not None and fault.kind in SILENT
    outlet.requests.append(
        Asked(
            request.at,
            request.target,
            request.headers,
            0 if silent else found.status,
            request.method,
            fault.kind if fault is not None else "",
        )
    )
    if fault is not None and fault.kind == "hang":
        while await reader.read(LONGEST_HEAD):  # until the client gives up
            pass
        return False
    if fault is not None and fault.kind in BREAKS:
        await _misbehave(fault, found, writer)
        return False
    lasting = request.lasting and request.method in ("GET", "HEAD")
    head = _head(found, further if lasting else (*further, ("Connection", "close")))
    writer.write(head if body is None or request.method == "HEAD" else head + body)
    await writer.drain()
    return lasting


async def _misbehave(fault: Fault, found: Answer, writer: asyncio.StreamWriter) -> None:
    def head(one: Answer, further: Sequence[tuple[str, str]]) -> bytes:
        return _head(one, (*further, ("Connection", "close")))

    await BREAKS[fault.kind](fault, found, head, writer)


def _negotiated(
    outlet: Outlet, request: _Request, found: Answer
) -> tuple[bytes | None, tuple[tuple[str, str], ...]]:
    """The body as this client gets it, with the header lines that depend on it; None: it holds that body already."""
    further: tuple[tuple[str, str], ...] = ()
    if found.modified is not None and outlet.validators and found.status == 200:
        tag = etag(found.parts)
        further = (
            ("ETag", tag),
            (
                "Last-Modified",
                format_datetime(found.modified.astimezone(UTC), usegmt=True),
            ),
        )
        if _held(request.headers, tag, found.modified):
            return None, further
    length = sum(len(part.raw) for part in found.parts)
    if "gzip" in request.headers.get("accept-encoding", "") and length > SMALL:
        body = gzipped(found.parts)
        further = (*further, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    else:
        body = plain(found.parts)
    return body, (*further, ("Content-Length", str(len(body))))


def _held(headers: Mapping[str, str], tag: str, modified: datetime) -> bool:
    if stated := headers.get("if-none-match"):
        return stated.strip() == "*" or tag.removeprefix("W/") in (
            one.strip().removeprefix("W/") for one in stated.split(",")
        )
    if since := headers.get("if-modified-since"):
        with suppress(ValueError, TypeError):
            return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    return False


def _not_allowed() -> Answer:
    return Answer(
        405, "text/plain", (Part(b"Method not allowed\n"),), (("Allow", "GET, HEAD"),)
    )


def _head(found: Answer, further: Sequence[tuple[str, str]]) -> bytes:
    try:
        phrase = HTTPStatus(found.status).phrase
    except ValueError:
        phrase = "Odd"
    typed = (("Content-Type", found.content_type),) if found.content_type else ()
    # Line ends inside a value would make two lines of it; faults may pass anything else, also what is not ASCII.
    lines = (
        f"{name}: {value}".replace("\r", " ").replace("\n", " ")
        for name, value in (*typed, *found.headers, *further)
    )
    text = "\r\n".join(
        (
            f"HTTP/1.1 {found.status} {phrase}",
            f"Date: {_now()}",
            "Server: newsroom",
            *lines,
        )
    )
    return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")


def _now() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)
