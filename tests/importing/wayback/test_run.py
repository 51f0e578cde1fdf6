"""An import from a web archive on loopback: its meaning, its faults, its kills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import HarvesterError
from harvester.importing.wayback import obtaining, replayed, selection
from harvester.model import Capture, Outcome
from tests.importing.wayback.past import NOW, Past


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path)
    yield made
    made.close()


def test_past_versions_are_put_before_ours(past: Past) -> None:
    past.harvest()
    assert past.versions() == ["five", "nine"]
    result = past.run()
    assert result.obtained == result.wanted == 7 and not result.failed
    assert result.articles == 2 and result.known_articles == 1
    assert past.versions() == ["two", "three", "five", "nine"]
    # Who received each: the web archive the first three, we the last.
    rows = past.rows(
        "select o.name, c.at from versions v join articles a on a.key = v.article "
        "join captures c on c.id = v.capture left join origins o on o.id = c.origin "
        "where a.url like '%bridge%' order by v.number"
    )
    names = [row["name"] for row in rows]
    assert names[:2] == [past.web.address] * 2 and names[3] is None
    [bridge] = past.rows("select * from articles where url like '%bridge%'")
    assert bridge["first_seen"] == past.first_seen  # ours
    # Neighbours were judged anew: three edits, each of one figure.
    edits = past.rows("select article from events where kind = 'edited'")
    assert len(edits) == 3
    [removed] = past.rows("select * from articles where url like '%mayor%'")
    assert removed["state"] in ("suspect", "removed")
    [origin] = past.rows("select * from origins")
    assert (origin["kind"], origin["name"]) == ("wayback", past.web.address)
    assert not list(past.folder.glob("archive.db.*ing-*"))
    assert not list(past.folder.glob("archive.db.importing-wayback-*"))
    # The same again: nothing is requested but the list, nothing changes.
    before, past.fetched = past.rows("select * from captures"), []
    again = past.run()
    assert again.wanted == 0 and len(past.fetched) == 1
    assert again.left_out == {selection.REASON_HELD: 7}
    assert past.rows("select * from captures") == before


def test_into_an_empty_archive(past: Past) -> None:
    result = past.run()
    assert result.obtained == 7
    assert past.versions() == ["two", "three", "five"]


def test_a_dry_run_tells_and_changes_nothing(past: Past) -> None:
    past.harvest()
    result = past.run(dry_run=True)
    assert (result.wanted, result.articles, result.known_articles) == (7, 2, 1)
    assert (result.first, result.last) == (
        "2025-09-06T08:00:00Z",
        "2025-09-11T08:00:00Z",
    )
    assert len(past.fetched) == 1 and result.imported is None
    assert len(past.versions()) == 2


def test_known_articles_and_the_newest_come_first(past: Past) -> None:
    past.harvest()
    result = past.run(limit=2)
    assert result.obtained == 2
    urls = [url.rpartition("id_/")[2] for url in past.fetched[1:]]
    assert all("bridge" in url for url in urls)
    stamps = [url.split("/web/")[1][:8] for url in past.fetched[1:] if "id_" in url]
    assert stamps == ["20250911", "20250909"]
    assert past.run(limit=2).obtained == 2


def test_of_a_time(past: Past) -> None:
    result = past.run(since="2025-09-07T00:00:00Z", until="2025-09-09T00:00:00Z")
    assert result.obtained == 2
    assert past.rows("select distinct at from captures") == [
        {"at": "2025-09-08T08:00:00Z"}
    ]


class Faults:
    """A web archive's misbehaviour: URL part → what is sent the first times."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.sent: dict[str, list[Any]] = {}

    def __call__(self, url: str) -> Capture:
        for part, answers in self.sent.items():
            if part in url and answers:
                answer = answers.pop(0)
                if isinstance(answer, BaseException):
                    raise answer
                if isinstance(answer, Capture):
                    return answer
        return self.past.fetch(url)


def no_response(reason: str, outcome: Outcome = Outcome.FAILED, **more: Any) -> Capture:
    return Capture("u", "u", NOW, 0, outcome=outcome, error=reason, **more)


def test_rate_limits_are_waited_for(past: Past) -> None:
    past.web.outlet.add_fault("/web/*", "status", status=429, retry_after=7, times=2)
    past.web.outlet.add_fault("/cdx/*", "status", status=503, times=1)
    assert past.run().obtained == 7
    assert [round(seconds) for seconds in past.waited] == [5, 7, 7]
    past.waited.clear()


def test_a_limit_of_a_day_ends_the_command_which_continues(past: Past) -> None:
    faults = Faults(past)
    until = "2026-01-16T12:00:00Z"
    limit = no_response("rate-limited", Outcome.WAITING, retry_at=until)
    faults.sent["20250909"] = [limit]
    with pytest.raises(HarvesterError, match=f"limits the rate.*{until}") as error:
        past.run(fetch=faults)
    assert "same command" in error.value.hint
    done = sum("id_/" in url for url in past.fetched)
    past.fetched.clear()
    assert past.run().obtained == 7
    assert len(past.fetched) == 7 - done  # neither the list nor a capture again


