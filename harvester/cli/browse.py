"""``harvest browse``: the archive in a browser, by Datasette with our plugin."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import say
from harvester.errors import HarvesterError

PATIENCE = 30.0  # seconds for Datasette to listen
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Bounds on what a reader may ask of the machine: arbitrary SQL can be slow and large.
BOUNDS = {
    "sql_time_limit_ms": "2000",
    "max_returned_rows": "1000",
    "default_page_size": "50",
    "suggest_facets": "off",
    "allow_download": "off",
    "allow_csv_stream": "off",
    "num_sql_threads": "2",
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8001, show_default=True, help="0: any that is free.")
@click.option("--open", "opened", is_flag=True, help="Open it in a web browser.")
@pass_context
def browse(context: Context, host: str, port: int, opened: bool) -> None:
    """Serve the archive to a web browser, read-only, until Ctrl-C."""
    with context.reading():
        pass  # says what is wrong with the archive before anything is started
    serve(context.settings.archive, host, port, opened)


def serve(archive: Path, host: str, port: int, opened: bool = False) -> None:
    """Start Datasette, print its address once it listens, and wait for its end."""
    port = _free(host, port)
    bounds = [part for name, value in BOUNDS.items() for part in ("--setting", name, value)]
    if host not in LOOPBACK:
        bounds += ["--setting", "default_allow_sql", "off"]  # others may read pages, not run queries of their own
    command = [
        sys.executable,
        "-P",
        "-m",
        "datasette",
        "serve",
        str(archive),
        "--host",
        host,
        "--port",
        str(port),
        *bounds,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        if _listens(process, host, port):
            say(f"{address}  (Ctrl-C ends it)")
            sys.stdout.flush()
            if opened:
                import webbrowser

                webbrowser.open(address)
        code = process.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        signal.signal(signal.SIGTERM, before)
        _end(process)
    if code not in (0, -signal.SIGTERM):
        raise HarvesterError(f"Datasette ended with exit code {code}")


def _free(host: str, port: int) -> int:
    """That port if it is free, any that is for 0. Raises HarvesterError."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            found: int = probe.getsockname()[1]
            return found
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise HarvesterError(f"{host}, port {port}: {said}", "--port 0 takes any that is free") from error


def _listens(process: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Wait until it does; false where it ended instead."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the user's wish, not a default
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((target, port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
