"""The connection itself: the last check before sending, and bounds that Scrapy lacks.

Header bytes are bounded (Twisted accepts any number of header lines), and so are idle
connections (Twisted keeps two per host, for four minutes). Time and body size are
bounded by Scrapy itself, by ``download_timeout`` and ``download_maxsize``. Names with a
leading underscore are Scrapy's and Twisted's, of the versions that pyproject.toml pins.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from typing import Any, cast

from scrapy import Request
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.utils._deps_compat import TWISTED_TLS_NEW_IMPL
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _IdentityTransferDecoder
from twisted.web.http_headers import InvalidHeaderName

from harvester.model import Limits
from spiders.body_length import LongerBodyDecoder, is_valid_length
from spiders.certificates import name_verify_errors, refuse_unverifiable
from spiders.endpoint import EndpointFactory
from spiders.protocols import spider_of

IDLE_SECONDS = 15


class HeaderTooLongError(Exception):
    """More header bytes than any honest response has."""


class _Parser(_LenientHTTPClientParser):
    max_header_bytes = Limits().header_bytes
    _received_header_bytes = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 (Twisted's, as all here)
        self._received_header_bytes += len(line) + 2
        if self._received_header_bytes > self.max_header_bytes:
            raise HeaderTooLongError(
                f"headers larger than {self.max_header_bytes / 1024:.4g} KiB"
            )
        super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802
        # A name that is none (with a blank or an accent) costs its line, as in
        # browsers; Twisted would give up the response. So does a length that is none.
        if name.lower() == b"content-length" and not is_valid_length(value):
            return
        with suppress(InvalidHeaderName):
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]

    def switchToBodyMode(self, decoder: Any) -> None:  # noqa: N802
        if isinstance(decoder, _IdentityTransferDecoder) and decoder.contentLength:
            decoder = LongerBodyDecoder(decoder, self._close)
        super().switchToBodyMode(decoder)  # type: ignore[no-untyped-call]

    def _close(self) -> None:
        transport: Any = self.transport
        transport.loseConnection()

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802
        raise HeaderTooLongError(
            f"a header line longer than {self.MAX_LENGTH // 1024} KiB"
        )


class _Protocol(_LenientHTTP11ClientProtocol):
    max_header_bytes = Limits().header_bytes

    def request(self, request: Any) -> Deferred[Any]:
        response = super().request(request)
        if self._parser is not None:
            # As Scrapy does: Twisted hard-codes the parser's class.
            self._parser.__class__ = _Parser
            cast("_Parser", self._parser).max_header_bytes = self.max_header_bytes
        return response


class _Pool(HTTPConnectionPool):
    """Idle connections, bounded over all hosts.

    A poll of a thousand hosts must not hold a thousand sockets.
    """

    cachedConnectionTimeout = IDLE_SECONDS  # noqa: N815
    max_idle_connections = 0

    def _putConnection(self, key: Hashable, connection: Any) -> None:  # noqa: N802
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        connection.idle_key = key
        if len(self._timeouts) > self.max_idle_connections:
            oldest = next(iter(self._timeouts))
            self._timeouts[oldest].cancel()
            self._removeConnection(oldest.idle_key, oldest)  # type: ignore[no-untyped-call]


def _client_factory(max_header_bytes: int) -> type[_LenientHTTP11ClientFactory]:
    class Protocol(_Protocol):
        pass

    class Factory(_LenientHTTP11ClientFactory):
        def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: N802
            return Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]

    Protocol.max_header_bytes = max_header_bytes
    return Factory


class SharedContextFactory(_ScrapyClientContextFactory):
    """TLS settings with one OpenSSL context for all connections of a handler.

    Twisted makes one for each connection, and reads the system's root certificates into
    it: 5.7 ms and most of a megabyte. Names are checked by connection, not by context.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unverified_options: Any = None
        self._create_connection: Any = None  # with the context that is shared

    def _get_cert_options(self) -> Any:
        if self._unverified_options is None:
            self._unverified_options = super()._get_cert_options()
        return self._unverified_options

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        creator: Any = super().creatorForNetloc(hostname, port)
        if self._verify_certificates and TWISTED_TLS_NEW_IMPL:
            self._create_connection = (
                self._create_connection or creator._createConnection
            )
            creator._createConnection = self._create_connection
        return creator


class _Agent(_ScrapyAgent):
    """Scrapy's agent, which converts the headers of a response once, not three times.

    A response is not sniffed either: what it is, ``harvester.parse`` finds out.
    """

    def _get_agent(self, request: Request, timeout: float) -> Any:
        agent: Any = super()._get_agent(request, timeout)
        standard = agent._endpointFactory
        agent._endpointFactory = EndpointFactory(  # type: ignore[no-untyped-call]
            standard._reactor,
            standard._policyForHTTPS,
            standard._connectTimeout,
            standard._bindAddress,
        )
        return agent

    @staticmethod
    def _headers_from_twisted_response(response: Any) -> Headers:
        headers: Headers | None = getattr(response, "_scrapy_headers", None)
        if headers is None:
            headers = _ScrapyAgent._headers_from_twisted_response(response)
            response._scrapy_headers = headers
        return headers

    def _cb_bodydone(self, result: Any, url: str) -> Response:
        if result.get("stop_download"):
            return super()._cb_bodydone(result, url)
        received = result["txresponse"]
        response = Response(
            url,
            int(received.code),
            body=result.get("body", b""),
            flags=result.get("flags"),
            certificate=result.get("certificate"),
            ip_address=result.get("ip_address"),
        )
        response.headers = self._headers_from_twisted_response(received)
        return response


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler with these bounds."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor  # late: importing it would install one

        refuse_unverifiable()
        name_verify_errors()
        self._spider = spider_of(crawler)
        max_per_host = self._pool.maxPersistentPerHost
        self._pool = _Pool(reactor, persistent=True)  # type: ignore[no-untyped-call]
        self._pool.maxPersistentPerHost = max_per_host
        self._pool.max_idle_connections = crawler.settings.getint(
            "MAX_IDLE_CONNECTIONS"
        )
        self._pool._factory = _client_factory(
            self._spider.harvest_settings.limits.header_bytes
        )
        self._contextFactory = cast("Any", self._make_context_factory())

    def _make_context_factory(self) -> SharedContextFactory:
        return SharedContextFactory.from_crawler(self._crawler)

    async def download_request(self, request: Request) -> Response:
        agent = _Agent(
            contextFactory=self._contextFactory,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


class UnverifiedDownloadHandler(BoundedDownloadHandler):
    """Verifies no certificates; its connections are shared with no other handler."""

    def _make_context_factory(self) -> SharedContextFactory:
        return SharedContextFactory(verify_certificates=False)


class DownloadHandler(BoundedDownloadHandler):
    """Checks once more, and chooses the connections to use."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unverified_handler: UnverifiedDownloadHandler | None = None

    async def download_request(self, request: Request) -> Response:
        # A rate limit may have come while the request waited for its turn.
        self._spider.check_before_send(request)
        if not self._spider.is_insecure(request):
            return await super().download_request(request)
        if self._unverified_handler is None:
            self._unverified_handler = UnverifiedDownloadHandler(self._crawler)
        return await self._unverified_handler.download_request(request)

    async def close(self) -> None:
        if self._unverified_handler is not None:
            await self._unverified_handler.close()
        await super().close()
