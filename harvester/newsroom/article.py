"""An article as it stands now: the handle that tests keep while the outlet changes it. Not for: HTML, or addresses of sites."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet

PAGE_BREAK = "<!--nextpage-->"  # a paragraph: what follows stands on the next page, where the outlet does that
ONLINE_STATUS = 200  # the status of an article that has not been withdrawn


@dataclass(slots=True, eq=False)
class Article:
    """Changed only by its outlet (``edit``, ``retitle``, ``move`` …), so that caches and dates stay true.

    A paragraph that begins with ``## `` is a heading, with ``> `` a quotation, with ``- `` a list entry; ``PAGE_BREAK`` ends a page.
    """

    outlet: Outlet
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
    status: int = ONLINE_STATUS  # 404, 410: withdrawn; 302: leads to the front page
    former_paths: list[str] = field(
        default_factory=list
    )  # paths that it had, answered with 301
    revision: int = 1
    view_count: int = 0

    @property
    def path(self) -> str:
        """Its path at its outlet."""
        return self.outlet.template.article_path(self)

    @property
    def url(self) -> str:
        """Its canonical address."""
        return self.outlet.absolute_url(self.path)

    @property
    def lines(self) -> tuple[str, ...]:
        """Its words as a reader sees them, a line a paragraph; a correction note is the last."""
        lines = (strip_mark(one) for one in self.paragraphs if one != PAGE_BREAK)
        return tuple(lines) + ((self.correction,) if self.correction else ())

    @property
    def page_count(self) -> int:
        """How many pages it is spread over, at an outlet that does that (``wordpress``)."""
        return self.paragraphs.count(PAGE_BREAK) + 1

    @property
    def text(self) -> str:
        """What a harvest should read of it."""
        return "\n".join(self.lines)


def strip_mark(paragraph: str) -> str:
    """A paragraph without the mark that says what it is."""
    for mark in ("## ", "> ", "- "):
        if paragraph.startswith(mark):
            return paragraph[len(mark) :]
    return paragraph
