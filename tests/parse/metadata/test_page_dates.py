"""Which date of a page is that of its publication, by where it stands."""

from __future__ import annotations

import pytest

from harvester.model import Rules
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata
from harvester.parse.metadata.statements import PageMetadata

PARAGRAPHS = (
    "The old mill at the upper bend of the creek will turn again next spring, the owners "
    "told a full parish hall, once the wheel has been mended.",
    "Two carpenters have looked at the axle, and both of them found that the wood is "
    "sound, although nobody had greased it for a generation.",
    "Flour will be sold on market days, and children are to be shown how the stones are "
    "dressed, if enough helpers can be found in the village.",
    "The owners thanked all who had lent them tools, and asked for patience with the "
    "noise that they will make in the coming weeks.",
)
AT = "2024-11-30T12:00:00Z"


def read(
    head: str = "",
    middle: str = "",
    end: str = "",
    after: str = "",
    aside: str = "",
    top: str = "",
    lang: str = "en",
    url: str = "https://creek.example/mill",
) -> PageMetadata:
    """A page about a mill, with something more at one place."""
    one, two, three, four = PARAGRAPHS
    tree = parse_html(
        f"<html lang='{lang}'><head><title>The mill turns again</title></head><body>"
        f"<header><a href='/'>Creek Gazette</a>{top}</header><main><article>"
        f"<h1>The mill turns again</h1>{head}<div><p>{one}</p><p>{two}</p>{middle}"
        f"<p>{three}</p><p>{four}</p>{end}</div></article>{after}</main>{aside}"
        "<footer><p>© 2024 Creek Gazette</p></footer></body></html>"
    )
    assert tree is not None
    metadata = page_metadata.extract_metadata(tree, url, AT)
    text = "\n".join(PARAGRAPHS)
    page_metadata.fill_missing(tree, metadata, text, Rules(), url, AT, ())
    return metadata


def published(metadata: PageMetadata) -> str | None:
    return metadata.values.get("published_local")


@pytest.mark.parametrize(
    "head",
    [
        "<p>28 October 2024</p>",
        "<p>By Ida Moor, 28 October 2024</p>",
        "<div>Ida Moor | 28.10.2024</div>",
        "<p>Posted on October 28, 2024 by Ida Moor</p>",
        "<div class='meta'><a href='/authors/ida'>Ida Moor</a> <time>28 Oct 2024</time></div>",
        "<p class='standfirst'>The wheel was mended for three winters, and now the stones "
        "are to grind again, the owners say, from the first of May.</p><p>28 Oct 2024</p>",
        '<p class="text text__caption">28 October 2024 | Nature</p>',
        "<abbr class='published' title='2024-10-28T08:00:00Z'>Oct 28</abbr>",
    ],
)
def test_a_date_at_the_head(head: str) -> None:
    assert (published(read(head=head)) or "")[:10] == "2024-10-28"


@pytest.mark.parametrize(
    "end",
    [
        "<p>28 October 2024</p>",
        "<p>Published: 28 October 2024</p>",
        "<p>(28.10.2024)</p>",
        "<aside class='facts'><p>Author: Ida Moor</p><time>28 October 2024</time></aside>",
    ],
)
def test_a_date_after_the_text(end: str) -> None:
    assert published(read(end=end)) == "2024-10-28"


@pytest.mark.parametrize(
    "middle",
    [
        "<p>Tel. 28.10.2024</p>",
        "<p>The wheel stopped on 28 October 2024.</p>",
        "<p>28 October 2024 was a long day.</p>",
        "<h2>28 October 2024</h2>",
        "<blockquote>28 October 2024</blockquote>",
        "<table><tr><td>28 October 2024</td><td>12 sacks</td></tr></table>",
        "<p class='event-date'>28 October 2024</p>",
        "<p>Doors open on <time datetime='2024-10-28'>28 October</time> in the old hall.</p>",
        "<time datetime='2024-10-28'>28 October</time>",
        "<ul><li>28 October 2024 – first flour</li><li>4 November 2024 – fair</li></ul>",
        "<p>Offer valid until 28.10.2024</p>",
        "<p>Download: mill_2024-10-28.pdf</p>",
        "<p>The book was first published on 28 October 2004 by a small house.</p>",
        "<figure><img src='/a.jpg'><figcaption>The mill on 28 October 2024</figcaption></figure>",
    ],
)
def test_dates_in_the_text(middle: str) -> None:
    assert published(read(middle=middle)) is None


