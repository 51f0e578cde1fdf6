"""The records that the packages pass to each other: frozen, without clock or I/O.

Times are text: UTC, ISO 8601, ending in ``Z`` (``2025-09-06T06:12:45Z``); where a page
states only a day, ``2025-09-06``. Local times (``*_local``) are as stated, with their
offset (``2025-09-06T08:12:45+02:00``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

# Begins the reason of what is ``blocked`` until a browser solves something.
CHALLENGE_PAGE = "challenge page"


class Outcome(StrEnum):
    """The result of an entry or a visit."""

    NEW = "new"  # an article that was not in the archive
    CHANGED = "changed"  # its wording differs from the current version
    UNCHANGED = "unchanged"  # fetched, nothing new
    DUPLICATE = "duplicate"  # new, with exactly the text of another article
    EMPTY = "empty"  # a response from which no text could be extracted
    BLOCKED = "blocked"  # the outlet denied access: 401, 402, 403, 451
    GONE = "gone"  # 404, 410, or a redirect to the front page
    FAILED = "failed"  # no response, 5xx, broken, too slow
    REFUSED = "refused"  # not fetched: robots.txt, private address, scheme, rule, limit
    WAITING = "waiting"  # to be fetched (again): not visited yet, Retry-After, back-off


class ArticleState(StrEnum):
    """Whether an article is online."""

    LIVE = "live"
    SUSPECT = "suspect"
    REMOVED = "removed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed as announced."""

    id: str  # the guid or atom:id, verbatim; "" if none is stated
    url: str  # absolute http(s) URL; "" if none is stated
    title: str = ""  # plain text
    published: str | None = None
    published_local: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""  # plain text
    content: str = ""  # full text as HTML, if the feed carries it
    # What ``summary`` was made of as HTML, where it has more than it: paragraphs.
    teaser: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read: what it says of itself, and its entries in document order."""

    kind: Literal["rss", "atom", "rdf", "json", "sitemap", "wordpress", "page"]
    title: str
    url: str  # the site that it belongs to, as stated; "" if none is stated
    language: str
    entries: tuple[Entry, ...]
    cut: int = 0  # entries beyond the limit that were left out
    missing: str = ""  # what else was not read, in words
    index: bool = False  # a sitemap of sitemaps: its entries are not pages
    new_url: str = ""  # that it says it has moved to
    interval: float = 0.0  # seconds between two polls that it asks for; 0: none stated
    interval_words: str = ""  # in which words: "ttl 60", "updated hourly"
    archive_url: str = ""  # the feed document before it (RFC 5005, prev-archive)
    next_url: str = ""  # its next page, with older entries (RFC 5005, JSON Feed)
    generator: str = ""  # the software that wrote it, as stated


# stub: the beginning of an article that the outlet sells or shows elsewhere; wall: a
# consent, subscription or bot check in place of the article; error: an error page,
# whatever its status.
PAGE_KINDS = ("article", "live", "gallery", "index", "stub", "wall", "login", "error")


@dataclass(frozen=True, slots=True)
class Statement:
    """A value that a page or feed states for a field, other than the chosen one."""

    field: str
    value: str  # lists joined by "; "
    source: str  # "json-ld", "microdata", "meta", "feed", "text", "url" …
    refused: str = ""  # why it was rejected; "" if another was only preferred


@dataclass(frozen=True, slots=True)
class Link:
    """A link in an article's text."""

    url: str  # absolute
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image in an article."""

    url: str  # absolute
    caption: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class LivePost:
    """One dated post of a live blog."""

    at: str  # as ``Extract.published``; "" if none is stated
    line: int  # index of its first line in the text
    title: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a page says.

    Where it says nothing: an empty string or tuple, or None for times.
    """

    url: str  # rel=canonical as stated, absolute
    title: str
    authors: tuple[str, ...]
    published: str | None
    published_local: str | None
    modified: str | None
    modified_local: str | None
    language: str  # "fr", "en": ISO 639, lower case
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    image: str  # absolute URL of the lead image
    description: str
    # Paragraphs, headings, list items and quotations, as lines joined by "\n".
    text: str
    # Field → "json-ld", "meta", "feed", "text", "url", "rule" …; "cut" → what was not
    # read.
    sources: Mapping[str, str]
    # "trafilatura 2.3.1 + harvester 1": differs whenever the same bytes may be read
    # differently.
    extractor: str
    # Other URLs that the page states for itself: amphtml, shortlink, og:url.
    aliases: tuple[str, ...] = ()
    # "noarchive", "tdm-reservation: 1" …, of page or header
    robots: tuple[str, ...] = ()
    error: str = ""  # why there is no text
    kind: str = "article"  # one of PAGE_KINDS
    access: str = "unknown"  # free, metered, paywalled, unknown
    why: str = ""  # the reason for kind or access, in words
    caption: str = ""  # of the lead image
    # All values that differ from the chosen ones, or were rejected.
    statements: tuple[Statement, ...] = ()
    feeds: tuple[str, ...] = ()  # absolute URLs of the feeds that the page announces
    links: tuple[Link, ...] = ()  # in the text, in order
    images: tuple[Image, ...] = ()  # in the article, in order
    parts: tuple[LivePost, ...] = ()  # of a live blog, in the order of the page
    next_page: str = ""  # absolute URL of the article's next page, if it has several
    profile: str = ""  # fingerprint of the outlet's profile that it was read with
    # What found the text: "model", "profile", "trafilatura", "rule", "baseline",
    # "json-ld", "state" (see ``parse.content.state_text``),
    # "plain" (see ``parse.plain_page``), "visible" (see ``parse.content.visible``).
    method: str = ""
    doubt: float = 0.0  # of the text, 0 to 1: 1 minus the F1 that the model expects
    # Lines of the text that are not the article's own: links, boxes.
    inserts: tuple[str, ...] = ()
    # Hashes of lines that are not in the text and might be: 8 digits of SHA-256.
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect that was followed."""

    url: str
    status: int
    location: str  # absolute
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    ip: str = ""  # as ``Capture.ip``
    request_headers: tuple[tuple[str, str], ...] = ()  # as ``Capture.request_headers``


_CONTENT_RANGE = re.compile(
    r"\s*bytes\s+(?P<first>[0-9]{1,15})-(?P<last>[0-9]{1,15})/(?P<total>[0-9]{1,15})\s*$",
    re.IGNORECASE,
)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})")
MAX_VALIDATOR_LENGTH = 1_000  # characters; no server makes them that long


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as received, or the reason why there is none.

    ``status`` is 0 if there was no response; ``error`` then says why in words, and
    ``outcome`` what it counts as. ``body`` is decompressed; the original
    Content-Encoding stays in ``headers``.
    """

    url: str  # requested
    reached: str  # after redirects
    at: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()  # names as received, in order
    body: bytes = b""
    redirects: tuple[Redirect, ...] = ()
    truncated: bool = False
    # Set if the fetcher already knows it: refused, waiting, failed.
    outcome: Outcome | None = None
    error: str = ""
    retry_at: str | None = None  # the earliest time of the next request (Retry-After)
    limited_seconds: float = 0.0  # length of that wait, where the server states none
    note: str = ""  # what else is to be told of it, for people
    ip: str = ""  # address that sent it; "" through a proxy
    request_headers: tuple[tuple[str, str], ...] = ()  # as sent, without secrets

    @property
    def is_whole_success(self) -> bool:
        """Whether the status says that the body is the resource, and all of it.

        200; 203, which a proxy on the way makes of it; and 206 where its range is the
        whole (RFC 9110, 15.3.1, 15.3.4, 15.3.7).
        """
        if self.status != 206:
            return self.status in (200, 203)
        match = _CONTENT_RANGE.match(self.header("Content-Range"))
        return (
            match is not None
            and int(match["first"]) == 0
            and int(match["last"]) + 1 == int(match["total"])
        )

    def header(self, name: str) -> str:
        """The value of the first header of that name, in any case; else ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def max_age(self) -> float:
        """Seconds for which the server says that it is fresh; 0 if it does not.

        RFC 9111, 5.2.2.1; not where it may not be kept at all.
        """
        directives = self.header("Cache-Control").lower()
        match = _MAX_AGE.search(directives)
        if match is None or "no-cache" in directives or "no-store" in directives:
            return 0.0
        return float(match[1])

    def validator(self, name: Literal["ETag", "Last-Modified"]) -> str:
        """The validator for the next conditional request; "" if it cannot be one.

        ``*`` would match any response for ever (RFC 9110, 13.1.2).
        """
        value = self.header(name).strip()
        return "" if value == "*" or len(value) > MAX_VALIDATOR_LENGTH else value


@dataclass(frozen=True, slots=True)
class Visit:
    """Something due: a feed to poll, an article page to fetch, a gap to fill.

    ``key`` is its key in the archive: of a feed its URL, else that of the entry or the
    article. "gap": a request for entries that a feed may have dropped between two polls;
    "backfill": one for entries from before.
    """

    kind: Literal["feed", "entry", "article", "gap", "backfill"]
    key: str
    url: str
    outlet: str
    site: str  # registered domain, or host:port of an IP address: shares a rate limit
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""  # hex digest of the stored body: an equal one need not be parsed
    # URL that sent the validators, if others redirect to it; "": ``url`` itself.
    validators_url: str = ""
    is_background: bool = False  # made when its site has nothing else to do

    @property
    def reads_feed(self) -> bool:
        """Whether its response is read as a feed, not as a page."""
        return self.kind in ("feed", "gap", "backfill")


@dataclass(frozen=True, slots=True)
class Rules:
    """What an outlet's settings say about reading its pages; picklable, for workers.

    ``earlier_layouts`` have ended, in the order of their last days; each holds for what
    was captured up to that day: ``parse.outlet_rules.effective_rules`` chooses.
    """

    remove: tuple[str, ...] = ()  # CSS selectors, as all that follow
    language: str = ""  # declared in the settings, for pages that state none
    text: tuple[str, ...] = ()  # of the elements that hold the text
    title: tuple[str, ...] = ()  # the first match is the title
    author: tuple[str, ...] = ()  # all matches are authors
    published: tuple[str, ...] = ()  # the first match that is a time
    extractor: str = "auto"  # or "trafilatura": pages are read by it alone
    valid_until: str = ""  # last day of the layout; "" for the current one
    earlier_layouts: tuple[Rules, ...] = ()
    captions: bool = False  # whether the text includes captions of its images

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits, equal for equal rules in any process; "" for none."""
        content = (
            self.remove,
            self.language,
            self.text,
            self.title,
            self.author,
            self.published,
            self.extractor,
            self.valid_until,
            tuple(
                (rules.valid_until, rules.fingerprint) for rules in self.earlier_layouts
            ),
            *(("captions",) if self.captions else ()),
        )
        if content == _EMPTY_RULES:
            return ""
        return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


