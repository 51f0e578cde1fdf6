"""``prepare``: what a capture says, as records. Pure: the same bytes and rules give the same records, in any process."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from harvester.errors import InvalidResponse
from harvester.identity import near_duplicates, wording
from harvester.ingest import interstitials
from harvester.model import (
    Capture,
    EarlierCapture,
    Extract,
    Limits,
    Outcome,
    Precomputed,
    Prepared,
    Rules,
    TrainingPage,
)

if TYPE_CHECKING:
    from harvester.parse.content.profile import Profile

MIN_PAGE_SHARE_OF_FEED = 0.5  # a page with less than this share of the words of the feed's full text is a stub of it


@dataclass(frozen=True, slots=True)
class Job:
    """One capture to be read, with all that reading it depends on."""

    # again: nothing but the earlier captures; explain: with each block of the page, ``content`` being its true text where known
    kind: Literal["feed", "page", "again", "learn", "explain"]
    capture: Capture
    rules: Rules
    limits: Limits
    title: str = ""  # as the feed announced it
    content: str = ""  # full text as HTML, where the feed carried it
    known_fields: tuple[
        str, ...
    ] = ()  # fields that the feed states, so that nobody has to guess them
    earlier_captures: tuple[
        EarlierCapture, ...
    ] = ()  # captures read by another extractor or rules: to be read again, like with like
    first_url: str = ""  # where the article begins, where this is another of its pages
    profile: str = ""  # of the outlet, as text
    training_pages: tuple[TrainingPage, ...] = ()  # to learn a profile from
    explain_weights: bool = False  # explain what weighed most for the model
    visible_only: bool = (
        False  # the visible words alone: reading it took too long, or too much memory
    )
    for_training: bool = False  # a profile will soon be learned from it


_WARM_UP_PAGE = (  # no title, no date, no author: all that is dear is asked; but for the language, whose model is 75 MB that few outlets need
    "<html lang='en'><body><div>"
    + "".join(
        f"<p>The council of the town voted last night on bridge number {n}, after a debate.</p>"
        for n in range(9)
    )
    + "</div></body></html>"
)
_WARM_UP_FEED = "<rss version='2.0'><channel><title>t</title><item><title>t</title><description>&lt;p&gt;d&lt;/p&gt;</description><pubDate>Sat, 06 Sep 2025 08:12:45 +0200</pubDate></item></channel></rss>"


def warm_up() -> None:
    """Read a page and a feed that need everything, so that the next ones import nothing and fill no cache."""
    for kind, text in (
        ("page", _WARM_UP_PAGE),
        ("page", "<html lang='en'><body><div><p>The council</p></div></body></html>"),
        ("feed", _WARM_UP_FEED),
    ):
        capture = Capture(
            "http://localhost/", "", "2025-09-06T08:12:45Z", 200, (), text.encode()
        )
        prepare(Job("feed" if kind == "feed" else "page", capture, Rules(), Limits()))


def prepare(job: Job) -> Prepared:
    """Read a capture. Bad input is an outcome with its reason, never an exception."""
    started = time.process_time()
    if job.kind == "again":
        made = Prepared(
            rereads={one.version_id: _reread(one, job) for one in job.earlier_captures}
        )
    elif job.kind == "learn":
        from harvester.ingest.profiles.learn import learn_profile
        from harvester.parse.content import profile

        learned = learn_profile(job.training_pages, job.rules)
        made = Prepared(
            learned_profile=profile.to_json(learned.profile),
            unchanged_versions=learned.unchanged_versions,
        )
    elif job.kind == "explain":
        made = _prepare_explanation(job)
    elif job.visible_only:
        from harvester.parse.content.visible import read_visible_text

        made = Prepared(
            extract=read_visible_text(job.capture.body, job.capture.headers)
        )
    else:
        made = _prepare_feed(job) if job.kind == "feed" else _prepare_page(job)
    if job.kind in ("page", "again"):
        made = replace(
            made, precomputed=tuple(map(_precompute, _texts_to_compare(made)))
        )
    return replace(made, cpu_seconds=time.process_time() - started)


def _texts_to_compare(prepared: Prepared) -> list[str]:
    """The texts that will be compared with others."""
    extracts = (prepared.extract, prepared.feed_extract, *prepared.rereads.values())
    return list(
        dict.fromkeys(one.text for one in extracts if one is not None and one.text)
    )


def _precompute(text: str) -> Precomputed:
    return Precomputed(
        text, wording.normalise_text_cached(text), near_duplicates.shingle_sample(text)
    )


def remember_precomputed(prepared: Prepared | None) -> None:
    """Remember what the worker has worked out of texts, for where they are compared in this process."""
    for one in prepared.precomputed if prepared is not None else ():
        wording.cache_normalised(one.text, one.normalised_text)
        near_duplicates.cache_sample(one.text, one.shingle_sample)


def _load_profile(job: Job) -> Profile | None:
    from harvester.parse.content import profile

    return profile.from_json(job.profile) if job.profile else None


def _prepare_feed(job: Job) -> Prepared:
    from harvester.parse.feeds.feed import read_feed

    capture = job.capture
    try:
        feed = read_feed(
            capture.body,
            capture.header("Content-Type"),
            capture.reached or capture.url,
            limit=job.limits.entries,
        )
    except InvalidResponse as error:
        return Prepared(outcome=Outcome.FAILED, error=str(error))
    return Prepared(feed=feed)


def _prepare_page(job: Job) -> Prepared:
    from harvester.parse.article import extract_article, read_entry_content

    capture = job.capture
    read = extract_article(
        capture.body,
        capture.reached or capture.url,
        capture.headers,
        job.rules,
        capture.at,
        job.known_fields,
        job.first_url,
        _load_profile(job),
        job.for_training,
    )
    extract, content = read.extract, None
    if job.content:
        content = read_entry_content(
            job.content,
            capture.reached or capture.url,
            job.title,
            job.rules,
            capture.at,
        )
    again = {one.version_id: _reread(one, job) for one in job.earlier_captures}
    if extract.text or (content and content.text):
        return Prepared(
            extract=extract,
            feed_extract=content,
            rereads=again,
            packed_page=read.packed_page,
        )
    return Prepared(
        extract=extract,
        feed_extract=content,
        rereads=again,
        outcome=Outcome.EMPTY,
        error=extract.error or "no text found",
    )


def _prepare_explanation(job: Job) -> Prepared:
    from harvester.parse.explain import explain_page

    capture, url = job.capture, job.capture.reached or job.capture.url
    extract, blocks = explain_page(
        capture.body,
        url,
        capture.headers,
        job.rules,
        capture.at,
        job.known_fields,
        _load_profile(job),
        job.content,
        job.explain_weights,
    )
    outcome = None if extract.text else Outcome.EMPTY
    return Prepared(
        extract=extract,
        block_decisions=blocks,
        outcome=outcome,
        error="" if extract.text else extract.error,
    )


def _reread(earlier: EarlierCapture, job: Job) -> Extract:
    """An earlier capture, with all its pages, as it reads today."""
    from harvester.ingest import multipage
    from harvester.parse.article import read_article

    at = earlier.at or job.capture.at
    pages = [
        read_article(
            earlier.body,
            earlier.url,
            earlier.headers,
            job.rules,
            at,
            job.known_fields,
            profile=_load_profile(job),
        )
    ]
    for other in earlier.further_pages:
        pages.append(
            read_article(
                other.body,
                other.url,
                other.headers,
                job.rules,
                at,
                job.known_fields,
                earlier.url,
                _load_profile(job),
            )
        )
    return (
        multipage.join_pages(pages) if multipage.next_page_url(pages[0]) else pages[0]
    )


def choose_reading(
    prepared: Prepared,
) -> tuple[Extract, Literal["page", "feed"]] | None:
    """The reading that counts: the page's, or the feed's full text where the page shows much less of it."""
    page, feed = prepared.extract, prepared.feed_extract
    if page is None:
        return None
    if (
        feed is not None
        and feed.text
        and page.kind in interstitials.INTERSTITIAL_OUTCOMES
    ):  # nothing on the page is the article's
        return replace(feed, robots=page.robots), "feed"
    if (
        feed is not None
        and feed.text
        and len(page.text.split()) < MIN_PAGE_SHARE_OF_FEED * len(feed.text.split())
    ):
        kind, why = (
            ("article", "") if page.kind in ("stub", "index") else (page.kind, page.why)
        )
        return replace(
            page,
            text=feed.text,
            sources={**page.sources, "text": "feed"},
            kind=kind,
            why=why,
        ), "feed"
    return (page, "page") if page.text else None


def feed_share_on_page(prepared: Prepared) -> float | None:
    """How much of the feed's full text stands on the page, 0 to 1; None where there are not both."""
    page, feed = prepared.extract, prepared.feed_extract
    if page is None or feed is None or not page.text or not feed.text:
        return None
    return round(wording.shingle_containment(feed.text, page.text), 3)