@pytest.mark.parametrize(
    "after",
    [
        "<section id='comments'><b>Per</b> <time datetime='2024-10-28'>28 Oct</time> Yes!</section>",
        "<h3>Kommentare</h3><div class='kommentar'><i>28.10.2024</i><p>Endlich.</p></div>",
        "<div class='discussion'><article class='post'><span class='date'>28 October 2024"
        "</span><p>At last.</p></article></div>",
        "<h2>Read also</h2><ul><li><a href='/a'>Ferry late</a> – 28 October 2024</li></ul>",
        "<div class='cards'><div><a href='/a'><h3>Ferry late</h3></a><time>28 October 2024"
        "</time></div></div>",
        "<div class='calendar'><p>28 October 2024</p></div>",
        "<div><a href='/a'>The ferry is late for the third time</a> <i>28 October 2024</i></div>",
        "<aside class='related'><a href='/a'>Ferry late</a> <time>28 October 2024</time></aside>",
        "<aside><a href='/a'>Ferry late again</a> <time>28 October 2024</time></aside>",
        "<p>See also: <a href='/a'>Ferry late</a> (28 October 2024)</p>",
    ],
)
def test_dates_of_comments_and_other_articles(after: str) -> None:
    assert published(read(after=after)) is None


@pytest.mark.parametrize(
    "first",
    [
        "CREEKTON, October 28, 2024 (Creek Agency) – The",
        "CREEKTON, N.Y., Oct. 28, 2024 /Creekwire/ -- The",
        "Creekton, 28 October 2024 - The",
    ],
)
def test_the_dateline_of_an_agency(first: str) -> None:
    head = f"<p>{first} old mill will turn again, say those who own it, and grind.</p>"
    assert published(read(head=head)) == "2024-10-28"


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("The mill turns again, 28 October 2024 - Creek Gazette", "2024-10-28"),
        ("The mill turns again | 28.10.2024", "2024-10-28"),
        ("The fair of 28 October 2024 - Creek Gazette", None),
        ("28 October 2024", None),
        ("From 28 October 2024, 4 November 2024", None),
    ],
)
def test_a_date_in_the_title(stated: str, day: str | None) -> None:
    tree = parse_html(f"<title>{stated}</title><p>{PARAGRAPHS[0]}</p>")
    assert tree is not None
    url = "https://creek.example/mill"
    metadata = page_metadata.extract_metadata(tree, url, AT)
    page_metadata.fill_missing(tree, metadata, "", Rules(), url, AT, ())
    assert published(metadata) == day


@pytest.mark.parametrize(
    ("path", "day"), [("2024/10/28/mill.jpg", "2024-10-28"), ("2024/10/mill.jpg", None)]
)
def test_the_day_on_which_the_image_was_uploaded(path: str, day: str | None) -> None:
    image = f"<meta property='og:image' content='https://creek.example/up/{path}'>"
    metadata = read(head=image)
    assert published(metadata) == day
    assert metadata.sources.get("published") == ("image" if day else None)


@pytest.mark.parametrize(
    ("aside", "day"),
    [
        ("<p>Last updated: 28 October 2024</p>", "2024-10-28"),
        (
            "<div id='footer'>This page was last edited on 28 October 2024.</div>",
            "2024-10-28",
        ),
        ("<div id='footer'>Last updated: 28 October 2024</div>", None),
    ],
)
def test_the_last_change_of_the_page(aside: str, day: str | None) -> None:
    metadata = read(after=aside) if "footer" not in aside else read(aside=aside)
    assert published(metadata) == day
    assert metadata.sources.get("published") == ("modified" if day else None)
    assert metadata.values.get("modified") == day


