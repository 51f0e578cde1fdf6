"""The commands that read: what they print for machines and for people, and with which code they end."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, small_archive
from tests.support.harvest_command import Harvest

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def test_search_prints_the_object_that_is_promised(harvest) -> None:
    (hit,) = harvest.json("search", "eglise", "--outlet", "mpi")
    assert hit == {
        "article": CHURCH, "version": 3, "outlet": "mpi", "url": small_archive.CHURCH, "title": "L’église bradée",
        "authors": ["Jeanne Dupré"], "published": None, "first_seen": "2025-09-07T09:00:00Z", "language": "fr",
        "snippet": "L'église du village a été vendue pour 12 000 euros. Le maire se tait. Une enquête est ouverte.",
        "latest": True,
    }  # fmt: skip
    lines = harvest("search", "eglise", "--nl").stdout.splitlines()
    assert [json.loads(line)["article"] for line in lines] == [WIRE, CHURCH]
    assert harvest.json("search", "nothinglikeit") == []
    assert (
        harvest("search", "eglise", "--csv")
        .stdout.splitlines()[0]
        .startswith("article,version,outlet,url,title")
    )


def test_results_at_the_limit_may_not_be_all(harvest) -> None:
    more = "there may be more, see --limit"
    assert f"1 result; {more}" in harvest("quote", "Le maire", "--limit", "1").stderr


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_search_says_how_many_there_are_and_how_to_go_on(harvest, form) -> None:
    first = harvest("search", "église", "-n", "1", *form).stderr.splitlines()
    assert first[0] == "1 of 2 results, last published first"
    assert first[1].startswith("next page: --after ")
    cursor = first[1].split()[-1]
    rest = harvest("search", "église", "-n", "1", "--after", cursor, *form)
    assert rest.stderr.splitlines()[0] == "1 of 2 results, last published first"
    last = rest.stderr.splitlines()[1].split()[-1]
    end = harvest("search", "église", "--after", last, *form)
    assert end.stderr == "no more matches\n"
    whole = harvest("search", "église", *form).stderr
    assert whole == "2 results, last published first\n"
    assert (
        harvest("search", "église", "--rank", *form).stderr == "2 results, best first\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["titel:église"], "did you mean title:?"),
        (["outlet:corier"], "did you mean courier?"),
        (["église", "-x"], "unknown option -x"),
        (["église", "--after", "here"], "not a cursor: 'here'"),
        (
            ["église", "--rank", "--after", "2025_1"],
            "the cursor is of results in another order",
        ),
        (
            ["église", "--after", "best_9_1"],
            "the cursor is of results in another order",
        ),
        (["église", "--since", "soon"], "invalid time 'soon'"),
    ],
)
def test_what_cannot_be_asked_is_refused(harvest, arguments, message) -> None:
    process = harvest("search", *arguments, code=2)
    assert message in process.stderr
    assert not process.stdout


def test_no_matches_come_with_what_to_try(harvest) -> None:
    assert harvest("search", "eglsie").stderr.splitlines() == [
        "no matches",
        "no version has 'eglsie'; did you mean eglise?",
    ]
    process = harvest("search", "église", "published:2020")
    assert process.stderr.splitlines() == [
        "no matches",
        'without published:"2020-01-01..2020-12-31" there are matches',
    ]


@pytest.mark.parametrize(
    "name",
    [
        small_archive.CHURCH,
        small_archive.CHURCH.partition("://")[2],
        f"{small_archive.CHURCH}?referrer=home&_r=0",
        f"{small_archive.CHURCH}?utm_source=mail#comments",
        small_archive.CHURCH.replace("https://", "https://m."),
        f"{small_archive.CHURCH}amp/",
    ],
)
def test_a_url_finds_its_article_in_any_form(harvest, name) -> None:
    assert harvest.json("show", name)["article"] == CHURCH
    assert [hit["article"] for hit in harvest.json("search", name)] == [CHURCH]


def test_since_and_until_go_by_what_is_printed(harvest) -> None:
    for arguments, count in (
        (["--since", "2025-09-08"], 1),
        (["--until", "2025-09-07"], 1),
        (["--since", "2025-09", "--until", "2025-09"], 2),
        (["published:2025-09-08"], 1),
        (["--outlet", "mpi", "--outlet", "courier"], 2),
    ):
        assert len(harvest.json("search", "église", *arguments)) == count


def test_search_takes_a_query_as_words_or_as_one_argument(harvest) -> None:
    for query in (
        ["église", "-wire"],
        ["église -wire"],
        ["église", "NOT", "wire"],
        ["--", "église", "-wire"],
    ):
        assert (
            [hit["article"] for hit in harvest.json("search", *query)]
            if query[0] != "--"
            else True
        )
    assert (
        json.loads(harvest("search", "--json", "--", "-wire", "église").stdout)[0][
            "article"
        ]
        == CHURCH
    )
    assert [
        hit["version"] for hit in harvest.json("search", '"10 000"', "--all-versions")
    ] == [1]
    assert harvest.json("search", '"10 000"', "--current") == []
    assert len(harvest.json("search", "église", "--rank", "--limit", "1")) == 1
    assert len(harvest.json("search", "église", "--since", "2025-09-08")) == 1
    assert harvest.json("search", "église", "--since", "1 hour") == []


@pytest.mark.parametrize(
    "query",
    [
        "(",
        '"',
        "NOT x",
        "AND",
        "…",
        b"\xff\xfe",
        "\x1b]0;evil\x07(",
        "(" * 2000,
        "a " * 5000,
        "--jsno",
        "\ud800(",
        "",
    ],
)
def test_queries_that_cannot_be_read_end_with_2_and_one_line(
    harvest, query: str | bytes
) -> None:
    argument = (
        query if isinstance(query, bytes) else query.encode("utf-8", "surrogatepass")
    )
    done = harvest("search", argument, code=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "\x1b" not in done.stderr


def test_show_prints_everything(harvest) -> None:
    record = harvest.json("show", small_archive.CHURCH)
    assert (
        record["article"] == CHURCH
        and record["version"] == record["versions"] == 3
        and record["latest"] is True
    )
    assert record["urls"] == [small_archive.CHURCH, "https://mpi.example/?p=7"]
    assert (record["state"], record["duplicates"], record["sources"]) == (
        "live",
        [WIRE],
        {},
    )
    for name in (
        "modified",
        "sections",
        "tags",
        "image",
        "text",
        "published_local",
        "modified_local",
        "snippet",
    ):
        assert name in record
    old = harvest.json("show", CHURCH[:6], "--version", "1")
    assert (old["title"], old["latest"], old["duplicates"]) == (
        "L’église vendue",
        False,
        [],
    )
    assert (
        "1 of 3, an earlier version" in harvest("show", CHURCH, "--version", "1").stdout
    )
    assert harvest.json("show", MARKET)["state"] == "removed"


@pytest.mark.parametrize(
    ("name", "said"),
    [("abc", "at least 6"), ("0123456789", "no article"), ("https://courier.example/never", "gone, answered 404"),
     ("https://nowhere.example/x", "no article is stored"), ("ftp://x/", "no article"), ("", "too short")],
)  # fmt: skip
def test_names_of_nothing_end_with_1_and_say_what_to_do(
    harvest, name: str, said: str
) -> None:
    for command in ("show", "history", "diff"):
        assert said in harvest(command, name, code=1).stderr


def test_history_is_a_list_of_wordings(harvest) -> None:
    records = harvest.json("history", CHURCH)
    assert [(one["version"], one["class"], one["title"]) for one in records] == [
        (1, "first", "L’église vendue"), (2, "edited", "L’église vendue"), (3, "headline", "L’église bradée"),
    ]  # fmt: skip
    assert all(
        len(one["sha256"]) == 64 and one["first_seen"] <= one["last_seen"]
        for one in records
    )
    assert "removed: answered 404" in harvest("history", MARKET).stdout


def test_diff_compares_the_last_two_or_those_named(harvest) -> None:
    record = harvest.json("diff", CHURCH)
    assert (record["before"], record["after"]) == (2, 3)
    assert record["fields"] == {"title": ["L’église vendue", "L’église bradée"]}
    assert record["sentences"] == {"added": [], "removed": [], "changed": []}
    record = harvest.json("diff", CHURCH, "1", "2")
    assert record["fields"] == {} and record["sentences"]["added"] == [
        "Une enquête est ouverte."
    ]
    backward = harvest.json("diff", CHURCH, "3", "1")
    assert backward["fields"] == {"title": ["L’église bradée", "L’église vendue"]}
    assert backward["sentences"]["removed"] == ["Une enquête est ouverte."]
    assert harvest.json("diff", MARKET)["sentences"] == {
        "added": [],
        "removed": [],
        "changed": [],
    }
    assert "only one version" in harvest("diff", MARKET).stdout
    assert "[-10-]{+12+}" in harvest("diff", CHURCH, "1", "2").stdout
    harvest("diff", CHURCH, "1", code=2)
    assert "has no version 9" in harvest("diff", CHURCH, "1", "9", code=1).stderr


def test_a_quotation_at_its_limit_ends_quietly(harvest) -> None:
    assert len(harvest.json("quote", "Le maire se tait.")) > 1
    done = harvest("quote", "Le maire se tait.", "--limit", "1")
    assert "Exception ignored" not in done.stderr
    assert done.stdout.count("Le maire se tait.") == 1


def test_changes_are_newest_first(harvest) -> None:
    records = harvest.json("changes")
    assert [(one["kind"], one["article"], one["at"]) for one in records] == [
        ("headline", CHURCH, "2025-09-07T09:00:00Z"), ("removed", MARKET, "2025-09-07T08:00:00Z"), ("edited", CHURCH, "2025-09-06T09:00:00Z"),
    ]  # fmt: skip
    assert {"article", "outlet", "kind", "at", "title"} <= set(records[0])
    assert [
        one["kind"]
        for one in harvest.json("changes", "--since", "2025-09-07T08:30:00+00:00")
    ] == ["headline"]
    assert [
        one["kind"]
        for one in harvest.json("changes", "--kind", "edited", "--limit", "1")
    ] == ["edited"]
    assert (
        "did you mean 'courier'"
        in harvest("changes", "--outlet", "courrier", code=2).stderr
    )
    harvest("changes", "--since", "yesterdayish", code=2)


def test_kinds_and_outlets_add_up(harvest) -> None:
    def kinds(*options: str) -> list[str]:
        return [record["kind"] for record in harvest.json("changes", *options)]

    assert kinds("--kind", "edited", "--kind", "removed") == ["removed", "edited"]
    both = ("--outlet", "mpi", "--outlet", "courier")
    assert len(kinds(*both)) == len(kinds()) > len(kinds("--outlet", "mpi")) > 0
    removal, *_ = harvest.json("changes", "--kind", "removed", "--kind", "returned")
    assert "evidence" in removal
    outlets = [record["outlet"] for record in harvest.json("changes", "--by", "outlet")]
    assert outlets == [
        record["outlet"] for record in harvest.json("changes", "--by", "outlet", *both)
    ]
    hits = [hit["outlet"] for hit in harvest.json("search", "église", *both)]
    assert set(hits) == {"mpi", "courier"}


def test_status_speaks_of_every_feed_and_shows_no_secret(harvest) -> None:
    text = harvest("status").stdout
    assert "no longer in the settings; kept and searchable, not checked" in text
    assert "hush" not in text and "token=***" in text
    record = harvest.json("status")
    assert record["holder"] is None
    assert {one["outlet"] for one in record["outlets"]} == {"mpi", "courier", "gone"}


def test_stats_add_up(harvest) -> None:
    entries = harvest.json("stats")["entries"]
    assert entries.pop("total") == sum(entries.values()) == 6
    assert "2 new" in harvest("stats").stdout


def test_doctor_finds_a_sound_archive_sound(harvest) -> None:
    assert "WRONG" not in harvest("doctor").stdout
    (harvest.folder / "archive.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert "WRONG" in harvest("doctor", code=1).stdout


def test_what_is_wrong_with_an_archive_is_said_with_what_to_do(bare) -> None:
    (bare.folder / "settings.toml").write_text(small_archive.SETTINGS)
    archive = bare.folder / "archive.db"
    assert "harvest once" in bare("search", "x", code=1).stderr
    archive.write_text("a letter to my aunt")
    assert "not an archive" in bare("status", code=1).stderr
    archive.unlink()
    archive.mkdir()
    assert "is a folder" in bare("stats", code=1).stderr
    archive.rmdir()
    small_archive.village(bare.folder).connection.execute("pragma user_version = 99")
    assert "upgrade" in bare("history", "abcdef", code=1).stderr


def test_settings_that_are_wrong_end_with_2_file_and_line(bare) -> None:
    assert (
        "settings"
        in bare(
            "search",
            "x",
            code=2,
            HOME=str(bare.folder),
            XDG_CONFIG_HOME=str(bare.folder),
        ).stderr
    )
    (bare.folder / "other.toml").write_text("[outlets.a]\nfeeds = 3\nevrey = 2\n")
    said = bare("--settings", "other.toml", "status", code=2).stderr
    assert "other.toml:2" in said and "other.toml:3" in said and "every" in said


def test_usage(harvest) -> None:
    assert (
        "search" in harvest("--help").stdout
        and "search" in harvest("-h").stdout
        and "search" in harvest().stdout
    )
    assert "harvester" in harvest("--version").stdout
    assert "did you mean 'search'" in harvest("serach", "x", code=2).stderr
    assert "did you mean 'courier'" in harvest("once", "courrier", code=2).stderr
    for command in (
        "search",
        "show",
        "history",
        "diff",
        "changes",
        "status",
        "stats",
        "check",
        "browse",
        "once",
        "run",
        "demo",
        "doctor",
    ):
        assert command in harvest("--help").stdout
        harvest(command, "--help")


def test_searching_does_not_load_what_it_does_not_need(harvest) -> None:
    code = (
        "import sys; from harvester.cli import cli; cli.main(['search', 'église'], standalone_mode=False);"
        "print([m for m in ('scrapy', 'twisted', 'trafilatura', 'lxml', 'apscheduler', 'sqlite_utils', 'datasette', 'tldextract',"
        "'structlog', 'tabulate', 'filelock') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=harvest.folder, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_error(harvest) -> None:
    command = f"{sys.executable} -P -m harvester.cli search église | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=harvest.folder, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr, "Error" in done.stderr) == (
        0,
        False,
        False,
    )


def on_terminal(harvest, *arguments: str, typed: str = "", **environment: str) -> str:
    """What the program writes to a terminal on which somebody types."""
    master, slave = pty.openpty()
    root = str(ROOT)
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", *arguments],
        cwd=harvest.folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "PYTHONPATH": root, "TERM": "xterm", **environment},
    )
    os.write(master, typed.encode())
    os.close(slave)
    written = b""
    while True:
        try:
            piece = os.read(master, 65_536)
        except OSError:
            break
        if not piece:
            break
        written += piece
    process.wait()
    os.close(master)
    return written.decode()


@pytest.mark.parametrize("typed", ["n\n", "\x04"])
def test_a_purge_that_is_not_confirmed_removes_nothing(harvest, typed: str) -> None:
    written = on_terminal(harvest, "purge", MARKET, "--why", "test", typed=typed)
    assert "would be removed: 1 version" in written
    assert written.rstrip().endswith("nothing was removed")
    assert harvest.json("show", MARKET)["article"] == MARKET
    done = harvest("purge", MARKET, "--why", "test", code=2)
    assert "not interactive; pass --yes" in done.stderr


def test_colours_only_on_a_terminal_that_wants_them(harvest) -> None:
    assert "\x1b[" in on_terminal(harvest, "diff", CHURCH)
    assert "\x1b" not in on_terminal(harvest, "diff", CHURCH, NO_COLOR="1")
    assert "\x1b" not in on_terminal(harvest, "diff", CHURCH, TERM="dumb")
    assert "\x1b" not in harvest("diff", CHURCH).stdout


def test_nothing_that_an_outlet_wrote_reaches_the_terminal_as_a_command(
    tmp_path: Path, harvest
) -> None:
    evil = "\x1b]0;owned\x07\x9b31m\u202eABC\x1b[2J\x1b[31m évil"
    other = tmp_path / "other"
    other.mkdir()
    made = small_archive.Building(other)
    key = made.article("https://mpi.example/evil")
    first = made.version(
        key, f"Titre {evil}", f"texte {evil} fin", authors=json.dumps([evil])
    )
    second = made.version(
        key,
        f"Autre {evil}",
        f"text {evil} changé",
        sections=json.dumps([evil]),
        tags=json.dumps([evil, "a"]),
    )
    made.edit(key, first, second, "2025-09-06T07:00:00Z")
    made.event("removed", key, "2025-09-06T07:00:00Z", note=evil)
    made.connection.execute(
        "update feeds set reason = ?, outcome = 'failed', polled = '2025-09-06T07:00:00Z'",
        [evil],
    )
    made.connection.execute("update outlets set name = ?", [evil])
    made.done()
    harvest.folder = other
    for command in (["search", "évil"], ["show", key], ["history", key], ["diff", key], ["diff", key, "2", "1"], ["changes"],
                    ["status"], ["stats"], ["search", "évil", "--csv"], ["search", "évil", "--json"], ["show", key, "--json"]):  # fmt: skip
        text = on_terminal(harvest, *command, NO_COLOR="1")
        assert not set(text) & set("\x1b\x9b\x07\u202e"), command
        assert "owned" not in text or "--json" in command
    assert (
        harvest.json("show", key)["title"] == f"Autre {evil}"
    )  # machines are told all


def test_csv_holds_no_formulas(tmp_path: Path, harvest) -> None:
    other = tmp_path / "other"
    other.mkdir()
    made = small_archive.Building(other)
    key = made.article("https://mpi.example/sum")
    made.version(key, "=HYPERLINK(1)", "formule")
    made.done()
    harvest.folder = other
    assert "'=HYPERLINK(1)" in harvest("search", "formule", "--csv").stdout


def test_an_archive_is_read_without_settings(harvest, tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bare = Harvest(elsewhere)
    path = str(harvest.folder / "archive.db")
    found = json.loads(bare("--archive", path, "search", "église", "--json").stdout)
    assert len(found) == 2
    assert bare("--archive", path, "status").returncode == 0
    assert "only read" in bare("--archive", path, "once", code=2).stderr
    assert (
        "does not exist" in bare("--archive", "none.db", "search", "x", code=2).stderr
    )
    assert "no settings" in bare("search", "église", code=2).stderr
    (elsewhere / "archive.db").symlink_to(path)
    assert len(json.loads(bare("search", "église", "--json").stdout)) == 2
    (elsewhere / "settings.toml").write_text(
        '[archive]\npath = "other.db"\n[outlets.a]\nfeeds = ["https://a.example/feed"]\n'
    )
    assert "other.db" in bare("search", "église", code=1).stderr  # settings come first


def test_search_counts_by_facet(harvest) -> None:
    records = harvest.json("search", "église", "--facet", "outlet,lang")
    assert records == [
        {"facet": "outlet", "value": "courier", "articles": 1},
        {"facet": "outlet", "value": "mpi", "articles": 1},
        {"facet": "lang", "value": "fr", "articles": 2},
    ]
    text = harvest("search", "église", "--facet", "outlet", "--facet", "lang").stdout
    assert text.splitlines() == [
        "outlet", "       1  courier", "       1  mpi", "", "lang", "       2  fr",
    ]  # fmt: skip
    lines = harvest("search", "église", "--facet", "month", "--csv").stdout.splitlines()
    assert lines[0] == "facet,value,articles"
    refused = harvest("search", "église", "--facet", "outlets", code=2).stderr
    assert "unknown facet 'outlets'; did you mean outlet?" in refused
    assert harvest("search", "nowhere", "--facet", "outlet").stderr == "no matches\n"
