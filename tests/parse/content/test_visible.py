"""The visible words of a page: all of them, and nothing that no reader sees."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Extract
from harvester.parse.content import visible

HTML = (("Content-Type", "text/html; charset=utf-8"),)


def read(html: str) -> Extract | None:
    return visible.read_visible_text(html.encode(), HTML)


def read_text(html: str) -> Extract:
    extract = read(html)
    assert extract is not None
    return extract


def test_menus_are_in_the_text_and_scripts_are_not() -> None:
    extract = read_text(
        "<html lang='fr-CA'><head><title>Le phare | Le Journal</title>"
        "<style>p { color: red }</style></head><body><nav>Accueil</nav>"
        "<h1>Le phare</h1><p>La lampe est éteinte.</p><script>var x = 'caché'</script>"
        "</body></html>"
    )
    assert extract.title == "Le phare"
    assert extract.language == "fr"
    assert "Accueil" in extract.text and "La lampe est éteinte." in extract.text
    assert "caché" not in extract.text and "color" not in extract.text
    # Not to be compared with other readings, and as uncertain as can be.
    assert (extract.method, extract.doubt) == ("visible", 1.0)
    assert "cut" not in extract.sources


def test_the_title_of_a_page_without_a_heading() -> None:
    page = (
        "<html><head><title>Le phare</title></head><body>{}<p>Texte.</p></body></html>"
    )
    assert read_text(page.format("")).title == "Le phare"
    assert read_text(page.format("<h1> </h1>")).title == "Le phare"
    untitled = read_text("<html><body><p>Texte.</p></body></html>")
    assert untitled.title == "" and "title" not in untitled.sources


def test_a_language_is_a_code_of_two_or_three_letters() -> None:
    def language(value: str) -> str:
        return read_text(f"<html lang='{value}'><body><p>A.</p></body></html>").language

    assert [language(value) for value in ("en", "EN-us", "nds", "pt-BR")] == [
        *("en", "en", "nds", "pt")
    ]
    assert [language(value) for value in ("", "english", "e1", "x")] == [""] * 4


def test_a_page_without_words() -> None:
    assert read("") is None
    assert read("<html><body><img src=a.png></body></html>") is None


def test_the_beginning_of_an_endless_page_is_read_and_said_to_be_cut() -> None:
    pages = {
        "too many bytes": "<p>" + "lorem " * 500_000,
        "too many lines": "<p>x</p>" * (visible.MAX_LINES + 5),
        "too long a text": "<p>" + "lorem ipsum " * 20_000,
    }
    for why, page in pages.items():
        extract = read_text(f"<html><body>{page}</body></html>")
        assert "beginning" in extract.sources["cut"], why
        assert 0 < len(extract.text) <= visible.MAX_TEXT_LENGTH, why
        assert extract.text.count("\n") < visible.MAX_LINES, why


@given(st.lists(st.from_regex(r"[a-zé]{3,12}", fullmatch=True), min_size=1, max_size=9))
def test_no_word_is_lost_and_their_order_stays(words: list[str]) -> None:
    extract = read_text(
        "<html><body>"
        + "".join(f"<div><b>{word}</b></div>" for word in words)
        + "</body></html>"
    )
    assert extract.text.split() == words
