"""What scripts of a page say in the place of its text."""

from __future__ import annotations

import pytest

from harvester.model import Rules
from harvester.parse.article import read_article

URL = "https://phare.example/bac"


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("location.href = '/nouveau-bac'", "https://phare.example/nouveau-bac"),
        ('window.location="https://other.example/a"', "https://other.example/a"),
        ("document.location.replace('/b');", "https://phare.example/b"),
        ('top.location.assign( "/c" )', "https://phare.example/c"),
        ("var location_of_the_ferry = '/quay'", ""),
        ("location.href = next_page", ""),
        ("location.href = '/bac'", ""),  # itself
    ],
)
def test_a_script_that_sends_readers_on_is_named(script: str, target: str) -> None:
    page = f"<html><head><script>{script}</script></head><body></body></html>"
    extract = read_article(page.encode(), URL, (), Rules(), "2025-09-06T06:12:45Z")
    reason = "no text found"
    if target:
        reason += f": a script sends readers to {target}, which is not followed"
    assert extract.error == reason
