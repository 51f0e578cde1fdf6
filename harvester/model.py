"""The records that the rooms hand each other. Frozen; no behaviour, no clock, no I/O.

Times are text: UTC, ISO 8601, ending in ``Z`` (``2025-09-06T06:12:45Z``); where a page states only a day, ``2025-09-06``.
Local times (``*_local``) are as stated, with their offset (``2025-09-06T08:12:45+02:00``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """What became of an entry or a visit."""

    NEW = "new"  # an article that was not held
    CHANGED = "changed"  # its wording differs from the one held
    UNCHANGED = "unchanged"  # looked at, nothing new
    DUPLICATE = "duplicate"  # new, with exactly the text of an article already held
    EMPTY = "empty"  # answered, and no text could be read
    BLOCKED = "blocked"  # the outlet refused us: 401, 402, 403, 451
    GONE = "gone"  # 404, 410, or a redirect to the front page
    FAILED = "failed"  # no answer, 5xx, broken, too slow
    REFUSED = "refused"  # we did not ask: robots.txt, private address, scheme, a rule, a limit
    WAITING = "waiting"  # to be tried (again): not visited yet, Retry-After, back-off


class ArticleState(StrEnum):
    """Where an article stands."""

    LIVE = "live"
    SUSPECT = "suspect"
    REMOVED = "removed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed as announced."""

    id: str  # the guid or atom:id, verbatim; "" where none is stated
    url: str  # absolute http(s) address; "" where none is stated
    title: str = ""  # plain text
    published: str | None = None
    published_local: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""  # plain text
    content: str = ""  # full text as HTML, where the feed carries it; else ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read: what it says of itself, and its entries in document order."""

    kind: Literal["rss", "atom", "rdf", "json", "sitemap"]
    title: str
    url: str  # the site that it belongs to, as stated; "" if not
    language: str
    entries: tuple[Entry, ...]
    cut: int = 0  # entries beyond the limit that were left out
    missing: str = ""  # what else of it was not read, in words
    index: bool = False  # a sitemap of sitemaps: its entries are no pages


