"""A host is connected to at the first of its addresses that accepts (RFC 8305)."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import HostnameAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectingCancelledError, ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from spiders.endpoint import ConnectionAttempts

DELAY = 0.3


class Address:
    """An endpoint that accepts or refuses when it is told to."""

    def __init__(self) -> None:
        self.attempt: Deferred[Any] | None = None
        self.is_cancelled = False

    def connect(self, factory: Any) -> Deferred[Any]:
        def cancel(_: Deferred[Any]) -> None:
            self.is_cancelled = True

        self.attempt = Deferred(cancel)
        return self.attempt

    def accept(self, protocol: str) -> None:
        assert self.attempt is not None
        self.attempt.callback(protocol)

    def refuse(self) -> None:
        assert self.attempt is not None
        self.attempt.errback(Failure(ConnectionRefusedError()))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def start(clock: Clock, count: int) -> tuple[list[Address], list[Any], Deferred[Any]]:
    """Addresses under way, and what came of them."""
    addresses = [Address() for _ in range(count)]
    host = HostnameAddress(b"paper.example", 443)
    factory: Any = None
    attempts = ConnectionAttempts(clock, addresses, factory, DELAY, host)
    results: list[Any] = []
    connected = attempts.start()
    connected.addBoth(results.append)
    return addresses, results, connected


def test_one_after_the_other_and_the_rest_is_given_up(clock: Clock) -> None:
    addresses, results, _ = start(clock, 4)
    assert addresses[1].attempt is None
    clock.advance(DELAY)
    assert addresses[1].attempt is not None and addresses[2].attempt is None
    addresses[1].accept("second")
    assert results == ["second"]
    assert addresses[0].is_cancelled and not clock.getDelayedCalls()
    clock.advance(9)
    assert addresses[2].attempt is None


def test_the_next_one_is_tried_at_once_after_a_failure(clock: Clock) -> None:
    addresses, results, _ = start(clock, 3)
    addresses[0].refuse()
    addresses[1].refuse()
    assert not results
    addresses[2].accept("third")
    assert results == ["third"] and not clock.getDelayedCalls()


def test_the_last_failure_counts_when_all_have_failed(clock: Clock) -> None:
    addresses, results, _ = start(clock, 2)
    clock.advance(DELAY)
    addresses[1].refuse()
    assert not results  # the first may still accept
    addresses[0].refuse()
    assert [failure.type for failure in results] == [ConnectionRefusedError]
    assert not clock.getDelayedCalls()


def test_it_can_be_given_up(clock: Clock) -> None:
    addresses, results, connected = start(clock, 3)
    clock.advance(DELAY)
    connected.cancel()
    assert [failure.type for failure in results] == [ConnectingCancelledError]
    assert addresses[0].is_cancelled and addresses[1].is_cancelled
    assert not clock.getDelayedCalls()
