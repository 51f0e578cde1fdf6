"""A packed page teaches the same profile as the page itself."""

from __future__ import annotations

import lzma
import random
from pathlib import Path

import pytest

from harvester.ingest.prepare import Job, prepare
from harvester.ingest.profiles.learn import learn_profile
from harvester.model import Capture, Limits, Rules, TrainingPage
from harvester.parse.article import analyse_page, extract_article
from harvester.parse.content import profile
from harvester.parse.content.training import (
    MAX_PACKED_BYTES,
    AnalysedPage,
    pack,
    unpack,
)
from tests.support.prose import ProseGenerator

HTML = (("Content-Type", "text/html; charset=utf-8"),)
AT = "2026-01-01T00:00:00Z"


def page(number: int, words: str = "") -> bytes:
    """A page of an outlet that repeats a box and a table in its text."""
    paragraphs = ProseGenerator(number, "en").article_paragraphs(6)
    text = "".join(f"<p>{one}</p>" for one in paragraphs[:3])
    more = "".join(f"<p>{one}</p>" for one in paragraphs[3:])
    return (
        f"<html><head><title>Bridge {number} is open | The Paper</title></head>"
        "<body><nav><ul><li><a href='/'>Home</a></li></ul></nav>"
        f"<main><article class='story'><h1>Bridge {number} is open</h1>{text}<p "
        "class='box'>Our letter from the harbour comes every morning, with all "
        "that matters in the region.</p>"
        "<table><tr><td>What the bridge costs the town in all,</td>"
        f"<td>with both of its roads: {number} million.</td></tr>"
        f"</table>{more}{words}</article></main>"
        f"<footer><p>© The Paper, all rights reserved</p></footer></body></html>"
    ).encode()


def url(number: int) -> str:
    return f"https://paper.example/{number}"


def training_page(number: int, body: bytes, content: str, blob: bytes) -> TrainingPage:
    """A page to learn from: packed if there is a blob, else its body."""
    kept = b"" if blob else body
    return TrainingPage(
        kept,
        url(number),
        HTML,
        AT,
        f"Bridge {number} is open",
        content,
        version_id=number + 1,
        packed_page=blob,
    )


def packed(number: int, body: bytes, known: profile.Profile | None = None) -> bytes:
    return extract_article(
        body, url(number), HTML, Rules(), AT, profile=known, for_training=True
    ).packed_page


@pytest.mark.parametrize(
    "content",
    [
        "",
        (
            "<p>Our letter from the harbour comes every morning, with all that "
            "matters in the region.</p>"
        ),
    ],
)
def test_packed_pages_and_pages_give_the_same_profile(content: str) -> None:
    pages = [page(number) for number in range(6)]
    contents = [
        "".join(
            f"<p>{one}</p>" for one in ProseGenerator(n, "en").article_paragraphs(6)
        )
        + content
        for n in range(6)
    ]
    for full in (True, False):
        known: profile.Profile | None = None
        fresh = [
            training_page(n, body, contents[n] if full else "", b"")
            for n, body in enumerate(pages)
        ]
        for _ in range(2):  # read without a profile, then with the one that was learned
            blobs = [packed(n, body, known) for n, body in enumerate(pages)]
            assert known is not None or all(blobs)
            kept = [
                training_page(n, body, contents[n] if full else "", blobs[n])
                for n, body in enumerate(pages)
            ]
            from_pages, from_packed = (
                learn_profile(fresh, Rules()),
                learn_profile(kept, Rules()),
            )
            assert profile.to_json(from_pages.profile) == profile.to_json(
                from_packed.profile
            )
            assert (
                from_pages.profile.pages == 6
                and from_pages.profile.labelled_pages == (6 if full else 0)
            )
            known = from_packed.profile


def test_a_packed_page_reads_with_any_profile_as_the_page_does() -> None:
    pages = [page(number) for number in range(4)]
    known = learn_profile(
        [training_page(n, body, "", b"") for n, body in enumerate(pages)], Rules()
    ).profile
    for number, body in enumerate(pages):
        whole = extract_article(body, url(number), HTML, Rules(), AT).extract.text
        with_it = extract_article(
            body, url(number), HTML, Rules(), AT, profile=known
        ).extract.text
        found = unpack(packed(number, body))
        assert found.text_with_profile(None) == whole
        assert found.text_with_profile(known) == with_it != whole
        row = "What the bridge costs the town in all, with both of its roads:"
        assert f"{row} {number} million." in whole.split("\n")


def test_real_pages_teach_the_same(corpora: Path) -> None:
    import json

    with lzma.open(
        corpora / "outlets" / "09-news.jsonl.xz", "rt", encoding="utf-8"
    ) as file:
        rows = [json.loads(next(file)) for _ in range(6)]
    known = None
    for full in (False, True):
        fresh, kept = [], []
        for row in rows:
            body = row["html"].encode()
            content = (
                "".join(f"<p>{one}</p>" for one in row["text"].split("\n"))
                if full
                else ""
            )
            blob = packed(row["n"], body, known)
            found = analyse_page(body, url(row["n"]), HTML, Rules(), AT)
            assert isinstance(found, AnalysedPage)
            if blob:
                assert (
                    unpack(blob).content.scores.tobytes()
                    == found.content.scores.tobytes()
                )
                assert len(blob) < 40_000
            fresh.append(training_page(row["n"], body, content, b""))
            kept.append(training_page(row["n"], body, content, blob))
        assert profile.to_json(
            learn_profile(fresh, Rules()).profile
        ) == profile.to_json(learn_profile(kept, Rules()).profile)
        known = learn_profile(kept, Rules()).profile


def test_a_page_of_too_many_words_is_not_packed() -> None:
    body = page(
        1,
        "".join(
            f"<p>{random.Random(n).randbytes(200).hex()}</p>" for n in range(2_000)
        ),
    )
    assert packed(1, body) == b""
    found = analyse_page(body, url(1), HTML, Rules(), AT)
    assert found is not None and len(pack(found)) == 0 < MAX_PACKED_BYTES


def test_a_page_is_packed_only_on_request() -> None:
    for requested in (True, False):
        job = Job(
            "page",
            Capture(url(1), url(1), AT, 200, HTML, page(1)),
            Rules(),
            Limits(),
            for_training=requested,
        )
        assert bool(prepare(job).packed_page) is requested
    rules = Rules(extractor="trafilatura")
    job = Job(
        "page",
        Capture(url(1), url(1), AT, 200, HTML, page(1)),
        rules,
        Limits(),
        for_training=True,
    )
    assert prepare(job).packed_page == b""
