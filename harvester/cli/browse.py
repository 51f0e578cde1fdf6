"""``harvest browse``: the archive in a browser, by Datasette with our plugin."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import print_note, print_text
from harvester.errors import HarvesterError

WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # and where it listens on this machine
MAX_LOG_LINE_CHARS = 2_000  # characters of what Datasette says
MIN_SECRET_CHARS = 32  # characters of a secret
STARTUP_TIMEOUT_SECONDS = 30.0  # seconds for Datasette to listen
# Bounds on what a reader may ask of the machine: arbitrary SQL can be slow and large.
DATASETTE_SETTINGS = {
    "sql_time_limit_ms": "2000",
    "max_returned_rows": "1000",
    "default_page_size": "50",
    "suggest_facets": "off",
    "allow_download": "off",
    "allow_csv_stream": "off",
    "num_sql_threads": "2",
}


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; beyond loopback a secret is asked for.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8001,
    show_default=True,
    help="0: any that is free.",
)
@click.option("--open", "opened", is_flag=True, help="Open it in a web browser.")
@click.option(
    "--secret",
    "guarded",
    is_flag=True,
    help="Ask for the secret on loopback too: behind a reverse proxy.",
)
@pass_context
def browse(context: Context, host: str, port: int, opened: bool, guarded: bool) -> None:
    """Serve the archive to a web browser, read-only, until Ctrl-C.

    Beyond loopback only to who has its link: the secret is made at first use, and shown then.
    """
    with context.connect_read_only():
        pass  # says what is wrong with the archive before anything is started
    serve(context.settings.archive, host, port, opened, guarded)


def serve(
    archive: Path,
    host: str,
    port: int,
    open_browser: bool = False,
    require_secret: bool = False,
) -> None:
    """Start Datasette, print its address once it listens, and wait for its end."""
    require_secret = require_secret or not _is_loopback(host)
    secret, new = _load_or_create_secret(archive) if require_secret else ("", False)
    port = _find_free_port(host, port)
    # By the environment: a command line is seen by every user of the machine.
    environment = os.environ | {
        "HARVESTER_BROWSE_SECRET": secret,
        "HARVESTER_BROWSE_LOOPBACK": str(int(not require_secret)),
        "HARVESTER_BROWSE_PARENT": str(os.getpid()),
    }
    process = subprocess.Popen(
        _build_command(archive, host, port, require_secret),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    saying = threading.Thread(target=_relay_stderr, args=[process], daemon=True)
    saying.start()
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        if _wait_until_listening(process, host, port):
            link = f"{address}?token={secret}" if new else address
            print_text(f"{link}  (Ctrl-C ends it)")
            if require_secret:
                _print_secret_hint(archive, host, new)
            sys.stdout.flush()
            if open_browser:
                import webbrowser

                webbrowser.open(address)
        code = process.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        signal.signal(signal.SIGTERM, before)
        _terminate(process)
        saying.join(5.0)
    if code not in (0, -signal.SIGTERM):
        raise HarvesterError(f"Datasette ended with exit code {code}")


def _build_command(
    archive: Path, host: str, port: int, require_secret: bool
) -> list[str]:
    """Datasette's, with the bounds; who needs the secret may read pages, not run queries of their own."""
    bounds = (
        {**DATASETTE_SETTINGS, "default_allow_sql": "off"}
        if require_secret
        else DATASETTE_SETTINGS
    )
    settings = [
        part for name, value in bounds.items() for part in ("--setting", name, value)
    ]
    where = ["--host", host, "--port", str(port)]
    return [
        sys.executable,
        "-P",
        "-m",
        "datasette",
        "serve",
        str(archive),
        *where,
        *settings,
    ]


def _relay_stderr(process: subprocess.Popen[bytes]) -> None:
    """What Datasette says, line by line: words of queries stand in it, so nothing that a terminal would obey."""
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            print_note(
                line.decode("utf-8", "replace").rstrip("\n")[:MAX_LOG_LINE_CHARS]
            )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _secret_file(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.secret")


def _load_or_create_secret(archive: Path) -> tuple[str, bool]:
    """The secret of this archive's pages, and whether it was made now. Raises HarvesterError."""
    place = _secret_file(archive)
    try:
        try:
            found = place.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            found = ""
        if len(found) >= MIN_SECRET_CHARS and found.isprintable():
            place.chmod(0o600)
            return found, False
        made = secrets.token_urlsafe(32)
        place.unlink(missing_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{made}\n")
    except OSError as error:
        raise HarvesterError(
            f"{place}: {error.strerror}",
            "the secret of the archive's pages is kept there",
        ) from error
    return made, True


def _print_secret_hint(archive: Path, host: str, is_new: bool) -> None:
    place = _secret_file(archive)
    if host in WILDCARD_HOSTS:
        print_note(f"From another machine: the name of this one in place of {host}.")
    if is_new:
        print_note(
            f"The link opens the archive; it is shown this once. The secret is kept in {place}: remove the file for another."
        )
    else:
        print_note(
            f"It opens by its link: ?token= and the secret in {place}; remove the file for another."
        )
    print_note(
        "The connection is not encrypted: put a reverse proxy with TLS before it, or an SSH tunnel."
    )


def _find_free_port(host: str, port: int) -> int:
    """That port if it is free, any that is for 0. Raises HarvesterError."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            found: int = probe.getsockname()[1]
            return found
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise HarvesterError(
            f"{host}, port {port}: {said}", "--port 0 takes any that is free"
        ) from error


def _wait_until_listening(
    process: subprocess.Popen[bytes], host: str, port: int
) -> bool:
    """Wait until it does; false where it ended instead."""
    target = WILDCARD_HOSTS.get(host, host)
    end = time.monotonic() + STARTUP_TIMEOUT_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((target, port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _terminate(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
