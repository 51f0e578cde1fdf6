"""Captions: beside the images, or lines of the text where an outlet's rules say so."""

from __future__ import annotations

from pathlib import Path

from harvester import settings
from harvester.model import Rules
from harvester.parse.article import (
    analyse_page,
    extract_article,
    read_article,
    read_entry_content,
)
from harvester.parse.content import profile

AT = "2025-09-07T00:00:00Z"
URL = "https://paper.example/news/a"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
FIRST = (
    "The council of the town voted last night on the budget of the schools, after "
    "four hours of debate."
)
SECOND = (
    "The mayor explained that the cost of heating had doubled within two years in "
    "most of the buildings."
)
REST = [
    (
        "The opposition asks for an audit of the accounts, which the prefect could "
        "order before the summer begins."
    ),
    (
        "A public meeting is planned for the next month in the hall of the town, "
        "and everybody is welcome there."
    ),
    (
        "Nobody could say how much of the money would be left for the repair of the "
        "roof of the swimming pool."
    ),
]
TEXT = "".join(f"<p>{one}</p>" for one in (SECOND, *REST))
CAPTION = "The town hall in spring. Photo: Ann Smith"
FIGURE = (
    "<figure><img src='/hall.jpg' alt='A hall'><figcaption "
    f"class='caption'>{CAPTION}</figcaption></figure>"
)
TEASER = (
    "<aside><figure><img src='/other.jpg'><figcaption>Another story of "
    "today</figcaption></figure></aside>"
)
PAGE = (
    "<html lang='en'><head><title>The budget is voted</title></head><body>"
    f"<article><h1>The budget is voted</h1><p>{FIRST}</p>"
    f"{FIGURE}{TEXT}</article>{TEASER}</body></html>"
).encode()
WITH = Rules(captions=True)


def test_captions_are_with_the_images_or_at_their_position_in_the_text() -> None:
    apart = read_article(PAGE, URL, HTML, Rules(), AT)
    assert apart.text.split("\n") == [FIRST, SECOND, *REST]
    within = read_article(PAGE, URL, HTML, WITH, AT)
    assert within.text.split("\n") == [FIRST, CAPTION, SECOND, *REST]
    for extract in (apart, within):
        assert [(picture.url, picture.caption) for picture in extract.images] == [
            ("https://paper.example/hall.jpg", CAPTION)
        ]


def test_the_full_text_of_a_feed_follows_the_same_rule() -> None:
    content = f"<p>{FIRST}</p>{FIGURE}{TEXT}"
    assert (
        CAPTION
        not in read_entry_content(content, URL, "The budget is voted", Rules(), AT).text
    )
    assert (
        CAPTION
        in read_entry_content(content, URL, "The budget is voted", WITH, AT).text
    )


def test_a_page_whose_captions_are_text_is_read_again_after_learning() -> None:
    analysed = analyse_page(PAGE, URL, HTML, WITH, AT)
    assert (
        analysed is not None and analysed.text_with_profile(profile.Profile()) is None
    )


def test_the_selection_of_blocks_does_not_depend_on_it() -> None:
    apart, within = (
        extract_article(PAGE, URL, HTML, rules, AT).content for rules in (Rules(), WITH)
    )
    assert apart is not None and within is not None
    assert apart.selected.tolist() == within.selected.tolist()


def test_rules_with_captions_have_another_fingerprint() -> None:
    assert Rules().fingerprint == "" and WITH.fingerprint not in (
        "",
        Rules(language="en").fingerprint,
    )
    assert (
        Rules(language="en").fingerprint
        != Rules(language="en", captions=True).fingerprint
    )


def test_the_setting(tmp_path: Path) -> None:
    table = "[outlets.a]\nfeeds = ['https://a.example/feed']\n"
    for text, expected in (("", False), ("[outlets.a.rules]\ncaptions = true\n", True)):
        read = settings.parse_settings(table + text, tmp_path / "settings.toml")
        assert read.outlets["a"].rules.captions is expected
