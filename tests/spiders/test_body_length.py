"""A wrong Content-Length cuts nothing off."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.support.crawl_harness import CrawlHarness, Site

END = "Le titre de cet article est"


def send(
    site: Site, path: str, length: str, keep_open: threading.Event | None = None
) -> str:
    """Serve an article with this Content-Length."""
    site.article(path)
    body = site.canned_response(path).body

    def write(handler: BaseHTTPRequestHandler) -> Any:
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {length.format(len(body))}\r\n\r\n"
        )
        handler.wfile.write(head.encode() + body)
        handler.wfile.flush()
        if keep_open is not None:
            keep_open.wait(20)

    return site.respond_raw(path, write)


def text_of(harness: CrawlHarness) -> list[str]:
    return [text for (text,) in harness.rows("select text from versions")]


@pytest.mark.parametrize("length", ["100", "12x", "-1", ""])
def test_a_body_that_is_longer_than_stated_is_read_to_its_end(
    harness: CrawlHarness, site: Site, length: str
) -> None:
    site.feed("/feed", [send(site, "/a", length)])
    assert harness.once().counts["new"] == 1
    assert END in text_of(harness)[0]


def test_a_server_that_keeps_the_connection_open(
    harness: CrawlHarness, site: Site
) -> None:
    hold = threading.Event()
    site.feed("/feed", [send(site, "/a", "100", hold), site.article("/b")])
    try:
        assert harness.once().counts["new"] == 2
    finally:
        hold.set()
    assert all(END in text for text in text_of(harness))


def test_a_body_that_is_shorter_than_stated_is_believed_at_the_third_try(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [send(site, "/a", "99999")])
    for _ in range(2):
        assert harness.once("--force").counts["failed"] == 1
    assert harness.once("--force").counts["new"] == 1
    ((outcome, reason),) = harness.rows("select outcome, reason from entries")
    assert outcome == "new"
    assert "Content-Length of 99999 bytes" in reason
    assert END in text_of(harness)[0]


def test_white_space_after_a_body_is_none_of_it(
    harness: CrawlHarness, site: Site
) -> None:
    site.article("/a")
    body = site.canned_response("/a").body

    def write(handler: BaseHTTPRequestHandler) -> Any:
        handler.close_connection = False
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body + b"\r\n")

    site.feed("/feed", [site.respond_raw("/a", write)])
    assert harness.once().counts["new"] == 1
    ((size,),) = harness.rows("select bytes from captures where kind = 'article'")
    assert size == len(body)
