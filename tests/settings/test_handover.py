"""Settings reach the crawl process as they were validated."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import harvester
from harvester.errors import SettingsError
from harvester.settings import parse_settings
from harvester.settings.handover import receive_settings, send_settings

TEXT = """
[archive]
path = "news.db"
[crawl]
delay = "3 seconds"
[outlets.paper]
feeds = ["https://reader:secret@paper.example/feed"]
[outlets.paper.rules]
deny = ["/video/"]
remove = [".related"]
"""


def _sent(path: Path) -> io.BytesIO:
    stream = io.BytesIO()
    send_settings(parse_settings(TEXT, path, {}), stream)
    return io.BytesIO(stream.getvalue())


def test_they_arrive_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    received = receive_settings(_sent(path))
    assert received == parse_settings(TEXT, path, {})
    assert received.outlets["paper"].rules.remove == (".related",)


@pytest.mark.parametrize("length", [0, 5, 50])
def test_a_parent_that_ended_is_an_error(tmp_path: Path, length: int) -> None:
    cut = io.BytesIO(_sent(tmp_path / "settings.toml").read(length))
    with pytest.raises(SettingsError, match="no settings came"):
        receive_settings(cut)


def test_of_another_version_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    sent = _sent(path)
    path.write_text(TEXT.replace("3 seconds", "7 seconds"))
    monkeypatch.setattr(harvester, "__version__", "0.0.1")
    assert receive_settings(sent).delay == 7


def test_receiving_imports_no_pydantic(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from harvester.settings.handover import receive_settings\n"
        "print(receive_settings(sys.stdin.buffer).delay, 'pydantic' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        input=_sent(tmp_path / "settings.toml").getvalue(),
        capture_output=True,
        check=True,
    )
    assert result.stdout.split() == [b"3.0", b"False"]


def test_nothing_else_is_in_the_message(tmp_path: Path) -> None:
    message = _sent(tmp_path / "settings.toml").read()
    length = int.from_bytes(message[:8], "big")
    assert len(message) == 8 + length
    assert pickle.loads(message[8:])[0] == harvester.__version__