def test_failures_are_tried_again_and_then_accounted_for(past: Past) -> None:
    past.web.outlet.add_fault("/web/20250908*", "truncate", times=1)
    faults = Faults(past)
    lost = no_response("the connection was lost")
    faults.sent["20250906080000id_/"] = [lost] * 9
    past.web.captures[2:3] = []  # listed no more: asked for by an older list
    result = past.run(fetch=faults)
    assert result.failed == {"the connection was lost": 2}
    assert result.obtained + sum(result.failed.values()) == result.wanted


def test_an_archive_that_is_down_ends_the_command(past: Past) -> None:
    def down(url: str) -> Capture:
        if "id_/" in url:
            return no_response("connection refused")
        return past.fetch(url)

    with pytest.raises(HarvesterError, match="does not respond: connection refused"):
        past.run(fetch=down)
    assert past.run().obtained == 7


def test_robots_txt_of_the_web_archive_is_the_end(past: Past) -> None:
    def forbidden(url: str) -> Capture:
        return no_response("robots.txt disallows it", Outcome.REFUSED)

    with pytest.raises(HarvesterError, match=r"robots\.txt disallows it"):
        past.run(fetch=forbidden)


def test_what_the_web_archive_says_of_itself_is_never_the_outlets(past: Past) -> None:
    fault = past.web.outlet.add_fault
    fault("/web/20250906*", "html", body=b"<html>Are you human?</html>")
    fault("/web/20250908*", "status", status=404)
    fault("/web/20250909*", "redirect", location="http://127.0.0.1:1/private")
    result = past.run()
    assert result.obtained == 1 and past.versions() == ["five"]
    assert sum(result.failed.values()) == 6
    assert result.failed[replayed.REASON_OUTSIDE] == 2
    assert result.failed[replayed.REASON_NOT_ARCHIVED] == 2
    assert not any(":1/private" in url for url in past.fetched)


def test_the_time_of_a_capture_is_what_the_replay_says(past: Past) -> None:
    # The list is older than the archive: one of its captures is gone, and the nearest is given.
    gone = past.web.captures[0]
    listed = past.run(dry_run=True)
    assert listed.wanted == 7
    past.web.captures.remove(gone)
    result = past.run()
    assert result.left_out[obtaining.REASON_GIVEN_TWICE] == 1
    assert result.obtained == 6
    times = past.rows("select at from captures where url like '%bridge%' order by at")
    assert [row["at"][:10] for row in times] == [
        "2025-09-08",
        "2025-09-09",
        "2025-09-11",
    ]


def test_a_long_list_is_continued_by_its_key(past: Past) -> None:
    past.web.page_rows = 2
    assert past.run().obtained == 7
    lists = [url for url in past.fetched if "/cdx/" in url]
    assert len(lists) == 4 and "resumeKey=6" in lists[-1]


def test_a_server_without_keys_is_asked_for_shorter_times(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harvester.importing.wayback import addresses, listing

    monkeypatch.setattr(addresses, "LIST_ROWS", 3)
    monkeypatch.setattr(listing, "LIST_ROWS", 3)

    def without_keys(url: str) -> Capture:
        return past.fetch(url.replace("&showResumeKey=true", ""))

    since, until = "2025-09-01T00:00:00Z", "2025-09-20T00:00:00Z"
    result = past.run(fetch=without_keys, since=since, until=until)
    assert result.obtained == 7
    lists = [url for url in past.fetched if "/cdx/" in url]
    assert 3 < len(lists) < 20


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"[[1]]"])
def test_what_is_no_list_is_an_error_with_advice(past: Past, body: bytes) -> None:
    past.web.outlet.add_fault("/cdx/*", "body", body=body)
    with pytest.raises(HarvesterError, match="gave no list of captures") as error:
        past.run()
    assert "--cdx" in error.value.hint


def test_killed_after_each_request_nothing_is_lost_or_double(past: Past) -> None:
    """As kill -9 does it: the process ends between any two requests."""

    class Killed(BaseException):
        pass

    faults = Faults(past)
    for stamp in ("cdx", "20250911", "20250909", "20250908", "20250906"):
        faults.sent[stamp] = [Killed()]
    kills = 0
    while True:
        try:
            result = past.run(fetch=faults)
            break
        except Killed:
            kills += 1
            for file in past.folder.glob("archive.db.importing-wayback-*/captures/*"):
                with file.open("ab") as torn:  # behind the last commit
                    torn.write(b"\x1f\x8b torn")
    assert kills == 5
    assert result.obtained == 7
    requested = [url for url in past.fetched if "id_/" in url]
    assert len(requested) == len(set(requested)) == 7
    assert past.versions() == ["two", "three", "five"]
