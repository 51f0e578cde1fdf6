"""Requests of timestamps without what they need; with it, see ``test_bundle``."""

from __future__ import annotations

import sys

import pytest

from harvester.errors import HarvesterError
from harvester.export.timestamps import request_timestamp


def test_a_library_that_is_missing_is_named_by_our_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)  # so importing it fails
    with pytest.raises(HarvesterError) as raised:
        request_timestamp(b"proof", "http://127.0.0.1:1/")
    assert "not installed" in str(raised.value)
    assert raised.value.hint == "pip install 'news-harvester[proof]'"
