"""``harvest add``: find the feeds of a site, and add it to the settings.

A site is looked at by the program that crawls, so robots.txt, delays, limits and the
refusal of private addresses apply. What to take is decided in ``discovery``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.found_feeds import (
    print_latest,
    print_sections,
    print_site,
    site_record,
    tried_words,
)
from harvester.cli.options import json_list_option
from harvester.cli.output import (
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
    shows_progress,
)
from harvester.errors import ArchiveLocked, HarvesterError

if TYPE_CHECKING:
    from harvester.discovery.choice import Choice
    from harvester.discovery.search import Search
    from harvester.settings import Outlet

MAX_ADDRESSES = 50


@click.command()
@click.argument("addresses", nargs=-1, required=True, metavar="URL…")
@click.option("--name", default="", help="The outlet's name; else as its site says.")
@click.option("--key", default="", help="Its key in the settings; else of its domain.")
@click.option("--choose", is_flag=True, help="Ask which feeds to take.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would be written; write nothing."
)
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Put what is found in the place of feeds of the outlet that are dead.",
)
@click.option("--no-poll", is_flag=True, help="Do not check the new outlet right away.")
@json_list_option
@pass_context
def add(
    context: Context,
    addresses: tuple[str, ...],
    name: str,
    key: str,
    choose: bool,
    dry_run: bool,
    replacing: bool,
    no_poll: bool,
    as_json: bool,
) -> None:
    """Find the feeds of a site and add it as an outlet.

    URL is a site, a page of it, or a feed; https:// may be left out. At most 15 requests
    are sent to each site, under its robots.txt. The outlet is written into settings.toml
    (which is made if there is none) and checked once; a running `harvest run` takes it up
    by itself. If the site is an outlet already, feeds that it lacks are added.

    Examples: `harvest add medias-presse.info`,
    `harvest add https://example.org/rss --key courier`
    """
    _check_arguments(addresses, name, key, choose, as_json)
    adder = Adder(context, dry_run, choose, replacing, quiet=as_json)
    records, failures = [], []
    for address in dict.fromkeys(addresses):
        try:
            records.append(adder.add(address, name, key))
        except HarvesterError as error:
            failures.append(error)
            if len(addresses) > 1 and not as_json:
                print_note(f"{address}: {error}")
                if error.hint:
                    print_note(f"  {error.hint}")
            records.append({"address": address, "added": False, "error": str(error)})
    if adder.added_keys and not no_poll and not dry_run:
        adder.poll()
    if as_json:
        print_json(records)
    if failures:
        if len(addresses) == 1:
            raise failures[0]
        raise HarvesterError(
            f"{len(failures)} of {pluralize(len(records), 'address', 'addresses')} "
            "could not be added"
        )


def _check_arguments(
    addresses: Sequence[str], name: str, key: str, choose: bool, as_json: bool
) -> None:
    from harvester.discovery.search import complete_addresses
    from harvester.identity.urls import mask_secrets
    from harvester.settings.values import parse_outlet_key

    for address in addresses:
        if Path(address).suffix.lower() in (".opml", ".xml") and Path(address).exists():
            raise click.UsageError(
                f"{address!r} is a file: `harvest import {address}` adds what it lists"
            )
        if not complete_addresses(address):
            raise click.UsageError(
                f"{mask_secrets(address)!r} is not the address of a site or feed, as "
                "https://newspaper.example"
            )
    if len(addresses) > MAX_ADDRESSES:
        raise click.UsageError(
            f"more than {MAX_ADDRESSES} addresses: write them into a file, one a line, "
            "and `harvest import` it"
        )
    if len(addresses) > 1 and (name or key):
        raise click.UsageError("--name and --key are for a single URL")
    if key:
        try:
            parse_outlet_key(key)
        except ValueError as error:
            raise click.UsageError(f"--key {key!r}: {error}") from error
    if choose and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("--choose asks on a terminal; leave it out here")


class Adder:
    """Adds sites to the settings, one after the other."""

    def __init__(
        self,
        context: Context,
        dry_run: bool,
        choose: bool,
        replacing: bool,
        quiet: bool,
    ) -> None:
        from harvester.settings.edit import load_or_begin
        from harvester.settings.file import settings_file_to_write

        self.file = settings_file_to_write(context.settings_file)
        self.added_keys: list[str] = []
        self._dry_run, self._choose, self._quiet = dry_run, choose, quiet
        self._replacing = replacing
        self.settings = load_or_begin(self.file, os.environ)

    def add(self, address: str, name: str, key: str) -> dict[str, Any]:
        """Look at a site, and add it. Raises HarvesterError if nothing is found."""
        from harvester.daemon.discover import discover
        from harvester.discovery.choice import choose_feeds

        progress = _Progress()
        try:
            search = discover(
                self.settings,
                address,
                utc_timestamp(),
                self._known_feeds(address, key),
                progress.show,
            )
        finally:
            progress.clear()
        language = search.page.language if search.page else ""
        choices = choose_feeds(search.feeds, language, search.now)
        if choices and not self._quiet:
            print_site(search, choices)
        if self._choose and choices:
            choices = _ask(choices)
        if not any(choice.is_taken for choice in choices):
            if not self._quiet:
                print_sections(search)
            raise _nothing_found(search, choices)
        return {
            **site_record(search, choices),
            **self._write(search, choices, name, key),
        }

    def _known_feeds(self, address: str, key: str) -> tuple[str, ...]:
        """The feeds of the outlet that an address belongs to."""
        from harvester.discovery import draft
        from harvester.discovery.search import complete_addresses

        outlets = self.settings.outlets
        url = complete_addresses(address)[0]
        known = outlets.get(key) or draft.find_outlet_at(outlets, url)
        if known is None or (key and known.key != key):
            return ()
        return tuple(feed.url for feed in known.feeds if not feed.is_page)

    def _write(
        self, search: Search, choices: Sequence[Choice], name: str, key: str
    ) -> dict[str, Any]:
        """Write the outlet, or the feeds that a known one lacks."""
        from harvester.discovery import draft
        from harvester.settings import toml_edit

        feeds = [choice.feed for choice in choices if choice.is_taken]
        outlets = self.settings.outlets
        known = outlets.get(key) or (
            None if key else draft.find_outlet_of(outlets, search, feeds)
        )
        if known is not None:
            lists = draft.new_feeds(known, feeds)
            return self._extend(known, lists, search.dead, choices)
        outlet = draft.draft_outlet(search, feeds, tuple(outlets), name, key)
        tables = {outlet.key: outlet.table()}
        if self._dry_run:
            if not self._quiet:
                print_text(f"\nwould be added to {clean(str(self.file))}:\n")
                print_text(toml_edit.render_outlet(outlet.key, tables[outlet.key]))
        else:
            self._edit(lambda text: toml_edit.add_outlets(text, tables))
            self.added_keys.append(outlet.key)
            if not self._quiet:
                is_page = all(feed.kind == "page" for feed in feeds)
                count = pluralize(len(feeds), "section page" if is_page else "feed")
                print_text(
                    f"\nadded outlet {click.style(outlet.key, bold=True)} "
                    f"({clean(outlet.name) or 'unnamed'}) with {count} to "
                    f"{clean(str(self.file))}"
                )
                print_latest(choices)
        return {"outlet": outlet.key, "added": not self._dry_run, **outlet.table()}

    def _extend(
        self,
        outlet: Outlet,
        lists: Mapping[str, list[str]],
        dead: Sequence[str],
        choices: Sequence[Choice],
    ) -> dict[str, Any]:
        """Add feeds to an outlet of the settings, and enable it."""
        from harvester.settings import toml_edit

        key = outlet.key
        urls = [url for urls in lists.values() for url in urls]
        replaced = [url for url in dead if self._replacing and urls]
        changed = bool(urls or outlet.disabled)

        def change(text: str) -> str:
            if outlet.disabled:
                text = toml_edit.remove_outlet_key(text, key, "disabled")
            for name, new in lists.items():
                text = toml_edit.add_feeds(text, key, new, name)
            return toml_edit.remove_feeds(text, key, replaced) if replaced else text

        if changed and not self._dry_run:
            self._edit(change)
            self.added_keys.append(key)
        if not self._quiet:
            self._print_extended(outlet, urls, dead, replaced)
            if urls:
                print_latest(choices)
        return {
            "outlet": key,
            "added": changed and not self._dry_run,
            "feeds_added": urls,
            "feeds_dead": list(dead),
            "feeds_replaced": replaced,
        }

    def _print_extended(
        self,
        outlet: Outlet,
        urls: Sequence[str],
        dead: Sequence[str],
        replaced: Sequence[str],
    ) -> None:
        from harvester.identity.urls import mask_secrets

        would = "would be " if self._dry_run else ""
        if urls:
            count = pluralize(len(urls), "feed")
            print_text(f"\n{count} {would}added to outlet {outlet.key}")
        if outlet.disabled:
            print_text(f"\noutlet {outlet.key} {would}enabled again")
        if not urls and not outlet.disabled:
            print_note(f"nothing to add: outlet {outlet.key} has these feeds already")
        for url in dead:
            hint = f"{would}replaced" if url in replaced else "--replace takes it out"
            print_note(f"{mask_secrets(url)} is no feed any more: {hint}")

    def _edit(self, change: Callable[[str], str]) -> None:
        from harvester.settings.edit import edit_or_create

        self.settings, is_new = edit_or_create(self.file, change, os.environ)
        if is_new:
            print_note(
                f"wrote {self.file}: say in it who you are, as [crawl] user_agent"
            )

    def poll(self) -> None:
        """Check the new outlets once; or say who does so already."""
        from harvester.archive.writer_lock import get_lock_holder
        from harvester.cli.crawling import crawl_outlets, print_counts

        holder = get_lock_holder(self.settings.archive)
        if holder is None:
            settings = replace(self.settings, warnings=())
            try:
                counts, stopped = crawl_outlets(settings, tuple(self.added_keys))
                if not self._quiet:
                    print_counts(counts)
                if stopped is not None:
                    raise stopped
                return
            except ArchiveLocked:
                holder = get_lock_holder(self.settings.archive)
        names = " ".join(self.added_keys)
        if holder is not None and holder.command == "harvest run":
            print_note(f"{holder} takes it up within seconds")
        else:
            print_note(
                f"the archive is in use by {holder}: run `harvest once {names}` later"
            )


def _ask(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Ask a person which feeds to take."""
    usual = ",".join(
        str(number) for number, choice in enumerate(choices, 1) if choice.is_taken
    )

    def parse(text: str) -> set[int]:
        parts = [part for part in text.replace(",", " ").split() if part]
        numbers = {int(part) for part in parts if part.isdigit()}
        if len(numbers) != len(parts) or not numbers <= set(range(1, len(choices) + 1)):
            raise click.BadParameter("write numbers of the list, as 1,3")
        return numbers

    taken = click.prompt(
        "take which?", default=usual or "1", value_proc=parse, err=True
    )
    return tuple(
        replace(choice, is_taken=number in taken)
        for number, choice in enumerate(choices, 1)
    )