# What a page is. stub: the beginning of an article that the outlet sells or shows elsewhere; wall: consent, subscription or
# a check for robots in place of the article; error: an error page, whatever its status.
PAGE_KINDS = ("article", "live", "gallery", "index", "stub", "wall", "login", "error")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a page or feed states of a field beside what was chosen."""

    field: str
    value: str  # lists joined by "; "
    source: str  # "json-ld", "microdata", "meta", "feed", "text", "url" …
    refused: str = (
        ""  # why it was not believed, in words; "" where another was only preferred
    )


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

    at: str  # as ``published``; "" where it states none
    line: int  # of the text, from 0, with which it begins
    title: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a page says. Empty string or tuple, or None for times, where it says nothing."""

    url: str  # rel=canonical as stated, absolute; "" if none
    title: str
    authors: tuple[str, ...]
    published: str | None
    published_local: str | None
    modified: str | None
    modified_local: str | None
    language: str  # "fr", "en": ISO 639, lower case
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    image: str  # absolute address of the lead image
    description: str
    text: str  # paragraphs, headings, list items and quotations as lines joined by "\n"
    sources: Mapping[
        str, str
    ]  # field → where from: "json-ld", "meta", "feed", "text", "url", "rule" …; "cut" → what was not read
    extractor: str  # "trafilatura 2.3.1 + harvester 1": differs whenever the same bytes may read differently
    aliases: tuple[
        str, ...
    ] = ()  # other addresses the page names for itself: amphtml, shortlink, og:url
    robots: tuple[
        str, ...
    ] = ()  # "noarchive", "noindex", … as stated by page or header
    error: str = ""  # why there is no text, where there is none
    kind: str = "article"  # see KINDS
    access: str = "unknown"  # free, metered, paywalled, unknown
    why: str = ""  # why it is of this kind or access, in words
    caption: str = ""  # of the lead image
    statements: tuple[
        Statement, ...
    ] = ()  # all that differ from what was chosen, or were refused
    feeds: tuple[
        str, ...
    ] = ()  # absolute addresses of the feeds that the page announces
    links: tuple[Link, ...] = ()  # in the text, in order
    images: tuple[Image, ...] = ()  # in the article, in order
    parts: tuple[LivePost, ...] = ()  # of a live blog, in the order of the page
    next_page: str = (
        ""  # absolute address of the article's next page, where it has several
    )
    profile: str = ""  # name of the outlet's profile that it was read with
    method: str = ""  # what found the text: "model", "profile", "trafilatura", "rule", "baseline", "visible" (see ``parse.visible``)
    doubt: float = 0.0  # of the text, 0 to 1: 1 − the F1 that the model expects
    inserts: tuple[
        str, ...
    ] = ()  # lines of the text that stand between the article's own: links alone, boxes
    left_out: tuple[
        str, ...
    ] = ()  # names of lines that are not in the text and might be: 8 digits of SHA-256


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect that was followed."""

    url: str
    status: int
    location: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


MAX_VALIDATOR_LENGTH = 1_000  # characters


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as received, or the reason why there is none.

    ``status`` 0: there was no answer; ``error`` then says why in words, and ``outcome`` what it counts as.
    ``body`` is decoded (gzip and the like undone); the original Content-Encoding stays in ``headers``.
    """

    url: str  # asked
    reached: str  # after redirects
    at: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()  # names as received, in order
    body: bytes = b""
    redirects: tuple[Redirect, ...] = ()
    truncated: bool = False
    outcome: Outcome | None = (
        None  # set where the rim already knows it: refused, waiting, failed
    )
    error: str = ""
    retry_at: str | None = None  # not to be asked again before (Retry-After)

    def header(self, name: str) -> str:
        """The value of the first header of that name (any case); "" where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def validator(self, name: Literal["ETag", "Last-Modified"]) -> str:
        """What to ask with the next time; "" where that could be no validator: ``*`` would be answered "not modified" for ever
        (RFC 9110, 13.1.2), and no server makes them that long."""
        value = self.header(name).strip()
        return "" if value == "*" or len(value) > MAX_VALIDATOR_LENGTH else value


@dataclass(frozen=True, slots=True)
class Visit:
    """Something due: a feed to poll or an article page to fetch.

    ``key`` names it in the archive: a feed's address, an entry's key, or an article's key.
    """

    kind: Literal["feed", "entry", "article"]
    key: str
    url: str
    outlet: str
    site: str  # registered domain (or host:port of an address): the budget it draws on
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""  # of the body held, hexadecimal: an equal body need not be parsed


@dataclass(frozen=True, slots=True)
class Rules:
    """What an outlet's settings say about reading its pages; picklable, goes to the workers.

    ``earlier``: layouts that have ended, the one that ended first before the others; each holds for what was captured up to
    its day. Not for reading by themselves: ``parse.rules.in_force`` chooses.
    """

    remove: tuple[str, ...] = ()  # CSS selectors, as all that follow
    language: str = ""  # declared in the settings, for pages that state none
    text: tuple[str, ...] = ()  # of what holds the text
    title: tuple[str, ...] = ()  # of the title: the first that is found
    author: tuple[str, ...] = ()  # of the people: all that are found
    published: tuple[str, ...] = ()  # of the time of publication: the first that is one
    extractor: str = "auto"  # or "trafilatura": the whole reading by it
    valid_until: str = ""  # last day of the layout; "" for the one of today
    earlier_layouts: tuple[Rules, ...] = ()
    captions: bool = (
        False  # whether captions of images stand in the text, each where its image does
    )

    @property
    def fingerprint(self) -> str:
        """A short name of these rules: equal for equal rules, in any process; "" where they say nothing."""
        import hashlib

        said = (
            self.remove, self.language, self.text, self.title, self.author, self.published, self.extractor,
            self.valid_until, tuple((one.valid_until, one.fingerprint) for one in self.earlier_layouts),
            *(("captions",) if self.captions else ()),
        )  # fmt: skip
        return (
            ""
            if said == _EMPTY_RULES
            else hashlib.sha256(repr(said).encode()).hexdigest()[:12]
        )


_EMPTY_RULES = ((), "", (), (), (), (), "auto", "", ())


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what comes from outside."""

    page_bytes: int = 10_000_000
    feed_bytes: int = 20_000_000
    entries: int = 2_000
    redirects: int = 10
    answer_time: float = 60.0  # seconds for a whole answer
    read_time: float = 10.0  # seconds of processor time to read one page
    read_memory: int = 450_000_000  # bytes of memory that reading one may take
    header_bytes: int = 256 * 1024  # of one answer; browsers stop at about as much
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
    """An earlier capture of the article, to be read again with today's rules before comparing."""

    version_id: int  # versions.id
    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...]
    at: str = ""  # when it was received
    further_pages: tuple[FurtherPage, ...] = ()  # its other pages, in order


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """One capture to learn from. ``content``: the full text that the outlet's feed carried, as HTML; ``said``: (place of a block,
    its mark, whether it is article) as a person said."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...]
    at: str
    title: str = ""
    feed_content: str = ""
    labels: tuple[tuple[int, str, bool], ...] = ()
    version_id: int = 0  # versions.id, where this is the capture by which it is shown
    current_text: str = ""  # as it is shown
    packed_page: bytes = b""  # what was made of the body when it was read (``parse.study``): the body is not needed then


@dataclass(frozen=True, slots=True)
class BlockDecision:
    """One block of a page, with what was decided of it and why.

    ``reason``: "model", "standfirst" (the model, with the rule that it is of two minds about standfirsts), "place" (labels say so of
    its place), "repeated line", "labelled line", "profile" (its place, without labels), "frame" (headline, byline, date line and the
    like, taken off the text), "rule", "trafilatura", "baseline".
    """

    index: int  # from 0; -1: taken out by a rule before the page was cut
    text: str
    text_hash: str  # short name of its words
    kept: bool  # it is in the text
    probability: float  # the probability that it is article, as it was decided by
    model_probability: float  # the same by the model alone
    reason: str
    position_pages: int = 0  # from which its place was learned
    position_share: float = 0.0  # of what stood there on them that is article
    element: str = ""  # its element and the parent, in short
    selector: str = ""  # the selector that took it out
    top_features: tuple[
        tuple[str, float], ...
    ] = ()  # what weighed most for the model; above 0: for article
    label: int = -1  # by the true text: 1 article, 0 not, -1 nothing


@dataclass(frozen=True, slots=True)
class Precomputed:
    """What a text will be compared by, worked out by a worker so that the one thread that writes need not."""

    text: str
    normalised_text: str  # ``identity.wording.normalise``
    shingle_sample: tuple[int, ...]  # ``identity.copies.sample``


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a worker made of a capture: the feed or the extract, or ``error`` and neither."""

    feed: Feed | None = None
    extract: Extract | None = None  # of all pages, where the article has several
    feed_extract: Extract | None = (
        None  # the full text in the feed's entry, read with the same rules
    )
    rereads: Mapping[int, Extract] = field(
        default_factory=dict
    )  # versions.id → its capture read today
    outcome: Outcome | None = None  # EMPTY or FAILED where there is an error
    error: str = ""
    cpu_seconds: float = 0.0  # seconds of processor time
    page_extracts: tuple[
        Extract, ...
    ] = ()  # that ``extract`` was joined of, where there are several
    learned_profile: str = ""  # of an outlet, as learned: JSON
    unchanged_versions: tuple[
        int, ...
    ] = ()  # versions.id of what it was learned from that reads the same with it
    block_decisions: tuple[
        BlockDecision, ...
    ] = ()  # of a page that was to be explained
    packed_page: bytes = (
        b""  # of a page that will be learned from, packed (``parse.study``)
    )
    missing_reason: str = ""  # why the page after the last of them could not be read; "" where nothing is missing
    precomputed: tuple[Precomputed, ...] = ()  # of the texts that will be compared
