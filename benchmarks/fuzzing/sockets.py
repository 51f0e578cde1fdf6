"""Raw bytes from a server on loopback to the real downloader: status lines, headers, lengths, chunks and encodings that lie; answers that drip.

A feed names as many pages as there are cases; one crawl asks for all of them. It must end, with exit code 0, without a traceback, and with an
outcome and a reason for each.
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
ANSWER = "4 seconds"
CASE_SECONDS = 2.0  # of processor time of the crawl and its workers, a case
WALL = 180.0  # seconds for a batch
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


def answer(rng: Random) -> tuple[bytes, str]:
    """An answer as raw bytes, and how it is sent: at once, in drips, or never ended."""
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
    """Answers ``/feed`` and ``/0`` … with what it was given; ``/robots.txt`` is not there."""

    def __init__(self, answers: list[tuple[bytes, str]]) -> None:
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self.closed = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def feed(self) -> bytes:
        links = "".join(
            f"<item><title>Case {n}</title><link>http://127.0.0.1:{self.port}/{n}</link></item>"
            for n in range(len(self._answers))
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
            threading.Thread(target=self._answer, args=(one,), daemon=True).start()

    def _answer(self, one: socket.socket) -> None:
        try:
            with one:
                one.settimeout(10)
                asked = b""
                while b"\r\n\r\n" not in asked and (piece := one.recv(65_536)):
                    asked += piece
                path = (
                    asked.split(b" ", 2)[1].decode("latin-1")
                    if asked.count(b" ") > 1
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
                elif path[1:].isdecimal() and int(path[1:]) < len(self._answers):
                    self._send(one, *self._answers[int(path[1:])])
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


def tried(answers: list[tuple[bytes, str]]) -> tuple[str, float]:
    """What is wrong with one crawl over these answers, "" where nothing is; and its processor time."""
    server = Server(answers)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        settings = folder / "settings.toml"
        feed = json.dumps(f"http://127.0.0.1:{server.port}/feed")
        settings.write_text(
            "[crawl]\ndelay = '0 seconds'\nconcurrency = 16\nallow_networks = "
            "['127.0.0.1']\nworkers = 1\nrevisit = []\n"
            f"[limits]\nanswer_time = '{ANSWER}'\n[outlets.a]\nfeeds = [{feed}]\n"
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
                timeout=WALL,
                check=False,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        except subprocess.TimeoutExpired:
            return "it hangs", WALL
        finally:
            server.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode or "Traceback" in done.stderr or "Unhandled" in done.stderr:
            return f"exit code {done.returncode}: {done.stderr.strip()[-1500:]}", cpu
        return _unanswered(folder / "archive.db", len(answers)), cpu


def _unanswered(path: Path, count: int) -> str:
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
    """So many answers, batch by batch; of a batch that fails the answers are told apart by halves."""
    for first in range(0, count, BATCH):
        answers = [
            answer(Random(f"http {seed} {number}"))
            for number in range(first, min(first + BATCH, count))
        ]
        begun = time.monotonic()
        wrong, cpu = tried(answers)
        if not wrong and cpu > CASE_SECONDS * len(answers) + 20:
            wrong = f"{cpu:.0f} s of processor time"
        for _ in answers:
            tally.add("http", Tried(cpu=cpu / len(answers)))
        if wrong:
            least = _least(answers)
            tally.failures["http"] += 1
            tally.signs[f"http: {wrong[:100]}"] += 1
            print(
                (
                    f"\nhttp: answers {first} to {first + len(answers)} of seed "
                    f"{seed}: {wrong}\n  least: {[(raw[:300], how) for raw, how in least][:3]}"
                ),
                flush=True,
            )
        print(
            f"… {first + len(answers)} answers, {time.monotonic() - begun:.0f} s",
            file=sys.stderr,
            flush=True,
        )


def _least(answers: list[tuple[bytes, str]]) -> list[tuple[bytes, str]]:
    """Fewer answers with which it still fails."""
    while len(answers) > 1:
        half = len(answers) // 2
        found = next(
            (part for part in (answers[:half], answers[half:]) if tried(part)[0]), None
        )
        if found is None:
            break
        answers = found
    return answers
