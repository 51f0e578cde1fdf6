"""Real pages read better than by trafilatura, and better still with a profile.

The shipped model was trained on these pages, so that these tests find what breaks and
prove no quality; ``benchmarks/`` measures that.
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harvester.ingest.profiles.learn import TrainingPage, learn_profile
from harvester.model import Extract, Rules
from harvester.parse.article import extract_article, read_article
from harvester.parse.content import profile
from harvester.parse.content.profile import Profile

AT = "2026-11-01T00:00:00Z"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
SETS = ("fundus", "fundus-evaluation", "scrapinghub", "wcxb")
EACH = 6  # pages of a set
LEARNED, READ = 10, 6  # pages of an outlet


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def f1(text: str, truth: str) -> float:
    ours, theirs = words(text), words(truth)
    return 2 * (ours & theirs).total() / max(ours.total() + theirs.total(), 1)


def cases(corpora: Path) -> list[tuple[bytes, str, str]]:
    """(body, URL, true text), spread over the sets."""
    found = []
    for name in SETS:
        rows = [
            json.loads(row)
            for row in (corpora / "pages" / name / "truth.jsonl").open(encoding="utf-8")
        ]
        rows = [row for row in rows if row["truth"].get("text")]
        for row in rows[:: max(1, len(rows) // EACH)][:EACH]:
            body = gzip.decompress(
                (corpora / "pages" / name / row["file"]).read_bytes()
            )
            found.append(
                (body, row["url"] or "https://a.example/a", row["truth"]["text"])
            )
    return found


def test_less_wrong_than_trafilatura(corpora: Path) -> None:
    from trafilatura import extract

    ours, theirs = [], []
    for body, url, truth in cases(corpora):
        read = read_article(body, url, HTML[:0], Rules(), AT)
        assert (
            read.method in ("model", "trafilatura", "baseline", "state")
            and 0 <= read.doubt <= 1
        )
        ours.append(f1(read.text, truth))
        theirs.append(f1(extract(body, include_comments=False) or "", truth))
    assert len(ours) == EACH * len(SETS)
    assert 1 - sum(ours) / len(ours) < 0.9 * (1 - sum(theirs) / len(theirs))
    assert sum(ours) / len(ours) > 0.94


@pytest.fixture(scope="module")
def pages(corpora: Path) -> list[dict[str, Any]]:
    """The first pages of an outlet whose template has boxes in its text."""
    with lzma.open(
        corpora / "outlets" / "09-news.jsonl.xz", "rt", encoding="utf-8"
    ) as file:
        return [json.loads(next(file)) for _ in range(LEARNED + READ)]


def training_page(page: dict[str, Any], full: bool) -> TrainingPage:
    content = (
        "".join(f"<p>{one}</p>" for one in page["text"].split("\n")) if full else ""
    )
    return TrainingPage(
        page["html"].encode(),
        f"https://a.example/{page['n']}",
        HTML,
        AT,
        page["title"],
        content,
    )


def read(page: dict[str, Any], known: Profile | None = None) -> Extract:
    return read_article(
        page["html"].encode(),
        f"https://a.example/{page['n']}",
        HTML,
        Rules(),
        AT,
        profile=known,
    )


def test_a_profile_with_the_full_text_makes_readings_better(
    pages: list[dict[str, Any]],
) -> None:
    known = learn_profile(
        [training_page(one, True) for one in pages[:LEARNED]], Rules()
    ).profile
    assert (known.pages, known.labelled_pages) == (LEARNED, LEARNED)
    last = pages[LEARNED:]
    before = sum(f1(read(one).text, one["text"]) for one in last) / READ
    found = [read(one, known) for one in last]
    after = (
        sum(
            f1(extract.text, one["text"])
            for extract, one in zip(found, last, strict=True)
        )
        / READ
    )
    assert after > 0.99 and after > before
    assert {one.profile for one in found} == {known.digest}
    assert (
        known
        == learn_profile(
            [training_page(one, True) for one in pages[:LEARNED]], Rules()
        ).profile
    )


def test_a_profile_without_labels_makes_readings_better(
    pages: list[dict[str, Any]],
) -> None:
    known = learn_profile(
        [training_page(one, False) for one in pages[:LEARNED]], Rules()
    ).profile
    assert known.labelled_pages == 0
    last = pages[LEARNED:]
    gain = [
        f1(read(one, known).text, one["text"]) - f1(read(one).text, one["text"])
        for one in last
    ]
    assert sum(gain) / READ > 0


def test_another_outlets_profile_changes_hardly_anything(
    corpora: Path, pages: list[dict[str, Any]]
) -> None:
    known = learn_profile(
        [training_page(one, True) for one in pages[:4]], Rules()
    ).profile
    with lzma.open(
        corpora / "outlets" / "00-news.jsonl.xz", "rt", encoding="utf-8"
    ) as file:
        other = json.loads(next(file))
    found = extract_article(
        other["html"].encode(), "https://b.example/1", HTML, Rules(), AT, profile=known
    )
    assert found.extract.method != "profile"
    assert (
        abs(f1(found.extract.text, other["text"]) - f1(read(other).text, other["text"]))
        < 0.002
    )


def test_labels_that_agree_with_the_model_change_nothing(
    pages: list[dict[str, Any]],
) -> None:
    training_pages = []
    for one in pages[:3]:
        body = extract_article(
            one["html"].encode(), f"https://a.example/{one['n']}", HTML, Rules(), AT
        ).content
        assert body is not None
        marks = (profile.short_hash(block.text) for block in body.page.blocks)
        labels = tuple(
            (place, mark, bool(kept))
            for place, (mark, kept) in enumerate(zip(marks, body.selected, strict=True))
        )
        training_pages.append(
            TrainingPage(
                one["html"].encode(),
                f"https://a.example/{one['n']}",
                HTML,
                AT,
                one["title"],
                "",
                labels,
            )
        )
    known = learn_profile(training_pages, Rules()).profile
    assert known.labelled_pages == 3
    for one in pages[:3]:
        assert f1(read(one, known).text, read(one).text) > 0.97
