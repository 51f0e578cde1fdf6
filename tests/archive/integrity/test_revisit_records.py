"""``harvest verify`` and revisit records: what they refer to is stored, and the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.archive.integrity import proof
from harvester.cli import cli
from tests.support.warc_archive import FEED, Paper, day

BODY = b"<rss><channel><title>Courier</title></channel></rss>" * 40
OTHER = BODY.replace(b"Courier", b"Cormier")


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """Two bodies, alternating; each is stored once."""
    paper = Paper(tmp_path)
    paper.capture(FEED, BODY, day(1, "08:00:00"), "feed")
    paper.capture(FEED, OTHER, day(1, "09:00:00"), "feed")
    paper.capture_again(FEED, BODY, day(1, "10:00:00"), "feed")
    paper.capture_again(FEED, OTHER, day(1, "11:00:00"), "feed")
    proof.seal_rows(paper.connection, day(1, "12:00:00"))
    paper.warc.flush()
    return paper


def verify(paper: Paper) -> dict[int, list[str]]:
    """Row of captures → everything that is wrong with it."""
    paper.close()
    done = CliRunner().invoke(
        cli, ["--settings", str(paper.folder / "settings.toml"), "verify", "--json"]
    )
    report: dict[str, Any] = json.loads(done.stdout)
    assert (done.exit_code == 0) == report["ok"] == (not report["broken"])
    faults: dict[int, list[str]] = {}
    for fault in report["broken"]:
        faults.setdefault(fault["row"], []).append(fault["what"])
    return faults


def test_they_are_verified(paper: Paper) -> None:
    assert verify(paper) == {}


def _refer_to_another_body(paper: Paper) -> None:
    paper.connection.execute("update captures set body_of = 2 where id = 3")


def _refer_to_a_revisit_record(paper: Paper) -> None:
    paper.connection.execute("update captures set body_of = 3 where id = 4")


def _forget_the_reference(paper: Paper) -> None:
    paper.connection.execute("update captures set body_of = null where id = 3")


def _invent_a_reference(paper: Paper) -> None:
    paper.connection.execute("update captures set body_of = 1 where id = 2")


def _lose_the_record(paper: Paper) -> None:
    paper.connection.execute(
        "update captures set file = null, offset = null, length = null where id = 1"
    )


def _damage_the_record(paper: Paper) -> None:
    row = paper.connection.execute("select * from captures where id = 1").fetchone()
    path = paper.folder / "captures" / row["file"]
    content = bytearray(path.read_bytes())
    content[row["offset"] + row["length"] // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (_refer_to_another_body, {3: "has another digest"}),
        (_refer_to_a_revisit_record, {4: "record either"}),
        (_forget_the_reference, {3: "does not say whose body it has"}),
        (_invent_a_reference, {2: "it is not a revisit record", 4: "record either"}),
        (_lose_the_record, {3: "which is not stored"}),
        (_damage_the_record, {1: "is damaged: ", 3: "capture 1, which is damaged"}),
    ],
)
def test_what_is_broken_is_named(
    paper: Paper, damage: Callable[[Paper], None], broken: dict[int, str]
) -> None:
    damage(paper)
    faults = verify(paper)
    assert faults.keys() == broken.keys()
    for row, words in broken.items():
        assert any(words in fault for fault in faults[row])
