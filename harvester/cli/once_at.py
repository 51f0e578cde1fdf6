"""``harvest once URL``: visit one address, for the outlet that its site belongs to.

If there is none, it is added as by ``harvest add``. What an address is, an article, a page
not yet known or a feed, is found out by the crawl (``ingest.address_visits``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

import click

from harvester.cli.context import Context, mask_url, require_enabled_outlets
from harvester.cli.output import clean, pluralize, print_note, print_text
from harvester.errors import HarvesterError, NotInArchive
from harvester.model import Outcome

if TYPE_CHECKING:
    from harvester.settings import Outlet, Settings

MAX_ADDRESSES = 50
SUCCESSES = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.DUPLICATE)


def is_address(text: str) -> bool:
    """Whether an argument is an address: the keys of outlets have none of these."""
    return any(mark in text for mark in "/.:")


def check_arguments(names: Sequence[str]) -> None:
    """Raises UsageError where outlets and addresses are mixed, or one is no URL."""
    from harvester.discovery.search import complete_addresses

    addresses = [name for name in names if is_address(name)]
    keys = [name for name in names if not is_address(name)]
    if keys:
        raise click.UsageError(
            f"{keys[0]!r} is an outlet, {mask_url(addresses[0])!r} an address: "
            "name either outlets or addresses"
        )
    if len(addresses) > MAX_ADDRESSES:
        raise click.UsageError(f"more than {MAX_ADDRESSES} addresses")
    for address in addresses:
        if "://" not in address and Path(address).exists():
            raise click.UsageError(
                f"{address!r} is a file: `harvest check FILE` reads a page, `harvest "
                "import FILE` a list of feeds"
            )
        if not complete_addresses(address):
            raise click.UsageError(
                f"{mask_url(address)!r} is not a URL that can be fetched, as "
                "https://newspaper.example/article"
            )


class AddressVisits:
    """The outlets of some addresses, and what came of visiting them."""

    def __init__(self, context: Context, names: Sequence[str], quiet: bool) -> None:
        from harvester.discovery.search import complete_addresses
        from harvester.settings.edit import load_or_begin
        from harvester.settings.file import settings_file_to_write

        file = settings_file_to_write(context.settings_file)
        self._context, self._quiet = context, quiet
        self.settings: Settings = load_or_begin(file, os.environ)
        urls = [urldefrag(complete_addresses(name)[0]).url for name in names]
        self.targets = [(self._outlet_of(url), url) for url in dict.fromkeys(urls)]

    def _outlet_of(self, url: str) -> str:
        """The key of the outlet that a URL belongs to; made if there is none."""
        from harvester.cli.add import Adder
        from harvester.discovery.draft import find_outlet_at

        outlet = find_outlet_at(self.settings.outlets, url)
        if outlet is None:
            print_note(
                f"no outlet of the settings has the site of {mask_url(url)}: looking for "
                "its feeds, to add it"
            )
            adder = Adder(self._context, False, False, False, quiet=self._quiet)
            added = adder.add(url, "", "")
            self.settings = adder.settings
            print_note(f"`harvest once {added['outlet']}` checks the whole outlet")
            return str(added["outlet"])
        require_enabled_outlets(self.settings, (outlet.key,))
        _refuse_front_page(outlet, url)
        return outlet.key

    def describe(self, counts: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What came of each address, with the article that it is."""
        events = counts.get("addresses", ())
        with Context(archive_file=self.settings.archive).connect_read_only() as archive:
            return [_describe_visit(archive, event) for event in events]


def _refuse_front_page(outlet: Outlet, url: str) -> None:
    from harvester.identity.urls import is_front_page, url_key

    if url_key(url) in {url_key(feed.url) for feed in outlet.feeds}:
        return
    if is_front_page(url, outlet.home) or url_key(url) == url_key(outlet.home):
        raise click.UsageError(
            f"{mask_url(url)!r} is the front page of outlet {outlet.key!r}: `harvest once "
            f"{outlet.key}` checks the outlet"
        )


def _describe_visit(archive: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    from harvester.archive.queries import article_pages

    article = _find_article(archive, event) if event["kind"] != "feed" else None
    version = article_pages.get_version(archive, article) if article else None
    return {
        "url": mask_url(event["url"]),
        "outlet": event["outlet"],
        "kind": "feed" if event["kind"] == "feed" else "page",
        "reached": mask_url(event["reached"]),
        "status": event["status"],
        "outcome": event["outcome"],
        "reason": event["reason"],
        "article": article["key"] if article else None,
        "title": version["title"] if version else None,
        "version": version["number"] if version else None,
    }


def _find_article(archive: Any, event: Mapping[str, Any]) -> Any:
    """The article that a visit was about; None if it gave none."""
    from harvester.archive.queries import article_pages
    from harvester.identity import urls

    if event["kind"] == "article":
        return article_pages.get_article_by_key(archive, event["key"])
    for url in (event["reached"], event["url"]):
        with suppress(NotInArchive):
            return article_pages.get_article_by_address(archive, urls.url_key(url), url)
    return None


def print_visits(visits: Sequence[Mapping[str, Any]]) -> None:
    """Say what came of each address."""
    for visit in visits:
        if not is_success(visit) and len(visits) == 1:
            continue  # the error says it
        subject = visit["title"] or visit["url"]
        reason = f" ({clean(visit['reason'])})" if visit["reason"] else ""
        outcome = "polled" if visit["kind"] == "feed" else visit["outcome"]
        print_text(f"{outcome}: {clean(subject)}{reason}")
        if visit["article"]:
            print_text(f"  `harvest show {visit['article']}`")
        elif visit["kind"] == "feed" and visit["outcome"] == Outcome.CHANGED:
            print_text(f"  `harvest once {visit['outlet']}` fetches what is new in it")


def is_success(visit: Mapping[str, Any]) -> bool:
    """Whether there is an article, or a feed was read."""
    return visit["outcome"] in SUCCESSES


def failure_of(visits: Sequence[Mapping[str, Any]]) -> HarvesterError | None:
    """The error that addresses gave nothing; None if all did."""
    failed = [visit for visit in visits if not is_success(visit)]
    if not failed:
        return None
    if len(visits) > 1:
        return HarvesterError(
            f"{len(failed)} of {pluralize(len(visits), 'address', 'addresses')} gave no "
            "article"
        )
    visit = failed[0]
    reason = visit["reason"] or "no article"
    return HarvesterError(
        f"{visit['url']}: {visit['outcome']}: {reason}", _hint(visit, reason)
    )


def _hint(visit: Mapping[str, Any], reason: str) -> str:
    url = visit["url"]
    if "robots.txt" in reason:
        return "ask the outlet for permission"
    if "private address" in reason:
        return "if the host is yours, add its network to [crawl] allow_networks"
    if "feed" in reason:
        return f"`harvest add {url}` adds a feed"
    if reason.startswith("no page: "):
        return "articles are pages of HTML or plain text"
    if reason.startswith("not an article"):
        return (
            "a page of links to articles goes into `pages` of its outlet; "
            f"`harvest check {url}` shows what it has"
        )
    if visit["outcome"] == Outcome.GONE:
        return "check the address; nothing is kept but the response"
    if visit["outcome"] == Outcome.WAITING:
        return "try again later"
    return f"`harvest check {url} --explain` shows what was received"
