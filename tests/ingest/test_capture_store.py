"""Bodies that are received again are stored once, and read back as each was received.

Real WARC files and a real archive; warcio's own reader and checker judge the records.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from harvester.archive.connection import Archive
from harvester.archive.records import captures, stored_bodies
from harvester.cli import cli
from harvester.errors import ArchiveError
from harvester.ingest.capture_store import CaptureStore
from harvester.model import Capture
from harvester.settings import parse_settings
from tests.support import ROOT

FEED = "https://lantern.example/rss"
SETTINGS = parse_settings(
    f'[outlets.lantern]\nfeeds = ["{FEED}"]\n', Path("settings.toml")
)
PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
BODY = b"".join(b"<item>%d is not %d</item>" % (n, n * 7919 % 997) for n in range(400))
CAPTURE = Capture(
    FEED,
    FEED,
    "2026-03-01T08:15:00Z",
    200,
    (("Content-Type", "application/rss+xml"), ("Content-Encoding", "br")),
    BODY,
)


def later(capture: Capture, minutes: int, **changes: object) -> Capture:
    at = f"2026-03-01T{8 + minutes // 60:02}:{minutes % 60:02}:00Z"
    return replace(capture, at=at, **changes)  # type: ignore[arg-type]


def open_archive(folder: Path) -> Archive:
    return Archive.open(folder / "archive.db", folder / "captures")


def store_all(folder: Path, received: list[Capture], kind: str = "feed") -> list[int]:
    """Store responses in one transaction; returns the ids of the captures."""
    with closing(open_archive(folder)) as archive:
        store = CaptureStore(archive, SETTINGS)
        archive.begin()
        ids = [store.add(capture, kind, "lantern", None) for capture in received]
        store.close()
        archive.commit()
    return ids


def body_of(folder: Path) -> list[int | None]:
    with closing(open_archive(folder)) as archive:
        rows = archive.connection.execute("select body_of from captures order by id")
        return [row["body_of"] for row in rows]


def record_types(folder: Path) -> list[str]:
    types = []
    for path in sorted((folder / "captures").iterdir()):
        with path.open("rb") as file:
            types += [record.rec_type for record in ArchiveIterator(file)]
    return types


def test_a_body_received_again_is_a_revisit_record(tmp_path: Path) -> None:
    length = ("Content-Length", str(len(BODY)))
    headers = (length, ("Content-Type", "text/xml"), ("Age", "7"))
    again = later(CAPTURE, 30, headers=headers)
    first, second = store_all(tmp_path, [CAPTURE, again])
    assert body_of(tmp_path) == [None, first]
    (path,) = (tmp_path / "captures").iterdir()
    with path.open("rb") as file:
        _, original, revisit = (
            (record.rec_type, record.rec_headers, record.http_headers)
            for record in ArchiveIterator(file)
        )
    assert (original[0], revisit[0]) == ("response", "revisit")
    expected = {
        "WARC-Profile": PROFILE,
        "WARC-Target-URI": FEED,
        "WARC-Date": again.at,
        "WARC-Refers-To-Target-URI": FEED,
        "WARC-Refers-To-Date": CAPTURE.at,
        "WARC-Payload-Digest": original[1].get_header("WARC-Payload-Digest"),
    }
    assert {name: revisit[1].get_header(name) for name in expected} == expected
    assert revisit[2].get_statuscode() == "200"
    assert revisit[2].headers == [
        ("Content-Type", "text/xml"),
        ("Age", "7"),
        length,
    ]
    check = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (check.returncode, check.stdout) == (0, "")
    with closing(open_archive(tmp_path)) as archive:
        body, headers, url = captures.get_response(
            archive.connection, archive.captures_folder, second
        )
    assert (body, url) == (BODY, FEED)
    assert headers[:2] == (("Content-Type", "text/xml"), ("Age", "7"))


def test_six_polls_take_little_more_than_one(tmp_path: Path) -> None:
    store_all(tmp_path / "one", [CAPTURE])
    store_all(tmp_path / "six", [later(CAPTURE, n) for n in range(6)])
    assert record_types(tmp_path / "six") == ["warcinfo", "response", *["revisit"] * 5]
    assert body_of(tmp_path / "six") == [None, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    "again",
    [
        replace(CAPTURE, body=BODY + b" "),
        replace(CAPTURE, truncated=True),
        replace(CAPTURE, url=f"{FEED}?page=2", reached=f"{FEED}?page=2"),
        replace(CAPTURE, reached="https://elsewhere.example/rss"),
    ],
    ids=["other bytes", "truncated", "another URL", "sent by another URL"],
)
def test_what_is_not_the_same_is_stored_whole(tmp_path: Path, again: Capture) -> None:
    store_all(tmp_path, [CAPTURE, again])
    assert body_of(tmp_path) == [None, None]


def test_a_truncated_body_is_never_referred_to(tmp_path: Path) -> None:
    store_all(tmp_path, [replace(CAPTURE, truncated=True), CAPTURE])
    assert body_of(tmp_path) == [None, None]


def test_short_and_empty_bodies_are_stored_whole(tmp_path: Path) -> None:
    short = replace(CAPTURE, body=b"x" * (stored_bodies.MIN_REVISIT_BYTES - 1))
    empty = replace(CAPTURE, body=b"")
    store_all(tmp_path, [short, short, empty, empty])
    assert body_of(tmp_path) == [None] * 4


def test_two_outlets_share_nothing(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        store = CaptureStore(archive, SETTINGS)
        for outlet, kind in (
            ("lantern", "feed"),
            ("gazette", "feed"),
            ("lantern", "x"),
        ):
            store.add(CAPTURE, kind, outlet, None)
        store.close()
    assert body_of(tmp_path) == [None, None, None]


def test_an_article_first_reached_by_redirect_and_then_directly(tmp_path: Path) -> None:
    page = "https://lantern.example/harbour"
    link = "https://lantern.example/go?to=harbour"
    by_link = replace(CAPTURE, url=link, reached=page)
    direct = replace(CAPTURE, url=page, reached=page)
    store_all(tmp_path, [by_link, direct, by_link, direct], "article")
    assert body_of(tmp_path) == [None, 1, 1, 1]
    (path,) = (tmp_path / "captures").iterdir()
    with path.open("rb") as file:
        targets = [
            record.rec_headers.get_header("WARC-Refers-To-Target-URI")
            for record in ArchiveIterator(file)
        ]
    assert targets == [None, None, page, page, page]


def test_where_the_file_is_gone_or_damaged_the_body_is_stored_again(
    tmp_path: Path,
) -> None:
    store_all(tmp_path, [CAPTURE])
    (path,) = (tmp_path / "captures").iterdir()
    path.rename(tmp_path / "elsewhere")
    store_all(tmp_path, [later(CAPTURE, 1)])
    assert body_of(tmp_path) == [None, None]
    (path,) = (tmp_path / "captures").iterdir()
    content = bytearray(path.read_bytes())
    content[-200] ^= 0xFF
    path.write_bytes(content)
    store_all(tmp_path, [later(CAPTURE, 2), later(CAPTURE, 3)])
    assert body_of(tmp_path) == [None, None, None, 3]


def test_a_lost_body_is_said_to_be_lost(tmp_path: Path) -> None:
    first, second = store_all(tmp_path, [CAPTURE, later(CAPTURE, 1)])
    with closing(open_archive(tmp_path)) as archive:
        archive.connection.execute(
            "update captures set file = null where id = ?", [first]
        )
        with pytest.raises(ArchiveError, match="is that of capture 1, which is not"):
            captures.get_body(archive.connection, archive.captures_folder, second)


def test_what_is_rolled_back_is_not_referred_to(tmp_path: Path) -> None:
    with closing(open_archive(tmp_path)) as archive:
        store = CaptureStore(archive, SETTINGS)
        archive.begin()
        store.add(CAPTURE, "feed", "lantern", None)
        archive.connection.rollback()
        archive.begin()
        for minutes in (1, 2):
            store.add(later(CAPTURE, minutes), "feed", "lantern", None)
        store.close()
        archive.commit()
    assert body_of(tmp_path) == [None, 1]
    assert record_types(tmp_path) == ["warcinfo", "response", "response", "revisit"]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.ingest.test_capture_store import CAPTURE, SETTINGS, later, open_archive
from harvester.ingest.capture_store import CaptureStore

archive = open_archive(Path(sys.argv[1]))
store = CaptureStore(archive, SETTINGS)
archive.begin()
for minutes in range(3):
    store.add(later(CAPTURE, minutes), "feed", "lantern", None)
store.flush()
if sys.argv[2] == "committed":
    archive.commit()
    archive.begin()
    store.add(later(CAPTURE, 3), "feed", "lantern", None)
    store.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("state", ["uncommitted", "committed"])
def test_killed_between_record_and_row(tmp_path: Path, state: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), state], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    store_all(tmp_path, [later(CAPTURE, 9)])
    before = [None, 1, 1] if state == "committed" else []
    assert body_of(tmp_path) == [*before, 1 if before else None]
    (tmp_path / "settings.toml").write_text(
        f'[outlets.lantern]\nfeeds = ["{FEED}"]\n', encoding="utf-8"
    )
    done = CliRunner().invoke(
        cli, ["--settings", str(tmp_path / "settings.toml"), "verify"]
    )
    assert done.exit_code == 0, done.output


BODIES = [bytes([letter]) * size for letter in b"abc" for size in (0, 1_999, 2_000)]
URLS = [FEED, "https://lantern.example/a", "https://lantern.example/b"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(BODIES),
            st.sampled_from(URLS),
            st.sampled_from(URLS),
            st.booleans(),
            st.sampled_from(["feed", "article", "redirect"]),
        ),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_sequence_gives_each_body_back(
    received: list[tuple[bytes, str, str, bool, str]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(open_archive(folder)) as archive:
            store = CaptureStore(archive, SETTINGS)
            ids = [
                store.add(
                    Capture(url, reached, CAPTURE.at, 200, (), body, (), cut),
                    kind,
                    "lantern",
                    None,
                )
                for body, url, reached, cut, kind in received
            ]
            store.close()
            connection = archive.connection
            stored = [
                captures.get_body(connection, archive.captures_folder, capture_id)
                for capture_id in ids
            ]
            indirect = connection.execute(
                """
                select 1 from captures c join captures o on o.id = c.body_of
                where o.body_of is not null or o.truncated or c.truncated
                """
            ).fetchall()
        sources = body_of(folder)
        assert stored == [body for body, *_ in received]
        assert not indirect
        for body in {body for body in BODIES if len(body) >= 2_000}:
            whole = {
                (kind, url if kind == "redirect" else reached)
                for other, url, reached, cut, kind in received
                if other == body and not cut
            }
            held = sum(
                1
                for (other, _, _, cut, _), of in zip(received, sources, strict=True)
                if other == body and not cut and of is None
            )
            assert held >= len(whole)
