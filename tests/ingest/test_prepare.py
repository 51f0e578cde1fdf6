"""Reading a capture: which text counts, rereading, and what is computed in advance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harvester.identity import near_duplicates, shingles, wording
from harvester.ingest import copy_detection
from harvester.ingest.prepare import (
    Job,
    choose_reading,
    feed_share_on_page,
    prepare,
    warm_up,
)
from harvester.model import (
    Capture,
    EarlierCapture,
    Extract,
    FurtherPage,
    Limits,
    Outcome,
    Prepared,
    Rules,
)
from tests.support.extracts import make_extract
from tests.support.in_process_harvest import World


def test_a_page_is_stored_without_normalising_its_text_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    world.publish(1)
    (feed,) = world.keeper.take_due_visits(world.now)
    world._make_visit(feed)
    (visit,) = world.keeper.take_due_visits(world.now)
    capture = world._fetch(visit.url)
    job = world.keeper.receive(visit, capture, world.now)
    assert job is not None
    prepared = prepare(job)
    assert prepared.extract is not None
    text = prepared.extract.text
    assert [one.text for one in prepared.precomputed] == [text]
    near_duplicates.shingle_sample.cache_clear()  # as in another process
    wording.normalise_text_cached.cache_clear()
    wording._digests.cache_clear()
    gone_through: list[str] = []
    whole, sampled = wording.normalise_text, shingles.sample_text
    monkeypatch.setattr(
        wording, "normalise_text", lambda one: gone_through.append(one) or whole(one)
    )
    monkeypatch.setattr(
        shingles,
        "sample_text",
        lambda one: gone_through.append(one) or sampled(one),
    )
    world.keeper.keep(visit, capture, prepared, world.now)
    copy_detection.compare_all_pending(world.archive)
    assert max(map(len, gone_through), default=0) < len(text) / 2
    held = world.archive.connection.execute(
        "select wording, text_sha256 from versions"
    ).fetchall()
    assert [tuple(row) for row in held] == [
        wording._digests.__wrapped__(
            prepared.extract.title, text, prepared.extract.authors
        )
    ]
    assert world.archive.connection.execute("select size from samples").fetchone()[
        0
    ] == len(near_duplicates.shingle_sample(text))


URL = "https://paper.example/2025/09/berths-at-the-old-quay-of-the-town"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
SENTENCES = [
    f"The harbour office lets {number} berths at the old quay from spring on, and the"
    f" fishermen of the lower town ask for {number + 20} more."
    for number in range(3, 12)
]


def page(sentences: list[str], more: str = "") -> bytes:
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        "<html lang='en'><head><title>The quay</title></head><body><article>"
        f"<h1>The quay</h1>{paragraphs}{more}</article></body></html>"
    ).encode()


def job(body: bytes, **more: object) -> Job:
    capture = Capture(URL, URL, "2025-09-06T08:00:00Z", 200, HTML, body)
    return replace(Job("page", capture, Rules(), Limits()), **more)  # type: ignore[arg-type]


def reading(text: str, kind: str = "article") -> Extract:
    return make_extract(title="The quay", text=text, kind=kind)


def test_the_feeds_full_text_counts_where_the_page_shows_much_less() -> None:
    full, part = "\n".join(SENTENCES), SENTENCES[0]
    whole_page = Prepared(extract=reading(full), feed_extract=reading(part))
    assert choose_reading(whole_page) == (reading(full), "page")
    stub = Prepared(extract=reading(part, "stub"), feed_extract=reading(full))
    chosen = choose_reading(stub)
    assert chosen is not None
    extract, source = chosen
    assert (extract.text, extract.kind, source) == (full, "article", "feed")
    assert extract.sources["text"] == "feed" and extract.title == "The quay"


def test_nothing_of_a_login_page_is_the_articles() -> None:
    full = "\n".join(SENTENCES)
    login = replace(reading("Log in to read on.", "login"), title="Log in")
    chosen = choose_reading(Prepared(extract=login, feed_extract=reading(full)))
    assert chosen is not None
    assert (chosen[0].title, chosen[0].text, chosen[1]) == ("The quay", full, "feed")


def test_without_a_text_there_is_no_reading() -> None:
    assert choose_reading(Prepared()) is None
    assert choose_reading(Prepared(extract=reading(""))) is None
    assert (
        choose_reading(Prepared(extract=reading(""), feed_extract=reading(""))) is None
    )


def test_the_share_of_the_feeds_text_that_the_page_shows() -> None:
    full, half = "\n".join(SENTENCES), "\n".join(SENTENCES[:4])
    same = Prepared(extract=reading(full), feed_extract=reading(full))
    assert feed_share_on_page(same) == 1.0
    part = feed_share_on_page(
        Prepared(extract=reading(half), feed_extract=reading(full))
    )
    assert part is not None and 0.3 < part < 0.6
    assert feed_share_on_page(Prepared(extract=reading(full))) is None
    no_text = Prepared(extract=reading(""), feed_extract=reading(full))
    assert feed_share_on_page(no_text) is None


def test_an_earlier_capture_reads_as_it_did_when_it_was_new() -> None:
    body = page(SENTENCES)
    fresh = prepare(job(body)).extract
    assert fresh is not None and SENTENCES[-1] in fresh.text
    earlier = EarlierCapture(7, body, URL, HTML, "2025-09-06T08:00:00Z")
    again = prepare(job(b"", kind="again", earlier_captures=(earlier,)))
    assert again.extract is None
    assert again.rereads == {7: fresh}


def test_all_pages_of_an_earlier_capture_are_read_again() -> None:
    following = f"{URL}/2/"
    links = (
        "<div class='page-links'>Pages: 1 "
        f"<a class='post-page-numbers' href='{following}'>2</a></div>"
    )
    further = FurtherPage(page(SENTENCES[4:]), following, HTML)
    earlier = EarlierCapture(
        7, page(SENTENCES[:4], links), URL, HTML, further_pages=(further,)
    )
    (extract,) = prepare(
        job(b"", kind="again", earlier_captures=(earlier,))
    ).rereads.values()
    assert extract.text.split("\n")[-len(SENTENCES) :] == SENTENCES


def test_what_is_no_feed_is_an_outcome_with_a_reason() -> None:
    capture = Capture(URL, URL, "2025-09-06T08:00:00Z", 200, HTML, page(SENTENCES))
    read = prepare(Job("feed", capture, Rules(), Limits()))
    assert read.feed is None and read.outcome is Outcome.FAILED and read.error


def test_what_was_read_to_warm_up_changes_no_reading() -> None:
    body = page(SENTENCES)
    before = prepare(job(body))
    warm_up()
    after = prepare(job(body))
    assert replace(before, cpu_seconds=0.0) == replace(after, cpu_seconds=0.0)
