"""``harvest alerts``, typed right and wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from tests.support.harvest_command import Harvest
from tests.support.webhook_receiver import Receiver, receive

SETTINGS = (
    "# ours, kept by hand\n[outlets.mpi]  # the first\n"
    'feeds = ["https://mpi.example/feed/"]\n'
)


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    return Harvest(tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver


def test_settings_keep_their_comments(harvest: Harvest) -> None:
    file = harvest.folder / "settings.toml"
    assert "no alerts" in harvest("alerts", "list").stderr
    harvest("alerts", "add", "flood*", "--on", "new,headline", "--to", "file:a.jsonl")
    harvest("alerts", "add", "flood*", "--to", "file:a.jsonl", "--when", "daily")
    harvest("alerts", "add", "--to", "exec:/bin/true x", "--template", "$title")
    first, second, third = harvest.json("alerts", "list")
    assert (first["name"], first["on"]) == ("flood", ["new", "headline"])
    assert (second["name"], second["when"]) == ("flood-2", "daily")
    assert (third["name"], third["query"]) == ("everything", "")
    assert third["to"] == ["exec:/bin/true ***"]
    text = file.read_text()
    assert text.startswith(SETTINGS)
    harvest("alerts", "mute", "flood", "flood-2")
    assert [each["muted"] for each in harvest.json("alerts", "list")] == [
        True,
        True,
        False,
    ]
    harvest("alerts", "unmute", "flood", "flood-2")
    assert file.read_text().split() == text.split()
    harvest("alerts", "remove", "flood", "flood-2", "everything")
    assert file.read_text().split() == SETTINGS.split()


WRONG = (
    (("(flood", "--to", "file:x"), "QUERY: a bracket is never closed"),
    (("titel:x", "--to", "file:x"), "did you mean title:?"),
    (("flood",), "Missing option '--to'"),
    (("flood", "--to", "example.org"), "--to: is not a target: write"),
    (("flood", "--to", "file:"), "names no file"),
    (("flood", "--to", "file:x", "--on", "edited"), "did you mean 'edit'?"),
    (("flood", "--to", "file:x", "--template", "$titel"), "did you mean 'title'?"),
    (("flood", "--to", "file:x", "--when", "weekly"), "'weekly' is not one of"),
    (("flood", "--to", "file:x", "--name", "A b"), "made of a-z, 0-9"),
)


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_what_is_typed_wrong_changes_nothing(
    arguments: tuple[str, ...], message: str, harvest: Harvest
) -> None:
    told = harvest("alerts", "add", *arguments, code=2)
    assert message in told.stderr
    assert (harvest.folder / "settings.toml").read_text() == SETTINGS


def test_names_that_are_unknown_or_taken(harvest: Harvest) -> None:
    told = harvest("alerts", "mute", "floods", code=2).stderr
    assert "`harvest alerts add QUERY --to TARGET` adds one" in told
    harvest("alerts", "add", "floods", "--to", "file:x")
    assert "did you mean 'floods'?" in harvest("alerts", "test", "flood", code=2).stderr
    taken = harvest("alerts", "add", "x", "--to", "file:x", "--name", "floods", code=2)
    assert "there is an alert 'floods' already" in taken.stderr


def test_a_test_goes_to_each_target_and_shows_no_login(
    harvest: Harvest, receiver: Receiver
) -> None:
    url = receiver.url.replace("//", "//user:hidden@")
    targets = ("--to", f"{url}/token", "--to", "http://user:hidden@127.0.0.1:1/")
    shown = harvest("alerts", "add", "floods", *targets)
    told = harvest("alerts", "test", "floods", code=1)
    assert [request.record["on"] for request in receiver.requests] == ["test"]
    assert "delivered" in told.stdout and "the connection was refused" in told.stdout
    listed = harvest("alerts", "list")
    for output in (shown, told, listed):
        assert "hidden" not in output.stdout + output.stderr
        assert "token" not in output.stdout + output.stderr
    record = json.loads(harvest("alerts", "test", "floods", "--json", code=1).stdout)
    assert [each["delivered"] for each in record["targets"]] == [True, False]


def test_a_query_of_the_settings_that_cannot_be_read(harvest: Harvest) -> None:
    with (harvest.folder / "settings.toml").open("a") as file:
        file.write('[alerts.x]\nto = "file:x"\nquery = "(flood"\n')
    for command in ("once", "run"):
        told = harvest(command, code=2).stderr
        assert "settings.toml:6: alerts.x.query: a bracket is never closed" in told


def warnings(harvest: Harvest) -> list[str]:
    told = harvest("status", "--json", HOOK="https://hook.example/").stdout
    found: list[str] = json.loads(told)["warnings"]
    return found


def test_a_login_in_a_file_that_all_may_read_is_warned_of(harvest: Harvest) -> None:
    file = harvest.folder / "settings.toml"
    with file.open("a") as settings:
        settings.write(
            '[alerts.x]\nto = "mailto://me:word@mail.example"\n'
            '[alerts.y]\nto = { env = "HOOK" }\n'
        )
    file.chmod(0o644)
    Archive.open(harvest.folder / "archive.db").close()
    told = warnings(harvest)
    assert any("alerts.x: a target has a login" in warning for warning in told)
    assert not any("alerts.y" in warning or "word" in warning for warning in told)
    file.chmod(0o600)
    told = warnings(harvest)
    assert not any("alerts." in warning for warning in told)
