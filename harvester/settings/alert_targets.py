"""The targets of alerts: where an alert is sent, as the settings write it. Pure.

``https://…`` is a webhook, ``file:PATH`` a file of JSON lines, ``exec:PROGRAM ARGUMENT…``
a program; any other address with a scheme is one of Apprise's (``mailto://…``). Does not
send (``alerts.channels``).
"""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

TargetKind = Literal["webhook", "file", "exec", "apprise"]

_SCHEME_PATTERN = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
MAX_TARGET_CHARACTERS = 4_000
EXAMPLES = '"https://…", "file:alerts.jsonl", "exec:/usr/bin/program" or "mailto://…"'
MASK = "***"


@dataclass(frozen=True, slots=True)
class Target:
    """Where an alert is sent. ``text``: as the settings write it, with its login."""

    kind: TargetKind
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """Names it without telling its login: 16 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def path(self) -> str:
        """Of a file."""
        return self.text.partition(":")[2]

    @property
    def command(self) -> list[str]:
        """Of a program: its path and arguments; no shell reads them."""
        return shlex.split(self.text.partition(":")[2])

    @property
    def shown(self) -> str:
        """For people and logs: logins, tokens and arguments as ``***``."""
        match self.kind:
            case "file":
                return self.text
            case "exec":
                program, *arguments = self.command
                return f"exec:{program}{f' {MASK}' if arguments else ''}"
            case "webhook":
                parts = urlsplit(self.text)
                login = f"{MASK}@" if "@" in parts.netloc else ""
                host = parts.netloc.rpartition("@")[2]
                # Chat services put their token into the path or the parameters.
                rest = f"/{MASK}" if parts.path.strip("/") or parts.query else "/"
                return f"{parts.scheme}://{login}{host}{rest}"
            case "apprise":
                return f"{self.text.partition(':')[0]}://{MASK}"


def parse_target(text: str) -> Target:
    """Read a target. Raises ValueError, whose message shows no login."""
    text = text.strip()
    match = _SCHEME_PATTERN.fullmatch(text)
    if not text or len(text) > MAX_TARGET_CHARACTERS or match is None:
        raise ValueError(f"is not a target: write {EXAMPLES}")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("a target is one line, without control characters")
    scheme, rest = match[1].lower(), match[2].strip()
    if scheme in ("http", "https"):
        return Target("webhook", _check_webhook(text))
    if scheme == "file":
        path = rest.removeprefix("//") if rest.startswith("///") else rest
        if not path or path.endswith("/") or path.startswith("//"):
            raise ValueError('names no file: write "file:alerts.jsonl"')
        return Target("file", f"file:{path}")
    if scheme == "exec":
        try:
            command = shlex.split(rest)
        except ValueError as error:
            raise ValueError(f"exec: cannot be read: {error}") from error
        if not command:
            raise ValueError('exec: names no program: write "exec:/usr/bin/program"')
        return Target("exec", f"exec:{rest}")
    if not rest.startswith("//") or not rest.strip("/"):
        raise ValueError(f"{scheme}: is not a target: write {EXAMPLES}")
    return Target("apprise", text)


def _check_webhook(text: str) -> str:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises ValueError if it is not a number
    except ValueError:
        raise ValueError("is not an http or https URL") from None
    if not parts.hostname or re.search(r"\s", text) or not text.isascii():
        raise ValueError("is not an http or https URL (ASCII, without spaces)")
    return text
