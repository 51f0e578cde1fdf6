"""Passes of the real crawl over a small site find, store and write what they did."""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden.crawl import crawled
from tests.golden.frozen import HERE
from tests.golden.test_frozen import differences


def test_the_crawl_does_as_it_did(tmp_path: Path) -> None:
    before = json.loads((HERE / "crawl.json").read_text("utf-8"))
    now = json.loads(json.dumps(crawled(tmp_path)))
    assert differences(before, now) == []