def _nothing_found(search: Search, choices: Sequence[Choice]) -> HarvesterError:
    """The error that says what was tried, and what to do."""
    from harvester.identity.urls import mask_secrets

    what = "no feed of articles" if choices else "no feed"
    address = mask_secrets(search.address)
    tried = tried_words(search)
    problems = " ".join(tried.words for tried in search.tried)
    hint = "if you know its feed, give that address; its pages list no articles in their HTML"
    if "private address" in problems:
        hint = "if the host is yours, add its network to [crawl] allow_networks"
    elif "does not resolve" in problems:
        hint = "check the spelling, and whether this machine is online"
    elif "robots.txt" in problems and not choices:
        hint = "ask the outlet for permission, or wait until its robots.txt can be read"
    elif any(f"HTTP {status}" in problems for status in (401, 403, 429, 503)):
        hint = (
            "the site refuses the request: check the contact in [crawl] user_agent, or "
            "ask the outlet"
        )
    return HarvesterError(f"{what} found at {address}; tried:\n{tried}", hint)


class _Progress:
    """The address that is being fetched, on a terminal."""

    def __init__(self) -> None:
        self._enabled = shows_progress()

    def show(self, url: str) -> None:
        if self._enabled:
            click.echo(f"\r{clean(url)[:78]:<78}", err=True, nl=False)

    def clear(self) -> None:
        if self._enabled:
            click.echo(f"\r{'':<78}\r", err=True, nl=False)
