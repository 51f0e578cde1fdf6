"""Elements as lines of text."""

from __future__ import annotations

import pytest
from lxml import html

from harvester.parse.html.element_text import element_lines


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p>two<p>three</p>", ["One", "two", "three"]),
        ("<p>One<br/>two <b>and</b> three</p>", ["One", "two and three"]),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
            ["a b", "c d"],
        ),
        ("<ul><li>One</li><li><p>Two</p>three</li></ul>", ["One", "Two", "three"]),
        ("<p>Words<script>no</script> here</p><button>no</button>", ["Words here"]),
        ("<blockquote>Said</blockquote><h2>Head</h2>", ["Said", "Head"]),
        ("", []),
    ],
)
def test_an_element_as_lines(markup: str, expected: list[str]) -> None:
    assert (
        list(element_lines(html.fragment_fromstring(markup, create_parent="div")))
        == expected
    )