def test_a_date_labelled_in_a_sidebar() -> None:
    box = (
        "<div class='sidebar'><div>{label}<time datetime='2024-10-28'>28 October 2024"
        "</time></div></div>"
    )
    long = box.replace("</div></div>", f"</div><p>{PARAGRAPHS[0] * 12}</p></div>")
    assert (
        published(read(aside=long.format(label="<h4>Published</h4>"))) == "2024-10-28"
    )
    assert published(read(aside=long.format(label="<h4>Ferry</h4>"))) is None


def test_the_headline_is_the_heading_that_is_the_title() -> None:
    """The site's name, which is part of <title>, is a heading as well."""
    filler = "<p>Menu</p>" * 150
    tree = parse_html(
        f"<title>The mill turns again - Creek Gazette</title><h1>Creek Gazette</h1>{filler}"
        f"<h1>The mill turns again</h1><p>28 October 2024</p><p>{PARAGRAPHS[0]}</p>"
    )
    assert tree is not None
    metadata = page_metadata.extract_metadata(tree, "https://creek.example/mill", AT)
    assert published(metadata) == "2024-10-28"


@pytest.mark.parametrize("kind", ["Product", "NewsArticle"])
def test_the_json_ld_of_something_else_has_no_date_of_the_page(kind: str) -> None:
    other = (
        f'{{"@type": "{kind}", "name": "Ferry", "url": "https://creek.example/ferry",'
        ' "datePublished": "2021-01-05"}'
    )
    head = f"<script type='application/ld+json'>{other}</script>"
    assert published(read(head=head)) is None


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ("<p>28 October 2024</p>", "2024-10-28"),
        ("<time datetime='2024-10-28'>28 Oct</time>", "2024-10-28"),
        ("<p>29 November 2024</p>", "2024-11-30"),  # of another zone
        ("<p>30 November 2024</p>", "2024-11-30"),
        ("<p>11/03/2024</p>", "2024-11-30"),  # ambiguous
        ("<p>First published 28 October 2024</p>", "2024-11-30"),
        ("<p>A draft, first published <time>28 October 2024</time></p>", "2024-11-30"),
        ("<p>Accepted: 28 October 2024</p>", "2024-11-30"),
        ("<p>Updated 28 October 2024</p>", "2024-11-30"),
        ("<figure><figcaption>28 October 2024</figcaption></figure>", "2024-11-30"),
    ],
)
def test_an_earlier_day_beside_the_headline(shown: str, day: str) -> None:
    """Some programs state the day on which a page was made anew."""
    stated = "<meta property='article:published_time' content='2024-11-30T08:00:00Z'>"
    metadata = read(head=stated + shown)
    assert (published(metadata) or "")[:10] == day


def test_the_day_of_capture_in_a_masthead() -> None:
    """A date that is none of the masthead is the article's, although it is that day."""
    shown = "<p>Saturday, 30 November 2024</p>"
    body = f"<main><article>{{}}<h1>The mill turns again</h1><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></article></main>"
    for markup, day in (
        (shown + body.format(""), None),
        (body.format(shown), "2024-11-30"),
        (shown.replace("30", "12") + body.format(""), "2024-11-12"),
    ):
        tree = parse_html(f"<title>The mill turns again</title>{markup}")
        assert tree is not None
        url = "https://creek.example/mill"
        metadata = page_metadata.extract_metadata(tree, url, AT)
        page_metadata.fill_missing(tree, metadata, "", Rules(), url, AT, ())
        assert published(metadata) == day


def test_dates_of_the_site() -> None:
    assert published(read(top="<p>Monday, 28 October 2024</p>")) is None
    assert (
        published(read(aside="<aside><h3>Latest</h3><p>28 October 2024</p></aside>"))
        is None
    )


