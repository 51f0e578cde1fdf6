"""The rules of an outlet decide in bounded time, whatever expressions they are."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ingest import link_rules
from harvester.ingest.link_rules import refusal_reason

ENDLESS = r"^/(?:[a-z]+)+\d$"  # exponential for ``re``, linear for RE2
ENDLESS_WITH_LOOKAROUND = r"^/(?!video)(?:[a-z]+)+\d$"  # RE2 has no lookaround
LINK = f"https://paper.example/{'a' * 60}!"
MAX_SECONDS = 30.0  # of elapsed time, on a machine with much else to do


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[link_rules.PatternProcess]:
    process = link_rules.PatternProcess()
    monkeypatch.setattr(link_rules, "_PROCESS", process)
    yield process
    process._stop()


@pytest.fixture(params=["with RE2", "without RE2"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "with RE2":
        pytest.importorskip("re2")
    else:
        monkeypatch.setattr(link_rules, "_compile_linear", lambda pattern: None)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("path", "allow", "deny", "is_followed"),
    [
        ("/news/1", (), (), True),
        ("/news/1", ("/news/",), (), True),
        ("/sport/1", ("/news/",), (), False),
        ("/news/video/1", ("/news/",), ("/video/",), False),
        ("/news/1?page=2", (), (r"[?&]page=\d",), False),
        ("/news/1", (r"^/(?!sport)",), (), True),
        ("/sport/1", (r"^/(?!sport)",), (), False),
        ("/aa/1", (), (r"/(\w)\1/",), False),
        ("/ab/1", (), (r"/(\w)\1/",), True),
        ("", ("^/$",), (), True),
        ("/café/1", (), (r"/\w+/\d",), False),  # \w is Unicode's
        ("/aaa", (), (r"^/a{,3}$",), False),  # RE2 has no repetition without minimum
        ("/x:", (), (r"[[:alpha:]]",), True),  # a set of characters, and a bracket
    ],
)
@pytest.mark.filterwarnings("ignore:Possible nested set")
def test_a_rule_means_what_python_says(
    path: str, allow: tuple[str, ...], deny: tuple[str, ...], is_followed: bool
) -> None:
    reason = refusal_reason(f"https://paper.example{path}", "paper", allow, deny)
    assert (reason == "") == is_followed, reason


@given(
    st.lists(
        st.sampled_from(
            [
                *("a", "b", "/", "1", ".", "-", "?", "%", "[ab]", "[^a]", r"\d", r"\w"),
                *(r"\b", "^", "$", "(?:a|b/)", "(b)", r"\.", r"\?", "|", r"\s", r"\D"),
                *("a*", "b+", "1?", "[a-z]+?", "(?:ab){2}", "/{1,2}", r"\A", "(?i:A)"),
            ]
        ),
        max_size=6,
    ).map("".join),
    st.text("ab/1.-?%Z_", max_size=12),
)
def test_re2_finds_what_re_finds(pattern: str, text: str) -> None:
    pytest.importorskip("re2")
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        return
    linear = link_rules._compile_linear(pattern)
    if linear is not None:
        assert (linear.search(text) is not None) == expected


@pytest.mark.parametrize("pattern", [ENDLESS, ENDLESS_WITH_LOOKAROUND])
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("kind", ["allow", "deny"])
def test_an_endless_rule_ends(pattern: str, kind: str) -> None:
    allow, deny = ((pattern,), ()) if kind == "allow" else ((), (pattern,))
    started = time.monotonic()
    reasons = {refusal_reason(f"{LINK}{n}", "paper", allow, deny) for n in range(200)}
    assert time.monotonic() - started < MAX_SECONDS
    is_linear = link_rules._compile_linear(pattern) is not None
    if is_linear and kind == "deny":
        assert reasons == {""}
    else:
        (reason,) = reasons
        assert reason == link_rules.NOT_ALLOWED_REASON or (
            pattern in reason.replace(r"\\", "\\") and "takes too long" in reason
        )


def test_the_same_rule_of_another_outlet_is_applied() -> None:
    for number in range(20):
        refusal_reason(f"{LINK}{number}", "hostile", (), (ENDLESS_WITH_LOOKAROUND,))
    link = "https://paper.example/news1"
    reason = refusal_reason(link, "hostile", (), (ENDLESS_WITH_LOOKAROUND,))
    assert "takes too long" in reason
    reason = refusal_reason(link, "paper", (), (ENDLESS_WITH_LOOKAROUND,))
    assert reason == link_rules.DENIED_REASON


def test_another_rule_is_applied_after_one_that_did_not_end() -> None:
    assert "takes too long" in refusal_reason(
        LINK, "paper", (), (ENDLESS_WITH_LOOKAROUND,)
    )
    assert not refusal_reason(LINK, "paper", (), (r"^/(?!a)",))
    assert refusal_reason(LINK, "paper", (), (r"^/(?=a)",)) == link_rules.DENIED_REASON


def test_a_process_that_was_killed_is_replaced(
    own_process: link_rules.PatternProcess,
) -> None:
    assert own_process.search("(?=a)", "a", "paper")
    assert own_process._process is not None
    own_process._process.kill()
    own_process._process.wait()
    assert own_process.search("(?=a)", "a", "paper")


def test_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    reason = refusal_reason(LINK, "paper", (), (r"^/(?=a)",))
    assert "cannot be applied: No such file or directory" in reason


def test_the_process_ends_with_its_parent() -> None:
    """Killed while a match goes on: the deadline ends it, whoever is there."""
    code = (
        "import sys, threading\n"
        "from harvester.ingest import link_rules as l\n"
        "assert l._PROCESS.search('(?=a)', 'a', '')\n"
        "print(l._PROCESS._process.pid, flush=True)\n"
        f"l._PROCESS.search({ENDLESS_WITH_LOOKAROUND!r}, {'/' + 'a' * 60!r} + '!', '')\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    # A pipe of the child's, inherited by nobody else: it ends when the child does.
    deadline = time.monotonic() + MAX_SECONDS
    while _is_running(pid) and time.monotonic() < deadline:
        pass
    assert not _is_running(pid)
    parent.stdout.close()


def _is_running(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody waits for does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")
