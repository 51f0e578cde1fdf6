"""``prepare``: what a capture says, as records. Pure: the same bytes and rules give the same records, in any process."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from harvester.errors import BadAnswer
from harvester.identity import near_duplicates, wording
from harvester.ingest import interstitials
from harvester.model import (
    Capture,
    Earlier,
    Extract,
    Lesson,
    Limits,
    Outcome,
    Prepared,
    Rules,
    Worked,
)

if TYPE_CHECKING:
    from harvester.parse.content.profile import Profile

FEED_PREFERRED = 0.5  # a page with less than this share of the words of the feed's full text is a stub of it


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
    known: tuple[
        str, ...
    ] = ()  # fields that the feed states, so that nobody has to guess them
    earlier: tuple[
        Earlier, ...
    ] = ()  # captures read by another extractor or rules: to be read again, like with like
    first: str = ""  # where the article begins, where this is another of its pages
    profile: str = ""  # of the outlet, as text
    lessons: tuple[Lesson, ...] = ()  # to learn a profile from
    weigh: bool = False  # explain what weighed most for the model
    cheap: bool = (
        False  # the visible words alone: reading it took too long, or too much memory
    )
    studied: bool = False  # a profile will soon be learned from it


_BARE = (  # no title, no date, no author: all that is dear is asked; but for the language, whose model is 75 MB that few outlets need
    "<html lang='en'><body><div>"
    + "".join(
        f"<p>The council of the town voted last night on bridge number {n}, after a debate.</p>"
        for n in range(9)
    )
    + "</div></body></html>"
)
_FEED = "<rss version='2.0'><channel><title>t</title><item><title>t</title><description>&lt;p&gt;d&lt;/p&gt;</description><pubDate>Sat, 06 Sep 2025 08:12:45 +0200</pubDate></item></channel></rss>"


def warm_up() -> None:
    """Read a page and a feed that need everything, so that the next ones import nothing and fill no cache."""
    for kind, text in (
        ("page", _BARE),
        ("page", "<html lang='en'><body><div><p>The council</p></div></body></html>"),
        ("feed", _FEED),
    ):
        capture = Capture(
            "http://localhost/", "", "2025-09-06T08:12:45Z", 200, (), text.encode()
        )
        prepare(Job("feed" if kind == "feed" else "page", capture, Rules(), Limits()))


def prepare(job: Job) -> Prepared:
    """Read a capture. Bad input is an outcome with its reason, never an exception."""
    started = time.process_time()
    if job.kind == "again":
        made = Prepared(again={one.version: _again(one, job) for one in job.earlier})
    elif job.kind == "learn":
        from harvester.ingest.profiles.learn import learn
        from harvester.parse.content import profile

        learned = learn(job.lessons, job.rules)
        made = Prepared(profile=profile.written(learned.profile), same=learned.same)
    elif job.kind == "explain":
        made = _explained(job)
    elif job.cheap:
        from harvester.parse.content.visible import read_visible

        made = Prepared(extract=read_visible(job.capture.body, job.capture.headers))
    else:
        made = _feed(job) if job.kind == "feed" else _page(job)
    if job.kind in ("page", "again"):
        made = replace(made, worked=tuple(map(_worked, _compared(made))))
    return replace(made, cpu=time.process_time() - started)


def _compared(made: Prepared) -> list[str]:
    """The texts that will be compared with others."""
    extracts = (made.extract, made.content, *made.again.values())
    return list(
        dict.fromkeys(one.text for one in extracts if one is not None and one.text)
    )


def _worked(text: str) -> Worked:
    return Worked(text, wording.normal(text), near_duplicates.sample(text))


def at_hand(prepared: Prepared | None) -> None:
    """Remember what the worker has worked out of texts, for where they are compared in this process."""
    for one in prepared.worked if prepared is not None else ():
        wording.remember(one.text, one.normal)
        near_duplicates.remember(one.text, one.sample)


def _profile(job: Job) -> Profile | None:
    from harvester.parse.content import profile

    return profile.read(job.profile) if job.profile else None


def _feed(job: Job) -> Prepared:
    from harvester.parse.feeds.feed import read_feed

    capture = job.capture
    try:
        feed = read_feed(
            capture.body,
            capture.header("Content-Type"),
            capture.reached or capture.url,
            limit=job.limits.entries,
        )
    except BadAnswer as error:
        return Prepared(outcome=Outcome.FAILED, error=str(error))
    return Prepared(feed=feed)


def _page(job: Job) -> Prepared:
    from harvester.parse.article import look, read_content

    capture = job.capture
    read = look(
        capture.body,
        capture.reached or capture.url,
        capture.headers,
        job.rules,
        capture.at,
        job.known,
        job.first,
        _profile(job),
        job.studied,
    )
    extract, content = read.extract, None
    if job.content:
        content = read_content(
            job.content,
            capture.reached or capture.url,
            job.title,
            job.rules,
            capture.at,
        )
    again = {one.version: _again(one, job) for one in job.earlier}
    if extract.text or (content and content.text):
        return Prepared(extract=extract, content=content, again=again, study=read.study)
    return Prepared(
        extract=extract,
        content=content,
        again=again,
        outcome=Outcome.EMPTY,
        error=extract.error or "no text found",
    )


def _explained(job: Job) -> Prepared:
    from harvester.parse.explain import explain

    capture, url = job.capture, job.capture.reached or job.capture.url
    extract, blocks = explain(
        capture.body,
        url,
        capture.headers,
        job.rules,
        capture.at,
        job.known,
        _profile(job),
        job.content,
        job.weigh,
    )
    outcome = None if extract.text else Outcome.EMPTY
    return Prepared(
        extract=extract,
        blocks=blocks,
        outcome=outcome,
        error="" if extract.text else extract.error,
    )


def _again(one: Earlier, job: Job) -> Extract:
    """An earlier capture, with all its pages, as it reads today."""
    from harvester.ingest import multipage
    from harvester.parse.article import read_article

    at = one.at or job.capture.at
    pages = [
        read_article(
            one.body,
            one.url,
            one.headers,
            job.rules,
            at,
            job.known,
            profile=_profile(job),
        )
    ]
    for other in one.further:
        pages.append(
            read_article(
                other.body,
                other.url,
                other.headers,
                job.rules,
                at,
                job.known,
                one.url,
                _profile(job),
            )
        )
    return multipage.join(pages) if multipage.following(pages[0]) else pages[0]


def chosen(prepared: Prepared) -> tuple[Extract, Literal["page", "feed"]] | None:
    """The reading that counts: the page's, or the feed's full text where the page shows much less of it."""
    page, feed = prepared.extract, prepared.content
    if page is None:
        return None
    if (
        feed is not None and feed.text and page.kind in interstitials.OUTCOMES
    ):  # nothing on the page is the article's
        return replace(feed, robots=page.robots), "feed"
    if (
        feed is not None
        and feed.text
        and len(page.text.split()) < FEED_PREFERRED * len(feed.text.split())
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


def agreement(prepared: Prepared) -> float | None:
    """How much of the feed's full text stands on the page, 0 to 1; None where there are not both."""
    page, feed = prepared.extract, prepared.content
    if page is None or feed is None or not page.text or not feed.text:
        return None
    return round(wording.alike(feed.text, page.text), 3)
