"""settings.toml: every fault named with its line, all at once, and never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester import settings
from harvester.errors import SettingsError
from tests.support import ROOT

FILE = Path("settings.toml")
FEED = '[outlets.a]\nfeeds = ["https://a.example/feed"]\n'


def read(text: str, **environment: str) -> settings.Settings:
    return settings.parse_settings(text, FILE, environment)


def faults(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert caught.value.exit_code == 2
    return str(caught.value).split("\n")


def test_the_example_is_right() -> None:
    found = settings.load_settings(ROOT / "settings.toml")
    assert next(iter(found.outlets)) == "mpi"
    assert found.outlets["mpi"].feeds[0].url == "https://www.medias-presse.info/feed/"
    assert found.outlets["mpi"].rules.remove == (".mpi-don",)
    assert found.archive == ROOT / "archive.db" and found.captures == ROOT / "captures"
    assert not found.warnings


def test_two_lines_are_enough() -> None:
    outlet = read(FEED).outlets["a"]
    assert (outlet.name, outlet.home) == ("a", "https://a.example/")
    assert (outlet.revisit, outlet.looks) == ("auto", 8)
    assert outlet.removed_after == settings.RemovedAfter(2, 21600)


def test_all_faults_at_once_with_line_and_nearest_name() -> None:
    text = '\n[crawl]\ndelay = 2\nevry = "5 minutes"\n\n[outlets.a]\nfeds = ["x"]\n[outlets.b]\nfeeds = [\n  "https://b.example/",\n  "ftp://b.example/"]\n[outlets.b.rules]\nallow = ["("]\n'
    found = faults(text)
    assert len(found) == 6
    assert (
        found[0].startswith("settings.toml:3: crawl.delay: ")
        and '"2 seconds"' in found[0]
    )
    assert found[1] == "settings.toml:4: crawl.evry: unknown key; did you mean 'every'?"
    assert found[2].startswith("settings.toml:6: outlets.a.feeds: is missing")
    assert (
        found[3]
        == "settings.toml:7: outlets.a.feds: unknown key; did you mean 'feeds'?"
    )
    assert found[4].startswith(
        "settings.toml:9: outlets.b.feeds.1.url: 'ftp://b.example/'"
    )
    assert found[5].startswith("settings.toml:13: outlets.b.rules.allow: ")


def test_lines_after_long_strings_and_lists() -> None:
    text = (
        '[crawl]\nuser_agent = """x\ny"""\n[outlets.a]\nfeeds = [ # "x = 1\n "https://a.example/" ]\n'
        'removed_after = { looks = 2, apart = "x" }\n"odd key" = 1\n'
    )
    assert [one.split(":")[1] for one in faults(text)] == ["2", "7", "8"]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("0 seconds", 0), ("90 seconds", 90), ("5 minutes", 300), ("1 hour 30 minutes", 5400), ("1.5 hours", 5400),
        ("1 day", 86_400), ("2 weeks", 1_209_600), ("10 years", 315_576_000), ("1 hour, 5 minutes and 3 seconds", 3903),
        ("10s", 10),
    ],
)  # fmt: skip
def test_durations(words: str, seconds: float) -> None:
    assert settings.parse_duration(words) == seconds
    text = f'[crawl]\ndelay = "{words}"\nevery = "{words}"\nrevisit = ["{words}", "{words}"]\nremoved_after = {{ apart = "{words}" }}\n'
    found = read(text + FEED)
    outlet = found.outlets["a"]
    assert outlet.every == outlet.delay == outlet.removed_after.apart == seconds
    assert outlet.revisit == (seconds, seconds)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "5", "-5 seconds", "5 fortnights", "11 years", "1 hour x", "1e3 s"],
)
def test_what_is_not_a_duration(words: str) -> None:
    assert "crawl.delay" in faults(f'[crawl]\ndelay = "{words}"\n{FEED}')[0]


def test_nothing_is_thinned_out_by_default_nor_within_a_day() -> None:
    assert read(FEED).upkeep.thin_after is None
    text = '[upkeep]\nthin_after = "{}"\n' + FEED
    assert read(text.format("1 day")).upkeep.thin_after == 86_400
    (fault,) = faults(text.format("23 hours"))
    assert "upkeep.thin_after" in fault
    assert '"1 day"' in fault


def test_an_impolite_delay_is_a_warning_not_a_fault() -> None:
    found = read(f'[crawl]\ndelay = "0 seconds"\n{FEED}')
    assert "settings.toml:3: outlets.a" in found.warnings[0]
    loopback = '[crawl]\ndelay = "0 seconds"\n[outlets.a]\nfeeds = ["http://127.0.0.1:8000/feed"]\n'
    assert not read(loopback).warnings


@pytest.mark.parametrize(
    ("url", "mode", "is_warned"),
    [
        ("https://ann:hush@a.example/feed", 0o644, True),
        ("https://ann@a.example/feed", 0o604, True),
        ("https://a.example/feed?user=ann&token=hush", 0o644, True),
        ("https://a.example/feed?api_key=hush", 0o644, True),
        ("https://ann:hush@a.example/feed", 0o600, False),
        ("https://ann:hush@a.example/feed", 0o640, False),  # as a service is given it
        ("https://a.example/feed?keyword=x&token=", 0o644, False),
    ],
)
def test_a_login_that_others_may_read_is_a_warning(
    tmp_path: Path, url: str, mode: int, is_warned: bool
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"[outlets.a]\nfeeds = ['{url}']\n")
    path.chmod(mode)
    warnings = settings.load_settings(path).warnings
    assert len(warnings) == is_warned
    for warning in warnings:
        assert warning.startswith(f"{path}:2: outlets.a: ")
        assert "chmod 600" in warning and "hush" not in warning


def test_the_environment_wins_over_the_file() -> None:
    found = read(
        "[crawl]\ndelay = '9 seconds'\n" + FEED,
        HARVESTER_CRAWL_DELAY="3 seconds",
        HARVESTER_ARCHIVE_PATH="/x/y.db",
        HARVESTER_CRAWL_DELY="1",
    )
    assert found.delay == 3 and found.archive == Path("/x/y.db")
    assert "HARVESTER_CRAWL_DELAY" in found.warnings[0]
    assert read(
        FEED, HARVESTER_CRAWL_ALLOW_NETWORKS="127.0.0.0/8, ::1"
    ).allow_networks == ("127.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("HARVESTER_CRAWL_DELAY", "soon", "'soon' is not a duration"),
        ("HARVESTER_CRAWL_ALLOW_NETWORKS", "::1, x", "'x' is not a network"),
        ("HARVESTER_CRAWL_WORKERS", "none", "'none' is not a whole number"),
        ("HARVESTER_LIMITS_PAGES", "0", "0 is not a whole number from 1"),
        ("HARVESTER_UPKEEP_BACKUP_CAPTURES", "?", "'?' is neither true nor false"),
        ("HARVESTER_ARCHIVE_PATH", "~nobody-there/a.db", "no such user"),
    ],
)
def test_a_fault_of_the_environment_names_the_variable(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read("[crawl]\ndelay = '9 seconds'\n" + FEED, **{name: value})
    message = str(caught.value)
    assert message.startswith(f"environment variable {name}: {problem}")
    assert "settings.toml" not in message and "\n" not in message


def test_faults_of_environment_and_file_are_reported_together() -> None:
    with pytest.raises(SettingsError) as caught:
        read(
            "[crawl]\ndelay = '9 seconds'\nevery = 5\n" + FEED,
            HARVESTER_CRAWL_DELAY="soon",
        )
    first, second = str(caught.value).split("\n")
    assert first.startswith("environment variable HARVESTER_CRAWL_DELAY: ")
    assert second.startswith("settings.toml:3: crawl.every: ")


def test_where_the_file_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARVESTER_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with pytest.raises(SettingsError, match="no settings"):
        settings.load_settings()
    far = tmp_path / "config" / "harvester" / "settings.toml"
    far.parent.mkdir(parents=True)
    far.write_text(FEED)
    assert settings.load_settings().file == far
    (tmp_path / "settings.toml").write_text(FEED)
    assert settings.load_settings().file == Path("settings.toml")
    named = tmp_path / "other.toml"
    named.write_text(FEED)
    assert settings.load_settings(named).archive == tmp_path / "archive.db"


def test_rules_of_layouts() -> None:
    outlet = read(
        """[outlets.a]
        feeds = ["https://a.example/f"]
        extractor = "trafilatura"
        [outlets.a.rules]
        text = "div.story"
        author = [".by a"]
        [[outlets.a.earlier_rules]]
        valid_until = 2025-01-31
        title = "h2"
        [[outlets.a.earlier_rules]]
        valid_until = "2024-05-01"
        remove = [".old"]
        """
    ).outlets["a"]
    assert (outlet.rules.text, outlet.rules.author, outlet.rules.extractor) == (
        ("div.story",),
        (".by a",),
        "trafilatura",
    )
    assert [
        (one.valid_until, one.title, one.remove) for one in outlet.rules.earlier_layouts
    ] == [
        ("2024-05-01", (), (".old",)),
        ("2025-01-31", ("h2",), ()),
    ]


def test_faults_of_rules_have_their_line() -> None:
    found = faults(
        """[outlets.a]
