"""Bodies whose Content-Length is wrong: longer ones are read on, bad values ignored.

A server that counts characters, or sends the length of another body, cuts its own text
off. No request is sent before the response to the last one, so what follows a body on
its connection is more of it. A body that is shorter than stated is ``truncated``, see
``harvester.ingest.truncation``. Names with a leading underscore are Twisted's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.web.http import _IdentityTransferDecoder

# A server that keeps the connection open says no more after so long without data.
IDLE_SECONDS = 1.0
# "42, 42": Twisted accepts lists of equal values, RFC 9110, 8.6.
_LENGTH = re.compile(rb"\s*[0-9]{1,18}\s*(?:,\s*[0-9]{1,18}\s*)*")


def is_valid_length(value: bytes) -> bool:
    """Whether a Content-Length can be one; browsers leave out any other."""
    return _LENGTH.fullmatch(value) is not None


class LongerBodyDecoder(_IdentityTransferDecoder):
    """Passes a body on to its end, where more of it than stated is received at once.

    ``close`` closes the connection; it is called after a time without further data. White
    space after a body is none of it.
    """

    __slots__ = ("_close", "_closing")

    def __init__(
        self, decoder: _IdentityTransferDecoder, close: Callable[[], object]
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            decoder.contentLength, decoder.dataCallback, decoder.finishCallback
        )
        self._close = close
        self._closing: Any = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's, as below)
        length = self.contentLength
        if length is not None and data[length:].strip():
            self.contentLength = None  # from now on: until the connection is closed
        if self.contentLength is None:
            self._close_later()
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _close_later(self) -> None:
        from twisted.internet import reactor  # late: importing it would install one

        if self._closing is None:
            timers: Any = reactor
            self._closing = timers.callLater(IDLE_SECONDS, self._close)
        elif self._closing.active():
            self._closing.reset(IDLE_SECONDS)

    def noMoreData(self) -> None:  # noqa: N802
        if self._closing is not None and self._closing.active():
            self._closing.cancel()
        super().noMoreData()  # type: ignore[no-untyped-call]
