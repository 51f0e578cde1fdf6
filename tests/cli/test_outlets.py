"""``harvest outlets`` and ``harvest remove``: what is harvested, and to stop it."""

from __future__ import annotations

import json
import tomllib

import pytest

from harvester.newsroom import Newsroom, Outlet
from tests.support.harvest_command import Harvest

TEXT = ["Le pont de pierre sera fermé dès lundi pour des travaux. " * 9]


@pytest.fixture
def papers(bare: Harvest, newsroom: Newsroom) -> dict[str, Outlet]:
    """Two newspapers in the settings; both were checked once."""
    for key in ("gazette", "lantern"):
        newsroom.add_outlet(key).publish(f"Le pont, {key}", [key, *TEXT])
    text = newsroom.settings_toml(".").replace(
        "[outlets.lantern]", "\n# night\n[outlets.lantern] # two"
    )
    (bare.folder / "settings.toml").write_text(text)
    return newsroom.outlets


def test_outlets_are_listed_with_their_state(
    bare: Harvest, papers: dict[str, Outlet]
) -> None:
    listed = bare.json("outlets")
    assert [(one["outlet"], one["state"], one["articles"]) for one in listed] == [
        ("gazette", "new", 0),
        ("lantern", "new", 0),
    ]
    bare("once")
    papers["lantern"].add_fault(papers["lantern"].feed_url, "status", status=404)
    bare("once")
    gazette, lantern = bare.json("outlets")
    assert (gazette["state"], gazette["articles"], gazette["failing_feeds"]) == (
        "fine",
        1,
        0,
    )
    assert gazette["last_new"] and gazette["feeds"] == [papers["gazette"].feed_url]
    assert (lantern["state"], lantern["failing_feeds"]) == ("failing", 1)
    assert (
        lantern["words"].startswith("gone: answered 404")
        and " since 20" in lantern["words"]
    )
    shown = bare("outlets", "--failing").stdout
    assert "lantern" in shown and "gazette" not in shown
    assert [one["outlet"] for one in bare.json("outlets", "--failing")] == ["lantern"]


def test_what_is_removed_stays_and_is_not_checked(
    bare: Harvest, papers: dict[str, Outlet]
) -> None:
    bare("once")
    settings = bare.folder / "settings.toml"
    before = settings.read_text()
    done = bare("remove", "lantern")
    assert "outlet lantern is disabled" in done.stdout
    after = settings.read_text()
    assert after == before.replace("# two\n", "# two\ndisabled = true\n")

    fetched = len(papers["lantern"].requests)
    counts = json.loads(bare("once", "--json").stdout)
    assert counts["feeds"] == 1
    bare("once", "--force")
    assert len(papers["lantern"].requests) == fetched
    assert len(bare.json("search", "pont")) == 2
    _, lantern = bare.json("outlets")
    assert (lantern["state"], lantern["articles"]) == ("disabled", 1)
    assert "disabled in the settings; kept and searchable" in bare("status").stdout
    assert "lantern" not in {row["outlet"] for row in bare.json("looks")}
    assert "is disabled: remove" in bare("once", "lantern", code=2).stderr

    assert "disabled already" in bare("remove", "lantern").stderr
    assert settings.read_text() == after

    # Added again, it goes on.
    done = bare("add", papers["lantern"].url)
    assert "enabled again" in done.stdout
    assert settings.read_text() == before
    assert len(papers["lantern"].requests) > fetched


def test_an_outlet_that_nobody_knows(bare: Harvest, papers: dict[str, Outlet]) -> None:
    before = (bare.folder / "settings.toml").read_text()
    error = bare("remove", "lantrn", code=2).stderr
    assert "unknown outlet 'lantrn': did you mean 'lantern'" in error
    assert "Missing argument" in bare("remove", code=2).stderr
    assert (bare.folder / "settings.toml").read_text() == before


def test_outlets_that_left_the_settings_are_listed(
    bare: Harvest, papers: dict[str, Outlet]
) -> None:
    bare("once")
    settings = bare.folder / "settings.toml"
    text = settings.read_text()
    settings.write_text(text[: text.index("\n# night")])
    assert [one["state"] for one in bare.json("outlets")] == ["fine", "not configured"]
    assert "not in the settings" in bare("outlets").stdout


def test_all_may_be_disabled(bare: Harvest, papers: dict[str, Outlet]) -> None:
    bare("remove", "gazette", "lantern")
    tables = tomllib.loads((bare.folder / "settings.toml").read_text())["outlets"]
    assert [table["disabled"] for table in tables.values()] == [True, True]
    assert json.loads(bare("once", "--json").stdout)["visits"] == 0
    assert "none of 2 outlets fails" in bare("outlets", "--failing").stderr
