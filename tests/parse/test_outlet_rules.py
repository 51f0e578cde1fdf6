"""The rules of an outlet's settings, on an invented page that states everything twice."""

from __future__ import annotations

import pickle

from harvester.model import Extract, Rules
from harvester.parse.article import read_article
from harvester.parse.outlet_rules import effective_rules

AT = "2025-09-06T08:12:45Z"
PARAGRAPH = (
    "The council of the town voted last night to repair the old bridge over the "
    "river, which was closed in March."
)
PAGE = f"""<html lang="en"><head><title>Bridge - The Courier</title>
<meta property="og:title" content="Bridge"><meta name="author" content="The Courier">
<meta property="article:published_time" content="2025-09-01T06:00:00Z"></head><body>
<div class="head"><h2 class="real">Council votes for the bridge</h2><p class="by">By <a>Anna Meier</a> and <a>Jo Bell</a></p>
<time class="when" datetime="2025-09-05T19:30:00+02:00">Friday</time></div>
<div class="story"><p>{PARAGRAPH} One.</p><div class="inner"><p>{PARAGRAPH} Two.</p></div><p class="appeal">Give us money, please.</p></div>
<div class="other"><p>{PARAGRAPH} Something else entirely stands here, and is long as well.</p><p>{PARAGRAPH} Three.</p></div>
</body></html>""".encode()


def read(rules: Rules, at: str = AT) -> Extract:
    return read_article(PAGE, "https://courier.example/bridge", (), rules, at)


def test_each_rule_takes_precedence_over_what_is_stated() -> None:
    extract = read(
        Rules(
            remove=(".appeal",),
            text=(
                ".nothing",
                ".story",
            ),
            title=("h2.real",),
            author=(".by a",),
            published=("time.when",),
        )
    )
    assert extract.text == f"{PARAGRAPH} One.\n{PARAGRAPH} Two."
    assert extract.title == "Council votes for the bridge"
    assert extract.authors == ("Anna Meier", "Jo Bell")
    assert (extract.published, extract.published_local) == (
        "2025-09-05T17:30:00Z",
        "2025-09-05T19:30:00+02:00",
    )
    assert {
        extract.sources[name] for name in ("text", "title", "authors", "published")
    } == {"rule"}
    assert ("published", "2025-09-01T06:00:00Z") in [
        (one.field, one.value.replace("+00:00", "Z")) for one in extract.statements
    ]


def test_what_is_removed_may_still_be_read() -> None:
    extract = read(Rules(remove=(".head",), author=(".by a",), text=(".story",)))
    assert extract.authors == ("Anna Meier", "Jo Bell")


def test_a_text_element_inside_another_is_read_once() -> None:
    assert read(Rules(text=(".story, .inner",))).text.count("Two.") == 1


def test_rules_that_find_nothing_change_nothing() -> None:
    plain = read(Rules())
    missed = read(
        Rules(text=(".x",), title=(".x",), author=(".x",), published=(".x", ".real"))
    )
    assert (missed.text, missed.title, missed.authors, missed.published) == (
        plain.text,
        plain.title,
        plain.authors,
        plain.published,
    )


def test_a_time_later_than_the_capture_is_refused() -> None:
    assert (
        read(Rules(published=("time.when",)), "2025-09-02T00:00:00Z").published
        == "2025-09-01T06:00:00Z"
    )


def test_layouts_that_ended() -> None:
    first, second = (
        Rules(title=(".first",), valid_until="2024-05-01"),
        Rules(title=(".second",), valid_until="2025-01-31"),
    )
    rules = Rules(title=(".today",), earlier_layouts=(first, second))
    assert effective_rules(rules, "2023-01-01T00:00:00Z") is first
    assert effective_rules(rules, "2024-05-01T23:59:59Z") is first
    assert effective_rules(rules, "2024-05-02T00:00:00Z") is second
    assert effective_rules(rules, "2025-02-01T00:00:00Z") is rules
    assert effective_rules(rules, "") is rules


def test_fingerprints_differ_with_each_rule_and_are_the_same_everywhere() -> None:
    one = (".a",)
    rules = [
        Rules(),
        Rules(remove=one),
        Rules(text=one),
        Rules(title=one),
        Rules(author=one),
        Rules(published=one),
        Rules(language="fr"),
        Rules(extractor="trafilatura"),
        Rules(earlier_layouts=(Rules(valid_until="2024-05-01"),)),
        Rules(earlier_layouts=(Rules(valid_until="2024-05-02"),)),
        Rules(earlier_layouts=(Rules(valid_until="2024-05-01", text=one),)),
    ]
    assert len({one.fingerprint for one in rules}) == len(rules)
    assert rules[0].fingerprint == ""
    assert [pickle.loads(pickle.dumps(one)).fingerprint for one in rules] == [
        one.fingerprint for one in rules
    ]


def test_a_selector_with_contains_finds_on_every_page_what_it_finds_on_the_first() -> (
    None
):
    page = (
        "<html><body><p>Advertisement: buy</p><p>The council voted.</p></body></html>"
    )
    rules = Rules(remove=("p:contains('Advertisement')",), text=("body",))
    texts = [
        read_article(
            page.encode(), "https://a.example/1", (), rules, "2026-11-01T00:00:00Z"
        ).text
        for _ in range(3)
    ]
    assert texts == ["The council voted."] * 3
