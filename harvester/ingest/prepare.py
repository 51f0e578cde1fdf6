"""``prepare`` reads a capture. Pure: equal bytes and rules give equal records."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from harvester.errors import InvalidResponse
from harvester.identity import near_duplicates, urls, wording
from harvester.ingest import interstitials, multipage
from harvester.ingest.section_links import SectionHints, choose_entries
from harvester.model import (
    Capture,
    EarlierCapture,
    Extract,
    Feed,
    Limits,
    Outcome,
    Precomputed,
    Prepared,
    Rules,
    TrainingPage,
)

if TYPE_CHECKING:  # the parsers are expensive to import: only workers do
    from harvester.parse.content.profile import Profile

NO_ARTICLE_LINKS = "no links to articles on the page"
# A page with a smaller share of the words of the feed's full text is a stub of it.
MIN_PAGE_SHARE_OF_FEED = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """One capture to be read, with all that reading it depends on."""

    # "again": only the earlier captures. "explain": with each block of the page, and
    # ``content`` its true text if known.
    # "site": only what a page says of its site.
    kind: Literal["feed", "page", "again", "learn", "explain", "site"]
    capture: Capture
    rules: Rules
    limits: Limits
    title: str = ""  # as the feed announced it
    content: str = ""  # full text as HTML, if the feed carries it
    known_fields: tuple[str, ...] = ()  # stated by the feed, so that none is guessed
    # captures read by another extractor, other rules or another profile: to be read
    # again, so that like is compared with like
    earlier_captures: tuple[EarlierCapture, ...] = ()
    first_url: str = ""  # of the article, if this is a further page of it
    profile: str = ""  # of the outlet, as JSON
    training_pages: tuple[TrainingPage, ...] = ()  # to learn a profile from
    explain_weights: bool = False  # list the features that weighed most for the model
    visible_only: bool = False  # all else took too long, or too much memory
    for_training: bool = False  # a profile will soon be learned from it
    home: str = ""  # of the outlet of a feed: entries that link to it have no page
    feed_url: str = ""  # of a feed, by the settings: entries may link to it as well
    section: SectionHints | None = None  # the feed is a section page: what is known


# Without title, date, author and language, so that everything expensive runs.
_WARM_UP_PAGE = (
    "<html><body><div>"
    + "".join(
        "<p>The council of the town voted last night on bridge number "
        f"{number}, after a debate.</p>"
        for number in range(9)
    )
    + "</div></body></html>"
)
_WARM_UP_SHORT_PAGE = (
    "<html lang='en'><body><div><p>The council</p></div></body></html>"
)
_WARM_UP_FEED = (
    "<rss version='2.0'><channel><title>t</title><item><title>t</title>"
    "<description>&lt;p&gt;d&lt;/p&gt;</description>"
    "<pubDate>Sat, 06 Sep 2025 08:12:45 +0200</pubDate></item></channel></rss>"
)


def warm_up() -> None:
    """Read pages and a feed that need everything, to fill caches and do all imports."""
    documents: tuple[tuple[Literal["page", "feed"], str], ...] = (
        ("page", _WARM_UP_PAGE),
        ("page", _WARM_UP_SHORT_PAGE),
        ("feed", _WARM_UP_FEED),
    )
    for kind, text in documents:
        capture = Capture(
            "http://localhost/", "", "2025-09-06T08:12:45Z", 200, (), text.encode()
        )
        prepare(Job(kind, capture, Rules(), Limits()))


def prepare(job: Job) -> Prepared:
    """Read a capture. Bad input gives an outcome with a reason, never an exception."""
    started = time.process_time()
    if job.kind == "again":
        prepared = Prepared(rereads=_reread_all(job))
    elif job.kind == "learn":
        prepared = _prepare_profile(job)
    elif job.kind == "explain":
        prepared = _prepare_explanation(job)
    elif job.kind == "site":
        prepared = _prepare_site_page(job)
    elif job.visible_only:
        prepared = _prepare_visible_text(job)
    elif job.section is not None:
        prepared = _prepare_section_page(job, job.section)
    elif job.kind == "feed":
        prepared = _prepare_feed(job)
    else:
        prepared = _prepare_page(job)
    if job.kind in ("page", "again"):
        texts = _texts_to_compare(prepared)
        prepared = replace(prepared, precomputed=tuple(map(_precompute, texts)))
    return replace(prepared, cpu_seconds=time.process_time() - started)


def _texts_to_compare(prepared: Prepared) -> list[str]:
    """The texts that will be compared with others."""
    extracts = (prepared.extract, prepared.feed_extract, *prepared.rereads.values())
    texts = (extract.text for extract in extracts if extract is not None)
    return list(dict.fromkeys(text for text in texts if text))


def _precompute(text: str) -> Precomputed:
    return Precomputed(
        text, wording.normalise_text_cached(text), near_duplicates.shingle_sample(text)
    )


def remember_precomputed(prepared: Prepared | None) -> None:
    """Put what a worker precomputed into the caches of this process."""
    for precomputed in prepared.precomputed if prepared is not None else ():
        wording.cache_normalised(precomputed.text, precomputed.normalised_text)
        near_duplicates.cache_sample(precomputed.text, precomputed.shingle_sample)


def _load_profile(job: Job) -> Profile | None:
    from harvester.parse.content import profile

    return profile.from_json(job.profile) if job.profile else None


def _prepare_section_page(job: Job, hints: SectionHints) -> Prepared:
    from harvester.parse.feeds.section_page import read_page_links

    capture = job.capture
    url = capture.reached or capture.url
    try:
        page = read_page_links(capture.body, capture.header("Content-Type"), url)
    except InvalidResponse as error:
        return Prepared(outcome=Outcome.FAILED, error=str(error))
    entries = choose_entries(page.links, url, hints)
    if not entries:
        return Prepared(outcome=Outcome.EMPTY, error=NO_ARTICLE_LINKS)
    limit = job.limits.entries
    feed = Feed(
        kind="page",
        title=page.title,
        url="",
        language="",
        entries=entries[:limit],
        cut=max(0, len(entries) - limit),
    )
    return Prepared(feed=feed)


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
    return Prepared(feed=feed, entry_extracts=_read_entry_texts(job, feed))


def _read_entry_texts(job: Job, feed: Feed) -> dict[int, Extract]:
    """The entries of a feed that are articles by themselves, by position."""
    if feed.index or feed.kind == "sitemap":
        return {}
    feed_urls = (job.feed_url, job.capture.url, job.capture.reached)
    extracts: dict[int, Extract] = {}
    length = 0
    for position, entry in enumerate(feed.entries):
        if urls.is_own_link(entry.url, job.home, feed_urls, feed.url):
            continue
        from harvester.parse import entry_text

        length += len(entry.content or entry.teaser)
        if length > entry_text.MAX_FEED_CONTENT_LENGTH:
            entry = replace(entry, content="", teaser="")
        extract = entry_text.read_entry_text(
            entry, feed.language, job.rules, job.capture.at
        )
        if extract is not None:
            extracts[position] = extract
    return extracts


def _prepare_profile(job: Job) -> Prepared:
    from harvester.ingest.profiles.learn import learn_profile
    from harvester.parse.content import profile

    learned = learn_profile(job.training_pages, job.rules)
    return Prepared(
        learned_profile=profile.to_json(learned.profile),
        unchanged_versions=learned.unchanged_versions,
    )


def _prepare_site_page(job: Job) -> Prepared:
    from harvester.parse.site_page import read_site_page

    capture = job.capture
    url = capture.reached or capture.url
    return Prepared(site_page=read_site_page(capture.body, url, capture.headers))


def _prepare_visible_text(job: Job) -> Prepared:
    from harvester.parse.content.visible import read_visible_text

    return Prepared(extract=read_visible_text(job.capture.body, job.capture.headers))


def _prepare_page(job: Job) -> Prepared:
    from harvester.parse.article import (
        extract_article,
        is_other_media,
        read_entry_content,
    )

    capture = job.capture
    url = capture.reached or capture.url
    page = extract_article(
        capture.body,
        url,
        capture.headers,
        job.rules,
        capture.at,
        job.known_fields,
        job.first_url,
        _load_profile(job),
        job.for_training,
    )
    extract, feed_extract = page.extract, None
    if job.content:
        feed_extract = read_entry_content(
            job.content, url, job.title, job.rules, capture.at
        )
    rereads = _reread_all(job)
    if extract.text or (feed_extract and feed_extract.text):
        return Prepared(
            extract=extract,
            feed_extract=feed_extract,
            rereads=rereads,
            packed_page=page.packed_page,
        )
    return Prepared(
        extract=extract,
        feed_extract=feed_extract,
        rereads=rereads,
        outcome=Outcome.REFUSED if is_other_media(extract.error) else Outcome.EMPTY,
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


def _reread_all(job: Job) -> dict[int, Extract]:
    return {
        earlier.version_id: _reread(earlier, job) for earlier in job.earlier_captures
    }


def _reread(earlier: EarlierCapture, job: Job) -> Extract:
    """An earlier capture, with all its pages, as it reads today."""
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
    for further_page in earlier.further_pages:
        pages.append(
            read_article(
                further_page.body,
                further_page.url,
                further_page.headers,
                job.rules,
                at,
                job.known_fields,
                earlier.url,
                _load_profile(job),
            )
        )
    if not multipage.next_page_url(pages[0]):
        return pages[0]
    return multipage.join_pages(pages)


def choose_reading(
    prepared: Prepared,
) -> tuple[Extract, Literal["page", "feed"]] | None:
    """The reading that counts, and its source; None where there is no text.

    The page's, or the feed's full text where the page shows much less of it.
    """
    page, feed = prepared.extract, prepared.feed_extract
    if page is None:
        return None
    if feed is not None and feed.text:
        if page.kind in interstitials.INTERSTITIAL_OUTCOMES:
            return replace(feed, robots=page.robots), "feed"
        word_count, feed_word_count = len(page.text.split()), len(feed.text.split())
        if word_count < MIN_PAGE_SHARE_OF_FEED * feed_word_count:
            is_part = page.kind in ("stub", "index")
            extract = replace(
                page,
                text=feed.text,
                sources={**page.sources, "text": "feed"},
                kind="article" if is_part else page.kind,
                why="" if is_part else page.why,
            )
            return extract, "feed"
    return (page, "page") if page.text else None


def feed_share_on_page(prepared: Prepared) -> float | None:
    """Share of the feed's full text that is on the page, 0 to 1; None without both."""
    page, feed = prepared.extract, prepared.feed_extract
    if page is None or feed is None or not page.text or not feed.text:
        return None
    return round(wording.share_in_other_text(feed.text, page.text), 3)
