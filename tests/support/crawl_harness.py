"""The crawl program, and a site on loopback that responds as each test wants."""

from __future__ import annotations

import json
import os
import sqlite3
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support import ROOT, forked_program

PARAGRAPHS = "".join(
    f"<p>Le conseil municipal a voté hier soir la proposition numéro {number}, qui "
    "prévoit la rénovation du pont de pierre et l'ouverture d'une nouvelle bibliothèque "
    "dans le quartier de la gare, selon le maire de la commune.</p>"
    for number in range(6)
)

# What is asked for of itself, once a host.
SITE_FILES = ("/robots.txt", "/.well-known/tdmrep.json")


@dataclass
class CannedResponse:
    """What a path responds with; ``write_raw`` may write anything instead."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write_raw: Callable[[BaseHTTPRequestHandler], Any] | None = None


ResponseSource = CannedResponse | Callable[[BaseHTTPRequestHandler], CannedResponse]


class Site:
    """Responds by path, and logs requests."""

    def __init__(
        self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.paths: dict[str, ResponseSource] = {}
        self.requested_paths: list[str] = []
        self.request_headers: list[dict[str, str]] = []  # names in lower case
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site._respond(self)

            def log_message(self, *_: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None: ...

        self.server = Server((host, 0), Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.host, self.port = host, self.server.server_address[1]
        threading.Thread(
            target=self.server.serve_forever,
            kwargs={"poll_interval": 0.02},
            daemon=True,
        ).start()

    def _respond(self, handler: BaseHTTPRequestHandler) -> None:
        self.requested_paths.append(handler.path)
        self.request_headers.append(
            {name.lower(): value for name, value in handler.headers.items()}
        )
        response = self.paths.get(handler.path, CannedResponse(b"nothing here", 404))
        if callable(response):
            response = response(handler)
        if response.write_raw:
            handler.close_connection = True
            response.write_raw(handler)
            return
        handler.send_response(response.status)
        for name, value in response.headers.items():
            handler.send_header(name, value)
        has_body = response.status not in (204, 304)
        if has_body:
            handler.send_header("Content-Length", str(len(response.body)))
        handler.end_headers()
        if has_body:
            handler.wfile.write(response.body)

    def url(self, path: str = "/") -> str:
        """The URL of a path."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def feed(self, path: str, links: list[str], **headers: str) -> None:
        """Serve a feed with these links."""
        entries = "".join(
            f"<item><title>Titre {number}</title><link>{link}</link>"
            f"<guid isPermaLink='false'>{number}-{link}</guid></item>".replace(
                "&", "&amp;"
            )
            for number, link in enumerate(links)
        )
        body = (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>"
            f"<link>{self.url()}</link><description>d</description>{entries}"
            "</channel></rss>"
        )
        self.paths[path] = CannedResponse(
            body.encode(), headers={"Content-Type": "application/rss+xml", **headers}
        )

    def article(self, path: str, title: str = "Un titre", **headers: str) -> str:
        """Serve an article with a text of its own; returns its URL."""
        body = (
            f"<!doctype html><html lang=fr><head><title>{title}</title></head><body>"
            f"<article><h1>{title}</h1>{PARAGRAPHS}<p>Le titre de cet article est "
            f"{title}, et son adresse {path} ne ressemble à aucune autre.</p></article>"
            "</body></html>"
        )
        self.paths[path] = CannedResponse(
            body.encode(),
            headers={"Content-Type": "text/html; charset=utf-8", **headers},
        )
        return self.url(path)

    def respond(
        self, path: str, body: bytes = b"", status: int = 200, **headers: str
    ) -> str:
        """Serve anything; an underscore in a header's name is a hyphen."""
        self.paths[path] = CannedResponse(
            body,
            status,
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        return self.url(path)

    def respond_raw(
        self, path: str, write: Callable[[BaseHTTPRequestHandler], Any]
    ) -> str:
        """Serve whatever ``write`` writes to the connection."""
        self.paths[path] = CannedResponse(write_raw=write)
        return self.url(path)

    def canned_response(self, path: str) -> CannedResponse:
        """What a path responds with now."""
        response = self.paths[path]
        assert isinstance(response, CannedResponse)
        return response

    def page_paths(self) -> list[str]:
        """What was requested besides robots.txt and tdmrep.json."""
        return [path for path in self.requested_paths if path not in SITE_FILES]

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()


@dataclass
class CrawlResult:
    """A crawl that has ended."""

    exit_code: int
    events: list[dict[str, Any]]
    stderr: str

    @property
    def counts(self) -> dict[str, int]:
        """The counts of its last event."""
        assert self.events, self.stderr
        assert self.events[-1]["event"] == "end", self.stderr
        counts: dict[str, int] = self.events[-1]["counts"]
        return counts


class CrawlHarness:
    """Settings, an archive, and the crawl program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crawl: dict[str, Any] = {
            "delay": "0 seconds",
            "concurrency": 8,
            "allow_networks": ["127.0.0.0/8"],
            "every": "0 seconds",
            "workers": 1,
            "revisit": [],
        }
        self.archive: dict[str, Any] = {}
        self.limits: dict[str, Any] = {}
        self.outlets: dict[str, list[str]] = {}
        self.outlet_lines: dict[str, str] = {}  # outlet → further lines of its table

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "settings.toml"

    def write_settings(self) -> None:
        """Write the settings file."""
        lines = [
            "[archive]",
            *(f"{key} = {json.dumps(value)}" for key, value in self.archive.items()),
            "[crawl]",
            *(f"{key} = {json.dumps(value)}" for key, value in self.crawl.items()),
            "[limits]",
            *(f"{key} = {json.dumps(value)}" for key, value in self.limits.items()),
        ]
        for name, feeds in self.outlets.items():
            lines += [
                f"[outlets.{name}]",
                f"feeds = {json.dumps(feeds)}",
                self.outlet_lines.get(name, ""),
            ]
        self.settings.write_text("\n".join(lines) + "\n")

    def command(self, *arguments: str) -> list[str]:
        """The command that crawls; writes its settings."""
        return [sys.executable, "-P", "-m", "spiders", *self._arguments(*arguments)]

    def _arguments(self, *arguments: str) -> list[str]:
        self.write_settings()
        return ["--settings", str(self.settings), *arguments]

    def environment(self) -> dict[str, str]:
        """The environment for the command."""
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    def once(
        self, *arguments: str, timeout: float = 120, **environment: str
    ) -> CrawlResult:
        """Crawl once; checks that no traceback is shown."""
        process = forked_program.run(
            "spiders",
            self._arguments("--once", *arguments),
            timeout=timeout,
            environment=environment,
        )
        assert "Traceback" not in process.stderr, process.stderr
        events = [json.loads(line) for line in process.stdout.splitlines()]
        return CrawlResult(process.returncode, events, process.stderr)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the archive."""
        with closing(sqlite3.connect(self.folder / "archive.db")) as connection:
            return connection.execute(query, values).fetchall()

    def feed_row(self) -> tuple[str, str]:
        """(outcome, reason) of the only feed."""
        [(outcome, reason)] = self.rows("select outcome, reason from feeds")
        return outcome, reason

    def entries(self) -> dict[str, tuple[str, str]]:
        """Path → (outcome, reason)."""
        return {
            "/" + url.split("://", 1)[1].partition("/")[2]: (outcome, reason)
            for url, outcome, reason in self.rows(
                "select url, outcome, reason from entries"
            )
        }