@pytest.mark.parametrize(
    "head",
    [
        "<p>Published 3 February 2021<br>Updated 28 October 2024</p>",
        "<p><b>Published:</b> 3 February 2021 <b>Last Modified:</b> 28 October 2024</p>",
        "<dl><dt>Published</dt><dd>3 February 2021</dd><dt>Last updated</dt>"
        "<dd>28 October 2024</dd></dl>",
        "<p>Published <time datetime='2021-02-03'>Feb 3</time> · Updated "
        "<time datetime='2024-10-28'>Oct 28</time></p>",
        "<span class='date'>Updated 28 Oct 2024 | Published 3 Feb 2021</span>",
        "<p>Updated 28/10/2024 - First published 03/02/2021</p>",
        "<p>Published 2021-02-03 10:30 Updated 2024-10-28 12:00</p>",
        "<p>기사입력 2021.02.03. 오전 10:30 최종수정 2024.10.28. 오후 12:00</p>",
        "<p>Created on: 02/03/2021, Last Updated on: 10/28/2024</p>",
        "<p>Stand: 28.10.2024, erschienen am 03.02.2021</p>",
        "<p>Publisert: 03.02.2021 Sist endret: 28.10.2024</p>",
        "<p>Paskelbta 2021 m. vasario 3 d., atnaujinta 2024 m. spalio 28 d.</p>",
        "<p>เผยแพร่ 3 กุมภาพันธ์ 2564 ปรับปรุงล่าสุด 28 ตุลาคม 2567</p>",
        "<div class='published'>3 February 2021</div>"
        "<div class='modified'>28 October 2024</div>",
        "<div><div><b>Published</b></div><div><b>3 February 2021</b></div></div>"
        "<div><div><b>Updated</b></div><div><b>28 October 2024</b></div></div>",
    ],
)
def test_published_and_changed(head: str) -> None:
    metadata = read(head=head)
    assert (published(metadata) or "")[:10] == "2021-02-03"
    assert metadata.values["modified"] == "2024-10-28"


@pytest.mark.parametrize(
    ("lang", "url", "day"),
    [
        ("en-US", "https://creek.example/mill", "2024-03-04"),
        ("en-GB", "https://creek.example/mill", "2024-04-03"),
        ("de", "https://creek.example/mill", "2024-04-03"),
        ("en", "https://creek.com.au/mill", "2024-04-03"),
        ("en", "https://creek.example/mill", None),
        ("en", "https://creek.example/2024/03/04/mill", "2024-03-04"),
    ],
)
def test_day_and_month_that_may_be_swapped(
    lang: str, url: str, day: str | None
) -> None:
    shown = "<span class='date'>03/04/2024</span>"
    assert published(read(head=shown, lang=lang, url=url)) == day


def test_another_statement_settles_day_and_month() -> None:
    shown = "<span class='date'>03/04/2024</span><p>Updated on 4 March 2024</p>"
    assert published(read(head=shown)) == "2024-03-04"


def test_the_zone_of_the_country_is_no_statement_of_the_page() -> None:
    metadata = read(
        head="<p>28. Oktober 2024, 10:15 Uhr</p>", lang="de", url="https://muehle.de/a"
    )
    assert metadata.values["published"] == "2024-10-28T09:15:00Z"
    assert published(metadata) == "2024-10-28T10:15:00"


@pytest.mark.parametrize(
    "name",
    [
        "cXenseParse:publishtime",
        "published-date",
        "published_on",
        "og:pubdate",
        "PubDate",
    ],
)
def test_meta_elements_with_unusual_names(name: str) -> None:
    tree = parse_html(
        f"<html><head><meta name='{name}' content='2024-10-28T08:00:00Z'></head>"
    )
    assert tree is not None
    metadata = page_metadata.extract_metadata(tree, "https://creek.example/mill", AT)
    assert metadata.values["published"] == "2024-10-28T08:00:00Z"
