"""Whose turn it is: no outlet takes the turns of the others, whatever it names."""

from __future__ import annotations

import errno
import socket
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


def queue() -> VisitQueue:
    return VisitQueue(
        Politeness(settings()), lambda one: one.site == f"{one.outlet}.example"
    )


def taken(one: VisitQueue, now: float = 0.0) -> list[Visit]:
    found = []
    while (next_ := one.take(now)) is not None:
        found.append(next_)
    return found


def test_an_outlet_that_names_many_hosts_has_a_bounded_number_of_requests_out() -> None:
    one = queue()
    for number in range(50):
        one.add(visit("bad", f"host{number}.example"), 0.0)
    one.add(visit("good", "good.example"), 0.0)
    out = taken(one)
    assert [found.outlet for found in out].count("bad") == MAX_OUTLET_REQUESTS
    assert [found.outlet for found in out].count("good") == 1
    assert (
        one.seconds_until_next_turn(0.0) is None
    )  # nothing to do until one is answered
    one.mark_done(out[0], 1.0)
    assert len(taken(one, 1.0)) == 1


def test_the_own_outlet_of_a_site_goes_first_and_each_fifth_turn_is_for_others() -> (
    None
):
    one = queue()
    for number in range(20):
        one.add(visit("bad", "good.example", number), 0.0)
    for number in range(10):
        one.add(visit("good", "good.example", number), 0.0)
    order = []
    for _ in range(30):
        found = one.take(0.0)
        assert found is not None
        order.append(found.outlet)
        one.mark_done(found, 0.0)
    assert order[:12].count("good") == 10
    assert order.count("bad") == 20


def test_an_outlet_whose_answers_wait_to_be_read_asks_for_nothing_more() -> None:
    one = queue()
    one.add_unread_bytes("bad", MAX_OUTLET_UNREAD_BYTES + 1, 0.0)
    one.add(visit("bad", "bad.example"), 0.0)
    one.add(visit("good", "good.example"), 0.0)
    assert [found.outlet for found in taken(one)] == ["good"]
    one.add_unread_bytes("bad", -MAX_OUTLET_UNREAD_BYTES - 1, 1.0)
    assert [found.outlet for found in taken(one, 1.0)] == ["bad"]


def test_where_all_answers_are_many_only_those_go_on_of_whom_none_waits() -> None:
    one = queue()
    one.add_unread_bytes("some", MAX_UNREAD_BYTES, 0.0)
    one.add_unread_bytes("bad", 1, 0.0)
    one.add(visit("bad", "bad.example"), 0.0)
    one.add(visit("good", "good.example"), 0.0)
    assert [found.outlet for found in taken(one)] == ["good"]


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
    found = keeper.take_due_visits(now, limit=3_000)
    assert [one.outlet for one in found].count(
        "bad"
    ) == due_visits.MAX_VISITS_PER_OUTLET
    assert {one.outlet for one in found[:2]} == {"good", "bad"}  # in turn
    assert keeper.take_due_visits(now, limit=3_000) == []  # until some are settled
    for one in found[:50]:
        keeper.release_visit(one)
    assert len(keeper.take_due_visits(now, limit=3_000)) in (49, 50)
    keeper.close()


def test_redirects_to_the_site_of_another_outlet_have_a_fifth_of_its_turns() -> None:
    sites = Politeness(
        parse_settings(
            SETTINGS.replace("0 seconds", "2 seconds"), Path("settings.toml")
        )
    )
    assert [
        sites.reserve_cross_outlet_turn("good.example", 0.0, 60.0) for _ in range(8)
    ] == [
        0.0,
        10.0,
        20.0,
        30.0,
        40.0,
        50.0,
        60.0,
        None,
    ]
    assert sites.reserve_cross_outlet_turn("good.example", 65.0, 60.0) == 5.0


def test_a_crawl_delay_is_bounded() -> None:
    sites = Politeness(settings())
    sites.apply_crawl_delay("good.example", 1e9)
    assert sites.delay("good.example") == MAX_CRAWL_DELAY_SECONDS


def test_the_network_is_gone_only_while_nobody_answers() -> None:
    network = NetworkMonitor()
    network.record_response("127.0.0.1", 0.0)  # this machine is no network
    assert network.record_failure("why", "one", 1.0)
    assert network.record_failure("why", "one", 1.0)
    assert not network.is_offline(1.0)  # one outlet alone may lie
    assert network.record_failure("why", "two", 1.0)
    assert network.is_offline(1.0 + OFFLINE_PAUSE_SECONDS / 2)
    assert not network.is_offline(1.0 + OFFLINE_PAUSE_SECONDS)
    network.record_response("93.184.216.34", 30.0)
    assert not network.is_offline(30.0)
    assert not network.record_failure("why", "one", 30.0 + ONLINE_GRACE_SECONDS / 2)
    assert network.record_failure("why", "one", 30.0 + ONLINE_GRACE_SECONDS)


def test_names_that_do_not_exist_are_no_sign_of_a_lost_network() -> None:
    problems = [socket.EAI_NONAME, socket.EAI_AGAIN]

    def ask(*_: object) -> None:
        raise socket.gaierror(problems.pop(), "no")

    names = NameLookup(ask)
    for silent in (True, False):
        with pytest.raises(socket.gaierror):
            names("Paper.example", 80)
        assert names.is_unanswered("paper.example") is silent


def test_no_way_out() -> None:
    inner, outer = OSError(errno.ENETUNREACH, "Network is unreachable"), RuntimeError()
    outer.__cause__ = inner
    assert is_no_route_error(outer)
    assert not is_no_route_error(OSError(errno.ECONNREFUSED, "refused"))
