"""A site on loopback that serves pages written by hand, and misbehaves as told."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST, PORT = "127.0.0.19", 18_451  # keys come of addresses: always the same
PAUSE = 0.1  # seconds before an answer: meanwhile the page before is read, mostly


@dataclass
class Fault:
    """What a path answers in place of its page; ``times`` None: for ever."""

    kind: str
    status: int = 500
    location: str = ""
    retry_after: int | None = None
    times: int | None = None


class Site:
    """As much of an outlet of the newspaper as ``pages.Lantern`` needs."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}
        self.faults: dict[str, Fault] = {}
        self.robots_response = (200, "User-agent: *\n")
        self.settings_lines = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None: ...

        self.server = Server((HOST, PORT), Handler)
        serve = self.server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.02}).start()

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """The front page."""
        return f"http://{HOST}:{PORT}/"

    def absolute_url(self, path: str) -> str:
        """A path as an address."""
        return self.url + path.removeprefix("/")

    def serve(self, path: str, body: bytes, content_type: str) -> str:
        """A body at a path; returns its address."""
        self.files[path] = body, content_type
        return self.absolute_url(path)

    def serve_pages(self, _: Sequence[object]) -> tuple[str, ...]:
        """Where its feed is."""
        return (self.absolute_url("/feed.xml"),)

    def add_fault(self, path: str, kind: str, **options: Any) -> None:
        """From now on that path meets a fault."""
        self.faults[path] = Fault(kind, **options)

    def heal(self, path: str) -> None:
        """No longer."""
        del self.faults[path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a request."""
        time.sleep(PAUSE)
        path = handler.path
        fault = self.faults.get(path)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                del self.faults[path]
        if fault is not None and fault.kind == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
            handler.close_connection = True
            return
        headers: dict[str, str] = {}
        status, body, kind = 404, b"<h1>Not here</h1>", "text/html"
        if path == "/robots.txt":
            status, text = self.robots_response
            body, kind = text.encode(), "text/plain"
        elif fault is not None:
            status, body = fault.status, b"<h1>Not now</h1>"
            if fault.location:
                headers["Location"] = fault.location
            if fault.retry_after is not None:
                headers["Retry-After"] = str(fault.retry_after)
        elif path in self.files:
            status, (body, kind) = 200, self.files[path]
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            if handler.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
