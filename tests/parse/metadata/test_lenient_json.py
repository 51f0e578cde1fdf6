"""JSON with the mistakes that pages make: what it says is read all the same."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.parse.metadata.lenient_json import MAX_DEPTH, load_lenient

FIELDS = (
    '"@type":"NewsArticle","headline":"Dike breached at dawn"'
    ',"datePublished":"2025-09-06T08:12:45+02:00"'
    ',"author":{"@type":"Person","name":"Anne Roux"}'
)
ARTICLE = "{" + FIELDS + "}"


def articles(value: Any) -> list[dict[str, Any]]:
    """All objects in a value that have an author."""
    if isinstance(value, list):
        return [article for item in value for article in articles(item)]
    if isinstance(value, dict):
        own = [value] if "author" in value else []
        return own + [article for item in value.values() for article in articles(item)]
    return []


@pytest.mark.parametrize(
    "text",
    [
        # a value that is missing
        ARTICLE.replace("{", '{"about":,', 1),
        # other signs between names and values
        ARTICLE.replace('"datePublished":', '"datePublished"='),
        ARTICLE.replace(',"datePublished"', '\n# day\n,"datePublished"'),
        ARTICLE.replace(',"', ',\u200b"'),
        # typographic quotation marks
        ARTICLE.replace('{"', "{“", 1).replace('"', "”"),
        ARTICLE.replace('"datePublished"', "“datePublished”"),
        # several values
        '{"@type":"WebSite","name":"Paper"}' + ARTICLE,
        '{"@type":"WebSite","name":"Paper"},\n' + ARTICLE,
        f"[{ARTICLE},]",
        # commas, colons, brackets
        "{" + FIELDS + ",}",
        '{"@type":"NewsArticle",,' + FIELDS + "}",
        '{"@context":"https://schema.org" ' + FIELDS + "}",
        '{"image": ,' + FIELDS + "}",
        ARTICLE + ";",
        ARTICLE + "}}",
        "var data = " + ARTICLE + ";",
        # cut off
        ARTICLE[:-1],
        ARTICLE[:-2],
        "{" + FIELDS + ',"description":"The wat',
        "{" + FIELDS + ',"descr',
        # comments and wrappers
        "{ // the article\n" + FIELDS + " /* end */ }",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"//<![CDATA[ {ARTICLE} //]]>",
        f"/*<![CDATA[*/{ARTICLE}/*]]>*/",
        f"<!-- {ARTICLE} -->",
        f"<!--//--><![CDATA[//><!--\n{ARTICLE}\n//--><!]]>",
        f"<br />\n<b>Notice</b>: x in <b>/a/b.php</b><br />\n{ARTICLE}",
        "\ufeff" + ARTICLE,
        # quotation marks
        ARTICLE.replace('"', "'"),
        ARTICLE.replace('"', "&quot;"),
        ARTICLE.replace('"author"', "author").replace(
            '"datePublished"', "datePublished"
        ),
        ARTICLE.replace('"headline"', "“headline”"),
        # values
        '{"wordCount":NaN,"width":Infinity,"x":undefined,' + FIELDS + "}",
        '{"n":1' + "0" * 5_000 + "," + FIELDS + "}",
        ARTICLE.replace("Dike", "Di\nke\t\x0b\x00"),
        ARTICLE.replace("Dike", "\\'Di\\ke\\' \\x"),
        '{"folder":"C:\\",' + FIELDS + "}",
    ],
)
def test_the_author_is_read(text: str) -> None:
    (article, *_) = articles(load_lenient(text))
    assert article["author"]["name"] == "Anne Roux"
    assert article["datePublished"] == "2025-09-06T08:12:45+02:00"


@pytest.mark.parametrize(
    "headline",
    [
        'Minister: "no dike is safe" after the flood',
        'Minister: "no dike", she said, "is safe"',
        'Minister says "no dike is safe"',
        '"No dike is safe", minister says',
        'The "old" dike: a "new" rule',
        'She called it "a "very" old dike"',
    ],
)
def test_quotation_marks_that_are_not_escaped_stay(headline: str) -> None:
    text = '{"headline":"' + headline + '","author":{"name":"Anne Roux"}}'
    (article,) = load_lenient(text)
    assert article == {"headline": headline, "author": {"name": "Anne Roux"}}
    (article,) = load_lenient('{"author":"Anne Roux","headline":"' + headline + '"}')
    assert article["headline"] == headline


def test_escapes() -> None:
    assert load_lenient(r'["a\/b\nc A 😀 \ud83d"]') == [["a/b\nc A 😀 \ufffd"]]


def test_what_is_nested_too_deep_ends_the_reading() -> None:
    assert load_lenient("[" * (MAX_DEPTH + 5) + "1") != []
    assert load_lenient('{"a":' * 100_000)


@pytest.mark.parametrize("text", ["", "no JSON at all", "}]", '"', "//", "<!--"])
def test_nothing_in_nothing(text: str) -> None:
    assert load_lenient(text) == []


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(blacklist_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdef@", min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    st.lists(VALUES, max_size=3) | st.dictionaries(st.text("abc", min_size=1), VALUES)
)
def test_valid_json_is_read_as_json_reads_it(value: Any) -> None:
    # Names and colons in texts are what the reader must guess about: not here.
    text = json.dumps(value).replace(":\\", ": \\")
    assert load_lenient(text) == [json.loads(text)]


@pytest.mark.parametrize(
    "piece",
    [
        "{[", "{[}", '{"', '{"a":1', '"x" ', 'x", ', 'x": ', '\\"', "/*", "{/*", "/ /",
        "<!--", "1,", "{'a':'b' ", '"a":"b" c" ', "#\n", '"' + " " * 50, 'x\\",  "', "ab",
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = '{"a":"' + piece * (400_000 // len(piece))
    started = time.process_time()
    load_lenient(text)
    load_lenient(text[6:])
    assert time.process_time() - started < 4


def test_noise_never_raises() -> None:
    random_ = random.Random(1)
    for _ in range(300):
        load_lenient("".join(random_.choices("{}[]\",:\\' \nab/*#1-.eu<!>", k=200)))
