"""An article as it is now: a record that tests keep while the outlet changes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from harvester.newsroom.site import Site

PAGE_BREAK = "<!--nextpage-->"  # as a paragraph: what follows is on the next page
ONLINE_STATUS = 200  # of an article that is not withdrawn


@dataclass(slots=True, eq=False)
class Article:
    """Changed only by its outlet (``edit``, ``retitle``, ``move`` …).

    So caches and dates stay true. A paragraph that begins with ``## `` is a heading,
    with ``> `` a quotation, with ``- `` a list entry; ``PAGE_BREAK`` ends a page.
    """

    outlet: Site
    number: int
    slug: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    section: str
    tags: tuple[str, ...]
    published: datetime
    modified: datetime  # as the page states it
    changed_at: datetime  # when it really changed: Last-Modified
    image: str = ""
    agency: str = ""
    correction: str = ""
    feed_title: str = ""  # headline in feeds, if not its own
    teaser: str = ""  # summary in feeds, if not how its text begins
    path: str = ""  # on its outlet's site, by the site's template
    status: int = ONLINE_STATUS  # 404, 410: withdrawn; 302: leads to the front page
    former_paths: list[str] = field(default_factory=list)  # redirected with 301
    revision: int = 1
    view_count: int = 0

    @property
    def url(self) -> str:
        """Its canonical URL."""
        return self.outlet.absolute_url(self.path)

    @property
    def announced_title(self) -> str:
        """Its headline in feeds."""
        return self.feed_title or self.title

    @property
    def lines(self) -> tuple[str, ...]:
        """Its text as a reader sees it, a line per paragraph; a correction is last."""
        lines = (
            strip_mark(paragraph)
            for paragraph in self.paragraphs
            if paragraph != PAGE_BREAK
        )
        return tuple(lines) + ((self.correction,) if self.correction else ())

    @property
    def page_count(self) -> int:
        """How many pages it has at an outlet that splits them (``wordpress``)."""
        return self.paragraphs.count(PAGE_BREAK) + 1

    @property
    def text(self) -> str:
        """The text that a harvest should read."""
        return "\n".join(self.lines)


def strip_mark(paragraph: str) -> str:
    """A paragraph without the mark that says what it is."""
    for mark in ("## ", "> ", "- "):
        if paragraph.startswith(mark):
            return paragraph[len(mark) :]
    return paragraph
