"""The queue of visits: no outlet takes the turns of the others, whatever it names."""

from __future__ import annotations

import errno
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.archive.records import due_visits
from harvester.model import Visit
from harvester.settings import Settings, parse_settings
from spiders.network import (
    OFFLINE_PAUSE_SECONDS,
    ONLINE_GRACE_SECONDS,
    NameLookup,
    NetworkMonitor,
    is_no_route_error,
)
from spiders.politeness import MAX_CRAWL_DELAY_SECONDS, Politeness
from spiders.queue import (
    MAX_OUTLET_REQUESTS,
    MAX_OUTLET_UNREAD_BYTES,
    MAX_UNREAD_BYTES,
    VisitQueue,
)

SETTINGS = """
[crawl]
delay = "0 seconds"
concurrency = 2
[outlets.good]
feeds = ["https://good.example/feed"]
[outlets.bad]
feeds = ["https://bad.example/feed"]
"""


def settings() -> Settings:
    return parse_settings(SETTINGS, Path("settings.toml"))


def visit(outlet: str, site: str, number: int = 0) -> Visit:
    return Visit(
        "entry", f"{outlet} {site} {number}", f"https://{site}/{number}", outlet, site
    )


@pytest.fixture
def queue() -> VisitQueue:
    return VisitQueue(
        Politeness(settings()), lambda visit: visit.site == f"{visit.outlet}.example"
    )


def take_outlets(queue: VisitQueue, now: float = 0.0) -> list[str]:
    """The outlets of all visits that may be sent now."""
    outlets = []
    while (visit := queue.take(now)) is not None:
        outlets.append(visit.outlet)
    return outlets


def test_an_outlet_that_names_many_hosts_has_a_bounded_number_of_requests(
    queue: VisitQueue,
) -> None:
    for number in range(50):
        queue.add(visit("bad", f"host{number}.example"), 0.0)
    queue.add(visit("good", "good.example"), 0.0)
    sent = []
    while (next_visit := queue.take(0.0)) is not None:
        sent.append(next_visit)
    outlets = [one.outlet for one in sent]
    assert outlets.count("bad") == MAX_OUTLET_REQUESTS
    assert outlets.count("good") == 1
    assert queue.seconds_until_next_turn(0.0) is None  # until one is done
    queue.mark_done(sent[0], 1.0)
    assert len(take_outlets(queue, 1.0)) == 1


def test_a_sites_own_outlet_goes_first_and_every_fifth_turn_is_for_others(
    queue: VisitQueue,
) -> None:
    for number in range(20):
        queue.add(visit("bad", "good.example", number), 0.0)
    for number in range(10):
        queue.add(visit("good", "good.example", number), 0.0)
    outlets = []
    for _ in range(30):
        taken = queue.take(0.0)
        assert taken is not None
        outlets.append(taken.outlet)
        queue.mark_done(taken, 0.0)
    assert outlets[:12].count("good") == 10
    assert outlets.count("bad") == 20


def test_an_outlet_whose_responses_wait_to_be_read_sends_nothing_more(
    queue: VisitQueue,
) -> None:
    queue.add_unread_bytes("bad", MAX_OUTLET_UNREAD_BYTES + 1, 0.0)
    queue.add(visit("bad", "bad.example"), 0.0)
    queue.add(visit("good", "good.example"), 0.0)
    assert take_outlets(queue) == ["good"]
    queue.add_unread_bytes("bad", -MAX_OUTLET_UNREAD_BYTES - 1, 1.0)
    assert take_outlets(queue, 1.0) == ["bad"]


def test_where_all_outlets_have_many_unread_bytes_those_without_go_on(
    queue: VisitQueue,
) -> None:
    queue.add_unread_bytes("some", MAX_UNREAD_BYTES, 0.0)
    queue.add_unread_bytes("bad", 1, 0.0)
    queue.add(visit("bad", "bad.example"), 0.0)
    queue.add(visit("good", "good.example"), 0.0)
    assert take_outlets(queue) == ["good"]


