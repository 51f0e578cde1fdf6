"""No private address is connected to unless the settings allow it."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.address_guard import AddressPolicy
from spiders.special_networks import wrapped_addresses
from tests.support.crawl_harness import CrawlHarness, Site

HOSTS = (
    *("127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
    *("017700000001", "127.1", "127.0.1", "0", "0.0.0.0", "[::1]", "[::]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
    *("localhost", "LOCALHOST", "localhost.", "ｌocalhost"),
    *("１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1"),
)
# Of these, all programs agree which address they are.
PLAIN_HOSTS = (
    *("127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:127.0.0.1]", "127.1"),
)
Rows = list[tuple[Any, ...]]


def assert_refused(host: str, rows: Rows) -> None:
    """``rows``: outcome and reason of what leads to a host of this machine."""
    assert any(outcome in ("refused", "failed") for outcome, _ in rows), rows
    if host in PLAIN_HOSTS:
        assert any(
            "is a private address not listed in allow_networks" in reason
            for _, reason in rows
        ), rows


@pytest.mark.parametrize("host", HOSTS)
def test_a_feed_on_this_machine(harness: CrawlHarness, site: Site, host: str) -> None:
    harness.crawl["allow_networks"] = ["127.0.0.2/32"]
    site.article("/secret")
    harness.outlets["paper"] = [f"http://{host}:{site.port}/secret"]
    result = harness.once()
    assert site.requested_paths == []
    if result.exit_code == 2:  # the settings refuse such an address at once
        return
    assert result.exit_code == 0, result.stderr
    assert_refused(host, harness.rows("select outcome, reason from feeds"))


@pytest.fixture(scope="module", params=["redirect", "entry"])
def led_here(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Rows]:
    """Host → what came of a public outlet that leads to it on this machine."""
    site, public = Site(), Site("127.0.0.2")
    harness = CrawlHarness(tmp_path_factory.mktemp("led"))
    harness.crawl["allow_networks"] = ["127.0.0.2/32"]
    site.article("/secret")
    try:
        for number, host in enumerate(HOSTS):
            url, path = f"http://{host}:{site.port}/secret/{number}", f"/feed-{number}"
            if request.param == "entry":
                public.feed(path, [url])
            else:
                public.respond(path, status=302, Location=url)
            harness.outlets[f"paper-{number}"] = [public.url(path)]
        result = harness.once()
    finally:
        site.close()
        public.close()
    assert result.exit_code == 0, result.stderr
    assert site.requested_paths == []
    requested = {path for path in public.page_paths() if path.startswith("/feed-")}
    assert len(requested) == len(HOSTS)
    sql = """
        select e.outcome, e.reason from entries e
        where e.feed in (select url from feeds where outlet = ?)
        union select outcome, reason from feeds where outlet = ?
    """
    outlets = [f"paper-{number}" for number in range(len(HOSTS))]
    return {
        host: harness.rows(sql, outlet, outlet)
        for host, outlet in zip(HOSTS, outlets, strict=True)
    }


@pytest.mark.parametrize("host", HOSTS)
def test_what_leads_to_this_machine(led_here: dict[str, Rows], host: str) -> None:
    assert_refused(host, led_here[host])


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("127.8.8.8", "0.0.0.0", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1"),
        *("fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
        *("::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "::10.0.0.1"),
        *("2001:db8::1", "nonsense"),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not AddressPolicy().is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "1.1.1.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
    ],
)
def test_public_addresses(address: str) -> None:
    assert AddressPolicy().is_allowed(address)


def test_networks_that_are_allowed() -> None:
    policy = AddressPolicy(["127.0.0.0/8", "fd00::/8"])
    assert policy.is_allowed("127.0.0.1")
    assert policy.is_allowed("::ffff:127.0.0.1")
    assert policy.is_allowed("fd12::1")
    assert not policy.is_allowed("10.0.0.1")
    assert not policy.is_allowed("::1")


@pytest.mark.parametrize("address", ["192.0.0.192", "2002:c000:c0::1", "3fff::1"])
def test_a_special_network_may_be_allowed(address: str) -> None:
    policy = AddressPolicy(["192.0.0.0/24", "3fff::/20"])
    assert policy.is_allowed(address)
    assert not policy.is_allowed("192.88.99.1")
    assert not policy.is_allowed("2002:c058:6301::1")


@given(st.ip_addresses())
def test_an_address_allowed_by_default_is_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if AddressPolicy().is_allowed(str(address)):
        assert address.is_global or wrapped_addresses(address)
        assert not address.is_multicast


def test_a_name_that_resolves_differently_the_next_time() -> None:
    """DNS rebinding: only checked addresses are handed on, whatever it resolves to later."""
    from twisted.internet.address import IPv4Address

    from spiders.address_guard import GuardedResolver

    resolutions = iter([["1.1.1.1", "127.0.0.1"], ["127.0.0.1"]])

    class Resolver:
        def resolveHostName(self, receiver: Any, name: str, port: int, *_: Any) -> Any:  # noqa: N802
            receiver.resolutionBegan(None)
            for address in next(resolutions):
                receiver.addressResolved(IPv4Address("TCP", address, port))
            receiver.resolutionComplete()

    class Reactor:
        nameResolver = Resolver()  # noqa: N815

    class Receiver:
        def __init__(self) -> None:
            self.addresses: list[str] = []

        def resolutionBegan(self, _: Any) -> None: ...  # noqa: N802

        def addressResolved(self, address: Any) -> None:  # noqa: N802
            self.addresses.append(address.host)

        def resolutionComplete(self) -> None: ...  # noqa: N802

    resolver = GuardedResolver(Reactor(), AddressPolicy())
    for expected in (["1.1.1.1"], ["1.1.1.1"]):  # the second time from the cache
        receiver: Any = Receiver()
        resolver.resolveHostName(receiver, "rebind.example", 80)
        assert receiver.addresses == expected
    resolver._cached_addresses.clear()
    receiver = Receiver()
    resolver.resolveHostName(receiver, "rebind.example", 80)
    assert receiver.addresses == []
    assert resolver.refused_address("Rebind.example") == "127.0.0.1"
