"""``harvest init``: settings to begin with, that say who harvests."""

from __future__ import annotations

import tomllib

import pytest

from harvester.settings import parse_settings
from tests.support import ROOT
from tests.support.harvest_command import Harvest


def _read(bare: Harvest) -> str:
    return (bare.folder / "settings.toml").read_text("utf-8")


def test_everything_is_explained_and_no_outlet_named(bare: Harvest) -> None:
    done = bare("init")
    assert "wrote settings.toml" in done.stdout and "harvest add https" in done.stdout
    assert "[crawl] user_agent" in done.stdout
    text = _read(bare)
    assert text.index("Say who you are") < text.index("[archive]")
    assert set(tomllib.loads(text)) == {"crawl", "archive"}
    # Each key of the example is there, as a comment or not, and with its comment.
    for line in (ROOT / "settings.toml").read_text("utf-8").splitlines():
        assert line.removeprefix("# ") in text or line.startswith(
            ("# Settings", "# has")
        )
    told = bare("status", code=2).stderr
    assert "no outlet is defined; add one with `harvest add URL`" in told


def test_the_example_can_be_had_by_uncommenting(bare: Harvest) -> None:
    bare("init", "--contact", "me@paper-archive.net")
    text = _read(bare)
    assert 'user_agent = "harvester/1.0 (+mailto:me@paper-archive.net)"' in text
    head, outlets = text.split("# Outlets, as an example")
    lines = outlets.splitlines()[1:]
    whole = head + "\n".join(line.removeprefix("# ") for line in lines)
    whole = whole.replace('proxy = ""', "").replace('{ env = "LOGIN" }', '"a:b"')
    whole = whole.replace('{ env = "SESSION" }', '"abc"')
    settings = parse_settings(whole, bare.folder / "settings.toml")
    assert set(settings.outlets) == {"mpi", "lemonde", "guardian"}
    assert settings.user_agent == "harvester/1.0 (+mailto:me@paper-archive.net)"


def test_a_file_is_never_overwritten(bare: Harvest) -> None:
    (bare.folder / "settings.toml").write_text("# mine\n")
    assert "not overwritten" in bare("init", code=2).stderr
    assert _read(bare) == "# mine\n"


def test_where_the_settings_are_named(bare: Harvest) -> None:
    bare("--settings", "deep/my.toml", "init")
    bare("init", HARVESTER_SETTINGS="other.toml")
    assert (bare.folder / "deep" / "my.toml").exists()
    assert (bare.folder / "other.toml").exists()
    assert not (bare.folder / "settings.toml").exists()


@pytest.mark.parametrize(
    "contact",
    ["me", "ftp://x.example", 'https://x.example/"', "é@x.example", "a b@c.d"],
)
def test_a_contact_that_is_none(bare: Harvest, contact: str) -> None:
    assert "the contact must be" in bare("init", "--contact", contact, code=2).stderr
    assert list(bare.folder.iterdir()) == []


OUTLET = '[outlets.a]\nfeeds = ["{url}"]\n'


@pytest.mark.parametrize(
    ("crawl", "url", "is_said"),
    [
        ("", "https://paper.example/feed", True),
        (
            'user_agent = "harvester/1.0 (+https://example.org/about-our-bot)"',
            "https://paper.example/feed",
            True,
        ),
        ('user_agent = "mine/1 (+https://mine.net)"', "https://paper.example/f", False),
        ("", "http://127.0.0.1:9/feed", False),
    ],
)
def test_who_does_not_name_himself_is_told(
    harvest: Harvest, crawl: str, url: str, is_said: bool
) -> None:
    text = f"[crawl]\n{crawl}\n{OUTLET.format(url=url)}"
    (harvest.folder / "settings.toml").write_text(
        f'[archive]\npath = "archive.db"\n{text}'
    )
    status = harvest("status")
    doctor = harvest("doctor", code=None)
    words = "user_agent does not say who you are"
    assert (words in status.stderr, words in doctor.stdout) == (is_said, is_said)
