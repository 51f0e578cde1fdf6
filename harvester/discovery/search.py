"""The search for the feeds of a site: what to fetch next, and what was found. Pure.

Whoever drives it fetches and reads each address that ``steps`` yields, and sends back
what came. At most ``MAX_REQUESTS`` requests are sent, those for robots.txt and redirects
among them; a site that announces its feeds needs five.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin, urlsplit

from harvester.discovery.choice import STALE_SECONDS
from harvester.discovery.found_feed import (
    Candidate,
    FoundFeed,
    Source,
    has_articles,
    may_be_comments,
    measure_feed,
)
from harvester.identity.urls import is_front_page, normalise_url, own_domain, url_key
from harvester.model import Feed, PageLink, SitePage
from harvester.schedule.times import add_seconds

MAX_REQUESTS = 15
MAX_KNOWN = 3  # feeds that the settings have, to compare others with
MAX_ANNOUNCED = 6  # of them are fetched
MAX_LINKED = 4
MAX_ON_LIST = 3  # of the feeds that a page for readers lists
MIN_LISTED = 4  # articles that a page links to, to be followed in place of a feed
MIN_FOR_SITEMAP = 5  # requests that must be left, to look into a site's sitemap
# Paths of feeds by what a site is made with, then of all others, the usual ones first.
USUAL_PATHS = {
    "wordpress": ("/feed/",),
    "drupal": ("/rss.xml",),
    "joomla": ("/?format=feed&type=rss",),
    "spip": ("/spip.php?page=backend",),
    "ghost": ("/rss/",),
    "blogger": ("/feeds/posts/default",),
    "squarespace": ("/?format=rss",),
    "wix": ("/blog-feed.xml",),
    "static": ("/index.xml", "/feed.xml", "/atom.xml"),
    "old": ("/backend.php", "/index.rdf", "/backend.rdf", "/rss.php"),
    "": ("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml"),
}
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml")
RARE_PATHS = ("/feeds", "/index.rdf", "/backend.php", "/backend.rdf")
_NEWS_SITEMAP = re.compile(
    r"news|actu|latest|recent|nachricht|noticia|notizie|nieuws|48h?\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """An address to fetch next."""

    url: str
    kind: Literal["page", "feed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for a step, read: a feed, a page, or neither with the reason."""

    reached: str  # after redirects
    request_count: int  # sent so far
    status: int = 0
    problem: str = ""  # why there is neither a feed nor a page
    is_permanent: bool = False  # reached by permanent redirects alone
    feed: Feed | None = None
    page: SitePage | None = None
    listed: Feed | None = None  # the articles that a page links to
    digest: str = ""  # of the body
    sitemaps: tuple[str, ...] = ()  # that robots.txt names


@dataclass(frozen=True, slots=True)
class Tried:
    """An address that was fetched, and what came of it."""

    url: str
    words: str


Steps = Generator[Step, Answer, None]


