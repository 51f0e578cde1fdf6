"""Pages as large as the limits allow are read in bounded time, with their text."""

from __future__ import annotations

import time
import unicodedata

import pytest

from harvester.model import Rules
from harvester.parse.article import read_article
from harvester.parse.html.charset import clean_line, limit_combining_marks
from harvester.parse.html.dom import MAX_ATTRIBUTES, parse_html
from harvester.settings.values import parse_duration

SENTENCES = [
    (
        f"The council of the town voted last night on bridge number {n}, after a "
        "long debate in the old hall."
    )
    for n in range(9)
]
ARTICLE = "".join(f"<p>{one}</p>" for one in SENTENCES)
SECONDS = 6.0  # of processor time: three times what is promised, for busy machines


def read(body: str) -> str:
    started = time.process_time()
    extract = read_article(
        body.encode("utf-8", "surrogatepass"),
        "https://a.example/1",
        (),
        Rules(),
        "2026-11-01T00:00:00Z",
    )
    assert time.process_time() - started < SECONDS
    return extract.text


@pytest.mark.parametrize(
    "flood",
    ["<a href=/x>x</a> ", "<br>", "<td>x", "<div>", "<time>1</time>", "<b>x y z.</b>"],
)
def test_a_flood_of_elements_does_not_hide_the_article_before_or_after_it(
    flood: str,
) -> None:
    many = flood * 300_000
    assert SENTENCES[4] in read(
        f"<html><body><article>{ARTICLE}</article><div>{many}</div></body></html>"
    )
    assert SENTENCES[4] in read(
        f"<html><body><div>{many}</div></div><article>{ARTICLE}</article></body></html>"
    )


@pytest.mark.parametrize(
    "attribute", ["a{}=1 ", "a{} ", "a{}='<b' ", "a{}='>'", "a{}/", 'a{}="x"']
)
def test_a_flood_of_attributes(attribute: str) -> None:
    many = "".join(attribute.format(n) for n in range(100_000))
    tree = parse_html(
        f"<html><body><div {many}>x</div><p>Words stand here.</p></body></html>"
    )
    assert tree is not None
    assert len(tree.find(".//div").attrib) == MAX_ATTRIBUTES
    assert tree.find(".//p").text == "Words stand here."


def test_scripts_are_not_read_as_tags() -> None:
    script = "if(a<b " + "c d=e " * 2_000 + ") f()"
    tree = parse_html(f"<html><body><script>{script}</script><p>x</p></body></html>")
    assert tree is not None
    assert tree.find(".//script").text == script


@pytest.mark.parametrize("depth", [300, 2_500])
@pytest.mark.parametrize("tag", ["article", "p", "label", "x-y"])
def test_any_element_may_be_nested(tag: str, depth: int) -> None:
    assert read(f"<html><body>{f'<{tag}>x ' * depth}{ARTICLE}</body></html>")


def test_combining_marks_on_a_letter_are_bounded() -> None:
    marks = (
        "\u0301\u0316" * 20_000
    )  # put in order in quadratic time by every normal form
    assert len(limit_combining_marks(f"a{marks}b{marks}c")) == 63
    assert limit_combining_marks("naïveté — “” …" * 9) == "naïveté — “” …" * 9
    assert len(unicodedata.normalize("NFC", clean_line(f"a{marks}"))) < 40
    assert SENTENCES[2] in read(
        f"<html><body><article>{ARTICLE}<p>a{marks}</p>"
        f"<p>{'&#769;&#790;' * 20_000}</p></article></body></html>"
    )