def test_an_outlet_is_handed_out_its_share_of_visits(tmp_path: Path) -> None:
    from harvester.archive.connection import Archive
    from harvester.archive.records import feeds
    from harvester.ingest.keeper import Keeper

    now = "2025-09-06T06:00:00Z"
    keeper = Keeper(Archive.open(tmp_path / "archive.db", None), settings())
    keeper.sync_settings(now)
    keeper.archive.begin()
    for number in range(due_visits.MAX_VISITS_PER_OUTLET + 200):
        feeds.add_entry(
            keeper.connection,
            feeds.NewEntry(
                f"{number}",
                "https://bad.example/feed",
                now,
                now,
                url=f"https://h{number}.example/a",
                address=f"h{number}.example/a",
                site=f"h{number}.example",
                due=now,
            ),
        )
    keeper.archive.commit()
    visits = keeper.take_due_visits(now, limit=3_000)
    outlets = [one.outlet for one in visits]
    assert outlets.count("bad") == due_visits.MAX_VISITS_PER_OUTLET
    assert set(outlets[:2]) == {"good", "bad"}  # in turn
    assert keeper.take_due_visits(now, limit=3_000) == []  # until some are finished
    for one in visits[:50]:
        keeper.release_visit(one)
    assert len(keeper.take_due_visits(now, limit=3_000)) in (49, 50)
    keeper.close()


def test_redirects_to_the_site_of_another_outlet_have_a_fifth_of_its_turns() -> None:
    text = SETTINGS.replace("0 seconds", "2 seconds")
    politeness = Politeness(parse_settings(text, Path("settings.toml")))
    waits = [
        politeness.reserve_cross_outlet_turn("good.example", 0.0, 60.0)
        for _ in range(8)
    ]
    assert waits == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, None]
    assert politeness.reserve_cross_outlet_turn("good.example", 65.0, 60.0) == 5.0


def test_a_crawl_delay_is_bounded() -> None:
    politeness = Politeness(settings())
    politeness.apply_crawl_delay("good.example", 1e9)
    assert politeness.delay("good.example") == MAX_CRAWL_DELAY_SECONDS


def test_this_machine_is_offline_only_while_no_public_address_responds() -> None:
    network = NetworkMonitor()
    network.record_response("127.0.0.1", 0.0)  # this machine itself
    assert network.record_failure("why", "one", 1.0)
    assert network.record_failure("why", "one", 1.0)
    assert not network.is_offline(1.0)  # one outlet may have a lying name server
    assert network.record_failure("why", "two", 1.0)
    assert network.is_offline(1.0 + OFFLINE_PAUSE_SECONDS / 2)
    assert not network.is_offline(1.0 + OFFLINE_PAUSE_SECONDS)
    network.record_response("93.184.216.34", 30.0)
    assert not network.is_offline(30.0)
    assert not network.record_failure("why", "one", 30.0 + ONLINE_GRACE_SECONDS / 2)
    assert network.record_failure("why", "one", 30.0 + ONLINE_GRACE_SECONDS)


def test_names_that_do_not_exist_do_not_mean_that_this_machine_is_offline() -> None:
    errors = [socket.EAI_NONAME, socket.EAI_AGAIN]

    def getaddrinfo(*_: object) -> None:
        raise socket.gaierror(errors.pop(), "no")

    lookup = NameLookup(getaddrinfo, has_route=lambda: True)
    for unanswered in (True, False):
        with pytest.raises(socket.gaierror):
            lookup("Paper.example", 80)
        assert lookup.is_unanswered("paper.example") is unanswered


def test_without_a_route_no_name_counts_as_unknown() -> None:
    """macOS says that a name does not exist where its DNS server is out of reach."""

    def getaddrinfo(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "nodename nor servname provided")

    lookup = NameLookup(getaddrinfo, has_route=lambda: False)
    with pytest.raises(socket.gaierror):
        lookup("paper.example", 80)
    assert lookup.is_unanswered("paper.example")


def test_no_route() -> None:
    inner, outer = OSError(errno.ENETUNREACH, "Network is unreachable"), RuntimeError()
    outer.__cause__ = inner
    assert is_no_route_error(outer)
    assert not is_no_route_error(OSError(errno.ECONNREFUSED, "refused"))


def test_visits_of_backfills_come_last(queue: VisitQueue) -> None:
    """Those of all outlets at a site: fresh news never wait behind them."""
    old = replace(visit("good", "good.example", 1), is_background=True)
    queue.add(old, 0.0)
    queue.add(visit("bad", "good.example", 2), 0.0)
    queue.add(visit("good", "good.example", 3), 0.0)
    taken = []
    for _ in range(3):
        each = queue.take(0.0)
        assert each is not None
        taken.append(each)
        queue.mark_done(each, 0.0)
    assert taken[-1] == old
    queue.add(old, 0.0)
    assert list(queue.drain()) == [old]