@dataclass
class Search:
    """A search, and what it has found."""

    address: str  # as a person wrote it
    now: str
    known: tuple[str, ...] = ()  # feeds that the site's outlet has in the settings
    dead: list[str] = field(default_factory=list)  # those of them that are none
    feeds: list[FoundFeed] = field(default_factory=list)
    page: SitePage | None = None  # of the site, else the given one
    sections: tuple[PageLink, ...] = ()
    tried: list[Tried] = field(default_factory=list)
    request_count: int = 0
    _pages: list[SitePage] = field(default_factory=list)
    _listed: dict[str, tuple[Feed, str]] = field(default_factory=dict)  # URL → digest
    _sitemaps: dict[str, None] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The site's front page as far as it is known."""
        stated = [feed.site_url for feed in self.feeds if feed.source is Source.GIVEN]
        if self.page is not None:
            return self.page.url
        return next(filter(None, stated), "") or complete_addresses(self.address)[0]

    def steps(self) -> Steps:
        """The addresses to fetch, one after the other."""
        given = yield from self._open_given()
        yield from self._try_known()
        if given is not None and given.feed is not None:
            yield from self._open_home(self._home_of_feed(given))
            return
        if given is not None and not is_front_page(given.reached):
            yield from self._open_home(urljoin(given.reached, "/"))
        yield from self._try_announced()
        if self._pages and not self._has_news():
            yield from self._try_linked()
        yield from self._try_news_sitemaps()
        if self._pages and not self._has_feed():
            yield from self._try_usual_paths()
        yield from self._try_api()
        if not self._has_feed():
            self._follow_pages()

    # ---- the site

    def _open_given(self) -> Generator[Step, Answer, Answer | None]:
        """Fetch the given address, completed if need be."""
        addresses = complete_addresses(self.address)
        for url in addresses:
            answer = yield from self._fetch(Candidate(url, Source.GIVEN), "page")
            if answer is None:
                return None
            if answer.feed is not None or answer.page is not None or answer.status:
                break
            if "does not resolve" in answer.problem and len(addresses) < 4:
                host = urlsplit(url).netloc
                if not host.startswith("www."):
                    addresses.append(url.replace(f"//{host}", f"//www.{host}", 1))
        return answer

    def _home_of_feed(self, given: Answer) -> str:
        """Where a given feed's site is: what it states, if that is its own."""
        assert given.feed is not None
        stated = given.feed.url
        if stated:
            return urljoin(stated, "/") if stated == given.reached else stated
        return urljoin(given.reached, "/")

    def _open_home(self, url: str) -> Steps:
        """Fetch the front page, for the site's name and what it announces.

        Where it is another site's (a paper in a folder of a university), it is left out.
        """
        given = self._pages[-1] if self._pages else None
        answer = yield from self._fetch(Candidate(url, Source.LINKED), "page")
        if answer is None or answer.page is None:
            return
        if given is not None and _are_different(given.names, answer.page.names):
            self._pages.remove(answer.page)
            return
        self.page = answer.page
        self.sections = answer.page.sections or self.sections

    # ---- feeds

    def _try_known(self) -> Steps:
        """Feeds that the settings have: another address of one of them adds nothing."""
        for url in self.known[:MAX_KNOWN]:
            answer = yield from self._fetch(Candidate(url, Source.KNOWN), "feed")
            is_final = answer is not None and answer.status in (200, 404, 410)
            if answer is not None and is_final and answer.feed is None:
                self.dead.append(url)

    def _try_announced(self) -> Steps:
        announced = [
            Candidate(link.url, Source.ANNOUNCED, link.text)
            for page in reversed(self._pages)  # the front page first
            for link in page.feeds
        ]
        announced = [feed for feed in announced if not may_be_comments(feed)]
        yield from self._try_all(announced[:MAX_ANNOUNCED])

    def _try_linked(self) -> Steps:
        """Links that readers see; one to a page may lead to a list of feeds."""
        linked = [
            Candidate(link.url, Source.LINKED, link.text)
            for page in reversed(self._pages)
            for link in page.feed_links
            if self._is_own(link.url)
        ]
        lists = len(self._pages)
        yield from self._try_all(
            [feed for feed in linked if not may_be_comments(feed)][:MAX_LINKED]
        )
        on_lists = [
            Candidate(link.url, Source.LINKED, link.text)
            for page in self._pages[lists:]
            for link in (*page.feeds, *page.feed_links)
            if self._is_own(link.url)
        ]
        if not self._has_news():
            yield from self._try_all(on_lists[:MAX_ON_LIST])

    def _try_usual_paths(self) -> Steps:
        generator = self.page.generator if self.page else ""
        for paths in (
            USUAL_PATHS.get(generator, ()),
            USUAL_PATHS[""],
            USUAL_SITEMAPS,
            RARE_PATHS,
        ):
            usual = [Candidate(urljoin(self.url, path), Source.USUAL) for path in paths]
            yield from self._try_all(usual, until_found=True)
            if paths is USUAL_SITEMAPS:
                yield from self._try_index()

    def _try_news_sitemaps(self) -> Steps:
        """Sitemaps with the articles of two days, which robots.txt or an index names."""
        named = [Candidate(url, Source.ROBOTS) for url in self._sitemaps]
        news = [feed for feed in named if _NEWS_SITEMAP.search(urlsplit(feed.url).path)]
        if not news and self._is_left(MIN_FOR_SITEMAP):
            news = named[:1]
        yield from self._try_all(news[:1])
        yield from self._try_index()

    def _try_index(self) -> Steps:
        """The sitemap of news that an index names."""
        index = next((feed for feed in self.feeds if feed.is_index), None)
        if index is None:
            return
        children = [
            Candidate(entry.url, Source.SITEMAP)
            for entry in index.latest
            if _NEWS_SITEMAP.search(urlsplit(entry.url).path)
        ]
        yield from self._try_all(children[:1])

    def _try_api(self) -> Steps:
        """WordPress's REST interface, where the site names it: it tells every edit."""
        root = next((page.api for page in self._pages if page.api), "")
        if root and self._is_own(root):
            url = f"{root.rstrip('/')}/wp/v2/posts"
            yield from self._try_all([Candidate(url, Source.ANNOUNCED)])

    def _follow_pages(self) -> None:
        """Take pages themselves as feeds: the front page, and the one that was given."""
        for page in reversed(self._pages):
            listed, digest = self._listed.get(page.url, (None, ""))
            if listed is not None and len(listed.entries) >= MIN_LISTED:
                candidate = Candidate(page.url, Source.PAGE, page.title)
                self.feeds.append(measure_feed(listed, page.url, candidate, digest))

    def _try_all(
        self,
        candidates: Iterable[Candidate],
        until_found: bool = False,
    ) -> Steps:
        """Fetch candidates in order; ``until_found``: until there is a feed."""
        for candidate in candidates:
            if until_found and self._has_feed():
                return
            if self._is_known(candidate.url):
                continue
            yield from self._fetch(candidate, "feed")

    # ---- one address

    def _fetch(
        self, candidate: Candidate, kind: Literal["page", "feed"]
    ) -> Generator[Step, Answer, Answer | None]:
        """Fetch an address; None if no request is left, or it was fetched already."""
        is_given = candidate.source is Source.GIVEN
        if (self._is_known(candidate.url) and not is_given) or not self._is_left(1):
            return None
        self._seen.add(url_key(candidate.url))
        answer = yield Step(candidate.url, kind)
        self.request_count = answer.request_count
        self._seen.add(url_key(answer.reached))
        self._sitemaps.update(dict.fromkeys(answer.sitemaps))
        words = answer.problem
        if answer.feed is not None:
            words = self._add_feed(answer.feed, answer, candidate)
        elif answer.page is not None:
            self._pages.append(answer.page)
            if answer.listed is not None:
                self._listed[answer.page.url] = answer.listed, answer.digest
            self.page = self.page or answer.page
            self.sections = self.sections or answer.page.sections
            words = "a page"
        self.tried.append(Tried(candidate.url, words))
        return answer

    def _add_feed(self, feed: Feed, answer: Answer, candidate: Candidate) -> str:
        url = answer.reached if answer.is_permanent else candidate.url
        count = len(feed.entries) if feed.index else 5
        found = measure_feed(feed, url, candidate, answer.digest, count)
        key = url_key(answer.reached)
        if any(url_key(other.url) == key for other in self.feeds):
            return "a feed found before"
        self.feeds.append(found)
        return f"{found.kind}, {found.entry_count} entries"

    def _is_known(self, url: str) -> bool:
        return not url_key(url) or url_key(url) in self._seen

    def _is_left(self, count: int) -> bool:
        return self.request_count + count <= MAX_REQUESTS

    def _is_own(self, url: str) -> bool:
        """Whether an address belongs to the site, or to a service that carries feeds."""
        own = {own_domain(page.url) for page in self._pages}
        host = urlsplit(url).hostname or ""
        is_service = host.startswith(("feeds.", "feed.", "rss."))
        return own_domain(url) in own or is_service

    def _has_feed(self) -> bool:
        """Whether a feed of articles was found."""
        return any(map(has_articles, self.feeds))

    def _has_news(self) -> bool:
        """Whether one was found that can be taken without a doubt."""
        oldest = add_seconds(self.now, -STALE_SECONDS)
        return any(
            has_articles(feed) and (feed.newest or oldest) >= oldest
            for feed in self.feeds
        )


def complete_addresses(address: str) -> list[str]:
    """The URLs that an address may mean: https first where no scheme is written.

    Empty if it cannot be fetched.
    """
    address = re.sub(r"^feed:(?://)?(?=https?:)", "", address.strip())
    address = re.sub(r"^feed://", "http://", address)
    if re.match(r"https?://", address, re.IGNORECASE):
        return [address] if normalise_url(address) else []
    if "://" in address or re.search(r"[\s@]", address) or not address:
        return []
    host = address.partition("/")[0].partition(":")[0]
    if "." not in host and host != "localhost":
        return []
    schemes = ["https", "http"]
    if ":" in address.partition("/")[0]:  # servers with a port of their own have no TLS
        schemes.reverse()
    urls = [f"{scheme}://{address}" for scheme in schemes]
    return urls if normalise_url(urls[0]) else []


def _are_different(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two pages state names of sites, and none in common."""
    first, second = ({name.casefold() for name in group} for group in (names, others))
    return bool(first and second) and not first & second
