"""Malformed HTTP responses from a server on loopback to the real downloader.

Wrong status lines, headers, lengths, chunks and encodings; responses sent byte by byte.
A feed lists as many pages as there are cases, and one crawl requests them all. It must
end with exit code 0, without a traceback, and with an outcome and a reason for each.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks.fuzzing import mutations, seeds
from benchmarks.fuzzing.child import Tried

if TYPE_CHECKING:
    from benchmarks.fuzz import Tally

ROOT = Path(__file__).resolve().parents[2]
BATCH = 60  # cases of one crawl
RESPONSE_TIME = "4 seconds"
CASE_SECONDS = 2.0  # of processor time of the crawl and its workers, a case
MAX_BATCH_SECONDS = 180.0  # seconds for a batch
BODY = seeds.PAGES[0]
STATUS = (
    b"HTTP/1.1 200 OK", b"HTTP/1.0 200", b"HTTP/1.1 200", b"HTTP/9.9 200 OK", b"HTTP/1.1 999 X",
    b"HTTP/1.1 20 OK", b"HTTP/1.1 -200 OK", b"HTTP/1.1 2e2 OK", b"ICY 200 OK", b"", b"200",
    b"HTTP/1.1  200  OK", b"HTTP/1.1 200 " + b"x" * 70_000, b"HTTP/1.1 204 No",
    b"HTTP/1.1 304 Not", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"HTTP/1.1 101 Up",
    b"HTTP/1.1 \xff\xff OK", b"\0HTTP/1.1 200 OK", b"HTTP/1.1 401 No", b"HTTP/1.1 429 Slow",
    b"HTTP/1.1 503 Down", b"HTTP/1.1 " + b"9" * 5_000 + b" X", b"<html>", b"SSH-2.0-x",
    b"\x16\x03\x01\x02\x00\x01",
)  # fmt: skip
HEADERS = (
    b"Content-Type: text/html; charset=hex", b"Content-Type: \xff", b"Content-Type", b": x",
    b" folded", b"X: " + b"a" * 20_000, b"Location: http://[::1",
    b"Location: file:///etc/passwd", b"Location: //\xff\xfe/", b"Location: /loop",
    b"Location: http://169.254.169.254/", b"Retry-After: 9999999999999999999999",
    b"Retry-After: -1", b"Retry-After: Sat, 99 Foo 99999 99:99:99 GMT", b"Retry-After: 1e309",
    b"Retry-After: \xb2", b"Set-Cookie: a=b; Expires=x; Max-Age=" + b"9" * 400,
    b"ETag: \x00\xff\"", b"Last-Modified: 9999999", b"Content-Encoding: gzip",
    b"Content-Encoding: br", b"Content-Encoding: zstd",
    b"Content-Encoding: gzip, gzip, gzip, gzip, gzip", b"Content-Encoding: x, \xff",
    b"Content-Length: -5", b"Content-Length: 5, 6", b"Content-Length: 99999999999999999999",
    b"Content-Length: 3", b"Content-Length: 0x10", b"Content-Length: " + b"9" * 5_000,
    b"Content-Length: \xb2", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity", b"Transfer-Encoding: x",
    b"X-Robots-Tag: \x1b[2J, noarchive", b"Refresh: 0; url=javascript:1",
    b"Link: <\0>; rel=canonical", b"Content-Disposition: attachment; filename=\"../../x\"",
    b"Connection: upgrade", b"Date: \r\n\tx", b"Content-Type: application/pdf", b"Vary: *",
    b"Content-Range: bytes 0-0/1",
)  # fmt: skip
CHUNKS = (
    b"5\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n", b"ffffffffffffffffff\r\nx",
    b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n", b"x\r\n", b"5\r\nhel", b"0\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
    b"\r\n\r\n", b"5\nhello\n0\n\n", b"5;" + b"a" * 70_000 + b"\r\nhello\r\n",
    b"\xb2\r\nhello\r\n0\r\n\r\n", b"0\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
    b"1\r\na\r\n" * 3_000,
)  # fmt: skip


def random_response(rng: Random) -> tuple[bytes, str]:
    """A response as raw bytes, and how it is sent: at once, slowly, or never ended."""
    how = rng.choice(("once", "once", "once", "once", "once", "drip", "open", "reset"))
    roll = rng.random()
    if roll < 0.1:
        return mutations.mutated(
            rng,
            (
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n"
                + BODY,
            ),
        ), how
    status = (
        rng.choice(STATUS)
        if rng.random() < 0.4
        else b"HTTP/1.1 "
        + rng.choice((b"200 OK", b"200 OK", b"301 Moved", b"307 Temp", b"503 Down"))
    )
    lines = [rng.choice(HEADERS) for _ in range(rng.randrange(5))]
    if roll < 0.15:
        lines += [b"X-%d: y" % n for n in range(rng.choice((300, 30_000)))]
    body = rng.choice(
        (
            BODY,
            BODY,
            b"",
            b"x",
            mutations.mutated(rng, seeds.PAGES),
            gzip.compress(BODY)[: rng.choice((20, 10_000))],
            zlib.compress(BODY),
            rng.randbytes(300),
            gzip.compress(b" " * 30_000_000),
        )
    )
    if any(b"chunked" in one for one in lines):
        body = rng.choice(CHUNKS) + rng.choice((b"", body))
    elif rng.random() < 0.5:
        lines.append(
            b"Content-Length: %d" % (len(body) + rng.choice((0, 0, 0, 5, -5, 10**6)))
        )
    end = rng.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"))
    return end.join((status, *lines, b"", body)), how


class Server:
    """Serves ``/feed`` and ``/0`` … with raw responses; ``/robots.txt`` is not found."""

    def __init__(self, responses: list[tuple[bytes, str]]) -> None:
        self._responses = responses
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self.closed = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def feed(self) -> bytes:
        links = "".join(
            f"<item><title>Case {n}</title><link>http://127.0.0.1:{self.port}/{n}</link></item>"
            for n in range(len(self._responses))
        )
        return f"<rss version='2.0'><channel><title>T</title>{links}</channel></rss>".encode()

    def close(self) -> None:
        self.closed.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self.closed.is_set():
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._respond, args=(one,), daemon=True).start()

    def _respond(self, one: socket.socket) -> None:
        try:
            with one:
                one.settimeout(10)
                request = b""
                while b"\r\n\r\n" not in request and (piece := one.recv(65_536)):
                    request += piece
                path = (
                    request.split(b" ", 2)[1].decode("latin-1")
                    if request.count(b" ") > 1
                    else "/"
                )
                if path == "/feed":
                    body = self.feed()
                    one.sendall(
                        (
                            b"HTTP/1.1 200 OK\r\nContent-Type: "
                            b"application/rss+xml\r\nConnection: "
                            b"close\r\nContent-Length: %d\r\n\r\n"
                        )
                        % len(body)
                        + body
                    )
                elif path[1:].isdecimal() and int(path[1:]) < len(self._responses):
                    self._send(one, *self._responses[int(path[1:])])
                else:
                    one.sendall(
                        b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    )
        except OSError:
            pass

    def _send(self, one: socket.socket, raw: bytes, how: str) -> None:
        if how == "drip":
            for at in range(min(200, len(raw))):
                one.sendall(raw[at : at + 1])
                if self.closed.wait(0.05):
                    return
        else:
            one.sendall(raw)
        if how == "open":
            self.closed.wait(8)
        elif how == "reset":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def tried(responses: list[tuple[bytes, str]]) -> tuple[str, float]:
    """Crawl these responses; return what is wrong (or "") and the processor time."""
    server = Server(responses)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        settings = folder / "settings.toml"
        feed = json.dumps(f"http://127.0.0.1:{server.port}/feed")
        settings.write_text(
            "[crawl]\ndelay = '0 seconds'\nconcurrency = 16\nallow_networks = "
            "['127.0.0.1']\nworkers = 1\nrevisit = []\n"
            f"[limits]\nanswer_time = '{RESPONSE_TIME}'\n[outlets.a]\nfeeds = [{feed}]\n"
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            done = subprocess.run(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "spiders",
                    "--settings",
                    str(settings),
                    "--once",
                ],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=MAX_BATCH_SECONDS,
                check=False,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        except subprocess.TimeoutExpired:
            return "the crawl hangs", MAX_BATCH_SECONDS
        finally:
            server.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode or "Traceback" in done.stderr or "Unhandled" in done.stderr:
            return f"exit code {done.returncode}: {done.stderr.strip()[-1500:]}", cpu
        return _wrong_entries(folder / "archive.db", len(responses)), cpu


def _wrong_entries(path: Path, count: int) -> str:
    connection = sqlite3.connect(path)
    rows = connection.execute("select url, outcome, reason from entries").fetchall()
    broken = connection.execute("pragma integrity_check").fetchone()[0]
    connection.close()
    if len(rows) != count or broken != "ok":
        return f"{len(rows)} entries of {count}; integrity: {broken}"
    bad = [
        f"{url}: {outcome}, {reason!r}"
        for url, outcome, reason in rows
        if not outcome or (not reason and outcome not in ("new", "unchanged"))
    ]
    odd = [
        f"{url}: {reason!r}"
        for url, _, reason in rows
        if "cannot be read:" in (reason or "")
        or any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in reason or "")
    ]
    return "; ".join([*bad, *odd][:5])


def run(seed: int, count: int, tally: Tally) -> None:
    """Try responses in batches; halve a batch that fails to find the cause."""
    for first in range(0, count, BATCH):
        responses = [
            random_response(Random(f"http {seed} {number}"))
            for number in range(first, min(first + BATCH, count))
        ]
        begun = time.monotonic()
        wrong, cpu = tried(responses)
        if not wrong and cpu > CASE_SECONDS * len(responses) + 20:
            wrong = f"{cpu:.0f} s of processor time"
        for _ in responses:
            tally.add("http", Tried(cpu=cpu / len(responses)))
        if wrong:
            least = _least(responses)
            tally.failures["http"] += 1
            tally.signatures[f"http: {wrong[:100]}"] += 1
            print(
                (
                    f"\nhttp: responses {first} to {first + len(responses)} of seed "
                    f"{seed}: {wrong}\n  least: {[(raw[:300], how) for raw, how in least][:3]}"
                ),
                flush=True,
            )
        print(
            f"… {first + len(responses)} responses, {time.monotonic() - begun:.0f} s",
            file=sys.stderr,
            flush=True,
        )


def _least(responses: list[tuple[bytes, str]]) -> list[tuple[bytes, str]]:
    """Return fewer responses with which it still fails."""
    while len(responses) > 1:
        half = len(responses) // 2
        found = next(
            (part for part in (responses[:half], responses[half:]) if tried(part)[0]),
            None,
        )
        if found is None:
            break
        responses = found
    return responses