_EMPTY_RULES = ((), "", (), (), (), (), "auto", "", ())


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what comes from outside."""

    page_bytes: int = 10_000_000
    feed_bytes: int = 20_000_000
    entries: int = 2_000
    redirects: int = 10
    answer_time: float = 60.0  # seconds for a whole response
    read_time: float = 10.0  # seconds of processor time to read one page
    read_memory: int = 450_000_000  # bytes of memory to read one page
    header_bytes: int = 256 * 1024  # of one response; browsers stop at about as much
    url_length: int = 2_048
    pages: int = 10  # of one article


@dataclass(frozen=True, slots=True)
class FurtherPage:
    """Another page of an article that has several, as captured."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EarlierCapture:
    """An earlier capture of the article, to be reread with today's rules."""

    version_id: int  # versions.id
    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...]
    at: str = ""  # when it was received
    further_pages: tuple[FurtherPage, ...] = ()  # in order


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """One capture from which a profile is learned."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...]
    at: str
    title: str = ""
    feed_content: str = ""  # full text as HTML, if the outlet's feed carried it
    # A person's labels: (index of a block, its text hash, whether it is article).
    labels: tuple[tuple[int, str, bool], ...] = ()
    version_id: int = 0  # versions.id, if this is the capture by which it is shown
    current_text: str = ""  # as it is shown
    # The page as analysed when it was first read (``parse.content.training``); ``body``
    # is not needed then.
    packed_page: bytes = b""


@dataclass(frozen=True, slots=True)
class BlockDecision:
    """One block of a page, with the decision on it and the reason.

    ``reason`` is one of:

    - "model";
    - "standfirst": the model, and the rule for standfirsts of which it is unsure;
    - "place": labels for its position;
    - "profile": its position, without labels;
    - "repeated line", "labelled line";
    - "frame": headline, byline, dateline and the like, stripped from the text;
    - "rule", "trafilatura", "baseline".
    """

    index: int  # -1: removed by a rule before the page was split into blocks
    text: str
    text_hash: str
    kept: bool  # it is in the text
    probability: float  # that it is article, as used for the decision
    model_probability: float  # the same by the model alone
    reason: str
    position_pages: int = 0  # number of pages from which its position was learned
    position_share: float = 0.0  # share of the text at that position that is article
    element: str = ""  # the element and its parent, abbreviated
    selector: str = ""  # the selector that removed it
    # What weighed most for the model; positive: for article.
    top_features: tuple[tuple[str, float], ...] = ()
    label: int = -1  # by the true text: 1 article, 0 not, -1 unknown


@dataclass(frozen=True, slots=True)
class Precomputed:
    """What a text is compared by, computed in a worker to relieve the writer thread."""

    text: str
    normalised_text: str  # ``identity.wording.normalise_text``
    shingle_sample: tuple[int, ...]  # ``identity.near_duplicates.shingle_sample``


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link of a page, with its text or title."""

    url: str  # absolute
    text: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """What a page says of its site, for finding its feeds."""

    url: str
    names: tuple[str, ...] = ()  # of the site, the most reliable first
    title: str = ""
    language: str = ""  # ISO 639; "" if none is stated
    generator: str = ""  # "wordpress", "drupal" …; "" if unknown
    feeds: tuple[PageLink, ...] = ()  # announced for programs
    feed_links: tuple[PageLink, ...] = ()  # that readers see, to feeds or lists of them
    sections: tuple[PageLink, ...] = ()  # pages that its menu links to
    api: str = ""  # root of WordPress's REST interface


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a worker made of a capture: the feed or the extract, or only ``error``."""

    feed: Feed | None = None
    extract: Extract | None = None  # of all pages, if the article has several
    # The full text in the feed's entry, read with the same rules.
    feed_extract: Extract | None = None
    # versions.id → its capture as read today.
    rereads: Mapping[int, Extract] = field(default_factory=dict)
    outcome: Outcome | None = None  # EMPTY or FAILED if there is an error
    error: str = ""
    cpu_seconds: float = 0.0
    # The pages that ``extract`` was joined of, if there are several.
    page_extracts: tuple[Extract, ...] = ()
    site_page: SitePage | None = None  # what a page says of its site
    learned_profile: str = ""  # of an outlet: JSON
    # versions.id of the training pages that read the same with the learned profile.
    unchanged_versions: tuple[int, ...] = ()
    block_decisions: tuple[BlockDecision, ...] = ()  # of a page to be explained
    packed_page: bytes = b""  # of a page to learn from (``parse.content.training``)
    missing_reason: str = (
        ""  # why the next page could not be read; "" if none is missing
    )
    precomputed: tuple[Precomputed, ...] = ()  # of the texts that will be compared
    # Position in the feed → the article that an entry without a page is by itself.
    entry_extracts: Mapping[int, Extract] = field(default_factory=dict)
