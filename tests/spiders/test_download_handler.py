"""The connection itself, as far as no crawl is needed; the rest is in ``test_crawl``."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from scrapy.http import Headers
from twisted.web.http_headers import Headers as TwistedHeaders

from spiders.download_handler import SharedContextFactory, _Agent


@pytest.mark.parametrize("verify", [True, False])
def test_connections_share_one_context_and_not_the_name(verify: bool) -> None:
    factory = SharedContextFactory(verify_certificates=verify)
    creators = [
        factory.creatorForNetloc(host, 443) for host in (b"a.example", b"b.example")
    ]
    contexts = {id(one._createConnection.__self__.getContext()) for one in creators}
    assert len(contexts) == 1
    assert [one._hostnameASCII for one in creators] == ["a.example", "b.example"]


def test_handlers_that_verify_share_nothing_with_those_that_do_not() -> None:
    contexts = [
        SharedContextFactory(verify_certificates=verify)
        .creatorForNetloc(b"a.example", 443)
        ._createConnection.__self__.getContext()
        for verify in (True, False)
    ]
    assert contexts[0] is not contexts[1]


def test_the_headers_of_a_response_are_converted_once() -> None:
    fields = {b"etag": [b'"a"'], b"Set-Cookie": [b"a=1", b"b=2"]}
    received = SimpleNamespace(length=7, headers=TwistedHeaders(fields))
    headers = _Agent._headers_from_twisted_response(received)
    assert headers is _Agent._headers_from_twisted_response(received)
    assert headers == Headers(
        {"Content-Length": "7", "ETag": '"a"', "Set-Cookie": ["a=1", "b=2"]}
    )
