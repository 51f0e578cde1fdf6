"""Send a message to a target: webhook, file, program, or one of Apprise's.

Each attempt ends within a deadline, and no error shows a login. An outlet's words go
into the body alone: never into an address, a header or an argument.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harvester import install_hint
from harvester.alerts import webhook
from harvester.alerts.alert_file import AlertFiles
from harvester.alerts.messages import Message
from harvester.settings.alert_targets import Target

PROGRAM_SECONDS = 30.0  # for a program to end
# Of the environment of this program: all else may hold secrets.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending. ``error`` "": it was delivered."""

    error: str = ""
    retry_after: float = 0.0  # seconds that the target asks for
    is_refused: bool = False  # this message alone: others may be accepted


def send(target: Target, message: Message, secret: str, files: AlertFiles) -> Attempt:
    """Send a message; whatever goes wrong is in the result."""
    try:
        match target.kind:
            case "webhook":
                return _post(target.text, message, secret)
            case "file":
                files.append(Path(target.path), message.id, message.to_json())
            case "exec":
                return _run(target.command, message)
            case "apprise":
                return _notify(target.text, message)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Attempt(f"{target.shown}: {reason}")
    return Attempt()


def _post(url: str, message: Message, secret: str) -> Attempt:
    response = webhook.post(
        url, message.to_json(), webhook.build_headers(message, secret)
    )
    if 200 <= response.status < 300:
        return Attempt()
    if response.error:
        return Attempt(response.error)
    error = f"HTTP {response.status}"
    if 300 <= response.status < 400:
        error += ": redirects are not followed; write the address that it leads to"
    is_refused = 400 <= response.status < 500 and response.status not in (
        *(401, 403, 404, 407, 408),
        *(410, 425, 429),
    )
    return Attempt(error, response.retry_after, is_refused)


def _run(command: list[str], message: Message) -> Attempt:
    """Run a program without a shell; the message is on its standard input."""
    environment = {
        name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ
    }
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        process.communicate(message.to_json() + b"\n", PROGRAM_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        return Attempt(f"the program did not end within {PROGRAM_SECONDS:.0f} seconds")
    except BaseException:
        _kill_group(process)
        raise
    code = process.returncode
    if code < 0:
        return Attempt(f"the program was killed by signal {-code}")
    return Attempt(f"the program ended with exit code {code}" if code else "")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _notify(address: str, message: Message) -> Attempt:
    try:
        import apprise
    except ImportError:
        return Attempt(
            f"this address needs the library Apprise: {install_hint('alerts')}"
        )
    import logging

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it tells logins
    service = apprise.Apprise()
    if not service.add(address):
        return Attempt("Apprise does not know this address")
    body = f"{message.text}\n\n[{message.id}]"
    try:
        done = service.notify(
            body=body, title=message.subject, body_format=apprise.NotifyFormat.TEXT
        )
    except Exception as error:  # noqa: BLE001 (of a service's code, with its words)
        return Attempt(f"Apprise failed ({type(error).__name__})")
    return Attempt("" if done else "Apprise could not deliver it")
