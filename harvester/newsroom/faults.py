"""Every way to respond badly, chosen by path.

    outlet.add_fault("/feed/", "status", status=503, times=2)

A withdrawn article or a robots.txt that denies are no faults: honest outlets have them
too, see ``outlet``.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Literal

from harvester.newsroom.response_body import (
    DEFLATE_FINAL_BLOCK,
    GZIP_HEADER,
    BodyPart,
    Response,
    join_parts,
)

FaultKind = Literal[
    "status",
    "slow",
    "hang",
    "truncate",
    "garbage",
    "bomb",
    "endless",
    "redirect",
    "charset",
    "html",
    "reset",
    "headers",
    "body",
]
# Builds the status line and headers of a response, with further headers.
HeadBuilder = Callable[[Response, Sequence[tuple[str, str]]], bytes]
MEGABYTE = 1 << 20
FILLER_HTML = b"<p>And so on, and so on, without any end in sight.</p>\n" * 300
ERROR_PAGE = b"<html><body><h1>Error</h1><p>Not now.</p></body></html>"
CAPTIVE_PORTAL_PAGE = (
    b"<!DOCTYPE html><html><head><title>Welcome to the guest network</title></head>"
    b"<body><p>Please log in.</p></body></html>"
)
GARBAGE_BYTES = (
    b"\x16\x03\x01\x02\x00 this is not HTTP \x00\xff\xfe\r\n\r\n\x00\x01\x02"
)


@dataclass(slots=True, eq=False)
class Fault:
    """One misbehaviour."""

    path: str  # with or without a query, or a pattern with ``*``
    kind: FaultKind
    times: int | None = None  # None: until it is removed
    status: int = 0  # of "status" (503) and "redirect" (302)
    retry_after: int | str | datetime | None = None
    location: str = "/"  # of "redirect"; any text, also file: and data:
    charset: str = "hex"
    body: bytes | None = None  # of "status", "html", "garbage", "body"
    content_type: str = ""  # of "status", "html", "body"; "" for what is usual
    size: int = 100_000_000  # decompressed bytes of "bomb"; lines of "headers"
    sent_fraction: float = 0.5  # of the body, by "truncate"
    interval_seconds: float = 1.0  # between the bytes of "slow"
    except_paths: tuple[str, ...] = ()

    def matches(self, target: str) -> bool:
        """Whether a request for that path and query meets this fault."""
        path = target.partition("?")[0]
        if path in self.except_paths:
            return False
        return self.path in (target, path) or (
            "*" in self.path and fnmatchcase(target, self.path)
        )


def apply_fault(fault: Fault, response: Response) -> Response:
    """The response in place of an honest one, for the kinds that are correct HTTP."""
    if fault.kind == "status":
        body = ERROR_PAGE if fault.body is None else fault.body
        return Response(
            fault.status or 503,
            fault.content_type or "text/html",
            (BodyPart(body),),
            _retry_after_headers(fault),
        )
    if fault.kind == "redirect":
        return Response(
            fault.status or 302,
            "text/html",
            (BodyPart(b"<a>Moved</a>"),),
            (("Location", fault.location),),
        )
    if fault.kind == "html":
        return Response(
            200,
            fault.content_type or "text/html; charset=utf-8",
            (BodyPart(fault.body or CAPTIVE_PORTAL_PAGE),),
        )
    if fault.kind == "body":
        return Response(
            200,
            fault.content_type or response.content_type,
            (BodyPart(fault.body or b""),),
        )
    if fault.kind == "charset":
        media_type = response.content_type.partition(";")[0]
        return replace(response, content_type=f"{media_type}; charset={fault.charset}")
    return response


def _retry_after_headers(fault: Fault) -> tuple[tuple[str, str], ...]:
    value = fault.retry_after
    if value is None:
        return ()
    if isinstance(value, datetime):
        value = format_datetime(value.astimezone(UTC), usegmt=True)
    return (("Retry-After", str(value)),)


async def send_slowly(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send one byte of the body at a time."""
    body = join_parts(response.parts)
    writer.write(build_head(response, (("Content-Length", str(len(body))),)))
    for index in range(len(body)):
        await asyncio.sleep(fault.interval_seconds)
        writer.write(body[index : index + 1])
        await writer.drain()


async def send_truncated(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send less than Content-Length says."""
    body = join_parts(response.parts)
    writer.write(
        build_head(response, (("Content-Length", str(len(body))),))
        + body[: int(len(body) * fault.sent_fraction)]
    )
    await writer.drain()


async def send_garbage(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send something that is not HTTP."""
    writer.write(fault.body or GARBAGE_BYTES)
    await writer.drain()


async def send_bomb(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send the honest body, then ``size`` bytes of white space, all as gzip."""
    blank = b" " * MEGABYTE
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = compressor.compress(blank) + compressor.flush(zlib.Z_FULL_FLUSH)
    start = GZIP_HEADER + b"".join(part.deflated for part in response.parts)
    body, block_count = join_parts(response.parts), -(-fault.size // MEGABYTE)
    length = len(start) + block_count * len(block) + len(DEFLATE_FINAL_BLOCK) + 8
    writer.write(
        build_head(
            response, (("Content-Encoding", "gzip"), ("Content-Length", str(length)))
        )
        + start
    )
    crc = zlib.crc32(body)
    for _ in range(block_count):
        crc = zlib.crc32(blank, crc)
        writer.write(block)
        await writer.drain()
    writer.write(
        DEFLATE_FINAL_BLOCK
        + struct.pack("<II", crc, (len(body) + block_count * MEGABYTE) & 0xFFFFFFFF)
    )
    await writer.drain()


async def send_endless(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send the honest body, and then paragraphs without end."""
    writer.write(build_head(response, (("Transfer-Encoding", "chunked"),)))
    chunk = join_parts(response.parts) or FILLER_HTML
    while not writer.is_closing():
        writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await writer.drain()
        chunk = FILLER_HTML
        # drain() does not yield while the socket takes everything.
        await asyncio.sleep(0)


async def send_many_headers(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Send ``size`` header lines before the body."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for start in range(0, fault.size, 1_000):
        writer.write(
            b"".join(
                b"X-Nonsense-%d: %d\r\n" % (n, n)
                for n in range(start, min(start + 1_000, fault.size))
            )
        )
        await writer.drain()
    body = join_parts(response.parts)
    writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()


async def reset_connection(
    fault: Fault,
    response: Response,
    build_head: HeadBuilder,
    writer: asyncio.StreamWriter,
) -> None:
    """Reset the TCP connection instead of responding."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


FaultSender = Callable[
    [Fault, Response, HeadBuilder, asyncio.StreamWriter], Awaitable[None]
]
# Faults after which the connection cannot be used again. "hang", which needs the
# reader, is in ``server``.
CONNECTION_FAULTS: dict[str, FaultSender] = {
    "slow": send_slowly,
    "truncate": send_truncated,
    "garbage": send_garbage,
    "bomb": send_bomb,
    "endless": send_endless,
    "headers": send_many_headers,
    "reset": reset_connection,
}
UNANSWERED_KINDS = frozenset({"hang", "garbage", "reset"})  # logged with status 0
