"""How commands print feeds: Atom or JSON Feed, with links into the archive if known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, utc_timestamp

if TYPE_CHECKING:
    from harvester.archive.queries.changes import Change
    from harvester.archive.queries.search import Hit

FEED_FORMS = ("atom", "json-feed")


def link_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--link``: where the archive is in a browser."""
    return click.option(
        "--link",
        metavar="URL",
        default="",
        callback=_check_link,
        help="Where `harvest browse` is reached: entries of feeds link there too.",
    )(function)


def feed_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--atom``, ``--json-feed`` and ``--link`` of commands that list."""
    for option in (
        link_option,
        click.option(
            "--json-feed", "form", flag_value="json-feed", help="Print a JSON Feed."
        ),
        click.option("--atom", "form", flag_value="atom", help="Print an Atom feed."),
    ):
        option(function)
    return function


def _check_link(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from harvester.render.page import safe_url

    if value and not safe_url(value):
        raise click.BadParameter(f"{value!r} is not an http(s) URL")
    return value.rstrip("/")


def print_changes(
    context: Context,
    rows: Iterable[Change],
    title: str,
    key: str,
    form: str,
    link: str,
) -> None:
    """Print changes as a feed; ``key`` makes its id, with the archive's path."""
    from harvester.identity.urls import mask_secrets
    from harvester.render.feed_entries import make_change_entry

    entries = [make_change_entry(row, mask_secrets, link) for row in rows]
    _print_feed(context, title, key, entries, form, f"{link}/-/changes" if link else "")


def print_hits(
    context: Context,
    hits: Iterable[Hit],
    title: str,
    key: str,
    form: str,
    link: str,
) -> None:
    """Print search results as a feed."""
    from harvester.identity.urls import mask_secrets
    from harvester.render.feed_entries import make_hit_entry

    entries = [make_hit_entry(hit, mask_secrets, link) for hit in hits]
    _print_feed(context, title, key, entries, form, f"{link}/-/search" if link else "")


def _print_feed(
    context: Context, title: str, key: str, entries: Any, form: str, home: str
) -> None:
    from harvester.render import feeds

    name = f"{context.archive_path.resolve()} {key}"
    feed = feeds.Feed(name, title, utc_timestamp(), entries, home_url=home)
    render = feeds.render_atom if form == "atom" else feeds.render_json
    click.echo(render(feed), nl=False, color=True)
