"""Lines of code and verse stay lines."""

from __future__ import annotations

import pytest

from harvester.parse.content.page_blocks import block_lines, split_into_blocks
from harvester.parse.html.dom import parse_html
from harvester.parse.html.element_text import element_lines


def lines(body: str) -> list[str]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return block_lines(split_into_blocks(tree).blocks)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<pre><code>for n in (1, 2):\n    print(n)\n\n    done()\n</code></pre>",
            ["for n in (1, 2):", "    print(n)", "    done()"],
        ),
        ("<pre>\n    a {\n      b\n    }\n</pre>", ["a {", "  b", "}"]),
        (
            "<pre><span class='l'>one</span>\n<span class='l'>  two</span></pre>",
            ["one", "  two"],
        ),
        ("<pre>one<br>two</pre>", ["one", "two"]),
        (
            "<p style='white-space: pre-line'>The tide\n  comes in\nand goes</p>",
            ["The tide", "  comes in", "and goes"],
        ),
        (
            "<style>.verse { white-space: pre-wrap; }</style>"
            "<div class='verse'>The tide\n\ncomes in</div>",
            ["The tide", "comes in"],
        ),
        ("<p>The tide\n  comes in</p>", ["The tide comes in"]),
        (
            "<p style='white-space: nowrap'>The tide\n  comes in</p>",
            ["The tide comes in"],
        ),
        (
            "<pre><p style='white-space:normal'>The tide\n comes</p></pre>",
            ["The tide comes"],
        ),
        (
            "<table><tr><td>High</td><td>06:12</td></tr><tr><td>Low</td><td>12:40</td></tr></table>",
            ["High 06:12", "Low 12:40"],
        ),
    ],
)
def test_lines_and_indentation(body: str, expected: list[str]) -> None:
    assert lines(body) == expected


def test_a_preformatted_text_is_one_block() -> None:
    tree = parse_html("<html><body><p>Code:</p><pre>a = 1\nb = 2</pre></body></html>")
    assert tree is not None
    blocks = split_into_blocks(tree).blocks
    assert [block.text for block in blocks] == ["Code:", "a = 1\nb = 2"]
    assert blocks[1].words == ["a", "1", "b", "2"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            "<h1><ruby>古橋<rp>(</rp><rt>ふるはし</rt><rp>)</rp></ruby>が閉鎖</h1>",
            "古橋が閉鎖",
        ),
        ("<h1><ruby>古<rt>ふる<rb>橋<rt>はし</ruby>が</h1>", "古橋が"),
        ("<p><ruby><rb>古</rb><rtc><rt>ふる</rt></rtc></ruby>い橋</p>", "古い橋"),
        ("<p>北<ruby>京<rt>jīng</rt></ruby>市</p>", "北京市"),
    ],
)
def test_ruby_readings_are_not_words(markup: str, expected: str) -> None:
    tree = parse_html(f"<html><body>{markup}</body></html>")
    assert tree is not None
    assert list(element_lines(tree)) == [expected]
    assert lines(markup) == [expected]


def test_what_follows_the_body_is_read() -> None:
    tree = parse_html("<html><body><p>One</p></body><div><p>two</p></div>three</html>")
    assert tree is not None
    assert list(element_lines(tree.find("body"))) == ["One", "two", "three"]
