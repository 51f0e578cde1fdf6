"""A difference in each of its forms, with words that outlets may write against them."""

from __future__ import annotations

import html
import re

import pytest

from harvester.render import difference, markdown, page
from harvester.render.difference import Difference, VersionHead
from tests.support.markup import HOSTILE, parse


def make(before: str, after: str, **more: object) -> Difference:
    values: dict[str, object] = {
        "title": after, "title_before": before, "outlet": before, "url": "https://mpi.example/x",
        "article": "0123456789abcdef", "language": "fr",
        "before": VersionHead(1, "2025-09-06T07:00:00Z", "2025-09-06T08:00:00Z"),
        "after": VersionHead(2, "2025-09-06T09:00:00Z", "2025-09-06T09:00:00Z"),
        "change_class": "substantive", "size": 3, "acknowledgement": "", "back": False,
        "fields": {"title": [before, after], "tags": [[before], [after, before]]},
        "added": [after], "removed": [before], "changed": [[before, after]], "moved": [after],
        "text_before": before, "text": after,
    }  # fmt: skip
    return Difference(**{**values, **more})  # type: ignore[arg-type]


OUR_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "dl", "dt", "dd", "a",
    "p", "del", "ins", "section", "b", "article", "span", "br", "footer", "i",
}  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_a_page_has_no_markup_but_ours(words: str) -> None:
    text = page.render_page(make("A plain title", words), "made by a test")
    parsed = parse(text)
    assert set(parsed.tags) <= OUR_TAGS
    assert parsed.targets == {"https://mpi.example/x"}
    assert not {name for name in parsed.attributes if name.startswith("on")}
    assert not re.search(
        "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )
    text.encode("utf-8")


@pytest.mark.parametrize("words", HOSTILE)
def test_markdown_shows_the_words_and_nothing_else(words: str) -> None:
    parser = pytest.importorskip(
        "markdown_it", reason="pip install 'news-harvester[extras]'"
    )
    rendered = (
        parser.MarkdownIt("commonmark")
        .enable("table")
        .enable("strikethrough")
        .render(markdown.render(make("A plain title", words), "made by a test"))
    )
    parsed = parse(rendered)
    assert set(parsed.tags) <= {
        "h1",
        "ul",
        "li",
        "p",
        "strong",
        "em",
        "ins",
        "del",
        "a",
    }
    assert parsed.targets == {"https://mpi.example/x"}
    plain = html.unescape(re.sub(r"<[^>]*>", "", rendered))
    expected = " ".join(page.clean(words).split())
    assert expected in " ".join(plain.split())


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/\"><script>", "data:text/html,x", "urn:harvester:0123456789abcdef"]
)  # fmt: skip
def test_only_web_addresses_are_links(url: str) -> None:
    changed = make("A title", "Another", url=url)
    assert parse(page.render_page(changed, "")).targets == set()
    assert f"<{url}>" not in markdown.render(changed, "")


def labels(**fields: list[object]) -> dict[str, str]:
    return {
        block.label: "".join(
            words if sign == "=" else f"{sign}{words}" for sign, words in block.runs
        )
        for block in difference.list_field_blocks(fields)
    }


def test_a_new_headline_is_shown_before_and_after() -> None:
    assert labels(title=["Le bac repart", "Panne au port hier soir"]) == {
        "title before": "-Le bac repart",
        "title now": "+Panne au port hier soir",
    }
    assert labels(title=["The bridge opens", "The bridge reopens"]) == {
        "title": "The bridge -opens+reopens"
    }


def test_times_are_never_compared_letter_by_letter() -> None:
    at, later = "2025-09-06T07:00:00Z", "2025-09-06T09:30:00Z"
    assert labels(modified=[at, later], published=[None, at]) == {
        "modified": "2025-09-06 07:00 UTC → 2025-09-06 09:30 UTC",
        "published": "(none) → 2025-09-06 07:00 UTC",
    }
    assert labels(published_local=["2025-09-06T09:00:00+02:00", None]) == {
        "published there": "2025-09-06 09:00+02:00 → (none)"
    }


def test_lists_say_what_came_and_went() -> None:
    assert labels(authors=[["Anna", "Bo"], ["Bo", "Cy"]]) == {"authors": "-Anna, +Cy"}
    assert labels(tags=[["a", "b"], ["b", "a"]]) == {"tags": "in another order: b, a"}


def test_moved_sentences_are_not_removed_and_added() -> None:
    lines = ["One stays here.", "Two goes down.", "Three stays as well."]
    text = page.render_page(
        make(
            "T", "T", fields={}, text_before="\n".join(lines),
            text="\n".join([lines[0], lines[2], lines[1]]),
        ),
        "",
    )  # fmt: skip
    body = text.partition("<article")[2]
    assert "<del>" not in body and "<ins>" not in body and "moved to here" in body
