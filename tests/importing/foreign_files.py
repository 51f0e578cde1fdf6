"""WARC files as others write them, byte by byte, sound and not."""

from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path

HOME = "https://lantern.example"
INFO = (
    b"software: StormCrawler/2\r\noperator: A Person\r\npublisher: Common Crawl\r\n"
    b"isPartOf: CC-NEWS\r\n"
)


def sha1(body: bytes) -> str:
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(digest).decode()}"


def record(
    kind: str,
    url: str,
    at: str,
    block: bytes,
    version: str = "1.0",
    length: object = None,
    **more: str,
) -> bytes:
    """One record; ``more``: further headers, with _ for -."""
    headers = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": at,
        "WARC-Record-ID": f"<urn:uuid:{hashlib.md5(url.encode() + at.encode()).hexdigest()}>",
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Content-Length": len(block) if length is None else length,
    }
    head = "".join(f"{k}: {v}\r\n" for k, v in headers.items() if v != "")
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def http(
    body: bytes,
    status: str = "200 OK",
    type_: str = "text/html; charset=utf-8",
    *more: str,
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {type_}", *more]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def response(url: str, at: str, body: bytes, **more: str) -> bytes:
    return record(
        "response", url, at, http(body), WARC_Payload_Digest=sha1(body), **more
    )


def info(block: bytes = INFO) -> bytes:
    return record("warcinfo", "", "2026-01-01T00:00:00Z", block)


def write(path: Path, records: list[bytes], form: str = "members") -> Path:
    """Write records: ``plain``, gzip ``members``, ``one`` gzip member, or ``zstd``."""
    plain = b"".join(records)
    if form == "plain":
        body = plain
    elif form == "members":
        body = b"".join(map(gzip.compress, records))
    elif form == "one":
        body = gzip.compress(plain)
    else:
        from harvester.archive.records.content_encodings import zstd_module

        zstd = zstd_module()
        body = zstd.ZstdCompressor().compress(plain, zstd.ZstdCompressor.FLUSH_FRAME)
    path.write_bytes(body)
    return path
