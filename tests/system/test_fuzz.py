"""Inputs that nobody meant: a short run over all kinds, answers at the socket, and that the run would see what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from benchmarks import fuzz
from benchmarks.fuzzing import child, kinds, shrinking, sockets

CASES = 300
PATIENCE = 4.0  # times the processor time that is promised


@pytest.fixture
def process() -> Iterator[child.Child]:
    one = child.Child(PATIENCE)
    yield one
    one.close()


def test_no_kind_fails_on_anything(process: child.Child) -> None:
    kinds.warm_up()
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


def test_answers_that_are_no_http_end_a_crawl_as_any_others_do() -> None:
    wrong, _ = sockets.tried(
        [sockets.answer(Random(f"http 5 {number}")) for number in range(24)]
    )
    assert wrong == ""


def _odd(body: bytes) -> Any:
    """Fails in every way that is looked for."""
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
        ("raises", "KeyError"), ("dies", "died"), ("grows", "memory"), ("slow", "processor time"), ("signs", "control character"), ("halves", "control character"),
        ("long", "longer than its bound"), ("other", ("another "
"result")), ("bytes", "is bytes"), ("fine", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_seen(
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


def test_a_case_is_made_as_small_as_it_fails() -> None:
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
