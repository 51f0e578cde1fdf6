"""The headline among headings, <title>, and what is stated for sharing."""

from __future__ import annotations

import pytest

from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata

AT = "2025-09-10T12:00:00Z"
URL = "https://paper.example/news/dike"
HEADLINE = "Dike breached at dawn"


def title(head: str = "", body: str = "", url: str = URL) -> str:
    tree = parse_html(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    metadata = page_metadata.extract_metadata(tree, url, AT)
    return str(metadata.values.get("title", ""))


TITLE = f"<title>{HEADLINE} | The Paper</title>"
OG = f'<meta property="og:title" content="{HEADLINE}">'


@pytest.mark.parametrize(
    "heading",
    [
        "Dike breached<br>at dawn",
        "<span>Dike breached</span><br/><span>at dawn</span>",
        "<div>Dike breached</div><div>at dawn</div>",
        "Dike <em>breached</em> at\n dawn",
        "Dike brea<wbr>ched at dawn",
        '<span class="kicker">Floods</span> <span class="hl">Dike breached<br>at dawn</span>',
        '<span class="article-eyebrow">Floods:</span> Dike breached at dawn',
        '<small class="overline">Floods</small><br>Dike breached at dawn',
        "<svg><title>icon</title></svg> Dike breached at dawn",
        '<span class="sr-only">Article:</span> Dike breached at dawn',
        'Dike breached at dawn <span class="badge">Premium</span>',
        'Dike breached at dawn <a class="edit-link" href="/e">Edit</a>',
    ],
)
def test_the_text_of_a_heading(heading: str) -> None:
    assert title(TITLE, f"<h1>{heading}</h1>") == HEADLINE
    assert title(TITLE + OG, f"<h1>{heading}</h1>") == HEADLINE


@pytest.mark.parametrize(
    "body",
    [
        # the site
        '<h1 class="logo"><a href="/">ferry</a></h1><h2>Codename: Lark</h2>',
        "<h1>ferry</h1><article><h2 class='entry-title'>Codename: Lark</h2></article>",
        # menus and banners
        "<nav><h1>Main menu</h1></nav><p>Codename: Lark</p>",
        "<h1 class='menu-title'>Main menu</h1><p>Codename: Lark</p>",
        "<div id='cookie-banner'><h1>Your privacy, Codename and all</h1></div>",
        "<div class='modal newsletter'><h1>Never miss Lark</h1></div><p>Lark</p>",
        "<h1 style='display: none'>Lark, the app</h1><h2>Codename: Lark</h2>",
        "<h1 hidden>Lark, the app</h1><h2>Codename: Lark</h2>",
        # a section
        "<h1>News detail</h1><h2>Codename: Lark</h2>",
        "<h1>News detail</h1><p>Codename: Lark</p>",
    ],
)
def test_a_heading_of_another_part_is_not_the_headline(body: str) -> None:
    assert title("<title>Codename: Lark</title>", body) == "Codename: Lark"
    if "<h2" in body:
        assert title("<title>Codename: Lark - ferry</title>", body) == "Codename: Lark"


@pytest.mark.parametrize(
    ("head", "heading"),
    [
        # the page's layout is not the heading's place
        (TITLE, f"<div class='with-sidebar main-menu-open'><h1>{HEADLINE}</h1></div>"),
        (TITLE, f"<form id='aspnet'><div class='search-page'><h1>{HEADLINE}</h1></div></form>"),
        (TITLE, f"<aside><h1>{HEADLINE}</h1></aside>"),  # <title> begins with it
        ("<title>Paper</title>", f"<h1>{HEADLINE}</h1>"),  # <title> is the site
        ("<title>Health - News - Paper - Dike breached at dawn</title>", f"<h1>{HEADLINE}</h1>"),
        ("<title>Health / Policy : Dike breached at dawn</title>", f"<h1>{HEADLINE}</h1>"),
        ("", f"<h1>{HEADLINE}</h1>"),
    ],
)  # fmt: skip
def test_a_heading_that_is_the_headline(head: str, heading: str) -> None:
    assert title(head, heading) == HEADLINE


def test_a_section_in_the_middle_of_the_title_is_not_the_headline() -> None:
    head = "<title>Dike breached at dawn | News | Paper Online</title>"
    assert title(head, "<h1>News</h1><h2>Topics</h2>") == HEADLINE


@pytest.mark.parametrize(
    "stated",
    [
        "黎明时分堤坝决口-海湾网",
        "黎明时分堤坝决口_国内新闻_海湾网",
        "黎明时分堤坝决口|海湾日报",
        "黎明时分堤坝决口｜海湾日报",
        "黎明时分堤坝决口--时政--海湾网",
        "黎明时分堤坝决口 - Bay News 中文",
        "黎明时分堤坝决口丨海湾",
    ],
)
def test_separators_without_spaces(stated: str) -> None:
    assert title(f"<title>{stated}</title>") == "黎明时分堤坝决口"
    assert title(f"<title>{stated}</title><meta name='og:title' content='{stated}'>")


@pytest.mark.parametrize(
    "stated",
    [
        "F-16战机在2024-25年计划中起飞",
        "堤坝决口——记者现场直击救援全过程",
        "夜明けに堤防が決壊、住民が避難",
        "제방 붕괴… 주민 대피",
    ],
)
def test_signs_that_separate_nothing(stated: str) -> None:
    assert title(f"<title>{stated}</title>") == stated


def test_a_name_with_an_article_is_the_domain_s() -> None:
    head = '<meta property="og:title" content="La diga è crollata - La Riva">'
    assert title(head, url="https://www.lariva.example/a") == "La diga è crollata"


def json_ld(headline: str) -> str:
    return (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":'
        f'"{headline}"}}</script>'
    )


def test_a_headline_of_the_json_ld_where_nothing_else_is() -> None:
    assert title(json_ld("Dike &amp; harbour: council&#39;s plan")) == (
        "Dike & harbour: council's plan"
    )


@pytest.mark.parametrize(
    "headline",
    [
        "Dike breached...",
        "Dike breached at…",
        "Dike breached at dawn " + "and after " * 20,
    ],
)
def test_a_headline_that_is_cut_off_or_a_paragraph(headline: str) -> None:
    assert title(TITLE + json_ld(headline), f"<h1>{HEADLINE}</h1>") == HEADLINE


def test_a_value_that_ends_at_its_own_quotation_mark() -> None:
    head = '<meta property="og:title" content="Minister calls the dike "safe" again">'
    heading = 'Minister calls the dike "safe" again'
    assert title(head, f"<h1>{heading}</h1>") == heading
    assert title(head + json_ld("Minister calls the dike"), f"<h1>{heading}</h1>")


def test_the_word_archive_before_a_title() -> None:
    assert (
        title("<title>Paper » Blog Archive » Dike breached at dawn</title>") == HEADLINE
    )


@pytest.mark.parametrize(
    "head",
    [
        f'<meta property="og:title" content="{HEADLINE} | Floods">',
        f'<meta property="og:title" content="{HEADLINE} | Water Co.">',
        json_ld(f"{HEADLINE} | Opinion"),
    ],
)
def test_what_follows_a_bar(head: str) -> None:
    assert title(head) == HEADLINE


def test_other_separators_belong_to_titles_for_sharing() -> None:
    shared = "Friday Notes #282 - 0.17 in sight"
    assert title(f'<meta property="og:title" content="{shared}">') == shared


def test_the_site_first_and_the_headline_a_subheading() -> None:
    head = "<title>Lark » Blog Archive » Dike breached at dawn</title>"
    assert title(head, f"<h1>Lark</h1><h2>{HEADLINE}</h2>") == HEADLINE


@pytest.mark.parametrize(
    "stated",
    [
        f"The Paper | {HEADLINE}",
        f"{HEADLINE} :: The Paper",
        f"{HEADLINE} : The Paper",
        f"The Paper - {HEADLINE}",
    ],
)
def test_the_domain_tells_the_site_s_name(stated: str) -> None:
    assert title(f"<title>{stated}</title>") == HEADLINE


@pytest.mark.parametrize("stated", ["Home", "Untitled Document", "Startseite"])
def test_a_placeholder_is_no_title(stated: str) -> None:
    assert title(f"<title>{stated}</title>", f"<h1>{HEADLINE}</h1>") == HEADLINE


def test_the_site_s_name_contradicts_no_headline_of_the_json_ld() -> None:
    json_ld = (
        '<script type="application/ld+json">'
        f'{{"@type": "NewsArticle", "headline": "{HEADLINE}"}}</script>'
    )
    assert title(f"<title>The Paper</title>{json_ld}") == HEADLINE  # by the domain
    assert title(f"<title>The Gazette</title>{json_ld}") == "The Gazette"
    site = '<meta property="og:site_name" content="The Gazette">'
    assert title(f"<title>The Gazette</title>{site}{json_ld}") == HEADLINE


def test_a_double_dash_before_the_site_s_name() -> None:
    site = '<meta property="og:site_name" content="海岸网">'
    head = f"<title>堤坝黎明决口——海岸网</title>{site}"
    assert title(head) == "堤坝黎明决口"


@pytest.mark.parametrize(
    "stated",
    [
        f"{HEADLINE} [The Paper]",
        f"(3) {HEADLINE} | The Paper",
        f"Home » News » {HEADLINE}",
        f"paper.example: {HEADLINE}",
    ],
)
def test_what_stands_around_the_headline(stated: str) -> None:
    site = '<meta property="og:site_name" content="The Paper">'
    assert title(f"{site}<title>{stated}</title>") == HEADLINE


@pytest.mark.parametrize(
    ("stated", "headline"),
    [
        ("黎明时分堤坝决口——海湾日报网", "黎明时分堤坝决口"),
        ("海湾日报|黎明时分堤坝决口", "黎明时分堤坝决口"),
        ("黎明时分堤坝决口——两村被淹", "黎明时分堤坝决口——两村被淹"),
        ("黎明时分堤坝决口：两村被淹-海湾网", "黎明时分堤坝决口：两村被淹"),
        ("夜明けに堤防が決壊：湾岸新聞", "夜明けに堤防が決壊"),
        ("새벽에 제방이 무너졌다 : 만일보", "새벽에 제방이 무너졌다"),
    ],
)
def test_sites_of_east_asia(stated: str, headline: str) -> None:
    assert title(f"<title>{stated}</title>") == headline


@pytest.mark.parametrize(
    "markup",
    [
        f'<h2 class="title">{HEADLINE}</h2>',
        f'<div itemprop="headline">{HEADLINE}</div>',
        f'<div class="entry-title">{HEADLINE}</div>',
    ],
)
def test_what_markup_calls_the_headline_where_titles_name_the_site(
    markup: str,
) -> None:
    assert title("<title>The Bay Paper</title>", markup) == HEADLINE
    aside = f'<aside class="newsletter">{markup}</aside>'
    assert title("<title>The Bay Paper</title>", aside) == "The Bay Paper"


def test_a_colon_after_words_with_the_domain_s() -> None:
    stated = "Best of Paper 2025: what you read"
    assert title(f"<title>{stated}</title>") == stated


def test_the_heading_where_the_title_names_the_site_and_its_front_page() -> None:
    assert title("<title>The Paper | Home</title>", f"<h1>{HEADLINE}</h1>") == HEADLINE


@pytest.mark.parametrize(
    "counted",
    [
        "{} (92 comments)",
        "{} - 5 min read",
        "{} [14]",
        "(9) {}",
        "14:32 - {}",
        "Live 14:32 - {}",
    ],
)
def test_a_counter_does_not_choose_another_heading(counted: str) -> None:
    """Of these headings the second has three of its five words in what the head says."""
    head = "<title>How open licences work - The Paper</title>"
    body = "<h1>What are licences?</h1><h1>{}</h1>"
    headline = "How licences open new doors"
    assert title(head, body.format(headline)) == headline
    heading = counted.format(headline)
    assert title(head, body.format(heading)) == heading


def test_a_headline_with_a_year_and_a_counter() -> None:
    head = "<title>2025: how open licences won - The Paper</title>"
    headline = "Licences 2025 won us doors"
    heading = f"{headline} - 43 min read"
    body = "<h1>What are licences?</h1><h1>{}</h1>"
    assert title(head, body.format(headline)) == headline
    assert title(head, body.format(heading)) == heading


@pytest.mark.parametrize(
    "older",
    [
        OG,
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{HEADLINE}"}}</script>',
    ],
)
def test_a_headline_that_goes_on_behind_a_comma(older: str) -> None:
    """What is stated for sharing was not written anew; heading and title were."""
    longer = f"{HEADLINE}, 14 dead"
    head = f"<title>{longer} | The Paper</title>{older}"
    assert title(head, f"<h1>{longer}</h1>") == longer
    counted = f"{HEADLINE} (14 comments)"
    head = f"<title>{counted} | The Paper</title>{older}"
    assert title(head, f"<h1>{counted}</h1>") == HEADLINE
