"""What an outlet reserves is read as it states it; what it does not state is nothing."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Rules
from harvester.parse.article import extract_article
from harvester.parse.metadata.reservations import (
    TdmRule,
    describe_host,
    describe_reserved,
    find_rule,
    header_directives,
    join_directives,
    meta_directives,
    parse_tdmrep,
    robots_signals,
)

URL = "https://lantern.example/news/harbour"
POLICY = "https://lantern.example/policy.json"


def test_headers_of_robots_and_of_the_protocol() -> None:
    headers = (
        ("X-Robots-Tag", "noarchive, max-snippet:20"),
        ("x-robots-tag", "googlebot: noai"),
        ("TDM-Reservation", " 1 "),
        ("TDM-Policy", POLICY),
    )
    directives = header_directives(headers)
    assert set(directives) == {
        "noarchive",
        "max-snippet:20",
        "googlebot: noai",
        "tdm-reservation: 1",
        f"tdm-policy: {POLICY}",
    }
    assert describe_reserved(directives) == (
        f"googlebot: noai; noarchive; text and data mining (policy {POLICY})"
    )


@pytest.mark.parametrize("value", ["", "2", "yes", "01", "1, 1"])
def test_a_reservation_is_0_or_1(value: str) -> None:
    assert header_directives((("tdm-reservation", value), ("tdm-policy", POLICY))) == ()


def test_the_page_counts_before_its_headers_and_these_before_the_file() -> None:
    header = header_directives((("tdm-reservation", "1"), ("tdm-policy", POLICY)))
    page = meta_directives({"tdm-reservation": ["0"]}, URL)
    rule = TdmRule("/", reserved=True)
    assert "mining" not in describe_reserved(join_directives(page, header), rule)
    assert POLICY in describe_reserved(join_directives((), header), rule)
    assert describe_reserved((), rule) == "text and data mining (tdmrep.json)"
    assert describe_reserved((), TdmRule("/", reserved=False)) == ""
    open_page = meta_directives({"tdm-reservation": ["0"]}, URL)
    assert describe_reserved(open_page, rule) == ""


def test_a_policy_of_a_page_may_be_relative() -> None:
    metas = {"tdm-reservation": ["1"], "tdm-policy": ["/policy.json"]}
    assert f"tdm-policy: {POLICY}" in meta_directives(metas, URL)
    metas["tdm-policy"] = ["javascript:alert(1)"]
    assert meta_directives(metas, URL) == ("tdm-reservation: 1",)


def test_a_page_is_read_with_what_it_reserves() -> None:
    body = (
        b"<html><head><title>Harbour</title><meta name=tdm-reservation content=1>"
        b"<meta name=tdm-policy content=/policy.json><meta name=robots content=noai>"
        b"</head><body><article><h1>Harbour</h1><p>The ferry will sail again in March."
        b"</p></article></body></html>"
    )
    headers = (("Content-Type", "text/html"), ("X-Robots-Tag", "noarchive"))
    extract = extract_article(
        body, URL, headers, Rules(), "2026-03-01T00:00:00Z"
    ).extract
    assert extract.robots == (
        "noai",
        "noarchive",
        f"tdm-policy: {POLICY}",
        "tdm-reservation: 1",
    )


@pytest.mark.parametrize(
    ("location", "target", "matches"),
    [
        ("/", "/news/harbour", True),
        ("/news/", "/news/harbour", True),
        ("/news/", "/sport/", False),
        ("/news/*.html", "/news/a/b.html?x=1", True),
        ("/news/*.html$", "/news/a/b.html?x=1", False),
        ("/news/*.html$", "/news/a/b.html", True),
        ("*.jpg", "/images/1.jpg", True),
        ("/a*b*c$", "/a-b-b-c", True),
        ("/a*b*c$", "/ac", False),
        ("/a*aa$", "/aa", False),
        ("/exact$", "/exact", True),
        ("/exact$", "/exactly", False),
        ("", "/anything", True),
    ],
)
def test_locations_match_as_in_robots_txt(
    location: str, target: str, matches: bool
) -> None:
    assert TdmRule(location, reserved=True).matches(target) is matches


def test_a_hostile_location_takes_no_time() -> None:
    rule = TdmRule("/" + "*a" * 50_000 + "$", reserved=True)
    assert not rule.matches("/" + "a" * 49_000 + "b")


def test_the_rules_of_a_hostile_file_take_milliseconds() -> None:
    rule = {"location": "/" + "*a" * 249 + "$", "tdm-reservation": 1}
    rules = parse_tdmrep(json.dumps([rule] * 5_000), URL)
    assert rules is not None and len(rules) == 300
    started = time.process_time()
    for _ in range(20):
        assert find_rule(rules, "https://lantern.example/" + "a" * 2_000 + "b") is None
    assert time.process_time() - started < 20 * 0.2
    rule["location"] = "/" * 501
    assert parse_tdmrep(json.dumps([rule]), URL) == ()


def test_of_the_rules_of_a_file_the_first_that_matches_counts() -> None:
    body = json.dumps(
        [
            {"location": "/free/", "tdm-reservation": 0},
            "no rule",
            {"location": 3, "tdm-reservation": 1},
            {"location": "/other", "tdm-reservation": "maybe"},
            {"location": "/", "tdm-reservation": 1, "tdm-policy": POLICY},
        ]
    )
    rules = parse_tdmrep(body, "https://lantern.example")
    assert rules is not None and len(rules) == 2
    assert find_rule(rules, "https://lantern.example/free/1") == rules[0]
    assert find_rule(rules, "https://lantern.example") == rules[1]
    assert rules[1].policy == POLICY
    assert describe_host(rules, ()) == (
        f"text and data mining (tdmrep.json, /, policy {POLICY})"
    )


@pytest.mark.parametrize("body", ["", "<html>", "{}", "[" * 100_000, '"/"', "\ufeff"])
def test_what_is_no_tdmrep(body: str) -> None:
    assert parse_tdmrep(body, "https://lantern.example") is None


@given(st.text(max_size=200), st.text(max_size=100))
def test_any_text_is_read(text: str, target: str) -> None:
    for rule in parse_tdmrep(text, URL) or ():
        rule.matches(target)
    TdmRule(text, reserved=True).matches(target)
    robots_signals(text, "harvester")
    directives = header_directives((("tdm-reservation", "1"), ("tdm-policy", text)))
    assert "\n" not in describe_reserved(directives)


ROBOTS = """
Content-Signal: search=yes, ai-input=no
User-agent: GPTBot
Content-Signal: ai-train=no, search=no
Disallow: /

User-agent: *
Content-Signal: ai-train=no, search=yes
Content-Usage: train-ai=n
Allow: /
"""


def test_signals_of_robots_txt() -> None:
    assert robots_signals(ROBOTS, "harvester") == (
        "ai-input=no",
        "ai-train=no",
        "train-ai=no",
    )
    assert robots_signals(ROBOTS, "gptbot") == (
        "ai-input=no",
        "ai-train=no",
        "search=no",
    )
    own = "User-agent: a\nUser-agent: harvester\nContent-Signal: ai-train=no\n"
    assert robots_signals(own, "harvester") == ("ai-train=no",)
    assert robots_signals("User-agent: *\nDisallow: /\n", "harvester") == ()