@pytest.mark.parametrize(
    "character",
    [
        "\x01",
        "\x1b",
        "\x0c",
        "\ufffe",
        "\uffff",
        "&#1;",
        "&#x1b;",
        "&#31",
        "&#xFFFE;",
        "&#65535;",
        "&#0;",
        "\ud800",
    ],
)
def test_characters_that_no_document_may_have_do_no_harm(character: str) -> None:
    rules = Rules(remove=(".box",))
    body = (
        f"<html><body><article>{ARTICLE}<p>Before{character}.<i "
        f"class=box>x</i>{character} and behind it all, one more.</p></article>"
        "</body></html>"
    )
    extract = read_article(
        body.encode("utf-8", "replace"),
        "https://a.example/1",
        (),
        rules,
        "2026-11-01T00:00:00Z",
    )
    assert "and behind it all, one more." in extract.text
    assert extract.text.replace("\n", " ").isprintable()
    deep = f"<html><body>{f'<div>x{character}' * 300}{ARTICLE}</body></html>"
    assert SENTENCES[3] in read(deep)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,' + " " * 300_000 + "x}",
        "[" * 100_000,
        '{"@graph":' * 50_000,
        '{"@type":"NewsArticle","wordCount":' + "9" * 5_000 + "}",
        "[" + "1, ]" * 100_000,
    ],
)
def test_invalid_json_ld(text: str) -> None:
    assert SENTENCES[2] in read(
        f"<html><head><script type='application/ld+json'>{text}</script></head>"
        f"<body>{ARTICLE}</body></html>"
    )


def test_urls_have_no_characters_that_a_terminal_would_obey() -> None:
    page = (
        "<html><head><link rel=canonical href='https://a.example/\u202a1\x7f'>"
        "</head><body><a href='/\u202ex'>x</a>"
    ) + ARTICLE
    extract = read_article(
        page.encode(), "https://a.example/1", (), Rules(), "2026-11-01T00:00:00Z"
    )
    assert extract.url == "https://a.example/1"
    assert all(link.url.isprintable() for link in extract.links)


def test_a_duration_of_many_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration("0" * 200_000)


@pytest.mark.parametrize(
    "nest", [("<div>" * 1_800, "<b>x</b>"), ("<p><i>" * 900, "<br>x")]
)
def test_deep_nests_are_laid_flat_in_time(nest: tuple[str, str]) -> None:
    many = nest[0] + nest[1] * (52_000 // nest[1].count("<"))
    assert SENTENCES[4] in read(
        f"<html><body><article>{ARTICLE}</article><div>{many}</div></body></html>"
    )


def test_what_is_flattened_keeps_its_words_and_their_order() -> None:
    nest = "<div>a<p class=k>b<span>c<br>d</span>e</p>f" * 150 + "<script>x<y</script>"
    tree = parse_html(f"<html><body>{nest}</body></html>")
    assert tree is not None
    assert "".join(tree.itertext()) == "".join(["abc", "d", "e", "f"] * 150) + "x<y"
    assert max(len(list(one.iterancestors())) for one in tree.iter()) <= 202


def test_what_another_extractor_would_read_again_and_again_is_not_given_to_it() -> None:
    """Of many nested elements it reads each with all its descendants."""
    links = "<a href=/y>Read more of it</a> " * 10_000
    assert (
        read(f"<html><body>{'<div>' * 180}{links}{'</div>' * 180}</body></html>")
        is not None
    )


def test_a_page_of_which_the_middle_is_not_read_says_so() -> None:
    def sources(body: str) -> dict[str, str]:
        return dict(
            read_article(
                body.encode(),
                "https://a.example/1",
                (),
                Rules(),
                "2026-11-01T00:00:00Z",
            ).sources
        )

    assert "cut" not in sources(f"<article>{ARTICLE}</article>{'<br>' * 50_000}")
    assert sources(f"<article>{ARTICLE}</article>{'<br>' * 70_000}")["cut"].startswith(
        "of 70,0"
    )
    long = f"<article>{'<p>' + 'Words of the council, again and again. ' * 60_000 + '</p>'}</article>"
    assert "2,000,000 are kept" in sources(long)["cut"]


@pytest.mark.parametrize("name", ["p<p", 'x"y', "a:b:c", "é|", "9"])
def test_names_that_only_the_parser_accepts_do_no_harm(name: str) -> None:
    for nest in (
        f"<{name}>" * 400,
        f"<p {name}=1>" * 400,
        f"<div>{'<i>' * 176}<{name}><p {name}=2>" + "<b>x" * 99,
    ):
        assert read(f"<html><body>{nest}{ARTICLE}</body></html>") is not None
