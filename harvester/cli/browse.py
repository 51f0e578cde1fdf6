"""``harvest browse``: the archive in a web browser, by Datasette with our plugin."""

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

from harvester.archive.connection import is_immutable
from harvester.cli.context import Context, pass_context
from harvester.cli.output import print_note, print_text
from harvester.errors import HarvesterError

# Hosts that stand for every address, and the address to reach them at from here.
WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
MAX_LOG_LINE_CHARS = 2_000
MIN_SECRET_CHARS = 32
STARTUP_TIMEOUT_SECONDS = 30.0
# Limits for readers: arbitrary SQL can be slow, and its results large.
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
@click.argument(
    "archive",
    metavar="[FILE]",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; beyond loopback a secret is required.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8001,
    show_default=True,
    help="The port to listen on; 0 for any free one.",
)
@click.option("--open", "opened", is_flag=True, help="Open a web browser.")
@click.option(
    "--secret",
    "guarded",
    is_flag=True,
    help="Require the secret on loopback too, as behind a reverse proxy.",
)
@pass_context
def browse(
    context: Context,
    archive: Path | None,
    host: str,
    port: int,
    opened: bool,
    guarded: bool,
) -> None:
    """Serve the archive to web browsers, read-only.

    FILE: an archive that the settings do not name.

    Beyond loopback, only those with the link have access. Its secret is created at
    first use, and shown once.

    Examples: `harvest browse --open`, `harvest browse archive-of-2024.db --port 8002`
    """
    if archive is not None:
        context.archive_file = archive
    with context.connect_read_only():
        pass  # reports a fault of the archive before anything is started
    captures = context.captures_folder
    serve(context.archive_path, host, port, opened, guarded, captures)


def serve(
    archive: Path,
    host: str,
    port: int,
    open_browser: bool = False,
    require_secret: bool = False,
    captures: Path | None = None,
) -> None:
    """Start Datasette, print its address once it listens, and wait until it ends.

    ``captures``: the folder of WARC files, where it is not beside the archive.
    """
    require_secret = require_secret or not _is_loopback(host)
    secret, new = _load_or_create_secret(archive) if require_secret else ("", False)
    port = _find_free_port(host, port)
    # Through the environment: every user of the machine can see command lines.
    environment = os.environ | {
        "HARVESTER_BROWSE_SECRET": secret,
        "HARVESTER_BROWSE_LOOPBACK": str(int(not require_secret)),
        "HARVESTER_BROWSE_PARENT": str(os.getpid()),
        "HARVESTER_BROWSE_CAPTURES": str(captures or ""),
    }
    process = subprocess.Popen(
        _build_command(archive, host, port, require_secret),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )
    relay = threading.Thread(target=_relay_stderr, args=[process], daemon=True)
    relay.start()
    previous_handler = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        if _wait_until_listening(process, host, port):
            link = f"{address}?token={secret}" if new else address
            print_text(f"{link}  (Ctrl-C stops it)")
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
        signal.signal(signal.SIGTERM, previous_handler)
        _terminate(process)
        relay.join(5.0)
    if code not in (0, -signal.SIGTERM):
        raise HarvesterError(f"Datasette ended with exit code {code}")


def _build_command(
    archive: Path, host: str, port: int, require_secret: bool
) -> list[str]:
    """Datasette's command line; behind a secret, no SQL of the reader's own is run."""
    limits = (
        {**DATASETTE_SETTINGS, "default_allow_sql": "off"}
        if require_secret
        else DATASETTE_SETTINGS
    )
    settings = [
        part for name, value in limits.items() for part in ("--setting", name, value)
    ]
    # Datasette opens other files so that somebody may write to them meanwhile, which
    # takes a folder that can be written.
    file = ["--immutable", str(archive)] if is_immutable(archive) else [str(archive)]
    program = [sys.executable, "-P", "-m", "datasette", "serve", *file]
    return [*program, "--host", host, "--port", str(port), *settings]


def _relay_stderr(process: subprocess.Popen[bytes]) -> None:
    """Print Datasette's log, cleaned, since it quotes what readers typed."""
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
    """The secret of this archive's pages, and whether it is new.

    Raises HarvesterError.
    """
    path = _secret_file(archive)
    try:
        try:
            stored = path.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            stored = ""
        if len(stored) >= MIN_SECRET_CHARS and stored.isprintable():
            if path.stat().st_mode & 0o077:  # a read-only disk refuses any chmod
                path.chmod(0o600)
            return stored, False
        secret = secrets.token_urlsafe(32)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secret}\n")
    except OSError as error:
        raise HarvesterError(
            f"{path}: {error.strerror}",
            "the secret of the archive's pages is stored there",
        ) from error
    return secret, True


def _print_secret_hint(archive: Path, host: str, is_new: bool) -> None:
    path = _secret_file(archive)
    if host in WILDCARD_HOSTS:
        print_note(f"from another machine, use this machine's name instead of {host}")
    if is_new:
        print_note(
            "the link opens the archive; it is shown only once\n"
            f"the secret is stored in {path}; remove the file to get a new one"
        )
    else:
        print_note(
            f"open it with ?token= and the secret in {path}; "
            "remove the file to get a new one"
        )
    print_note(
        "the connection is not encrypted: "
        "use a reverse proxy with TLS, or an SSH tunnel"
    )


def _find_free_port(host: str, port: int) -> int:
    """The port if it is free, or any free one for 0. Raises HarvesterError."""
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            free_port: int = probe.getsockname()[1]
            return free_port
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise HarvesterError(
            f"{host}, port {port}: {reason}", "--port 0 takes any free port"
        ) from error


def _wait_until_listening(
    process: subprocess.Popen[bytes], host: str, port: int
) -> bool:
    """Wait until Datasette listens; false if it ended instead."""
    target = WILDCARD_HOSTS.get(host, host)
    deadline = time.monotonic() + STARTUP_TIMEOUT_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
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
