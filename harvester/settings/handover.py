"""Validated settings, from a program to the crawl process that it starts.

So they are validated once, and the crawl has exactly those that the program has:
validating them takes an eighth of the start of a crawl. The bytes are Python's own
(``pickle``), read from nobody but the parent process.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import BinaryIO

import harvester
from harvester.errors import SettingsError
from harvester.settings.types import Settings

LENGTH_BYTES = 8  # before the message: its length, big-endian


def send_settings(settings: Settings, stream: BinaryIO) -> None:
    """Write settings for ``receive_settings``. Raises OSError if nobody reads them."""
    message = pickle.dumps(
        (
            harvester.__version__,
            str(settings.file or ""),
            pickle.dumps(settings, pickle.HIGHEST_PROTOCOL),
        )
    )
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big") + message)
    stream.flush()


def receive_settings(stream: BinaryIO) -> Settings:
    """The settings that a parent sent. Raises SettingsError.

    Of another version of this program, which was upgraded while that one ran, only the
    name of the file is used.
    """
    length = int.from_bytes(stream.read(LENGTH_BYTES), "big")
    message = stream.read(length)
    if not length or len(message) < length:
        raise SettingsError("no settings came from the program that started the crawl")
    version, file, pickled = pickle.loads(message)  # noqa: S301 (our own parent)
    if version == harvester.__version__:
        settings: Settings = pickle.loads(pickled)  # noqa: S301 (the same)
        return settings
    from harvester.settings.load import load_settings

    return load_settings(Path(file) if file else None)
