"""A site on loopback that says what each test wants, and the real program run against it."""

from __future__ import annotations

import json
import os
import sqlite3
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

PARAGRAPHS = "".join(
    f"<p>Le conseil municipal a voté hier soir la proposition numéro {n}, qui prévoit la rénovation du pont de pierre et "
    "l'ouverture d'une nouvelle bibliothèque dans le quartier de la gare, selon le maire de la commune.</p>"
    for n in range(6)
)


@dataclass
class Answer:
    """What a path answers with; ``raw`` instead is written as it is."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """Answers by path; remembers what was asked."""

    def __init__(
        self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.paths: dict[str, Answer | Callable[[BaseHTTPRequestHandler], Answer]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.headers.append(
                    {name.lower(): value for name, value in self.headers.items()}
                )
                answer = site.paths.get(self.path, Answer(b"nothing here", 404))
                if callable(answer):
                    answer = answer(self)
                if answer.raw:
                    self.close_connection = True
                    answer.raw(self)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status not in (204, 304):
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if answer.status not in (204, 304):
                    self.wfile.write(answer.body)

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

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def feed(self, path: str, links: list[str], **headers: str) -> None:
        """A feed with these links."""
        entries = "".join(
            f"<item><title>Titre {n}</title><link>{link}</link><guid isPermaLink='false'>{n}-{link}</guid></item>".replace(
                "&", "&amp;"
            )
            for n, link in enumerate(links)
        )
        body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><link>{self.url()}</link><description>d</description>{entries}</channel></rss>"
        self.paths[path] = Answer(
            body.encode(), headers={"Content-Type": "application/rss+xml", **headers}
        )

    def article(self, path: str, title: str = "Un titre", **headers: str) -> str:
        """An article with words of its own; returns its address."""
        text = f"{PARAGRAPHS}<p>Le titre de cet article est {title}, et son adresse {path} ne ressemble à aucune autre.</p>"
        html = f"<!doctype html><html lang=fr><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
        self.paths[path] = Answer(
            html.encode(),
            headers={"Content-Type": "text/html; charset=utf-8", **headers},
        )
        return self.url(path)

    def answer(
        self, path: str, body: bytes = b"", status: int = 200, **headers: str
    ) -> str:
        """Anything; an underscore in a header's name is a hyphen."""
        self.paths[path] = Answer(
            body,
            status,
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        return self.url(path)

    def raw(self, path: str, write: Callable[[BaseHTTPRequestHandler], None]) -> str:
        """Whatever ``write`` writes."""
        self.paths[path] = Answer(raw=write)
        return self.url(path)

    def pages(self) -> list[str]:
        """What was asked besides robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Ran:
    """A crawl that has ended."""

    code: int
    lines: list[dict[str, Any]]
    errors: str

    @property
    def counts(self) -> dict[str, int]:
        assert self.lines, self.errors
        assert self.lines[-1]["event"] == "end", self.errors
        counts: dict[str, int] = self.lines[-1]["counts"]
        return counts


class World:
    """Settings, an archive, and the program."""

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
        self.limits: dict[str, Any] = {}
        self.outlets: dict[str, list[str]] = {}
        self.more: dict[str, str] = {}  # outlet → further lines of its settings
        self.home = ""

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    def write(self) -> None:
        lines = [
            "[crawl]",
            *(f"{key} = {json.dumps(value)}" for key, value in self.crawl.items()),
        ]
        lines += [
            "[limits]",
            *(f"{key} = {json.dumps(value)}" for key, value in self.limits.items()),
        ]
        for name, feeds in self.outlets.items():
            lines += [
                f"[outlets.{name}]",
                f"feeds = {json.dumps(feeds)}",
                self.more.get(name, ""),
            ]
        self.settings.write_text("\n".join(lines) + "\n")

    def command(self, *arguments: str) -> list[str]:
        self.write()
        return [
            sys.executable,
            "-P",
            "-m",
            "spiders",
            "--settings",
            str(self.settings),
            *arguments,
        ]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    def once(self, *arguments: str, timeout: float = 60, **environment: str) -> Ran:
        done = subprocess.run(
            self.command("--once", *arguments),
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**self.environment(), **environment},
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(
            done.returncode,
            [json.loads(line) for line in done.stdout.splitlines()],
            done.stderr,
        )

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.folder / "archive.db")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def feed_row(self) -> tuple[str, str]:
        [(outcome, reason)] = self.rows("select outcome, reason from feeds")
        return outcome, reason

    def entries(self) -> dict[str, tuple[str, str]]:
        """path → (outcome, reason)"""
        return {
            "/" + url.split("://", 1)[1].partition("/")[2]: (outcome, reason)
            for url, outcome, reason in self.rows(
                "select url, outcome, reason from entries"
            )
        }


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


@pytest.fixture
def other() -> Iterator[Site]:
    one = Site("127.0.0.2")
    yield one
    one.close()


@pytest.fixture
def world(tmp_path: Path, site: Site) -> World:
    """An outlet whose feed is /feed on ``site``."""
    one = World(tmp_path)
    one.outlets = {"paper": [site.url("/feed")]}
    return one
