"""A short fuzzing run over all kinds and over HTTP, and what the fuzzer detects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from benchmarks import fuzz
from benchmarks.fuzzing import child, kinds, shrinking, sockets

CASES = 300
PATIENCE = 4.0  # multiplies the limits of processor time


@pytest.fixture
def process() -> Iterator[child.Child]:
    one = child.Child(PATIENCE)
    yield one
    one.close()


def test_no_kind_fails_on_anything(process: child.Child) -> None:
    kinds.read_seeds()
    tried = [
        (kind, body, process.try_(kind, body))
        for kind, body in fuzz.cases(6, CASES, tuple(kinds.KINDS))
    ]
    assert {kind for kind, _, _ in tried} == set(kinds.KINDS)
    failed = [(kind, body[:500], one.fault) for kind, body, one in tried if one.fault]
    assert not failed, failed[:3]


def test_the_same_seed_gives_the_same_cases() -> None:
    first, second = (list(fuzz.cases(3, 40, tuple(kinds.KINDS))) for _ in range(2))
    assert first == second
    assert first != list(fuzz.cases(4, 40, tuple(kinds.KINDS)))


def test_malformed_http_responses_do_not_break_a_crawl() -> None:
    wrong, _ = sockets.tried(
        [sockets.random_response(Random(f"http 5 {number}")) for number in range(24)]
    )
    assert wrong == ""


def _odd(body: bytes) -> Any:
    """Fail in every way that the fuzzer detects."""
    if body == b"raises":
        raise KeyError("x")
    if body == b"dies":
        os._exit(3)
    if body == b"grows":
        return len(bytearray(child.MEMORY * 2))
    if body == b"slow":
        while True:
            pass
    return {
        b"signs": "a\x1b[2J",
        b"halves": "a\ud800",
        b"long": "a" * 3_000_000,
        b"other": os.urandom(8).hex(),
        b"bytes": b"a",
    }.get(body, "fine")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("raises", "KeyError"),
        ("dies", "died"),
        ("grows", "memory"),
        ("slow", "processor time"),
        ("signs", "control character"),
        ("halves", "control character"),
        ("long", "longer than its bound"),
        ("other", "another result"),
        ("bytes", "is bytes"),
        ("fine", ""),
    ],
)
def test_the_fuzzer_detects_each_kind_of_failure(
    monkeypatch: pytest.MonkeyPatch, body: str, fault: str
) -> None:
    monkeypatch.setitem(kinds.KINDS, "odd", kinds.Kind(_odd, (b"",), 1, limit=1.0))
    monkeypatch.setattr(child, "GIVEN_UP", 2.0)
    one = child.Child()
    try:
        assert fault in one.try_("odd", body.encode()).fault
        assert one.try_("odd", b"fine") == child.Tried(
            digest=one.try_("odd", b"fine").digest,
            cpu=pytest.approx(0, abs=1),
            peak=pytest.approx(0, abs=1e9),
        )
    finally:
        one.close()


def test_a_case_is_shrunk_while_it_still_fails() -> None:
    body = b"x" * 500 + b"<b>" + b"y" * 300 + b"</b>" + b"z" * 200
    assert (
        shrinking.shrunk(body, lambda less: b"<b>" in less and b"</b>" in less)
        == b"<b></b>"
    )
    tries: list[bytes] = []
    assert (
        shrinking.shrunk(body, lambda less: tries.append(less) is not None, tries=3)
        == body
    )
    assert len(tries) == 3
