"""Requests through a proxy, which may have a private address; its targets may not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from harvester.settings import parse_settings
from spiders.proxies import proxy_for
from tests.spiders.test_tls import Authority
from tests.support.crawl_harness import SITE_FILES, CrawlHarness, Site

PAPER = "http://paper.invalid"  # a name that resolves nowhere


def _publish(proxy: Site, *links: str) -> None:
    """What the proxy brings for the feed of that paper, and for an article."""
    proxy.feed("/feed", [f"{PAPER}/a", *links])
    proxy.article("/a")
    for path in ("/feed", "/a"):
        proxy.paths[f"{PAPER}{path}"] = proxy.paths.pop(path)


def test_names_are_resolved_by_the_proxy_and_private_targets_are_refused(
    harness: CrawlHarness, site: Site
) -> None:
    harness.crawl["allow_networks"] = []  # the proxy's address is private all the same
    harness.crawl["proxy"] = site.url("").replace("//", "//user:secret@")
    harness.outlets["paper"] = [f"{PAPER}/feed"]
    targets = ["http://127.0.0.1:1/b", "http://[::1]:1/c", "http://localhost:1/d"]
    _publish(site, *targets, site.url("/e"))
    assert harness.once().counts["new"] == 1
    assert set(site.requested_paths) == {
        f"{PAPER}{p}" for p in (*SITE_FILES, "/feed", "/a")
    }
    sent = {headers.get("proxy-authorization") for headers in site.request_headers}
    assert sent == {"Basic dXNlcjpzZWNyZXQ="}
    entries = harness.entries()
    for path in ("/b", "/c", "/d"):
        assert entries[path][0] == "refused"
        assert "is a private address" in entries[path][1]
    assert entries["/e"] == ("refused", "it is the address of a proxy")
    stored = (harness.folder / "archive.db").read_bytes()
    assert b"secret" not in stored


def test_an_outlet_has_its_own_proxy_or_none(harness: CrawlHarness, site: Site) -> None:
    harness.crawl["proxy"] = "http://127.0.0.1:1"
    _publish(site)
    with closing(Site("127.0.0.2")) as near:
        near.feed("/near", [])
        harness.outlets = {"paper": [f"{PAPER}/feed"], "near": [near.url("/near")]}
        harness.outlet_lines = {
            "paper": f'proxy = "{site.url("")}"',
            "near": 'proxy = ""',
        }
        counts = harness.once().counts
    assert (counts["feeds"], counts["new"]) == (2, 1)


class Tunnel:
    """A proxy for CONNECT alone."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(
                    target=self._connect, args=[client], daemon=True
                ).start()

    def _connect(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.targets.append(head.split()[1].decode())
        host, _, port = self.targets[-1].rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        back = threading.Thread(target=_copy, args=[server, client], daemon=True)
        back.start()
        _copy(client, server)

    def close(self) -> None:
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


@pytest.fixture
def tunnel() -> Iterator[Tunnel]:
    with closing(Tunnel()) as tunnel:
        yield tunnel


def test_https_goes_through_a_tunnel_and_is_verified(
    harness: CrawlHarness, tmp_path: Path, tunnel: Tunnel
) -> None:
    authority = Authority(tmp_path)
    with closing(Site(tls=authority.server())) as secure:
        secure.feed("/feed", [secure.article("/a")])
        harness.crawl["proxy"] = f"http://127.0.0.1:{tunnel.port}"
        harness.outlets["paper"] = [secure.url("/feed")]
        assert harness.once(SSL_CERT_FILE=str(authority.file)).counts["new"] == 1
    assert set(tunnel.targets) == {f"127.0.0.1:{secure.port}"}


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({"HTTP_PROXY": "http://p:1"}, "http://a.example/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://a.example/", ""),
        ({"HTTPS_PROXY": "http://p:2"}, "https://a.example/", "http://p:2"),
        ({"ALL_PROXY": "http://p:3"}, "https://a.example/", "http://p:3"),
        (
            {"HTTP_PROXY": "http://p:1", "NO_PROXY": ".example"},
            "http://a.example/",
            "",
        ),
        ({}, "http://a.example/", ""),
    ],
)
def test_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    url: str,
    proxy: str,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    text = (
        '[crawl]\nproxy = "environment"\n'
        '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\n'
    )
    settings = parse_settings(text, tmp_path / "settings.toml")
    assert proxy_for(settings, "paper", url) == proxy


@pytest.mark.parametrize("proxy", ["https://p:1", "socks5://p:1", "p", "http://"])
def test_what_is_no_proxy(tmp_path: Path, proxy: str) -> None:
    text = (
        f'[crawl]\nproxy = "{proxy}"\n'
        '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\n'
    )
    from harvester.errors import SettingsError

    with pytest.raises(SettingsError, match=r"proxy|URL"):
        parse_settings(text, tmp_path / "settings.toml")


def test_proxies_that_are_not_used_are_named(
    monkeypatch: pytest.MonkeyPatch, harness: CrawlHarness
) -> None:
    from harvester.settings import load_settings

    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    harness.outlets = {"paper": ["https://paper.example/feed"]}
    for name, is_named in (("", True), ("environment", False)):
        harness.crawl["proxy"] = name
        harness.write_settings()
        warnings = load_settings(harness.settings).warnings
        assert any("HTTPS_PROXY is not used" in one for one in warnings) is is_named