feeds = ["https://a.example/f"]
extractor = "trafilature"
[outlets.a.rules]
title = "h1["
[[outlets.a.earlier_rules]]
valid_until = 2024-05-01
[[outlets.a.earlier_rules]]
valid_until = "May"
texts = ".a"
"""
    )
    assert [one.split(" ")[0] for one in found] == [
        "settings.toml:3:", "settings.toml:5:", "settings.toml:9:", "settings.toml:10:",
    ]  # fmt: skip
    assert (
        "did you mean 'trafilatura'" in found[0]
        and "CSS selector" in found[1]
        and "is not a day" in found[2]
    )
    assert "did you mean 'text'" in found[3]


def test_one_feed_has_one_outlet() -> None:
    assert (
        "is a feed of a already"
        in faults(FEED + '[outlets.b]\nfeeds = ["https://a.example/feed"]\n')[0]
    )


def test_no_secret_of_an_address_is_told() -> None:
    for feeds in (
        ["https://me:hunter2@x.example/feed?token=hunter2"] * 2,
        ["ftp://me:hunter2@x.example/?key=hunter2"],
    ):
        with pytest.raises(SettingsError) as caught:
            read(f"[outlets.paper]\nfeeds = {json.dumps(feeds)}\n")
        assert "x.example" in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for content in (b"\xff\xfe", b"a = " + b"[" * 100_000, b"x = 1\nx = 2", b"\x00"):
        path = tmp_path / "settings.toml"
        path.write_bytes(content)
        with pytest.raises(SettingsError):
            settings.load_settings(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load_settings(tmp_path)


KEYS = st.sampled_from(
    [
        "archive",
        "crawl",
        "limits",
        "outlets",
        "feeds",
        "delay",
        "path",
        "a",
        "x y",
        "rules",
        "removed_after",
    ]
)
VALUES = st.recursive(
    st.one_of(
        st.integers(),
        st.text(max_size=8),
        st.booleans(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.just("https://x.example/f"),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_table_is_settings_or_a_fault(table: dict[str, object]) -> None:
    def toml(value: object) -> str:
        if isinstance(value, dict):
            return (
                "{"
                + ", ".join(
                    f"{quoted(key)} = {toml(one)}" for key, one in value.items()
                )
                + "}"
            )
        if isinstance(value, list):
            return "[" + ", ".join(map(toml, value)) + "]"
        if isinstance(value, str):
            return quoted(value)
        return str(value).lower()

    def quoted(text: str) -> str:
        return (
            '"'
            + "".join(
                f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"
                for one in text
            )
            + '"'
        )

    try:
        read(
            "\n".join(f"{quoted(key)} = {toml(value)}" for key, value in table.items())
        )
    except SettingsError as error:
        assert all(
            line.startswith(("settings.toml:", "    "))
            for line in str(error).split("\n")
        )


def test_settings_are_cheap_to_load() -> None:
    code = (
        "import pathlib, sys\n"
        "from harvester.settings import load_settings\n"
        "load_settings(pathlib.Path(sys.argv[1]))\n"
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "settings.toml")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {
        "scrapy",
        "trafilatura",
        "sqlite_utils",
        "apscheduler",
        "pydantic_settings",
    } & set(run.stdout.split())


@pytest.mark.parametrize(
    "text", ["-" * 200_000, "a " * 100_000, "a." * 100_000 + "b = 1"]
)
def test_a_file_of_nothing_but_keys_is_refused_at_once(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "settings.toml").write_text(text)
    started = time.process_time()
    with pytest.raises(SettingsError):
        settings.load_settings(tmp_path / "settings.toml")
    assert time.process_time() - started < 5


def test_of_very_many_faults_the_first_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        "[outlets.a]\nfeeds = ['http://a.example/']\n"
        + "".join(f"key{n} = 1\n" for n in range(5_000))
    )
    with pytest.raises(SettingsError) as caught:
        settings.load_settings(path)
    lines = str(caught.value).splitlines()
    assert 50 < len(lines) < 200 and lines[-1].endswith("more faults")


def test_a_size_beyond_all_numbers(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        f"[limits]\npage_size = '{'9' * 400} GB'\n[outlets.a]\nfeeds = ['http://a.example/']\n"
    )
    with pytest.raises(SettingsError, match="more than any disk holds"):
        settings.load_settings(path)
