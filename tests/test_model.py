"""What the records say of themselves."""

from __future__ import annotations

import pytest

from harvester.model import Capture

URL, AT = "https://phare.example/feed", "2025-09-06T06:12:45Z"


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=3600", 3600.0),
        ("public, Max-Age=60, must-revalidate", 60.0),
        ('max-age="90"', 90.0),
        ("s-maxage=3600", 0.0),
        ("no-cache, max-age=3600", 0.0),
        ("max-age=-1", 0.0),
        ("max-age=soon", 0.0),
        ("", 0.0),
    ],
)
def test_max_age(cache_control: str, seconds: float) -> None:
    """RFC 9111, 5.2.2."""
    capture = Capture(URL, URL, AT, 200, (("cache-control", cache_control),))
    assert capture.max_age() == seconds
