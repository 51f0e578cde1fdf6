"""Whose turn it is: no outlet takes the turns of the others, whatever it names."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from harvester.archive.records import due_visits
from harvester.model import Visit
from harvester.settings import Settings, read
from spiders.network import HEARD, PAUSE, Names, Network, no_way
from spiders.politeness import LONGEST_CRAWL_DELAY, Sites
from spiders.queue import ALL_BYTES, OUTLET_BYTES, OUTLET_MOST, Queue

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
    return read(SETTINGS, Path("settings.toml"))


def visit(outlet: str, site: str, number: int = 0) -> Visit:
    return Visit(
        "entry", f"{outlet} {site} {number}", f"https://{site}/{number}", outlet, site
    )


def queue() -> Queue:
    return Queue(Sites(settings()), lambda one: one.site == f"{one.outlet}.example")


def taken(one: Queue, now: float = 0.0) -> list[Visit]:
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
    assert [found.outlet for found in out].count("bad") == OUTLET_MOST
    assert [found.outlet for found in out].count("good") == 1
    assert one.pause(0.0) is None  # nothing to do until one is answered
    one.done(out[0], 1.0)
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
        one.done(found, 0.0)
    assert order[:12].count("good") == 10
    assert order.count("bad") == 20


def test_an_outlet_whose_answers_wait_to_be_read_asks_for_nothing_more() -> None:
    one = queue()
    one.read("bad", OUTLET_BYTES + 1, 0.0)
    one.add(visit("bad", "bad.example"), 0.0)
    one.add(visit("good", "good.example"), 0.0)
    assert [found.outlet for found in taken(one)] == ["good"]
    one.read("bad", -OUTLET_BYTES - 1, 1.0)
    assert [found.outlet for found in taken(one, 1.0)] == ["bad"]


def test_where_all_answers_are_many_only_those_go_on_of_whom_none_waits() -> None:
    one = queue()
    one.read("some", ALL_BYTES, 0.0)
    one.read("bad", 1, 0.0)
    one.add(visit("bad", "bad.example"), 0.0)
    one.add(visit("good", "good.example"), 0.0)
    assert [found.outlet for found in taken(one)] == ["good"]


def test_an_outlet_is_handed_out_its_share_of_visits(tmp_path: Path) -> None:
    from harvester.archive.connection import Archive
    from harvester.archive.records import feeds
    from harvester.ingest.keeper import Keeper

    now = "2025-09-06T06:00:00Z"
    keeper = Keeper(Archive.open(tmp_path / "archive.db", None), settings())
    keeper.sync(now)
    keeper.archive.begin()
    for number in range(due_visits.SHARE + 200):
        feeds.add_entry(
            keeper.connection,
            {
                "key": f"{number}", "feed": "https://bad.example/feed", "url": f"https://h{number}.example/a",
                "address": f"h{number}.example/a", "site": f"h{number}.example", "first_seen": now, "last_seen": now, "due": now,
            },
        )  # fmt: skip
    keeper.archive.commit()
    found = keeper.due(now, most=3_000)
    assert [one.outlet for one in found].count("bad") == due_visits.SHARE
    assert {one.outlet for one in found[:2]} == {"good", "bad"}  # in turn
    assert keeper.due(now, most=3_000) == []  # until some are settled
    for one in found[:50]:
        keeper.put_back(one)
    assert len(keeper.due(now, most=3_000)) in (49, 50)
    keeper.close()


def test_redirects_to_the_site_of_another_outlet_have_a_fifth_of_its_turns() -> None:
    sites = Sites(
        read(SETTINGS.replace("0 seconds", "2 seconds"), Path("settings.toml"))
    )
    assert [sites.guest("good.example", 0.0, 60.0) for _ in range(8)] == [
        0.0,
        10.0,
        20.0,
        30.0,
        40.0,
        50.0,
        60.0,
        None,
    ]
    assert sites.guest("good.example", 65.0, 60.0) == 5.0


def test_a_crawl_delay_is_bounded() -> None:
    sites = Sites(settings())
    sites.slow_down("good.example", 1e9)
    assert sites.delay("good.example") == LONGEST_CRAWL_DELAY


def test_the_network_is_gone_only_while_nobody_answers() -> None:
    network = Network()
    network.heard("127.0.0.1", 0.0)  # this machine is no network
    assert network.lost("why", "one", 1.0)
    assert network.lost("why", "one", 1.0)
    assert not network.gone(1.0)  # one outlet alone may lie
    assert network.lost("why", "two", 1.0)
    assert network.gone(1.0 + PAUSE / 2)
    assert not network.gone(1.0 + PAUSE)
    network.heard("93.184.216.34", 30.0)
    assert not network.gone(30.0)
    assert not network.lost("why", "one", 30.0 + HEARD / 2)
    assert network.lost("why", "one", 30.0 + HEARD)


def test_names_that_do_not_exist_are_no_sign_of_a_lost_network() -> None:
    problems = [socket.EAI_NONAME, socket.EAI_AGAIN]

    def ask(*_: object) -> None:
        raise socket.gaierror(problems.pop(), "no")

    names = Names(ask)
    for silent in (True, False):
        with pytest.raises(socket.gaierror):
            names("Paper.example", 80)
        assert names.silent("paper.example") is silent


def test_no_way_out() -> None:
    inner, outer = OSError(errno.ENETUNREACH, "Network is unreachable"), RuntimeError()
    outer.__cause__ = inner
    assert no_way(outer)
    assert not no_way(OSError(errno.ECONNREFUSED, "refused"))
