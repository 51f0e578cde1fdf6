"""Deliveries: at least once, each with its id, whatever the target does."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harvester import install_hint
from harvester.alerts import webhook
from harvester.alerts.deliverer import RETRY_SECONDS, Deliverer
from harvester.schedule.times import add_seconds
from tests.alerts.conftest import NOW, Rung
from tests.support.webhook_receiver import Receiver


def test_a_webhook_gets_json_with_its_id_and_signature(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(
        tmp_path,
        f'[alerts.floods]\nquery = "flood*"\nsecret = "hush"\nto = "{receiver.url}/a?b=c"\n',
    )
    key = rung.publish(1, "Floods, «again»")
    counts = rung.run_pass()
    assert (counts.delivered, counts.failed, rung.states()) == (1, 0, ["delivered"])
    (request,) = receiver.requests
    assert request.path == "/a?b=c"
    record = request.record
    assert record["article"]["key"] == key
    assert record["article"]["title"] == "Floods, «again»"
    assert (record["alert"], record["on"], record["query"]) == (
        "floods",
        "new",
        "flood*",
    )
    assert record["text"] == (
        "new article: Floods, «again» (mpi) https://mpi.example/1"
    )
    assert len(record["id"]) == 32
    assert request.headers["X-Harvest-Id"] == record["id"]
    assert request.headers["Idempotency-Key"] == record["id"]
    digest = hmac.new(b"hush", request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Harvest-Signature"] == f"sha256={digest}"
    # An outlet's words are in the body alone.
    assert not any("Floods" in value for value in request.headers.values())
    assert not rung.run_pass().delivered and len(receiver.requests) == 1


def test_what_failed_is_tried_again_with_the_same_id(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{receiver.url}"\n')
    rung.publish(1)
    receiver.statuses = [500, 503]
    counts = rung.run_pass()
    assert counts.failed == 1
    (error,) = counts.errors.values()
    assert error == "HTTP 500"
    assert rung.run_pass().failed == 1  # at once, the first time
    assert not rung.run_pass().delivered  # then it waits
    assert rung.run_pass(add_seconds(NOW, RETRY_SECONDS[1])).delivered == 1
    assert len(set(receiver.ids)) == 1 and len(receiver.ids) == 3


def test_a_target_that_asks_to_wait_is_left_alone(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{receiver.url}"\n')
    rung.publish(1)
    receiver.statuses, receiver.response_headers = [429], {"Retry-After": "600"}
    assert rung.run_pass().failed == 1
    assert not rung.run_pass(add_seconds(NOW, 599)).delivered
    assert rung.run_pass(add_seconds(NOW, 600)).delivered == 1


def test_after_three_days_it_is_given_up_loudly(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{receiver.url}/hidden"\n')
    rung.publish(1)
    receiver.statuses = [500] * 50
    now, attempts = NOW, 0
    while rung.states() == ["waiting"]:
        rung.run_pass(now)
        attempts += 1
        (due,) = rung.rows("select due from deliveries")[0]
        now = due or now
    assert attempts == len(RETRY_SECONDS) and rung.states() == ["given up"]
    assert add_seconds(NOW, 2 * 86_400) < now < add_seconds(NOW, 4 * 86_400)
    ((note,),) = rung.rows("select note from events where kind = 'alert given up'")
    assert "floods" in note and "HTTP 500" in note and "hidden" not in note


def test_a_redirect_is_not_followed(tmp_path: Path, receiver: Receiver) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{receiver.url}/old"\n')
    rung.publish(1)
    receiver.statuses, receiver.response_headers = [302], {"Location": "/new"}
    (error,) = rung.run_pass().errors.values()
    assert error.startswith("HTTP 302: redirects are not followed")
    assert [request.path for request in receiver.requests] == ["/old"]


def test_a_refused_message_does_not_hold_up_others(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{receiver.url}"\n')
    for number in range(3):
        rung.publish(number)
    receiver.statuses = [422]
    counts = rung.run_pass()
    assert (counts.failed, counts.delivered) == (1, 2)


def test_a_dead_target_is_asked_once_a_pass_and_delays_no_other(
    tmp_path: Path, receiver: Receiver
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://user:pass@127.0.0.1:{closed.getsockname()[1]}/"
        rung = Rung(tmp_path, f'[alerts.floods]\nto = ["{dead}", "{receiver.url}"]\n')
        for number in range(5):
            rung.publish(number)
        counts = rung.run_pass()
    assert (counts.failed, counts.delivered) == (5, 5)
    ((name, error),) = counts.errors.items()
    assert error == "the connection was refused"
    assert name.startswith("floods: http://***@127.0.0.1") and "pass" not in name
    assert not any(
        "pass" in str(tuple(row)) for row in rung.rows("select * from deliveries")
    )


def test_a_response_that_never_ends_is_broken_off(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answering.clear()
    response = webhook.post(receiver.url, b"{}", {}, deadline=0.3)
    assert response.error == "no response within 0.3 seconds"


def test_a_login_of_the_url_is_sent_and_never_shown(
    tmp_path: Path, receiver: Receiver
) -> None:
    url = receiver.url.replace("//", "//user:s%20cr3t@")
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{url}"\n')
    rung.publish(1)
    rung.run_pass()
    assert receiver.requests[0].headers["Authorization"] == "Basic dXNlcjpzIGNyM3Q="
    assert "cr3t" not in receiver.requests[0].body.decode()
    assert "cr3t" not in repr(rung.settings)


def test_muted_removed_and_moved_targets_are_closed(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(
        tmp_path,
        f'[alerts.a]\nto = "{receiver.url}/a"\n[alerts.b]\nto = "{receiver.url}/b"\n',
    )
    rung.publish(1)
    muted = replace(rung.settings.alerts["a"], muted=True)
    rung.deliverer.settings = replace(rung.settings, alerts={"a": muted})
    assert not rung.run_pass().delivered and not receiver.requests
    assert sorted(rung.states()) == ["dropped", "muted"]


# ---- digests


def test_a_digest_has_all_of_its_hour_and_one_id(
    tmp_path: Path, receiver: Receiver
) -> None:
    rung = Rung(
        tmp_path,
        f'[alerts.floods]\nwhen = "hourly"\ntemplate = "$title"\nto = "{receiver.url}"\n',
    )
    for number in range(3):
        rung.publish(number, f"Flood {number}")
    assert not rung.run_pass().delivered  # it is not the full hour yet
    receiver.statuses = [500]
    assert rung.run_pass("2025-09-06T09:00:00Z").failed == 3
    rung.publish(9, "Flood 9")  # of the next hour... that is due as well
    assert rung.run_pass("2025-09-06T09:00:00Z").delivered == 4
    failed, *sent = receiver.requests
    again = next(each for each in sent if each.record["id"] == failed.record["id"])
    assert again.record == failed.record
    assert again.record["count"] == 3
    assert again.record["text"].splitlines()[::2] == [
        "floods: 3 events, hourly digest",
        *(f"Flood {number}" for number in range(3)),
    ]
    members = [event["id"] for each in sent for event in each.record["events"]]
    assert len(members) == len(set(members)) == 4


# ---- files and programs


def test_a_file_has_each_line_once_however_often_it_is_sent(tmp_path: Path) -> None:
    rung = Rung(tmp_path, '[alerts.floods]\nto = "file:rang.jsonl"\n')
    for number in range(3):
        rung.publish(number)
    assert rung.run_pass().delivered == 3
    path = tmp_path / "rang.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert len({json.loads(line)["id"] for line in before.splitlines()}) == 3
    # As if it had been killed before it recorded that, in the middle of the last line.
    path.write_bytes(before[:-20])
    rung.made.connection.execute(
        "update deliveries set state = 'waiting', at = null, due = ?", [NOW]
    )
    assert Deliverer(rung.settings).run_pass(NOW).delivered == 3
    assert sorted(path.read_bytes().splitlines()) == sorted(before.splitlines())


def test_a_file_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rang.jsonl"
    path.write_text("a line without an end")
    rung = Rung(tmp_path, '[alerts.floods]\nto = "file:rang.jsonl"\n')
    rung.publish(1)
    assert rung.run_pass().delivered == 1
    lines = path.read_text().splitlines()
    assert lines[0] == "a line without an end" and len(lines) == 2


def test_what_is_no_file_is_an_error_and_makes_nobody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    rung = Rung(
        tmp_path, '[alerts.floods]\nto = ["file:fifo", "file:/dev/null", "file:no/x"]\n'
    )
    rung.publish(1)
    errors = rung.run_pass().errors
    assert len(errors) == 3 and all("file" in error for error in errors.values())


def test_a_program_gets_the_words_on_its_input_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIDDEN", "secret")
    program = tmp_path / "program"
    program.write_text(
        "#!/bin/sh\ncat > got; printf '%s\\n' \"$@\" > arguments; env > environment\n"
        'test "$1" != "fail"\n'
    )
    program.chmod(0o755)
    rung = Rung(
        tmp_path, f"[alerts.floods]\nto = \"exec:{program} 'two words' $HOME\"\n"
    )
    rung.publish(1, "Floods; rm -rf `x`")
    monkeypatch.chdir(tmp_path)
    assert rung.run_pass().delivered == 1
    assert json.loads((tmp_path / "got").read_text())["article"]["title"] == (
        "Floods; rm -rf `x`"
    )
    assert (tmp_path / "arguments").read_text() == "two words\n$HOME\n"  # no shell
    assert "HIDDEN" not in (tmp_path / "environment").read_text()


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("false", "the program ended with exit code 1"),
        ("/no/such/program x", "exec:/no/such/program ***: No such file or directory"),
    ],
)
def test_a_program_that_fails(command: str, error: str, tmp_path: Path) -> None:
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "exec:{command}"\n')
    rung.publish(1)
    assert list(rung.run_pass().errors.values()) == [error]


def test_an_address_of_apprise(tmp_path: Path, receiver: Receiver) -> None:
    pytest.importorskip("apprise", reason="pip install 'news-harvester[alerts]'")
    url = receiver.url.replace("http://", "json://")
    rung = Rung(tmp_path, f'[alerts.floods]\nto = "{url}/token"\n')
    rung.publish(1, "Floods")
    assert rung.run_pass().delivered == 1
    (request,) = receiver.requests
    assert request.record["title"] == "harvest: floods: new article"  # our own words
    assert "new article: Floods (mpi)" in request.record["message"]
    receiver.statuses = [500]
    rung.publish(2)
    assert list(rung.run_pass().errors.values()) == ["Apprise could not deliver it"]


def test_no_module_of_apprise_is_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    rung = Rung(tmp_path, '[alerts.floods]\nto = "mailto://me:word@mail.example"\n')
    rung.publish(1)
    ((name, error),) = rung.run_pass().errors.items()
    assert install_hint("alerts") in error
    assert name == "floods: mailto://***"
